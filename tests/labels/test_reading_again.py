"""Drawing tasks, resolving readings, finding units again, telling near-duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations

import pytest

from collabnlp.identifiers import occurrences
from collabnlp.labels.anchoring import anchor
from collabnlp.labels.duplicates import near_duplicates, runs
from collabnlp.labels.resolution import Standing, by_unit, resolve
from collabnlp.labels.tasks import ReadingTask, draw, weights
from collabnlp.schema import Annotation, Role, Unit

Make = Callable[..., Annotation]


@pytest.fixture
def candidates(make_units: Callable[..., list[Unit]]) -> list[tuple[ReadingTask, str]]:
    found = []
    for document, size in (("a", 40), ("b", 20), ("c", 4)):
        units = make_units(*(f"Unit {at} of paper {document}." for at in range(size)))
        about = {"document": document, "title": "T", "publisher": "P", "kind": "k", "date": "2026"}
        about["sha256"] = "0" * 64
        for at, key in enumerate(occurrences(unit.text for unit in units)):
            task = ReadingTask.of(about, units, at, key)
            found.append((task, "support" if at == 0 else "random"))
    return found


def test_a_draw_is_in_proportion_and_tells_its_probabilities(
    candidates: list[tuple[ReadingTask, str]],
) -> None:
    drawn = draw(candidates, random=20, seed=1, sample="s")
    assert Counter(it.stratum for _, it in drawn) == {"support": 3, "random": 20}
    by_document = Counter(it.document for _, it in drawn if it.stratum == "random")
    assert by_document == {"a": 13, "b": 6, "c": 1}
    for _, it in drawn:
        pool = {"a": 39, "b": 19, "c": 3}[it.document]
        expected = 1.0 if it.stratum == "support" else by_document[it.document] / pool
        assert it.probability == pytest.approx(expected, abs=1e-6)
    # The weights of a sample add up to what it was drawn from.
    assert sum(weights(it for _, it in drawn).values()) == pytest.approx(len(candidates), rel=1e-4)


def test_a_draw_depends_on_the_seed_and_hardly_on_the_rest(
    candidates: list[tuple[ReadingTask, str]],
) -> None:
    ids = [it.task for it, _ in draw(candidates, random=20, seed=1, sample="s")]
    assert ids == [it.task for it, _ in draw(candidates, random=20, seed=1, sample="t")]
    assert ids != [it.task for it, _ in draw(candidates, random=20, seed=2, sample="s")]
    fewer = {it.task for it, _ in draw(candidates[:-1], random=20, seed=1, sample="s")}
    assert len(set(ids) - fewer) <= 2


def test_tasks_tell_nobodys_label(candidates: list[tuple[ReadingTask, str]]) -> None:
    line = candidates[0][0].line().decode()
    assert "support" not in line and "probability" not in line
    assert '"following": "Unit 1 of paper a."' in line


@pytest.mark.parametrize(
    ("readings", "level", "standing", "sure"),
    [
        ([("first", "none", True)], "none", Standing.SINGLE, True),
        ([("first", "lead", False)], "lead", Standing.SINGLE, False),
        ([("first", "lead", False), ("second", "lead", True)], "lead", Standing.AGREED, True),
        ([("first", "none", True), ("second", "lead", True)], "none", Standing.DISPUTED, False),
        (
            [("second", "lead", True), ("adjudicated", "explore", True), ("first", "none", True)],
            "explore",
            Standing.ADJUDICATED,
            True,
        ),
    ],
)
def test_resolution(
    readings: list[tuple[str, str, bool]],
    level: str,
    standing: Standing,
    sure: bool,
    make_reading: Make,
) -> None:
    records = [make_reading(level=it, role=Role(role), sure=yes) for role, it, yes in readings]
    (found,) = by_unit(records).values()
    resolved = resolve(found)
    assert (resolved.judgement.level, resolved.standing, resolved.sure) == (level, standing, sure)
    assert len(resolved.readings) == len(readings)


def test_readings_are_found_again_by_letters_and_digits(make_reading: Make) -> None:
    texts = ["A new first unit.", "Ask the council’s view", "Twice.", "Twice."]
    here = make_reading("Twice.", occurrence=2)
    moved = make_reading("Ask the councils view", "support")
    gone = make_reading("No longer there.", "lead")
    unclear = make_reading("Twice", "lead")
    anchored = anchor([here, moved, gone, unclear], texts)
    assert anchored.by_unit == {1: (moved,), 3: (here,)}
    assert anchored.lost == (gone, unclear)
    assert anchored.moved == 1


def test_near_duplicates_are_those_that_comparing_all_pairs_finds() -> None:
    words = [
        "the",
        "board",
        "will",
        "ask",
        "each",
        "council",
        "for",
        "its",
        "view",
        "on",
        "the",
        "new",
        "berth",
        "before",
        "spring",
    ]
    texts = [
        " ".join([*words[:cut], "and", *words[cut + skip :]])
        for cut in range(1, 14)
        for skip in (0, 1, 3)
    ]
    texts += ["Too short", "Too short", "", "short too"]
    expected = set()
    for (one, left), (other, right) in combinations(enumerate(map(runs, texts)), 2):
        if left and right and len(left & right) / len(left | right) >= 0.5:
            expected.add((one, other))
    found = [(one, other) for one, other, _ in near_duplicates(texts)]
    assert set(found) == expected
    assert len(found) == len(expected)
    assert expected
