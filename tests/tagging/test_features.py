"""Features: what a unit's surroundings add, and that reading is repeatable."""

from __future__ import annotations

import pytest

from collabnlp.schema import BlockKind, Region
from collabnlp.tagging.cues import default_cues
from collabnlp.tagging.features import FeatureReader, UnitFeatures, UnitView

READER = FeatureReader(default_cues())


def read(view: UnitView) -> UnitFeatures:
    (features,) = READER.read([view])
    return features


@pytest.mark.parametrize(
    ("view", "flag"),
    [
        (UnitView(text="The port must close.", kind="bill"), "statutory"),
        (UnitView(text="The port will close.", region=Region.BOX), "region=box"),
        (UnitView(text="Port", block=BlockKind.TABLE_CELL), "cell"),
        (UnitView(text="Mend bridges.", previous="We will:"), "after-colon"),
        (UnitView(text="Mend bridges.", headings=("A", "Working together")), "heading=together"),
        (UnitView(text="Will the port close?"), "question"),
        (UnitView(text="Support ports."), "opens=base"),
        (UnitView(text="Supporting ports."), "opens=ing"),
        (UnitView(text="The Government will close the port."), "frame=government|will"),
        (UnitView(text="…"), "frame=empty"),
    ],
)
def test_flags(view: UnitView, flag: str) -> None:
    assert flag in read(view).flags


def test_policy_is_not_statute() -> None:
    assert "statutory" not in read(UnitView(text="The port must close.", kind="white paper")).flags


def test_runs_are_words_and_pairs_across_marks() -> None:
    assert read(UnitView(text="Ports, piers.")).runs == ("ports", "piers", "ports piers")


def test_reading_is_repeatable_and_order_keeps() -> None:
    views = [UnitView(text=f"We will work with port {number}.") for number in range(5)]
    assert READER.read(views) == READER.read(views)
    assert [one.runs for one in READER.read(views[:2])] == [read(view).runs for view in views[:2]]


def test_strange_texts_are_read() -> None:
    for text in ("((((" * 500, "\u200b", "work with " * 3000, "’’’ — – ?"):
        assert read(UnitView(text=text)) is not None
