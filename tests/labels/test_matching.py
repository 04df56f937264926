"""Readings are brought to units that were cut another way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collabnlp.labels.matching import match_readings
from collabnlp.schema import Match, Unit

A = "The harbour board will consult every island council before it moves a ferry berth."
B = "Its published timetable then stands for two winters unless the councils ask otherwise."
C = "Fares are reviewed each spring by the operator alone."


@pytest.mark.parametrize(
    ("read", "units", "expected"),
    [
        pytest.param([A], [B, A], [(0, (1,), Match.EXACT)], id="equal"),
        pytest.param(
            ["“The harbour board” will consult"],
            ['"The  harbour board" will consult'],
            [(0, (0,), Match.EXACT)],
            id="quotes and blanks make no difference",
        ),
        pytest.param(
            [A.replace("berth.", "berth;")], [A], [(0, (0,), Match.FOLDED)], id="punctuation"
        ),
        pytest.param(
            ["move the ferry berth"],
            [("We will consult the islands and then", "move the ferry berth")],
            [(0, (0,), Match.OWN)],
            id="read without its lead-in",
        ),
        pytest.param(
            [A.replace("berth.", "berth.12")], [A], [(0, (0,), Match.FUZZY)], id="a note's mark"
        ),
        pytest.param(["4 " + A], [C, A], [(0, (1,), Match.FUZZY)], id="a paragraph's number"),
        pytest.param(
            ["consult every island council before it moves"],
            [A, B],
            [(0, (0,), Match.PART)],
            id="a part of a unit",
        ),
        pytest.param([f"{A} {B}"], [A, B, C], [(0, (0, 1), Match.JOINED)], id="two units as one"),
        pytest.param(
            [f"Ferries and fares in the outer isles {C}"],
            [C],
            [(0, (0,), Match.JOINED)],
            id="a heading stuck to it",
        ),
        pytest.param(["Nothing of the kind was printed here at all."], [A, B], [], id="absent"),
        pytest.param(["of the"], [A, B], [], id="two common words"),
        pytest.param(["—"], [A], [], id="no words"),
        pytest.param(["Anything"], [], [], id="no units"),
    ],
)
def test_match(
    read: list[str],
    units: list[str | tuple[str, str]],
    expected: list[tuple[int, tuple[int, ...], Match]],
    make_units: Callable[..., list[Unit]],
) -> None:
    found = match_readings(read, make_units(*units))
    assert [(it.reading, it.units, it.how) for it in found] == expected


@pytest.mark.parametrize(
    ("read", "units", "expected"),
    [
        (
            ["This includes:", A, "This includes:"],
            ["This includes:", A, "This includes:"],
            [0, 1, 2],
        ),
        # One of three was read: the one that stands next to what else was read.
        (
            [A, "This includes:", B],
            ["This includes:", A, "This includes:", B, "This includes:"],
            [1, 2, 3],
        ),
        # More readings than units: they fall on the same one.
        (["This includes:", "This includes:"], ["This includes:"], [0, 0]),
    ],
)
def test_repeated_texts_go_by_place(
    read: list[str],
    units: list[str],
    expected: list[int],
    make_units: Callable[..., list[Unit]],
) -> None:
    assert [it.units[0] for it in match_readings(read, make_units(*units))] == expected
