"""Ids are hashes of JSON, equal for equal words and different for glued ones."""

from __future__ import annotations

import pytest

from collabnlp.identifiers import canonical_json, digest, unit_hash, unit_ids


def test_key_order_makes_no_difference() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert canonical_json({"é": "–"}) == '{"é":"–"}'.encode()


def test_glued_strings_would_collide_and_these_do_not() -> None:
    assert digest(["ab", "c"]) != digest(["a", "bc"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The  council’s plan", "the council's plan"),
        ("co‑design – together", "co-design - together"),
        ("ﬁnal plan", "final plan"),
        ("“Plan”", '"Plan"'),
    ],
)
def test_printing_differences_keep_the_hash(one: str, other: str) -> None:
    assert unit_hash(one) == unit_hash(other)


def test_repeated_texts_are_numbered_in_order() -> None:
    ids = list(unit_ids("plan", ["One.", "Two.", "One.", "one."]))
    base = f"plan:{unit_hash('One.')[:8]}"
    assert ids == [base, f"plan:{unit_hash('Two.')[:8]}", f"{base}-2", f"{base}-3"]
