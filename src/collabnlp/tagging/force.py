"""Whether law binds, or would bind, a commitment.

The kind of document decides for law itself: every provision of an act, bill or order is statutory.
Explanatory notes are statutory where they tell what a provision does, and policy where they give
background. Elsewhere a unit is statutory where it promises law ("we will legislate to require") or
says that law binds already, and policy where law is only weighed ("consult on a new duty").
"""

from __future__ import annotations

import re
from functools import cache

from collabnlp.schema import DocumentInfo, Force, Region, Unit
from collabnlp.tagging.word_lists import any_of, read_words

_FILE = "force_terms.toml"


def force_of(info: DocumentInfo, unit: Unit) -> Force:
    """``statutory`` or ``policy`` for a unit, whatever its level."""
    words = read_words(_FILE)
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
    return any_of(read_words(_FILE)[list_name], f"{_FILE}: {list_name}")
