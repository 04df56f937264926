"""Whom the page answers: its own browser, by its own address. No document smuggles anything in."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from review_cases import BASE, LEVELS, PORT, SENTENCES, TOKEN, Papers, Reviewer, hidden, number
from selectolax.lexbor import LexborHTMLParser

from collabnlp.errors import UsageError
from collabnlp.review.guards import SAFE
from collabnlp.review.server import listening

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from report_payloads import PAYLOADS

OWN = {"Origin": BASE}
# How a request that changes something may come, and that it is refused.
FOREIGN: dict[str, dict[str, Any]] = {
    "no session": {"session": False},
    "wrong form token": {"token": "0" * 64},
    "no form token": {"token": ""},
    "form token of another session": {"token": "other"},
    "another site": {"headers": {"Origin": "https://example.invalid"}},
    "another port": {"headers": {"Origin": "http://127.0.0.1:1"}},
    "https": {"headers": {"Origin": f"https://127.0.0.1:{PORT}"}},
    "the other name": {"headers": {"Origin": f"http://localhost:{PORT}"}},
    "null origin": {"headers": {"Origin": "null"}},
    "empty origin": {"headers": {"Origin": ""}},
    "no origin at all": {"headers": {}},
    "foreign referrer": {"headers": {"Referer": "https://example.invalid/page"}},
    "referrer that begins like ours": {"headers": {"Referer": f"{BASE}.example.invalid/"}},
    "cross-site fetch": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "same-site fetch": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "own origin, cross-site fetch": {"headers": {**OWN, "Sec-Fetch-Site": "cross-site"}},
    "foreign host": {"base": f"http://example.invalid:{PORT}"},
    "host without port": {"base": "http://127.0.0.1"},
    "all addresses": {"base": f"http://0.0.0.0:{PORT}"},
}


def rules(app: Flask) -> list[tuple[str, str]]:
    """Every route that changes something: method and rule."""
    return sorted(
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in SAFE
    )


def address_of(rule: str, papers: Papers) -> str:
    """A rule with the first unit's values."""
    sha256, unit_hash, occurrence = papers.keys["places-that-lead"][0]
    values = {"sha256": sha256, "unit_hash": unit_hash, "int:occurrence": str(occurrence)}
    values |= {"int:page": "3", "path:filename": "review.js"}
    for name, value in values.items():
        rule = rule.replace(f"<{name}>", value)
    assert "<" not in rule
    return rule


def fields(token: str) -> dict[str, Any]:
    """Fields that would do for every route."""
    return {
        "form_token": token, "request": number(), "level": "none", "shown": "blind", "as": "",
        "own": "", "seen": "", "reader": "Mallory", "mode": "blind", "document": "",
    }  # fmt: skip


def state(papers: Papers) -> list[list[tuple[Any, ...]]]:
    tables = ("entries", "skips", "queue", "suggestions", "units", "documents", "snapshots")
    return [[tuple(row) for row in papers.database.reading(f"SELECT * FROM {it}")] for it in tables]


def test_the_table_holds_every_route_that_changes_something(app: Flask) -> None:
    unit = "/unit/<sha256>/<unit_hash>/<int:occurrence>"
    found = rules(app)
    assert {method for method, _ in found} == {"POST"}
    assert [rule for _, rule in found] == sorted(["/start", "/undo", unit, f"{unit}/skip"])


@pytest.mark.parametrize("case", FOREIGN)
def test_every_change_from_elsewhere_is_refused(app: Flask, papers: Papers, case: str) -> None:
    how = FOREIGN[case]
    ada = Reviewer(app)
    ada.keep(ada.next(), "support")
    token = ada.token
    if how.get("token") == "other":
        token = Reviewer(app, "Ben").token
    elif "token" in how:
        token = how["token"]
    client = ada.client if how.get("session", True) else app.test_client()
    before = state(papers)
    for method, rule in rules(app):
        for accept in ("text/html", "application/json"):
            answer = client.open(
                address_of(rule, papers),
                method=method,
                base_url=how.get("base", BASE),
                data=fields(token),
                headers={**how.get("headers", OWN), "Accept": accept},
            )
            assert answer.status_code == 403, (case, rule)
            assert '"saved"' not in answer.text
            assert "Set-Cookie" not in answer.headers
    assert state(papers) == before
    assert "Mallory" not in ada.get("/start").text


