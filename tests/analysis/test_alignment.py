"""Short versions as a table of cases (tests/cases/alignment.toml), and what always holds."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from collabnlp.analysis.alignment import align
from collabnlp.analysis.alignment_weights import shipped_weights
from collabnlp.schema import Link, Unit

CASES = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "alignment.toml").read_text(encoding="utf-8")
)["case"]


def wanted(case: dict[str, Any]) -> set[tuple[tuple[int, ...], tuple[int, ...], bool]]:
    found = set()
    for link in case["links"]:
        old, new = link.rstrip("m").split(">")
        sides = [tuple(int(at) - 1 for at in side.split(",")) for side in (old, new)]
        found.add((sides[0], sides[1], link.endswith("m")))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cases(case: dict[str, Any], make_units: Any) -> None:
    links = align(make_units(case["old"]), make_units(case["new"], "newer"))
    joined = {(link.old, link.new, link.moved) for link in links if link.old and link.new}
    assert joined == wanted(case)
    once(links, len(case["old"]), len(case["new"]))


def once(links: tuple[Link, ...], olds: int, news: int) -> None:
    """Every unit of both versions stands in exactly one link."""
    assert sorted(at for link in links for at in link.old) == list(range(olds))
    assert sorted(at for link in links for at in link.new) == list(range(news))


def test_every_unit_stands_once_and_twice_the_same(make_units: Any) -> None:
    chance = random.Random(4)
    words = ["council", "mayor", "plan", "road", "must", "agree", "consult", "every", "year", "of"]
    lines = [" ".join(chance.choices(words, k=chance.randint(1, 12))) for _ in range(120)]
    other = [line for line in lines if chance.random() < 0.7]
    chance.shuffle(other)
    old, new = make_units(lines), make_units(other, "newer")
    links = align(old, new)
    once(links, len(old), len(new))
    assert links == align(old, new)


def test_removed_units_stand_after_what_stood_before_them(make_units: Any) -> None:
    old = [
        "Ponds are to be fenced by their owner.",
        "Ducks may be fed.",
        "Boats are forbidden here.",
    ]
    links = align(make_units(old), make_units([old[0], old[2]], "newer"))
    assert [(link.old, link.new) for link in links] == [((0,), (0,)), ((1,), ()), ((2,), (1,))]


def test_an_item_is_known_by_its_own_words_not_its_lead_in(make_units: Any) -> None:
    def item(lead: str, own: str, at: int, document: str) -> Unit:
        from dataclasses import replace

        unit = make_units([own], document)[0]
        return replace(unit, index=at, lead_in=lead, text=f"{lead} {own}")

    lead = "Before it publishes the strategy for the coast the agency must consult"
    old = [item(lead, own, at, "a") for at, own in enumerate(["every mayor", "the harbours"])]
    new = [item(lead, own, at, "b") for at, own in enumerate(["fishing crews", "every mayor"])]
    joined = {(link.old, link.new) for link in align(old, new) if link.old and link.new}
    assert joined == {((0,), (1,))}


def test_the_shipped_weights_are_whole() -> None:
    weights = shipped_weights()
    for kind in (weights.amended, weights.rewritten):
        assert 0 < kind.draft < 1 and 0 < kind.moved < 1 and 0 < kind.in_place < 1
