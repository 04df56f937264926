"""The register: what a name stood for on a day, who answered for it, and what is refused."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collabnlp.errors import DataError
from collabnlp.register import EntryType, Form, Register, load_register
from collabnlp.register.reading import read_register
from collabnlp.tagging.mentions import MentionMatcher
from collabnlp.tagging.remits import Remits, load_remits

CASES = tomllib.loads(
    (Path(__file__).parent / "cases" / "register" / "central.toml").read_text(encoding="utf-8")
)
CODES = "AGO CO DBT DCMS DEFRA DESNZ DFE DFT DHSC DSIT DWP FCDO HMT HO MHCLG MOD MOJ NIO SO WO"


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register()


@pytest.fixture(scope="module")
def matcher(register: Register) -> MentionMatcher:
    return MentionMatcher(register)


@pytest.mark.parametrize("case", CASES["mentions"], ids=lambda it: f"{it['text']} {it['date']}")
def test_name_on_a_day(register: Register, matcher: MentionMatcher, case: dict[str, Any]) -> None:
    found = register.find(case["text"], case["date"])
    mentions = matcher.find(f"We will work with the {case['text']} on this.", case["date"])
    if "entry" not in case:
        assert found is None
        assert not [it for it in mentions if it.text == case["text"]]
        return
    assert found is not None and found.entry.id == case["entry"]
    assert set(register.departments(found.entry.id, case["date"])) == set(case["departments"])
    assert [(it.text, it.entry.id) for it in mentions] == [(case["text"], case["entry"])]


def test_there_are_enough_cases() -> None:
    assert len(CASES["mentions"]) >= 100
    assert sum(case.get("change", False) for case in CASES["mentions"]) >= 30
    assert all(case["source"].strip() for case in CASES["mentions"])


@pytest.mark.parametrize("case", CASES["lineage"], ids=lambda it: it["code"])
def test_lineage(register: Register, case: dict[str, Any]) -> None:
    assert set(register.todays(case["code"])) == set(case["today"])


def test_lineage_as_of_a_day(register: Register) -> None:
    assert register.todays("DCLG", date(2022, 1, 1)) == ("DLUHC",)
    assert set(register.todays("BIS", date(2017, 1, 1))) == {"BEIS", "DFE", "DIT"}
    assert register.todays("MHCLG", date(2022, 1, 1)) == ("DLUHC",)
    with pytest.raises(KeyError):
        register.todays("NOPE")


def test_every_code_of_the_codebook_stands_today(register: Register) -> None:
    standing = {
        entry.id
        for entry in register.entries.values()
        if entry.type is EntryType.DEPARTMENT and entry.exists(date(2026, 11, 1))
    }
    assert standing == set(CODES.split())


@pytest.mark.parametrize("line", sorted(load_register().lines))
def test_lines_have_no_gap_and_no_overlap(register: Register, line: str) -> None:
    stages = register.lines[line]
    assert stages[0].span.start is None and stages[-1].span.end is None
    for one, after in pairwise(stages):
        assert one.span.end == after.span.start
    for stage in stages:
        assert stage.code is not None
        for day in (
            stage.span.start,
            stage.span.end and date.fromordinal(stage.span.end.toordinal() - 1),
        ):
            assert day is None or register[stage.code].exists(day), (stage, day)


def test_there_are_bodies_enough_and_each_has_a_source(register: Register) -> None:
    bodies = [entry for entry in register.entries.values() if entry.type is EntryType.BODY]
    assert len(bodies) >= 180
    assert all(entry.source for entry in register.entries.values())
    kinds = {entry.kind for entry in bodies}
    assert {"executive agency", "non-departmental public body", "regulator", "company"} <= kinds


def test_successions_point_both_ways_in_time(register: Register) -> None:
    for entry in register.entries.values():
        for step in entry.successors:
            after = register[step.id]
            end, begun = entry.periods[0].end, after.periods[-1].start
            if end is not None and after.type is EntryType.BODY and begun is not None:
                assert after.periods[-1].end is None or after.periods[-1].end >= end, entry.id


def test_a_body_answers_to_a_department_that_existed(register: Register) -> None:
    for entry in register.entries.values():
        if entry.type is not EntryType.BODY:
            continue
        for year in range(2005, 2027):
            day = date(year, 7, 1)
            if not entry.exists(day):
                continue
            for code in register.departments(entry.id, day):
                assert register[code].exists(day), (entry.id, day, code)


def test_former_names_find_their_entry_for_a_year(register: Register) -> None:
    habit = register.find("Highways England", date(2022, 6, 1))
    assert habit is not None and habit.entry.id == "national-highways"
    assert register.find("Highways England", date(2023, 1, 1)) is None


def test_without_a_date_the_latest_stands(register: Register) -> None:
    found = register.find("Business Secretary", None)
    assert found is not None and found.entry.id == "DBT"
    assert register.departments("ofgem") == ("DESNZ",)
    assert register.departments("highways-agency") == ("DFT",)


def test_case_matters_for_abbreviations_and_short_names(register: Register) -> None:
    day = date(2025, 1, 1)
    assert register.find("HO", day) is not None
    assert register.find("ho", day) is None
    assert register.find("transport focus", day) is None
    assert register.find("DEPARTMENT FOR TRANSPORT", day) is not None
    assert register.find("Ministry of Housing, Communities & Local Government", day) is not None


def test_announced_bodies_are_known_before_they_exist(register: Register) -> None:
    body = register["great-british-railways"]
    assert not body.exists(date(2024, 12, 16)) and body.known(date(2024, 12, 16))
    assert not body.known(date(2019, 1, 1))
    assert register.departments(body.id, date(2024, 12, 16)) == ("DFT",)


def entry(id: str, **more: Any) -> dict[str, Any]:
    row = {"id": id, "type": "body", "kind": "k", "source": "s", "names": [{"text": f"Body {id}"}]}
    return {**row, **more}


DEPARTMENT = entry("XD", type="department", names=[{"text": "Department X"}])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([entry("a", colour="red")], "unknown keys: colour"),
        ([entry("a", names=[{"text": "A", "frm": date(2020, 1, 1)}])], "unknown keys: frm"),
        ([entry("a", source="")], "no source"),
        ([entry("a", type="thing")], "type"),
        ([entry("a", names=[])], "no full name"),
        ([entry("a", names=[{"text": "A", "form": "abbreviation"}])], "no full name"),
        ([entry("a", **{"from": date(2020, 1, 1), "to": date(2019, 1, 1)})], "before it begins"),
        ([entry("a", **{"from": "2020"})], "from"),
        ([entry("a", **{"from": datetime(2020, 1, 1, 12)})], "from"),
        ([entry("a"), entry("a")], "two entries"),
        ([entry("a"), entry("b", names=[{"text": "Body a"}])], "at one time"),
        ([entry("a", sponsors=[{"code": "NOPE"}])], "NOPE"),
        ([entry("a", sponsors=[{"line": "nope"}])], "nope"),
        ([entry("a", sponsors=[{}])], "either a code or a line"),
        ([entry("a"), entry("b", sponsors=[{"code": "a"}])], "department a"),
        ([entry("a", successors=[{"id": "zzz"}])], "zzz"),
        ([entry("a", names=[{"text": "Body a", "case": "lower"}])], "case"),
    ],
)
def test_a_wrong_file_is_refused(rows: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_register([{"entry": rows}])


def test_one_name_may_pass_from_body_to_body() -> None:
    name = "Council of Things"
    register = read_register(
        [
            {
                "entry": [
                    DEPARTMENT,
                    entry("old", to=date(2010, 1, 1), names=[{"text": name}]),
                    entry("new", **{"from": date(2010, 1, 1)}, names=[{"text": name}]),
                ]
            }
        ]
    )
    for day, wanted in ((date(2009, 12, 31), "old"), (date(2010, 1, 1), "new")):
        found = register.find(name, day)
        assert found is not None and found.entry.id == wanted
        assert found.name.form is Form.NAME


SUBJECTS = [
    ("adult skills", date(2025, 9, 15), "DFE"),
    ("adult skills", date(2025, 9, 16), "DWP"),
    ("adult skills", date(2012, 1, 1), "BIS"),
    ("rail network", date(2015, 1, 1), "DFT"),
    ("homelessness", date(2019, 1, 1), "MHCLG"),
    ("homelessness", date(2022, 1, 1), "DLUHC"),
    ("fire and rescue", date(2015, 6, 1), "DCLG"),
    ("fire and rescue", date(2016, 2, 1), "HO"),
    ("fire and rescue", date(2025, 3, 31), "HO"),
    ("fire and rescue", date(2025, 4, 1), "MHCLG"),
    ("electricity", date(2010, 1, 1), "DECC"),
    ("electricity", date(2018, 1, 1), "BEIS"),
    ("electricity", date(2024, 1, 1), "DESNZ"),
    ("broadband", date(2020, 1, 1), "DCMS"),
    ("broadband", date(2024, 1, 1), "DSIT"),
    ("artificial intelligence", date(2021, 1, 1), "DCMS"),
    ("artificial intelligence", date(2023, 3, 29), "DSIT"),
    ("data protection", date(2013, 1, 1), "MOJ"),
    ("digital government", date(2023, 1, 1), "CO"),
    ("digital government", date(2025, 1, 1), "DSIT"),
    ("probation", date(2006, 1, 1), "HO"),
    ("probation", date(2024, 1, 1), "MOJ"),
    ("policing", date(2024, 1, 1), "HO"),
    ("social care", date(2017, 1, 1), "DH"),
    ("social care", date(2024, 1, 1), "DHSC"),
    ("schools", date(2006, 1, 1), "DFES"),
    ("schools", date(2009, 1, 1), "DCSF"),
    ("tourism", date(2024, 1, 1), "DCMS"),
    ("universal credit", date(2024, 1, 1), "DWP"),
    ("farming", date(2024, 1, 1), "DEFRA"),
    ("taxation", date(2024, 1, 1), "HMT"),
    ("employment rights", date(2024, 10, 10), "DBT"),
    ("civil contingencies", date(2024, 1, 1), "CO"),
]


@pytest.mark.parametrize(("words", "day", "code"), SUBJECTS)
def test_subjects_have_their_department_of_the_day(words: str, day: date, code: str) -> None:
    assert set(load_remits().scores(words, day)) == {code}


def test_remits_are_many_and_sourced() -> None:
    remits: Remits = load_remits()
    assert sum(len(remit.words) for remit in remits.remits) >= 120
    assert all(remit.source for remit in remits.remits)
    for remit in remits.remits:
        for year in range(2006, 2027):
            for code in remits.codes(remit, date(year, 1, 1)):
                assert load_register()[code].exists(date(year, 1, 1)), (remit.subject, year, code)
