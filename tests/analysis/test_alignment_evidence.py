"""What is found before anything is weighed, and what stands around two units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from collabnlp.analysis.alignment import align, likely
from collabnlp.analysis.alignment_context import NEIGHBOUR_EVIDENCE, neighbour_evidence
from collabnlp.analysis.alignment_evidence import kept_share, make_sides, unchanged


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ("abc", "abc", {(0, 0), (1, 1), (2, 2)}),
        ("abc", "axc", {(0, 0), (2, 2)}),
        # what crosses the longer run has moved: it is weighed like the rest
        ("abcd", "bcda", {(1, 0), (2, 1), (3, 2)}),
        # a repeated text counts only beside one that stands once
        ("rarb", "rarb", {(0, 0), (1, 1), (2, 2), (3, 3)}),
        ("rr", "rr", set()),
        ("", "a", set()),
    ],
)
def test_unchanged_text_in_its_place(old: str, new: str, pairs: set[tuple[int, int]]) -> None:
    assert unchanged(list(old), list(new)) == pairs


def test_unchanged_text_has_one_likely_pair_a_unit(make_units: Any) -> None:
    lines = [f"The harbour board must keep quay number {at} clean." for at in range(30)]
    found = likely(make_units(lines), make_units(lines, "newer"))
    assert found.pairs.tolist() == [[at, at] for at in range(30)]


def test_the_share_that_was_kept(make_units: Any) -> None:
    old = ["Ducks may be fed.", "Boats must be lit.", "Nets must be dry."]
    sides = make_sides(make_units(old), make_units([old[1], "Ponds are fenced."], "newer"))
    assert kept_share(*sides) == 0.5
    assert kept_share(*make_sides([], make_units(old))) == 0.0


def test_links_near_a_pair_speak_for_it() -> None:
    pairs = np.array([[5, 25], [5, 40]])
    links = [(at, at + 20) for at in (3, 4, 6, 7)]
    rows = neighbour_evidence(pairs, links, [], set(), (50, 50))
    near = NEIGHBOUR_EVIDENCE.index("near")
    assert rows[0, near] > 1 and rows[1, near] == 0
    assert rows[0, near + 1] == 1.0 and rows[1, near + 1] == 0


def test_a_sentence_written_anew_is_known_by_what_stands_around_it(make_units: Any) -> None:
    frame = [
        "Ferries must carry bicycles free of charge on weekdays.",
        "The harbour master must keep a log of every arrival.",
        "Pilots must renew their licences before the end of summer.",
        "Lighthouses are to be painted every fourth year.",
    ]
    old = [*frame[:2], "Local boards should ask crews for their opinion early.", *frame[2:]]
    new = [*frame[:2], "Early talks of boards with the crews are expected.", *frame[2:]]
    links = align(make_units(old), make_units(new, "newer"))
    assert ((2,), (2,)) in {(link.old, link.new) for link in links}
