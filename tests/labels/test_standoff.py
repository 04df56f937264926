"""From readings to records: who carries a label, who wins, what is listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collabnlp.identifiers import unit_hash
from collabnlp.labels.exchange import ReadingRow
from collabnlp.labels.standoff import Imported, Origin, bring_home
from collabnlp.schema import Block, BlockKind, Judgement, Match, Role, Unit

ORIGIN = Origin(
    document="paper", sha256="0" * 64, reader="ann", role=Role.FIRST, date="2026-01", codebook="1.2"
)
A = "The harbour board will consult every island council before it moves a ferry berth."
B = "The old pier was painted green in the summer of that long and windy year."


def row(id: str, text: str, level: str = "none", **given: Any) -> ReadingRow:
    tier = {} if level == "none" else {"actor_tier": "national", "partners": ["subnational"]}
    return ReadingRow(
        id=id, text=text, judgement=Judgement.from_dict({"level": level, **tier}), **given
    )


@pytest.fixture
def bring(make_units: Callable[..., list[Unit]]) -> Callable[..., Imported]:
    def bring(rows: list[ReadingRow], *texts: Any, blocks: tuple[Block, ...] = ()) -> Imported:
        return bring_home(rows, make_units(*texts), blocks, ORIGIN)

    return bring


def levels(imported: Imported) -> dict[str, str]:
    return {it.unit_hash: str(it.level) for it in imported.annotations}


def test_a_joined_commitment_goes_to_the_unit_that_states_the_relationship(
    bring: Callable[..., Imported],
) -> None:
    imported = bring([row("r1", f"{B} {A}", "support")], B, A)
    assert levels(imported) == {unit_hash(A): "support"}
    (record,) = imported.annotations
    assert record.match is Match.JOINED
    assert not record.sure


def test_a_joined_none_holds_for_every_unit(bring: Callable[..., Imported]) -> None:
    assert levels(bring([row("r1", f"{A} {B}")], A, B)) == {
        unit_hash(A): "none",
        unit_hash(B): "none",
    }


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_commitment_wins_over_a_none_on_the_same_unit(
    order: tuple[int, int], bring: Callable[..., Imported]
) -> None:
    halves = A.split(" before ")
    rows = [row("r1", halves[0], "support"), row("r2", "before " + halves[1])]
    (record,) = bring([rows[at] for at in order], A).annotations
    assert record.level == "support"
    assert record.sources == ("r1", "r2")
    assert record.note == "a none stood on r2"


def test_the_higher_level_wins(bring: Callable[..., Imported]) -> None:
    whole = f"{A[:-1]}, and the councils will jointly agree the new berth with the board."
    parts = [A[:-1], "and the councils will jointly agree the new berth with the board"]
    rows = [row("r1", parts[0], "support"), row("r2", parts[1], "co_create")]
    (record,) = bring(rows, whole).annotations
    assert (record.level, record.note) == ("co_create", "a lower level stood on r1")


def test_a_none_on_a_small_part_says_nothing_of_the_unit(bring: Callable[..., Imported]) -> None:
    assert not bring([row("r1", "before it moves a ferry berth")], A).annotations


@pytest.mark.parametrize(("lead", "sure"), [("We will work with councils to", False), ("A", True)])
def test_a_lead_in_that_was_not_read_leaves_a_doubt(
    lead: str, sure: bool, bring: Callable[..., Imported]
) -> None:
    (record,) = bring(
        [row("r1", "paint the pier green")], (lead, "paint the pier green")
    ).annotations
    assert record.match is Match.OWN
    assert record.sure is sure


def test_occurrences_are_counted(bring: Callable[..., Imported]) -> None:
    imported = bring([row("r1", A, "support"), row("r2", A)], A, A)
    assert [(it.occurrence, str(it.level)) for it in imported.annotations] == [
        (1, "support"),
        (2, "none"),
    ]


def test_what_has_no_unit_is_listed_with_the_reason(bring: Callable[..., Imported]) -> None:
    note = "Figures from the harbour office."
    block = Block(kind=BlockKind.FOOTNOTE, text=note, start=0, end=len(note))
    rows = [row("r1", note), row("r2", "Not printed anywhere in this paper."), row("r3", "*")]
    imported = bring(rows, A, blocks=(block,))
    assert [(it.source, it.reason) for it in imported.unmatched] == [
        ("r1", "its words stand in a footnote"),
        ("r2", "its words are not in the text as extracted"),
        ("r3", "no words"),
    ]


def test_records_hold_no_text(bring: Callable[..., Imported]) -> None:
    (record,) = bring([row("r1", A, "support")], A).annotations
    assert "harbour" not in str(record.as_dict())
