"""Force: law or policy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collabnlp.errors import DataError
from collabnlp.schema import Force, Region
from collabnlp.tagging.force import force_of
from collabnlp.tagging.word_lists import any_of, check_keys

from .conftest import Read, cases

CASES = cases("force.toml")


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_force(case: dict[str, Any], read: Read) -> None:
    info, unit, _ = read(case)
    assert str(force_of(info, unit)) == case["force"]


def test_unknown_kind_is_policy_unless_law_is_promised(read: Read) -> None:
    info, unit, _ = read({"text": "We will work with councils."})
    assert force_of(replace(info, kind=None), unit) is Force.POLICY


def test_text_quoted_for_insertion_into_an_act_is_statutory(read: Read) -> None:
    info, unit, _ = read({"text": "The mayor must be consulted."})
    assert force_of(info, replace(unit, region=Region.QUOTED)) is Force.STATUTORY


def test_wrong_lists_are_data_errors() -> None:
    with pytest.raises(DataError, match="wrong expression"):
        any_of(["(", "a"], "some list")
    with pytest.raises(DataError, match="unknown keys: nuons"):
        check_keys({"nuons": ()}, ("nouns",), "some list")
