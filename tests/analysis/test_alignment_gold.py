"""Records of aligned passages: their form, and agreement with them counted strictly."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from collabnlp.analysis.alignment_gold import agreement, locate, read_aligned
from collabnlp.errors import DataError
from collabnlp.identifiers import unit_hash
from collabnlp.schema import Link

TEXTS = {"old": ["Boats must be lit.", "Nets must be dry."], "new": ["Boats must be well lit."]}


def record(**changes: Any) -> dict[str, Any]:
    def side(name: str, texts: list[str]) -> dict[str, Any]:
        units = [[unit_hash(text), 1] for text in texts]
        levels = [None] * len(texts)
        return {"document": name, "sha256": "a" * 64, "units": units, "levels": levels}

    row = {
        "old": side("a", TEXTS["old"][:1]),
        "new": side("b", TEXTS["new"]),
        "kinds": ["reworded"],
        "part": "development",
        "reader": "reader-7",
        "date": "2026-11",
    }
    return row | changes


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "a--b.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_record_finds_its_units(tmp_path: Path, make_units: Any) -> None:
    records = read_aligned(written(tmp_path, record()))
    found, lost = locate(records, make_units(TEXTS["old"]), make_units(TEXTS["new"]))
    assert [one.key for one in found] == [((0,), (0,))] and lost == 0
    assert locate(records, make_units(TEXTS["old"]), make_units(["Other words."])) == ([], 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"kinds": ["added"]},
        {"kinds": ["split"]},
        {"kinds": []},
        {"part": "train"},
        {"reader": ""},
        {"date": "yesterday"},
        {"kinds": ["rewritten"]},
    ],
)
def test_bad_records_are_refused(changes: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_aligned(written(tmp_path, record(**changes)))


def test_a_unit_stands_in_one_passage_only(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two passages"):
        read_aligned(written(tmp_path, record(), record()))


@pytest.mark.parametrize(
    ("links", "right", "given"),
    [
        ([Link((0,), (0,), 1.0, 1.0), Link((1,), (), 0.0, 1.0)], 1, 1),
        ([Link((0, 1), (0,), 1.0, 1.0)], 0, 1),
        ([Link((0,), (), 0.0, 1.0), Link((), (0,), 0.0, 1.0), Link((1,), (), 0.0, 1.0)], 0, 2),
    ],
)
def test_agreement_is_strict(
    links: list[Link], right: int, given: int, tmp_path: Path, make_units: Any
) -> None:
    records = read_aligned(written(tmp_path, record()))
    found, _ = locate(records, make_units(TEXTS["old"]), make_units(TEXTS["new"]))
    counts = agreement(links, found)
    assert (counts.right, counts.given, counts.wanted) == (right, given, 1)


def test_the_corpus_of_passages_is_whole(root: Path) -> None:
    files = sorted((root / "corpus" / "alignments").glob("*.jsonl"))
    records = [one for path in files for one in read_aligned(path)]
    kinds = Counter(str(kind) for one in records for kind in one.kinds)
    assert len(records) >= 250
    assert kinds["reworded"] >= 150 and kinds["moved"] >= 40
    assert kinds["split"] + kinds["merged"] >= 25 and kinds["added"] + kinds["removed"] >= 40
    assert {one.part for one in records} == {"development", "held_out"}
