"""The label store keeps every reading, in one order, and refuses contradictions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from collabnlp.errors import DataError
from collabnlp.labels.store import ConflictingReading, LabelStore
from collabnlp.schema import Annotation, InvalidRecord, Judgement, Role

Make = Callable[..., Annotation]


def test_readings_come_back_as_they_were(tmp_path: Path, make_reading: Make) -> None:
    store = LabelStore(tmp_path)
    records = [
        make_reading("One.", "support", partners=["business", "subnational"], sure=False),
        make_reading("One.", "none", role=Role.SECOND, reader="ben"),
        make_reading("One.", "explore", role=Role.ADJUDICATED, reader="cy", note="hedged"),
        make_reading("Two.", occurrence=2),
    ]
    assert store.add(records) == 4
    assert set(store.read("paper")) == set(records)
    assert store.documents() == ["paper"]


def test_the_order_of_adding_makes_no_difference(tmp_path: Path, make_reading: Make) -> None:
    records = [make_reading(f"Unit {at}.", role=role) for at in range(5) for role in Role]
    for name, order in (("a", records), ("b", records[::-1])):
        LabelStore(tmp_path / name).add(order)
    assert (tmp_path / "a/paper.jsonl").read_bytes() == (tmp_path / "b/paper.jsonl").read_bytes()


def test_the_same_reading_twice_changes_nothing(tmp_path: Path, make_reading: Make) -> None:
    store = LabelStore(tmp_path)
    store.add([make_reading()])
    assert store.add([make_reading()]) == 0


def test_a_contradiction_is_refused_and_nothing_written(tmp_path: Path, make_reading: Make) -> None:
    store = LabelStore(tmp_path)
    store.add([make_reading("One.")])
    with pytest.raises(ConflictingReading):
        store.add([make_reading("Two."), make_reading("One.", "support")])
    assert len(store.read("paper")) == 1


def test_replacing_drops_only_the_same_readers_role(tmp_path: Path, make_reading: Make) -> None:
    store = LabelStore(tmp_path)
    other = make_reading("One.", role=Role.SECOND, reader="ben")
    store.add([make_reading("One."), make_reading("Two."), other])
    new = make_reading("One.", "support")
    store.add([new], replace=True)
    assert set(store.read("paper")) == {new, other}


@pytest.mark.parametrize(
    "change",
    [{"level": "much"}, {"sha256": "x"}, {"role": "third"}, {"occurrence": 0}, {"date": "today"}],
)
def test_a_wrong_line_is_named(
    change: dict[str, object], tmp_path: Path, make_reading: Make
) -> None:
    line = {**make_reading().as_dict(), **change}
    (tmp_path / "paper.jsonl").write_text(json.dumps(line), encoding="utf-8")
    with pytest.raises(DataError, match=r"paper\.jsonl, line 1"):
        LabelStore(tmp_path).read("paper")


def test_a_reading_of_another_document_is_refused(tmp_path: Path, make_reading: Make) -> None:
    LabelStore(tmp_path).add([make_reading()])
    (tmp_path / "paper.jsonl").rename(tmp_path / "other.jsonl")
    with pytest.raises(DataError):
        LabelStore(tmp_path).read("other")


@pytest.mark.parametrize(
    "row",
    [
        {"level": "support", "partners": ["nobody"]},
        {"level": "support", "departments": ["dft"]},
        {"level": "support", "actor_tier": "local"},
        {},
    ],
)
def test_judgements_are_checked(row: dict[str, object]) -> None:
    with pytest.raises(InvalidRecord):
        Judgement.from_dict(row)


def test_lists_of_a_judgement_are_put_in_order() -> None:
    row = {"level": "lead", "partners": ["business", "subnational"], "departments": ["HMT", "DFT"]}
    judgement = Judgement.from_dict({**row, "dept_basis": "explicit"})
    assert judgement.partners == ("subnational", "business")
    assert judgement.departments == ("DFT", "HMT")
