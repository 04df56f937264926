"""What the page tells after a step and before the next: messages name their unit, and the main
button says what it does, without the script too."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from review_cases import BASE, SENTENCES, Papers, Reviewer, number

from collabnlp.review.telling import beginning


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("We will support councils.", "We will support councils."),
        ("  We\nwill  support\tcouncils. ", "We will support councils."),
        ("We will support councillors to draw up plans", "We will support…"),
        ("a" * 24, "a" * 24),
        ("a" * 25, "a" * 25),
        ("a" * 26, "a" * 24 + "…"),
        ("a" * 60 + " and more", "a" * 24 + "…"),
        ("", ""),
    ],
)
def test_the_beginning_of_a_unit(text: str, short: str) -> None:
    found = beginning(text, longest=25)
    assert found == short
    assert len(found) <= 25


def meanwhile(app: Flask, address: str, *, mode: str = "suggestions") -> tuple[Reviewer, str]:
    """Ben keeps a label by the plain form after Ada did; gives Ben and the next page."""
    ada, ben = Reviewer(app, "Ada"), Reviewer(app, "Ben", mode=mode)
    form = ben.form(address)
    assert ada.keep(address, "lead").status_code == 200
    answer = ben.post(address, **form, request=number(), level="none")
    assert answer.status_code == 303
    return ben, ben.get(ben.next()).text


def conflict(page: str) -> str:
    """The message of a conflict, as HTML."""
    found = re.search(r'<p class="told conflict" role="status"[^>]*>(.*?)</p>', page)
    assert found, "no conflict is told"
    return found[1]


@pytest.mark.parametrize("mode", ["suggestions", "blind"])
def test_a_conflict_names_and_links_its_unit(papers: Papers, app: Flask, mode: str) -> None:
    sha256, unit_hash, occurrence = papers.keys["places-that-lead"][1]
    address = f"/unit/{sha256}/{unit_hash}/{occurrence}"
    ben, page = meanwhile(app, address, mode=mode)
    told = conflict(page)
    link = re.search(r'<a href="([^"]*)">“(.*?)”</a>', told)
    assert link is not None
    assert unescape(link[1]) == address
    assert link[2] == f"{' '.join(SENTENCES[1].split()[:10])}…"
    assert ("Ada says Lead" in told) == (mode != "blind")
    assert SENTENCES[1] in unescape(re.sub("<[^>]*>", "", ben.get(address).text))
    # It is told once.
    assert "told conflict" not in ben.get("/next", follow_redirects=True).text


def test_the_words_of_a_unit_are_no_html(papers: Papers, make_app: Callable[..., Flask]) -> None:
    key = papers.add("evil", ["<img src=x onerror=alert(1)> & “we” will."], ["support"])[0]
    papers.add("next", ["We will support councils."], ["support"])
    _, page = meanwhile(make_app(), f"/unit/{key[0]}/{key[1]}/{key[2]}")
    assert "“&lt;img src=x onerror=alert(1)&gt; &amp; “we” will.”</a>" in conflict(page)
    assert "<img src=x" not in page


def test_the_live_region_stands_on_every_page(app: Flask) -> None:
    ada = Reviewer(app)
    for path in (ada.next(), "/search", "/labels", "/start", "/help", "/codebook"):
        page = ada.get(path).text
        assert re.search(r'</main>\s*<p id="heard" class="sr" role="status" aria-live', page), path


def button(page: str) -> str:
    """The words of the main button that are shown."""
    found = re.search(r'id="keep"[^>]*>(.*?) <kbd>', page)
    assert found
    shown = re.sub(r'<span data-if="\w+" class="off">.*?</span>', "", found[1])
    return re.sub("<[^>]*>", "", shown)


@pytest.mark.parametrize(
    ("mode", "states"), [("suggestions", True), ("blind", False)], ids=["suggestions", "blind"]
)
def test_what_the_button_says_at_first(app: Flask, mode: str, states: bool) -> None:
    ada = Reviewer(app, mode=mode)
    page = ada.get(ada.next()).text
    assert button(page) == ("Accept and go on" if states else "Keep and go on")
    # The other words are there to be changed to only where there is something to accept.
    assert ("Keep and go on" in page and "Accept and go on" in page) == states


def test_what_the_button_says_of_a_label_of_ones_own(app: Flask) -> None:
    ada = Reviewer(app)
    address = ada.next()
    ada.keep(address, "none")
    assert button(ada.get(address).text) == "Keep and go on"
    back = ada.undo().json["next"]
    assert button(ada.get(back).text) == "Keep and go on"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"level": "explore", "partner": ["subnational"], "tier": "national"}, "Accept and go on"),
        ({"level": "lead", "partner": ["subnational"], "tier": "national"}, "Keep and go on"),
        ({"level": "explore", "partner": ["business"], "tier": "national"}, "Keep and go on"),
        ({"level": "explore", "partner": ["subnational"], "tier": "other"}, "Keep and go on"),
    ],
)
def test_what_the_button_says_of_a_form_that_comes_back(
    papers: Papers, app: Flask, fields: dict[str, object], words: str
) -> None:
    """Refused for its comment, with the choice as it was sent."""
    sha256, unit_hash, occurrence = papers.keys["places-that-lead"][1]
    address = f"/unit/{sha256}/{unit_hash}/{occurrence}"
    ada = Reviewer(app)
    answer = ada.post(address, **ada.form(address), request=number(), note="x" * 5000, **fields)
    assert answer.status_code == 422
    assert button(answer.text) == words


def test_what_no_page_has_shown_yet_does_not_pile_up(papers: Papers, app: Flask) -> None:
    ada, ben = Reviewer(app, "Ada"), Reviewer(app, "Ben")
    keys = papers.keys["places-that-lead"]
    addresses = ["/unit/{}/{}/{}".format(*key) for key in keys]
    forms = {address: ben.form(address) for address in addresses}
    for address in addresses:
        assert ada.keep(address, "lead").status_code == 200
        answer = ben.post(address, json=True, **forms[address], request=number(), level="none")
        assert answer.status_code == 200
    with ben.client.session_transaction(base_url=BASE) as session:
        assert len(session["_flashes"]) <= 3 < len(addresses)
    for _ in range(9):
        assert ben.undo().status_code == 200
    with ben.client.session_transaction(base_url=BASE) as session:
        assert len(session["_flashes"]) <= 3
    page = ben.get(addresses[0]).text
    assert "Meanwhile others read that unit too" in page