@pytest.mark.parametrize(
    "headers",
    [
        OWN,
        {**OWN, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Referer": f"{BASE}/unit/x"},
    ],
)
def test_our_own_pages_are_answered(app: Flask, headers: dict[str, str]) -> None:
    ada = Reviewer(app)
    sent = {**fields(ada.token), "mode": "suggestions", "reader": "Ada"}
    answer = ada.client.post(ada.next(), base_url=BASE, data=sent, headers=headers)
    assert answer.status_code == 303
    by_header = {k: v for k, v in sent.items() if k != "form_token"} | {"request": number()}
    answer = ada.client.post(
        ada.next(), base_url=BASE, data=by_header, headers={**headers, "X-Form-Token": ada.token}
    )
    assert answer.status_code == 303


def test_without_a_session_nothing_is_told(app: Flask, papers: Papers) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        answer = client.get(address_of(rule.rule, papers), base_url=BASE)
        assert answer.status_code in {403, 405}, rule.rule
        if answer.status_code == 403:
            assert "copy the whole address" in answer.text
        for sentence in SENTENCES:
            assert sentence not in answer.text


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", "ſ" + TOKEN])
def test_a_wrong_token_opens_nothing(app: Flask, token: str) -> None:
    client = app.test_client()
    answer = client.get("/", query_string={"token": token}, base_url=BASE)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_token_becomes_a_cookie_and_leaves_the_address(app: Flask) -> None:
    client = app.test_client()
    answer = client.get(f"/?token={TOKEN}", base_url=BASE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/start")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"collabnlp-review-{PORT}=")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and TOKEN not in cookie
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_cookie_signed_by_another_is_none(
    app: Flask, make_app: Callable[..., Flask], papers: Papers
) -> None:
    stranger = Reviewer(make_app(secret=b"x" * 32))
    cookie = stranger.client.get_cookie(f"collabnlp-review-{PORT}", domain="127.0.0.1")
    assert cookie is not None
    client = app.test_client()
    client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")
    assert client.get("/next", base_url=BASE).status_code == 403


def test_every_answer_has_the_headers(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    paths = [address_of(rule.rule, papers) for rule in app.url_map.iter_rules()]
    for path in [*paths, "/nowhere", ada.next()]:
        headers = ada.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
        assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"] or "/static/" in path
        assert "Access-Control-Allow-Origin" not in headers


def test_looking_changes_nothing(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    ada.keep(ada.next(), "support")
    before = state(papers)
    for rule in app.url_map.iter_rules():
        for method in SAFE & (rule.methods or set()):
            path = address_of(rule.rule, papers)
            for query in ("", "?q=We&skipped=1&readings=1&level=lead&request=" + number()):
                ada.client.open(path + query, method=method, base_url=BASE)
    assert state(papers) == before


def test_a_form_too_large_is_refused(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    answer = ada.keep(ada.next(), "none", note="x" * 100_000)
    assert answer.status_code == 413
    assert state(papers)[0] == []


def test_the_page_listens_on_this_machine_alone() -> None:
    with listening(0) as opened:
        host, port = opened.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(UsageError, match="not free"):
            listening(port)
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        with pytest.raises(UsageError, match="for this machine alone"):
            listening(0, host=host)


# -- payloads


def alive(page: str) -> list[str]:
    """What could run on a page besides its own script."""
    tree = LexborHTMLParser(page)
    found = []
    for node in tree.css("*"):
        attributes = node.attributes
        own = node.tag == "script" and attributes.get("src") == "/static/review.js"
        if node.tag in {"script", "iframe", "object", "embed", "base", "svg", "math", "video"}:
            found += [] if own and not node.text() else [node.tag]
        if node.tag == "style" or (node.tag == "meta" and "http-equiv" in attributes):
            found.append(node.tag)
        for name, value in attributes.items():
            if name.startswith("on") or name in {"style", "srcdoc", "background"}:
                found.append(f"{node.tag} {name}")
            if name in {"href", "src", "action", "formaction"} and not (value or "").startswith(
                ("/", "#")
            ):
                found.append(f"{node.tag} {name}={value}")
    return found


def smuggled(papers: Papers, payload: str, at: int) -> None:
    """A document whose every field is a payload."""
    papers.add(
        f"{payload} {at}",
        [f"{payload} We will support {payload}", f"before {payload}", f"after {payload}"],
        LEVELS[2:5],
        title=payload,
        headings=(payload, payload),
        lead_in=payload,
        detail=payload,
    )


@pytest.fixture(scope="module")
def seen_payloads() -> Iterator[list[str]]:
    seen: list[str] = []
    yield seen
    assert len(set(seen)) == len(PAYLOADS) >= 50


@pytest.mark.parametrize("at", range(len(PAYLOADS)))
def test_payloads_are_words(
    papers: Papers, make_app: Callable[..., Flask], at: int, seen_payloads: list[str]
) -> None:
    payload = PAYLOADS[at]
    smuggled(papers, payload, at)
    app = make_app()
    ada = Reviewer(app)
    (key, *_) = next(iter(papers.keys.values()))
    address = "/unit/{}/{}/{}".format(*key)
    first = ada.form(address)
    assert ada.keep(address, "support", form=first, note=payload).status_code == 200
    ben = Reviewer(app, "Ben")
    ben.keep(address, "lead", note=payload)
    again = ada.keep(address, "none", form=first, note=payload)
    assert again.status_code == 409
    client = app.test_client()
    client.get(f"/?token={TOKEN}", base_url=BASE)
    token = hidden(client.get("/start", base_url=BASE).text, "form_token")
    named = client.post(
        "/start", base_url=BASE, headers=OWN, data={"form_token": token, "reader": payload}
    )
    assert named.status_code == 422
    cleo = Reviewer(app, "Cleo", "adjudicate")
    fields = {"form_token": ada.token, "request": payload, "as": payload, "shown": payload}
    pages = {
        "unit": ada.get(address).text,
        "readings": ben.get(f"{address}?readings=1").text,
        "deciding": cleo.get(cleo.next()).text,
        "whose": cleo.get(f"{cleo.next()}&whose=1").text,
        "changed": again.json["html"],
        "name": named.text,
        "start": client.get("/start", base_url=BASE).text,
        "labels": ada.get("/labels").text,
        "search": ada.get("/search", query_string={"q": payload}).text,
        "found": ada.get("/search", query_string={"q": "support"}).text,
        "asked": ada.get(address, query_string=dict.fromkeys(("skipped", "choice"), payload)).text,
        "wrong": ada.client.post(address, base_url=BASE, headers=OWN, data=fields).text,
        "nowhere": ada.get(f"/{payload.replace('/', '-')}").text,
        "done": ada.get("/next", follow_redirects=True).text,
    }
    for name, page in pages.items():
        assert alive(page) == [], name
    tree = LexborHTMLParser(pages["unit"])
    shown = " ".join(payload.split())
    heading = tree.css_first("h1.unit")
    assert heading is not None
    assert " ".join(heading.text().split()) == f"{shown} We will support {shown}"
    assert unescape(pages["unit"]).count(payload.strip()) >= 6
    seen_payloads.append(payload)
