"""Changes of passages and commitments between versions, and life lines along a chain."""

from __future__ import annotations

from typing import Any

import pytest

from collabnlp.analysis.comparison import compare_versions
from collabnlp.schema import Change, Comparison, InvalidRecord

PLAN = "1 | The agency will work with mayors on a plan for night buses."
AGREED = "1 | The agency will agree with mayors a plan for night buses."
PARKS = "2 | Parks are open from sunrise to sunset on every day of the year."


def only(comparison: Comparison, kind: str) -> Change:
    return next(change for change in comparison if kind in change.kinds)


@pytest.mark.parametrize(
    ("before", "after", "change", "steps", "shift"),
    [
        ("support", "co_create", "kept", 2, "strengthened"),
        ("lead", "explore", "kept", -4, "weakened"),
        ("support", "support", "kept", 0, ""),
        ("none", "support", "gained", None, "gained"),
        ("have_regard", "none", "dropped", None, "dropped"),
        ("none", "none", "none", None, ""),
    ],
)
def test_level_changes(
    before: str, after: str, change: str, steps: int | None, shift: str, make_version: Any
) -> None:
    found = compare_versions(
        [
            make_version("old", (PLAN, before), (PARKS, "none")),
            make_version("new", (AGREED, after), (PARKS, "none")),
        ]
    )
    told = only(found, "reworded")
    assert (told.commitment_change, told.level_change, told.shift) == (change, steps, shift)
    assert found.summary()["matrix"][before][after] == (2 if before == after == "none" else 1)


def test_added_and_removed_count_against_none(make_version: Any) -> None:
    found = compare_versions(
        [make_version("old", (PLAN, "support")), make_version("new", (PARKS, "none"))]
    )
    assert only(found, "removed").shift == "dropped"
    assert only(found, "added").shift == ""
    summary = found.summary()
    assert summary["matrix"]["support"]["none"] == 1
    assert summary["matrix"]["none"]["none"] == 1
    assert summary["changes"] == sum(sum(row.values()) for row in summary["matrix"].values())


def test_departments_and_partners(make_version: Any) -> None:
    found = compare_versions(
        [
            make_version(
                "old", (PLAN, "support", "DFT HMT", "subnational"), (PARKS, "none", "DEFRA")
            ),
            make_version(
                "new",
                (AGREED, "support", "DFT MHCLG", "subnational business"),
                (PARKS, "none", "DCMS"),
            ),
        ]
    )
    told = only(found, "reworded").as_dict()
    assert told["department_change"] == {"added": ["MHCLG"], "removed": ["HMT"]}
    assert told["partner_change"] == {"added": ["business"], "removed": []}
    # departments of what is no commitment are nobody's change
    assert only(found, "kept").department_change is None


def test_renumbered_and_kept_are_told_together(make_version: Any) -> None:
    found = compare_versions(
        [
            make_version("old", (PARKS, "none")),
            make_version("new", (PARKS.replace("2 |", "7 |"), "none")),
        ]
    )
    assert [tuple(map(str, change.kinds)) for change in found] == [("kept", "renumbered")]


def test_the_same_version_twice_changes_nothing(make_version: Any) -> None:
    version = make_version("old", (PLAN, "support"), (PARKS, "none"))
    found = compare_versions([version, version])
    assert {tuple(change.kinds) for change in found} == {("kept",)}
    assert not any(change.shift for change in found)


def test_empty_versions(make_version: Any) -> None:
    assert len(compare_versions([make_version("old"), make_version("new")])) == 0
    found = compare_versions([make_version("old"), make_version("new", (PLAN, "support"))])
    assert [tuple(change.kinds) for change in found] == [("added",)]


def test_one_version_is_no_comparison(make_version: Any) -> None:
    with pytest.raises(InvalidRecord):
        compare_versions([make_version("old")])


def test_a_chain_has_steps_and_life_lines(make_version: Any) -> None:
    found = compare_versions(
        [
            make_version("green paper", (PLAN, "explore"), (PARKS, "none")),
            make_version("white paper", (PLAN, "support"), (PARKS, "none")),
            make_version("bill", (AGREED, "co_create"), (PARKS, "support")),
            make_version("act", (PARKS, "support")),
        ]
    )
    assert {change.step for change in found} == {1, 2, 3}
    lines = [
        ([str(stage.level) for stage in line.stages], list(line.shifts))
        for line in found.life_lines
    ]
    assert lines == [
        (["explore", "support", "co_create", "none"], ["strengthened", "strengthened", "dropped"]),
        (["none", "none", "support", "support"], ["", "gained", "kept"]),
    ]
    row = found.as_dict()
    assert len(row["summary"]["steps"]) == 3
    assert row["life_lines"][0]["last"] == "bill"


def test_a_pair_has_the_contracts_record(make_version: Any) -> None:
    row = compare_versions(
        [make_version("old", (PLAN, "support")), make_version("new", (AGREED, "co_create"))]
    ).as_dict()
    assert {"documents", "changes", "summary"} <= set(row)
    assert "life_lines" not in row
    change = row["changes"][0]
    assert "step" not in change
    assert {
        "kinds",
        "old",
        "new",
        "similarity",
        "commitment_change",
        "level_change",
        "department_change",
    } <= set(change)
    assert {"unit_id", "page", "provision", "text", "level", "departments"} <= set(change["old"][0])
