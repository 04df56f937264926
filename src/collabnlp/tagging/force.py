"""Whether law binds, or would bind, a commitment.

The kind of document decides for law itself: every provision of an act, bill or order is statutory.
Explanatory notes are statutory where they tell what a provision does, and policy where they give
background. Elsewhere a unit is statutory where it promises law ("we will legislate to require") or
says that law binds already, and policy where law is only weighed ("consult on a new duty").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from collabnlp.schema import DocumentInfo, Force, Region, Unit
from collabnlp.tagging.word_lists import read_words


def force_of(info: DocumentInfo, unit: Unit) -> Force:
    """``statutory`` or ``policy`` for a unit, whatever its level."""
    words = read_words("force_terms.toml")
    kind = (info.kind or "").lower()
    if kind in words["law"] or unit.region is Region.QUOTED:
        return Force.STATUTORY
    if _pattern("withdrawn").search(unit.text):
        return Force.POLICY
    if kind in words["notes"] and _pattern("describes").search(unit.text):
        return Force.STATUTORY
    return Force.STATUTORY if _pattern("promises").search(unit.text) else Force.POLICY


@cache
def _pattern(list_name: str) -> re.Pattern[str]:
    return _any(read_words("force_terms.toml")[list_name])


def _any(expressions: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{it})" for it in expressions), re.I)
