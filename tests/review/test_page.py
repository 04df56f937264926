"""The page from the side of a reviewer: what is shown, what is kept, what is taken back."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from review_cases import BASE, LEVELS, MODEL, SENTENCES, TOKEN, Papers, Reviewer, hidden, number

from collabnlp.errors import StoreUnwritable
from collabnlp.schema import Level, Reason, Role, Shown


def entries(papers: Papers) -> list[Any]:
    return [entry for _, entry in papers.database.entries()]


def in_force(papers: Papers, **where: Any) -> list[Any]:
    return papers.database.in_force(**where)


# -- reading


def test_the_page_shows_the_unit_with_what_stands_around_it(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    key = papers.keys["places-that-lead"][3]
    page = ada.get("/unit/{}/{}/{}".format(*key)).text
    for at in (0, 1, 2, 4, 5, 6):
        assert SENTENCES[at] in page
    assert SENTENCES[7] not in page
    for said in ("Places that lead", "1 Power", "1.1 Places", "page 3 (printed 1)"):
        assert said in page
    assert "The model is least certain here." in page
    assert "<mark>nati</mark>" in page
    assert 'value="have_regard" data-key="3" aria-keyshortcuts="3" checked' in page


def test_a_label_is_kept_with_all_that_was_there(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    address = ada.next()
    answer = ada.keep(
        address,
        "support",
        department=["DFT", "CO"],
        basis="inferred",
        unsure="1",
        note="Says who,\r\nbut not when.",
        seconds="7.25",
    )
    assert answer.status_code == 200
    assert answer.json["saved"] and answer.json["next"] == "/next"
    (entry,) = entries(papers)
    assert answer.json["entry"] == entry.id
    it = entry.annotation
    assert it.judgement.as_dict() == {
        "level": "support",
        "partners": ["subnational"],
        "departments": ["CO", "DFT"],
        "dept_basis": "inferred",
        "actor_tier": "national",
    }
    assert (it.reader, it.role, it.codebook, it.sure) == ("Ada", Role.REVIEWED, "1.2", False)
    assert it.note == "Says who,\nbut not when."
    assert (it.shown, entry.model, entry.seconds) == (Shown.SUGGESTION, MODEL, 7.2)
    assert (entry.text, entry.reason, entry.supersedes) == (SENTENCES[0], Reason.LEAST_CERTAIN, "")


def test_the_random_share_keeps_its_probability(
    papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(reason=Reason.RANDOM)
    ada = Reviewer(make_app())
    assert ada.keep(ada.next(), "none").status_code == 200
    assert (entries(papers)[0].reason, entries(papers)[0].probability) == (Reason.RANDOM, 0.25)


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [("", None), ("12.34", 12.3), ("99999", 600.0), ("-1", None), ("nan", None), ("x", None)],
)
def test_seconds_are_capped_and_never_wrong(
    app: Flask, papers: Papers, seconds: str, kept: float | None
) -> None:
    ada = Reviewer(app)
    assert ada.keep(ada.next(), "none", seconds=seconds).status_code == 200
    assert entries(papers)[0].seconds == kept


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"level": ""}, "level"),
        ({"level": "most"}, "level"),
        ({"level": "support", "partner": []}, "partner"),
        ({"level": "support", "partner": ["everybody"]}, ""),
        ({"level": "support", "tier": ""}, "tier"),
        ({"level": "support", "department": ["NOPE"], "basis": "explicit"}, "department"),
        ({"level": "support", "department": ["DFT"]}, "basis"),
        ({"request": "short"}, "request"),
        ({"note": "x" * 4001}, "note"),
        ({"own": "x"}, ""),
        ({"shown": "all"}, "shown"),
    ],
)
def test_what_is_not_complete_is_not_kept(
    app: Flask, papers: Papers, fields: dict[str, Any], field: str
) -> None:
    ada = Reviewer(app)
    level = fields.pop("level", "none")
    answer = ada.keep(ada.next(), level, **fields)
    assert answer.status_code == 422
    assert answer.json["error"] and answer.json["field"] == field
    assert entries(papers) == []


def test_without_script_a_wrong_form_comes_back_with_its_values(app: Flask) -> None:
    ada = Reviewer(app)
    address = ada.next()
    answer = ada.post(
        address,
        **{**ada.form(address), "request": number()},
        level="support",
        tier="other",
        note="half done",
    )
    assert answer.status_code == 422
    assert "Choose who the other side is" in answer.text
    assert 'value="support" data-key="2" aria-keyshortcuts="2" checked' in answer.text
    assert 'value="other" data-key="o" aria-keyshortcuts="o" checked' in answer.text
    assert ">half done</textarea>" in answer.text


def test_without_script_forms_redirect(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    address = ada.next()
    answer = ada.post(address, **{**ada.form(address), "request": number()}, level="none")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/next")
    assert "Saved: None." in ada.get(ada.next()).text
    answer = ada.post("/undo", request=number())
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(address)


# -- never lost, never twice


def test_the_same_request_again_is_kept_once(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    address = ada.next()
    form, request = ada.form(address), number()
    answers = [ada.keep(address, "lead", form=form, request=request) for _ in range(4)]
    assert {it.status_code for it in answers} == {200}
    assert len({it.json["entry"] for it in answers}) == 1
    assert len(entries(papers)) == 1
    # One step back, not four.
    assert ada.undo().json["next"].startswith(address)
    assert "Nothing is left" in ada.undo().json["message"]


def test_a_number_is_of_one_unit_alone(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    request = number()
    assert ada.keep(ada.next(), "none", request=request).status_code == 200
    assert ada.keep(ada.next(), "none", request=request).status_code == 422
    assert len(entries(papers)) == 1


def test_what_cannot_be_written_is_not_acknowledged(
    app: Flask, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = Reviewer(app)
    address = ada.next()
    form, request = ada.form(address), number()

    def full(*_: object) -> int:
        raise StoreUnwritable("The label store labels.sqlite was not written: the disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(type(papers.database), "append", full)
        answer = ada.keep(address, "lead", form=form, request=request)
        assert answer.status_code == 503
        assert "saved" not in answer.json
        assert "the disk is full" in answer.json["error"]
        plain = ada.post(address, **{**form, "request": request}, level="none")
        assert plain.status_code == 503
        assert "the disk is full" in plain.text
    assert entries(papers) == []
    assert ada.keep(address, "lead", form=form, request=request).status_code == 200
    assert len(entries(papers)) == 1


def test_a_store_held_by_another_program_is_told(
    app: Flask, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collabnlp.labels.database._BUSY_SECONDS", 0.05)
    papers.database.close()
    ada = Reviewer(app)
    address = ada.next()
    form = ada.form(address)
    other = sqlite3.connect(papers.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ada.keep(address, "none", form=form).status_code == 503
    assert ada.skip(address).status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert ada.keep(address, "none", form=form).status_code == 200


def test_a_restarted_server_goes_on_with_the_same_session(
    app: Flask, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    ada = Reviewer(app)
    addresses = []
    for level in ("none", "support"):
        addresses.append(ada.next())
        ada.keep(addresses[-1], level)
    ada.keep(addresses[0], "support")
    ada.keep(addresses[0], "lead")
    ada.undo()
    ada.undo()
    addresses.append(ada.next())
    ada.skip(addresses[-1])
    again = make_app()
    cookie = ada.client.get_cookie(f"collabnlp-review-{8765}", domain="127.0.0.1")
    assert cookie is not None
    ada.client = again.test_client()
    ada.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")
    assert ada.keep(ada.next(), "none").status_code == 200
    back = [ada.undo().json["next"].split("?")[0] for _ in range(4)]
    assert set(back[1:]) == set(addresses)
    assert "Nothing is left" in ada.undo().json["message"]


# -- taking back


def test_undo_steps_back_through_everything(app: Flask, papers: Papers) -> None:
    papers.add(
        "more",
        [f"We will work with council number {at} on its plan." for at in range(30)],
        ["support"] * 30,
    )
    ada = Reviewer(app)
    done = []
    for at in range(26):
        address = ada.next()
        if at % 5 == 4:
            assert ada.skip(address).status_code == 200
            done.append((address.split("?")[0], ""))
        else:
            level = ("none", "support", "lead")[at % 3]
            assert ada.keep(address, level).status_code == 200
            done.append((address.split("?")[0], level))
    for address, level in reversed(done):
        answer = ada.undo()
        assert answer.json["next"].split("?")[0] == address
        if level:
            page = ada.get(answer.json["next"]).text
            assert f'value="{level}"' in page
            number_of = list(Level).index(Level(level))
            assert (
                f'value="{level}" data-key="{number_of}" aria-keyshortcuts="{number_of}" checked'
                in page
            )
    assert in_force(papers) == []
    assert ada.next().split("?")[0] == done[0][0]
    # Nothing was deleted: what was given and what was taken back are both there.
    given = [it for it in entries(papers) if not it.withdrawn]
    assert len(given) == len([it for it in done if it[1]])
    assert len(entries(papers)) == 2 * len(given)


def test_undo_of_a_correction_brings_the_label_before_it_back(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    address = ada.next()
    ada.keep(address, "support")
    assert ada.keep(address, "lead").status_code == 200
    assert [it.annotation.level for it in in_force(papers)] == [Level.LEAD]
    assert ada.undo().json["saved"]
    assert [it.annotation.level for it in in_force(papers)] == [Level.SUPPORT]
    ada.undo()
    assert in_force(papers) == []
    assert papers.database.problems() == []


def test_another_start_of_the_program_opens_the_page_anew(
    app: Flask, make_app: Callable[..., Flask]
) -> None:
    ada = Reviewer(app)
    ada.keep(ada.next(), "none")
    ada.get(f"/?token={TOKEN}")
    assert "<b>1</b> now" in ada.get(ada.next()).text
    cookie = ada.client.get_cookie("collabnlp-review-8765", domain="127.0.0.1")
    assert cookie is not None
    ada.client = make_app(token="another").test_client()
    ada.client.set_cookie(cookie.key, cookie.value, domain="127.0.0.1")
    assert ada.get("/?token=another").headers["Location"] == "/next"
    assert "<b>0</b> now" in ada.get(ada.next()).text
    assert "Nothing is left" in ada.undo().json["message"]


def test_what_was_changed_in_another_session_since_stays(app: Flask, papers: Papers) -> None:
    ada, elsewhere = Reviewer(app), Reviewer(app)
    address = ada.next()
    ada.keep(address, "support")
    elsewhere.keep(address, "lead")
    assert "stays as it is" in ada.undo().json["message"]
    assert [it.annotation.level for it in in_force(papers)] == [Level.LEAD]
    assert "Nothing is left" in ada.undo().json["message"]


def test_the_same_undo_again_takes_one_step(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    for level in ("none", "support", "lead"):
        ada.keep(ada.next(), level)
    request = number()
    assert len({ada.undo(request).json["next"] for _ in range(3)}) == 1
    assert len(in_force(papers)) == 2


def test_undo_ends_where_the_page_was_opened(app: Flask, papers: Papers) -> None:
    first = Reviewer(app)
    first.keep(first.next(), "none")
    again = Reviewer(app)
    again.keep(again.next(), "none")
    assert "Taken back" in again.undo().json["message"]
    assert "Nothing is left" in again.undo().json["message"]
    assert len(in_force(papers)) == 1


# -- several at once


def test_two_reviewers_get_different_units_and_both_readings_are_kept(
    app: Flask, papers: Papers
) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben")
    mine, theirs = ada.next(), ben.next()
    assert mine != theirs
    form = ben.form(mine)
    assert ada.keep(mine, "support").json["message"] == "Saved: Support."
    answer = ben.keep(mine, "lead", form=form)
    assert answer.status_code == 200
    assert "Ada says Support" in answer.json["message"]
    assert "disputed" in answer.json["message"]
    assert {(it.annotation.reader, it.annotation.level) for it in in_force(papers)} == {
        ("Ada", Level.SUPPORT),
        ("Ben", Level.LEAD),
    }
    page = ben.get(mine).text
    assert "disputed" in page and "Ada" in page


def test_the_same_level_is_no_dispute(app: Flask) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben")
    address = ada.next()
    form = ben.form(address)
    ada.keep(address, "none")
    assert "You agree on the level." in ben.keep(address, "none", form=form).json["message"]


def test_one_reader_in_two_windows_chooses_which_stands(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    address = ada.next()
    form = ada.form(address)
    first = ada.keep(address, "support", form=form).json["entry"]
    answer = ada.keep(address, "lead", form=form, note="second window")
    assert answer.status_code == 409
    assert "Support" in answer.json["html"] and "Lead" in answer.json["html"]
    assert hidden(answer.json["html"], "own") == first
    assert len(entries(papers)) == 1
    page = ada.post(
        address, **{**form, "request": number()}, level="lead", partner="business", tier="other"
    )
    assert page.status_code == 409 and "Put mine in its place" in page.text
    kept = ada.keep(address, "lead", form={**form, "own": first}, note="second window")
    assert kept.status_code == 200
    assert [it.annotation.level for it in in_force(papers)] == [Level.LEAD]


def test_others_readings_are_hidden_until_asked_for(app: Flask, papers: Papers) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben")
    address = ada.next()
    ada.keep(address, "lead", note="surely the mayor")
    page = ben.get(address).text
    assert "surely the mayor" not in page and "Show what 1 other reading said" in page
    asked = ben.get(f"{address}?readings=1").text
    assert "surely the mayor" in asked
    assert hidden(asked, "shown") == "readings" and hidden(asked, "model") == ""
    ben.keep(address, "lead", form=ben.form(f"{address}?readings=1"))
    assert {it.annotation.shown for it in in_force(papers, reader="Ben")} == {Shown.READINGS}


# -- blind


def test_blind_shows_nothing_that_tells(papers: Papers, make_app: Callable[..., Flask]) -> None:
    papers.add(reason=Reason.LIKELY_ERROR, detail="The model says lead with 97 per cent.")
    app = make_app()
    ada, ben = Reviewer(app), Reviewer(app, "Ben", "blind")
    address = ada.next()
    ada.keep(address, "lead", note="surely the mayor")
    page = ben.get(f"{address}?readings=1&choice={entries(papers)[0].id}").text
    form = page.split('id="decide"')[1].split('class="actions"')[0]
    for word in (
        "<mark>",
        "surely the mayor",
        "Ada",
        "97 per cent",
        "likely to be wrong",
        "level-of-the-tests",
        "75%",
        "other reading",
    ):
        assert word not in page, word
    assert " checked" not in form
    assert hidden(page, "shown") == "blind" and hidden(page, "model") == ""
    assert ben.keep(address, "none").status_code == 200
    (kept,) = in_force(papers, reader="Ben")
    assert kept.annotation.shown is Shown.BLIND and kept.model == ""


def test_progress_tells_a_blind_reader_nothing_of_the_model(app: Flask) -> None:
    ben = Reviewer(app, "Ben", "blind")
    for _ in range(6):
        ben.keep(ben.next(), "none")
    panel = ben.get(ben.next()).text.split('id="progress"')[1]
    assert "yourself" in panel
    assert "the model" not in panel and "other reviewers" not in panel


def test_a_blind_reader_is_not_told_what_another_said_meanwhile(app: Flask) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben", "blind")
    address = ada.next()
    form = ben.form(address)
    ada.keep(address, "lead")
    message = ben.keep(address, "none", form=form).json["message"]
    assert "Meanwhile Ada read it too" in message and "Lead" not in message


# -- deciding


def test_disputes_come_to_be_decided_and_are_gone_then(app: Flask, papers: Papers) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben")
    address = ada.next()
    ada.keep(address, "support", note="help is promised")
    ben.keep(address, "lead", note="the mayor steers")
    cleo = Reviewer(app, "Cleo", "adjudicate")
    there = cleo.next()
    assert there.startswith(address) and "as=adjudicate" in there
    page = cleo.get(there).text
    assert "help is promised" in page and "the mayor steers" in page
    assert "Ada" not in page and "Ben" not in page and "<mark>" not in page
    assert "Ada" in cleo.get(f"{there}&whose=1").text
    taken = cleo.get(f"{there}&choice={in_force(papers, reader='Ben')[0].id}").text
    assert 'value="lead" data-key="5" aria-keyshortcuts="5" checked' in taken
    assert cleo.keep(there, "lead").status_code == 200
    (kept,) = in_force(papers, reader="Cleo")
    assert (kept.annotation.role, kept.annotation.shown) == (Role.ADJUDICATED, Shown.READINGS)
    assert kept.reason is Reason.DISPUTED
    assert cleo.next() == ""
    assert "Nothing is disputed" in cleo.get("/next").text
    cleo.undo()
    assert cleo.next().startswith(address)


# -- never the same text twice, but for repeats


def test_a_text_read_in_one_document_does_not_come_in_another(
    papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add("first", SENTENCES[:3], LEVELS)
    papers.add("second", SENTENCES[:4], LEVELS)
    ada = Reviewer(make_app())
    texts = []
    while address := ada.next():
        texts.append(address.split("/")[3])
        ada.keep(address, "none")
    assert len(texts) == len(set(texts)) == 4


def test_two_readers_are_enough(app: Flask, papers: Papers) -> None:
    first = "/unit/{}/{}/{}".format(*papers.keys["places-that-lead"][0])
    for name in ("Ada", "Ben"):
        assert Reviewer(app, name).keep(first, "none").status_code == 200
    cleo = Reviewer(app, "Cleo")
    left = []
    while address := cleo.next():
        left.append(address)
        cleo.keep(address, "none")
    assert first not in left and len(left) == len(SENTENCES) - 1


def test_what_was_skipped_comes_at_the_end(papers: Papers, make_app: Callable[..., Flask]) -> None:
    papers.add(sentences=SENTENCES[:3])
    ada = Reviewer(make_app())
    first = ada.next()
    ada.skip(first)
    for _ in range(2):
        ada.keep(ada.next(), "none")
    page = ada.get("/next").text
    assert "Go through the 1 that you skipped" in page
    assert ada.get("/next?skipped=1").headers["Location"].startswith(first)


def test_repeats_come_blind_now_and_then_and_are_measured(
    papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(
        "long",
        [f"The board number {at} will meet each month." for at in range(170)],
        ["support"] * 170,
    )
    ada = Reviewer(make_app())
    read: list[str] = []
    repeats: list[int] = []
    for at in itertools.count():
        address = ada.next()
        if at == 140 or not address:
            break
        unit = address.split("?")[0]
        if "as=repeat" in address:
            assert address == ada.next(), "a page loaded again shows the same"
            page = ada.get(address).text
            assert "<mark>" not in page and hidden(page, "shown") == "blind"
            assert unit in read and unit not in read[-10:]
            repeats.append(at)
        else:
            assert unit not in read
        read.append(unit)
        assert ada.keep(address, "none").status_code == 200
    assert 2 <= len(repeats) <= 16
    kept = [it for it in in_force(papers) if it.annotation.role is Role.REPEAT]
    assert len(kept) == len(repeats)
    assert {(it.reason, it.annotation.shown) for it in kept} == {(Reason.REPEAT, Shown.BLIND)}
    # A repeat never stands in the place of the reading.
    assert len([it for it in in_force(papers) if it.annotation.role is Role.REVIEWED]) == len(
        set(read)
    )


# -- looking


def test_progress_and_agreement(papers: Papers, app: Flask) -> None:
    ada, ben = Reviewer(app), Reviewer(app, "Ben")
    addresses = []
    for level in LEVELS[:6]:
        addresses.append(ada.next())
        ada.keep(addresses[-1], level, seconds="4")
    page = ada.get(ada.next()).text
    assert "<b>6</b> done" in page and "<b>2</b> left" in page and "<b>4 s</b> each" in page
    assert "6 of 6" in page, "agreement with the model"
    assert "0 so far, shown from 5" in page
    for address, level in zip(
        addresses, ("none", "explore", "support", "have_regard", "lead", "lead"), strict=True
    ):
        ben.keep(address, level)
    page = ada.get("/next", follow_redirects=True).text
    assert "<b>83%</b> <small>5 of 6, weighted κ 0.97</small>" in page


def test_search_labels_codebook_and_keys(app: Flask, papers: Papers) -> None:
    ada = Reviewer(app)
    found = ada.get("/search?q=MAYORS").text
    assert found.count('<li><a href="/unit/') == 2
    assert "0 units hold" in ada.get("/search?q=100%25").text
    ada.keep(ada.next(), "support", note="look again")
    mine = ada.get("/labels").text
    assert SENTENCES[0] in mine and "look again" in mine
    assert "hedge rule" in ada.get("/codebook").text
    keys = ada.get("/help").text
    for word in ("Have regard", "International", "Undo", "codebook"):
        assert word in keys


def test_a_unit_found_by_search_can_be_labelled(
    papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(queue=False)
    ada = Reviewer(make_app())
    assert "The queue is empty" in ada.get("/next").text
    address = "/unit/{}/{}/{}".format(*papers.keys["places-that-lead"][4])
    assert "not in the queue" in ada.get(address).text
    assert ada.keep(address, "co_create").status_code == 200
    assert entries(papers)[0].reason is None


def test_pictures_are_drawn_where_they_can_be(
    papers: Papers, make_app: Callable[..., Flask]
) -> None:
    asked = []

    def picture(sha256: str, page: int, boxes: tuple[Any, ...]) -> bytes | None:
        asked.append((sha256, page, len(boxes)))
        return b"\x89PNG" if len(asked) == 1 else None

    key = papers.add()[2]
    ada = Reviewer(make_app(page_picture=picture))
    address = "/picture/{}/{}/{}/3.png".format(*key)
    assert address in ada.get("/unit/{}/{}/{}".format(*key)).text
    answer = ada.get(address)
    assert (answer.data, answer.mimetype) == (b"\x89PNG", "image/png")
    assert asked == [(key[0], 3, 1)]
    assert ada.get(address).status_code == 404
    assert ada.get(address.replace("3.png", "9.png")).status_code == 404


@pytest.mark.parametrize(
    "path", ["/unit/00/00/1", "/unit/{0}/{1}/9", "/unit/{0}/{1}/{2}?as=chief", "/nowhere"]
)
def test_what_is_not_there_is_said(app: Flask, papers: Papers, path: str) -> None:
    key = papers.keys["places-that-lead"][0]
    answer = Reviewer(app).get(path.format(*key))
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_nobody_repeats_what_they_never_read(app: Flask) -> None:
    ada = Reviewer(app)
    assert ada.get(f"{ada.next()}?as=repeat").status_code == 422


@pytest.mark.parametrize("name", ["", "   ", "<b>", "a/b", "-x", "x" * 61, "Ada\u202eadA", "a_b"])
def test_names_are_letters_digits_and_little_else(app: Flask, name: str) -> None:
    client = app.test_client()
    client.get(f"/?token={TOKEN}", base_url=BASE)
    token = hidden(client.get("/start", base_url=BASE).text, "form_token")
    answer = client.post(
        "/start",
        base_url=BASE,
        headers={"Origin": BASE},
        data={"form_token": token, "reader": name, "mode": "blind", "document": ""},
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["Ada", "Łukasz Żak", "R. Devi-Shah 2", "读者"])
def test_names_of_people_are_kept(app: Flask, papers: Papers, name: str) -> None:
    reader = Reviewer(app, name)
    assert reader.keep(reader.next(), "none").status_code == 200
    assert entries(papers)[0].annotation.reader == name


def test_the_packaged_codebook_is_the_one_of_the_documents(root: Path) -> None:
    packaged = root / "src" / "collabnlp" / "data" / "codebook.md"
    assert packaged.read_bytes() == (root / "docs" / "codebook.md").read_bytes()
