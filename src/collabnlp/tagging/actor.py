"""Who carries the duty or makes the promise: national, subnational or other.

The subject of the main clause decides where it names somebody; else the kind of document does:
guidance to local authorities speaks of them, a white paper of the Government. A mayor who is given
a role in a national document is part of the Government's promise, and so national; a mayor who is
bound ("must consult the constituent councils") is subnational.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from collabnlp.register import EntryType
from collabnlp.schema import ActorTier, DocumentInfo, Partner, Unit
from collabnlp.tagging.clauses import Clause, main_clause
from collabnlp.tagging.phrases import Phrases, phrases_of
from collabnlp.tagging.word_lists import read_words

if TYPE_CHECKING:
    from collabnlp.register import Entry
    from collabnlp.tagging.mentions import Mention

_FILE = "actor_terms.toml"

# Who stands beside the subject's own noun ("close work with councils must …") is not the subject.
_BESIDE = re.compile(r"\b(?:with|between)\s+(?:\S+\s+){0,3}\Z", re.I)


class ActorTagger:
    """Tells the tier of whoever acts."""

    def __init__(self) -> None:
        words = read_words(_FILE)
        self._phrases = _actor_phrases()
        self._documents = words["documents"]
        self._bound = _alternatives(words["duties"]["bound"])
        self._local = _alternatives(words["documents"]["local_titles"])
        self._always_other = frozenset(words["duties"]["always_other"])

    def tag(self, info: DocumentInfo, unit: Unit, mentions: Sequence[Mention] = ()) -> ActorTier:
        """The tier for a unit. ``mentions`` are names of the register in ``unit.text``."""
        text = unit.text
        kind = (info.kind or "").lower()
        statute = kind in self._documents["statutory"]
        addressed = kind in self._documents["addressed"]
        local = addressed and bool(self._local.search(info.title))
        clause = main_clause(text)
        named = self._subject(text, clause, mentions, instruments=statute and not local)
        if named is None:
            return ActorTier.SUBNATIONAL if local else ActorTier.NATIONAL
        tier, words = named
        if statute or local or tier is ActorTier.NATIONAL:
            return tier
        dealt_with = clause.passive and not self._duty(text, clause)
        if tier is ActorTier.OTHER:
            always = words in self._always_other
            return tier if always and not dealt_with else ActorTier.NATIONAL
        return tier if self._duty(text, clause) and not dealt_with else ActorTier.NATIONAL

    def _duty(self, text: str, clause: Clause) -> bool:
        return bool(self._bound.match(text, clause.verb))

    def _subject(
        self, text: str, clause: Clause, mentions: Sequence[Mention], *, instruments: bool
    ) -> tuple[ActorTier, str] | None:
        """Tier of the first in the subject who has one, and the words that name it."""
        start, end = clause.subject
        found = [
            (
                at,
                ActorTier.NATIONAL if key == "instrument" else ActorTier(key),
                text[at:stop].lower(),
            )
            for at, stop, key in self._phrases.find(text[:end])
            if at >= start
            and key != "none"
            and (instruments or key != "instrument")
            and not _BESIDE.search(text, start, at)
        ]
        found += [
            (it.start, tier, text[it.start : it.end].lower())
            for it in mentions
            if start <= it.start < end and (tier := _tier_of(it.entry)) is not None
        ]
        if not found:
            return None
        _, tier, words = min(found, key=lambda it: it[0])
        return tier, words


def _tier_of(entry: Entry) -> ActorTier | None:
    if entry.type in (EntryType.DEPARTMENT, EntryType.GOVERNMENT):
        return ActorTier.NATIONAL
    if entry.partner is Partner.SUBNATIONAL:
        return ActorTier.SUBNATIONAL
    if entry.partner in (Partner.BUSINESS, Partner.CIVIL_SOCIETY):
        return ActorTier.OTHER
    return ActorTier.NATIONAL


@cache
def _actor_phrases() -> Phrases:
    words = read_words(_FILE)
    lists: dict[str, list[str]] = {"national": [], "other": [], "subnational": [], "none": []}
    for tier in ("national", "other"):
        lists[tier] += phrases_of(words[tier])
    for table in read_words("partner_terms.toml")["terms"]:
        if table["type"] == Partner.SUBNATIONAL:
            known = {*lists["national"], *lists["other"]}
            lists["subnational"] += [it for it in phrases_of(table) if it not in known]
    lists["subnational"] += phrases_of(words["subnational"])
    lists["instrument"] = phrases_of(words["instrument"])
    lists["none"] += phrases_of(words["none"])
    return Phrases(lists)


def _alternatives(words: Sequence[str]) -> re.Pattern[str]:
    parts = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(parts, re.I)
