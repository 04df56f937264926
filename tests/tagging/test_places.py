"""Authorities, devolved bodies, councils and forums as of a date, against public sources."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pytest

from collabnlp.errors import DataError
from collabnlp.register import EntryType, load_register
from collabnlp.register.councils import council_entries, council_table
from collabnlp.schema import Partner
from collabnlp.tagging.mentions import MentionMatcher

from .conftest import CASES

ROWS = tomllib.loads((CASES / "register" / "places.toml").read_text(encoding="utf-8"))["mentions"]


@pytest.mark.parametrize("row", ROWS, ids=[f"{it['text'][:40]} {it['date']}" for it in ROWS])
def test_name_on_a_day(row: dict[str, Any]) -> None:
    found = load_register().find(row["text"], row["date"])
    assert (found.entry.id if found else None) == row.get("entry")
    if found is not None:
        assert found.entry.partner is Partner(row.get("partner", "subnational"))


def test_the_table_is_wide_enough() -> None:
    assert len(ROWS) >= 60
    assert sum(1 for row in ROWS if row.get("change")) >= 20
    assert all(row["source"] for row in ROWS)


def test_principal_councils_of_england_are_317() -> None:
    # 21 counties, 62 unitaries, 36 metropolitan districts, 32 boroughs, 164 districts, and the two
    # of their own kind: the City of London and the Isles of Scilly.
    day = date(2024, 1, 1)
    english = ("county", "unitary", "metropolitan", "london borough", "corporation", "district")
    kinds = {f"council ({kind})" for kind in english}
    standing = [
        entry
        for entry in load_register().entries.values()
        if entry.kind in kinds and entry.exists(day)
    ]
    assert len(standing) == 317


def test_every_abolished_council_has_a_standing_successor() -> None:
    register = load_register()
    gone = [
        it
        for it in register.entries.values()
        if it.kind.startswith("council (") and it.periods[-1].end is not None
    ]
    assert gone
    for entry in gone:
        last = entry.periods[-1].end
        assert last is not None
        for step in entry.successors:
            assert register[step.id].exists(last), (entry.id, step.id)
        assert entry.successors, entry.id


def test_each_combined_authority_has_area_members_and_source() -> None:
    for entry in load_register().entries.values():
        if entry.kind in ("combined authority", "combined county authority"):
            assert entry.area and len(entry.members) >= 2 and entry.source, entry.id


def test_uncertain_combined_authorities_say_why() -> None:
    for entry in load_register().entries.values():
        if entry.kind.startswith("combined") and not entry.certain:
            assert entry.note, entry.id


def test_a_place_alone_is_no_council() -> None:
    matcher = MentionMatcher(load_register())
    text = "People in Kent, Leeds and Camden travel to Dorset."
    assert matcher.find(text, "2024-01-01") == []


def test_mentions_in_running_text() -> None:
    matcher = MentionMatcher(load_register())
    text = "We will meet Kent County Council, GMCA and the Mayor of the West Midlands."
    found = [(it.text, it.entry.type) for it in matcher.find(text, "2024-01-01")]
    assert found == [
        ("Kent County Council", EntryType.AUTHORITY),
        ("GMCA", EntryType.AUTHORITY),
        ("Mayor of the West Midlands", EntryType.AUTHORITY),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,place\nA,B\n",
        "name,place,type,from,to,successor\nA,B,parish,,,\n",
        "name,place,type,from,to,successor\nA,B,county,1.4.1974,,\n",
        "name,place,type,from,to,successor\nA,B,county,,,C\n",
        "name,place,type,from,to,successor\nA,B,county,,,\nA,B,county,,,\n",
    ],
)
def test_wrong_rows_of_councils_are_data_errors(text: str) -> None:
    with pytest.raises(DataError, match=r"councils\.csv"):
        list(council_entries(text))


def test_councils_have_unique_ids() -> None:
    ids = [it["id"] for it in council_table()["entry"]]
    assert len(ids) == len(set(ids))
