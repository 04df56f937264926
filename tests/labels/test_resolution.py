"""Which of several readings of a unit is in force."""

from __future__ import annotations

import pytest

from collabnlp.identifiers import folded_hash, unit_hash
from collabnlp.labels.resolution import Standing, by_unit, resolve
from collabnlp.schema import Annotation, Judgement, Level, Partner, Role

TEXT = "Ministers will agree the plan with mayors."
_SHORT = {
    "first": Role.FIRST,
    "second": Role.SECOND,
    "adjudicated": Role.ADJUDICATED,
    "reviewed": Role.REVIEWED,
    "repeat": Role.REPEAT,
}


def read(said: str) -> Annotation:
    """From "role reader level", with "?" behind it where the reader was not sure."""
    role, reader, level = said.rstrip("?").split()
    partners = () if level == "none" else (Partner.SUBNATIONAL,)
    return Annotation(
        document="paper",
        sha256="a" * 64,
        unit_hash=unit_hash(TEXT),
        occurrence=1,
        folded=folded_hash(TEXT),
        judgement=Judgement(level=Level(level), partners=partners),
        reader=reader,
        role=_SHORT[role],
        date="2026-11-22",
        codebook="1.2",
        sure=not said.endswith("?"),
    )


@pytest.mark.parametrize(
    ("said", "level", "standing", "sure"),
    [
        (["first a lead"], "lead", "single", True),
        (["first a lead?"], "lead", "single", False),
        (["first a lead", "second b lead"], "lead", "agreed", True),
        (["first a lead", "second b none"], "lead", "disputed", False),
        (
            ["first a lead", "second b none", "adjudicated c support"],
            "support",
            "adjudicated",
            True,
        ),
        (["first a lead", "reviewed ann none"], "none", "reviewed", True),
        (["first a lead", "second b lead", "reviewed ann none?"], "none", "reviewed", False),
        (["reviewed ann none", "reviewed ben none"], "none", "agreed", True),
        (["reviewed ann none", "reviewed ben lead"], "none", "disputed", False),
        (["first a lead", "reviewed ann none", "reviewed ben lead"], "none", "disputed", False),
        (["reviewed ann none", "adjudicated c lead"], "lead", "adjudicated", True),
        (["reviewed ann none", "repeat ann lead"], "none", "reviewed", True),
        (["first a lead", "repeat a none"], "lead", "single", True),
        (["repeat a none"], "none", "single", True),
    ],
)
def test_what_is_in_force(said: list[str], level: str, standing: str, sure: bool) -> None:
    (readings,) = by_unit(map(read, reversed(said))).values()
    found = resolve(readings)
    assert (found.judgement.level, found.standing, found.sure) == (
        Level(level),
        Standing(standing),
        sure,
    )
    assert len(found.readings) == len(said)
