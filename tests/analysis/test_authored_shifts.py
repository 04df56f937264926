"""Level shifts on versions written for measuring them: the gold is whole, the measure counts what
it says, and what was measured must not sink. ``benchmarks/authored_shifts.py`` shows figures."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import authored_shifts as measure
import authored_versions as authored

from collabnlp.analysis.alignment import align
from collabnlp.schema import ChangeKind, Level, Link

OLD = "# Boats\n\n1. We may ask the islands.<!--1 explore--> Boats sail.<!--2 none-->\n"
NEW = "# Boats\n\n1. Boats sail.<!--2 none--> We will ask the islands.<!--1 support-->\n"


@pytest.fixture(scope="module")
def found() -> list[authored.Versions]:
    return authored.read_versions()


@pytest.fixture(scope="module")
def links(found: list[authored.Versions]) -> list[Any]:
    return [align(one.old.units, one.new.units) for one in found]


def written(folder: Path, text: str, name: str = "old.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- the gold


def test_every_unit_is_of_one_passage(found: list[authored.Versions]) -> None:
    for one in found:
        for side, version in (("old", one.old), ("new", one.new)):
            placed = Counter(at for passage in one.passages for at in getattr(passage, side))
            assert placed == Counter(range(len(version.units))), version.name


def test_no_reader_sees_the_gold(found: list[authored.Versions]) -> None:
    for one in found:
        for unit in (*one.old.units, *one.new.units):
            assert "<!--" not in unit.text
            assert not any("<!--" in heading for heading in unit.headings)


def test_the_gold_has_what_real_versions_lack(found: list[authored.Versions]) -> None:
    """Twenty or so of each shift a pair, besides moves, splits and mergers."""
    for one in found:
        gold = measure.told_by(one, [], tags="gold", pairing="gold")
        there = Counter(shift for shift, _, _ in gold.there)
        assert min(there["strengthened"], there["weakened"]) >= 18, one.name
        assert min(there["gained"], there["dropped"]) >= 10, one.name
        kinds = Counter(kind for passage in one.passages for kind in passage.record.kinds)
        assert kinds[ChangeKind.MOVED] >= 25
        assert min(kinds[ChangeKind.SPLIT], kinds[ChangeKind.MERGED]) >= 3


def test_a_version_and_its_marks(tmp_path: Path) -> None:
    version = authored.read_version(written(tmp_path, OLD))
    assert [unit.text for unit in version.units] == ["We may ask the islands.", "Boats sail."]
    assert version.numbers == ((1,), (2,))
    assert version.levels == (Level.EXPLORE, Level.NONE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# Boats\n\nBoats sail. They do.<!--1 none-->\n", "1 passages, 2 units"),
        ("# Boats\n\nBoats <!--1 none-->sail. They do.<!--2 none-->\n", "is not passage 1"),
        ("# Boats\n\nBoats sail.<!--1 lofty-->\n", "lofty"),
    ],
)
def test_marks_that_do_not_fit(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        authored.read_version(written(tmp_path, text))


def test_the_lighter_of_two_that_changed_sides_has_moved(tmp_path: Path) -> None:
    old = authored.read_version(written(tmp_path, OLD))
    new = authored.read_version(written(tmp_path, NEW, "new.md"))
    kinds = {one.key: set(one.record.kinds) for one in authored.passages_of(old, new)}
    assert kinds == {
        ((0,), (1,)): {ChangeKind.REWORDED},
        ((1,), (0,)): {ChangeKind.KEPT, ChangeKind.MOVED},
    }


def test_numbers_join_what_merged_was_split_added_and_removed(tmp_path: Path) -> None:
    old = written(
        tmp_path, "A is.<!--1 none--> B is.<!--2 none--> C is.<!--3 none--> D is.<!--4 none-->\n"
    )
    new = written(
        tmp_path,
        "A and B are.<!--1+2 none--> C was.<!--3 none--> C is so.<!--3 none--> E is.<!--9 none-->",
        "new.md",
    )
    passages = authored.passages_of(authored.read_version(old), authored.read_version(new))
    assert [one.key for one in passages] == [
        ((0, 1), (0,)),
        ((2,), (1, 2)),
        ((3,), ()),
        ((), (3,)),
    ]
    assert [one.record.kinds[-1] for one in passages] == [
        ChangeKind.MERGED,
        ChangeKind.SPLIT,
        ChangeKind.REMOVED,
        ChangeKind.ADDED,
    ]


# --- the measure


@pytest.mark.parametrize(
    ("right", "whole", "low", "high"),
    # the last two: Newcombe 1998, table I, 81/263 and 15/148, method 3 (Wilson without correction)
    [(0, 0, 0.0, 1.0), (20, 20, 0.8389, 1.0), (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)],
)
def test_wilson(right: int, whole: int, low: float, high: float) -> None:
    assert measure.wilson(right, whole) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("links", "counts"),
    [
        ([Link((0,), (1,), 1, 1), Link((1,), (0,), 1, 1)], {"strengthened": (1, 1, 1)}),
        # a pair that is not found is a shift missed and two told that are none
        (
            [Link((0,), (), 0, 1), Link((), (1,), 0, 1), Link((1,), (0,), 1, 1)],
            {"strengthened": (0, 0, 1), "gained": (0, 1, 0), "dropped": (0, 1, 0)},
        ),
        # no commitment is concerned: the wrong company does not matter
        ([Link((0, 1), (0, 1), 1, 1)], {"strengthened": (1, 1, 1)}),
        # crossed: of other commitments
        (
            [Link((0,), (0,), 1, 1), Link((1,), (1,), 1, 1)],
            {"strengthened": (0, 0, 1), "gained": (0, 1, 0), "dropped": (0, 1, 0)},
        ),
    ],
)
def test_right_told_and_there(
    tmp_path: Path, links: list[Link], counts: dict[str, tuple[int, int, int]]
) -> None:
    old = authored.read_version(written(tmp_path, OLD))
    new = authored.read_version(written(tmp_path, NEW, "new.md"))
    pair = authored.Versions("boats", old, new, tuple(authored.passages_of(old, new)))
    told = measure.told_by(pair, links, tags="gold", pairing="aligner")
    for shift in measure.SHIFTS:
        assert told.counts(shift) == counts.get(shift, (0, 0, 0)), shift


# --- what was measured


@pytest.mark.parametrize(
    ("shift", "precision", "recall"),
    # measured: .97 .92, .95 .88, .64 .96, .75 .95
    [
        ("strengthened", 0.92, 0.88),
        ("weakened", 0.90, 0.84),
        ("gained", 0.58, 0.90),
        ("dropped", 0.68, 0.90),
    ],
)
def test_shifts_do_not_sink(
    found: list[authored.Versions], links: list[Any], shift: str, precision: float, recall: float
) -> None:
    rows = measure.level_shifts(found, links, ways=(("gold", "aligner"),))
    row = next(one for one in rows if one["versions"] == "both" and one["shift"] == shift)
    assert row["precision"] >= precision
    assert row["recall"] >= recall


def test_the_pairing_does_not_sink(found: list[authored.Versions], links: list[Any]) -> None:
    counts = measure.total(found, links)
    assert counts.f1 >= 0.87  # measured: .894
    assert counts.moved_recall >= 0.80  # measured: .85
