"""Who the other side of a commitment is: partner types, and each partner as written.

Three sources of words: names of the register (`mentions`), generic wordings
(``data/partner_terms.toml``), and, where a unit names nobody else, open ones ("stakeholders").
What carries the commitment is not its own partner: the subject of the main clause is left out
unless it is given a role, is dealt with ("will be consulted"), or nobody else is named.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from collabnlp.errors import DataError
from collabnlp.register import EntryType
from collabnlp.schema import ActorTier, DocumentInfo, Partner, PartnerMention, Unit
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.clauses import Clause, main_clause
from collabnlp.tagging.phrases import Phrases, phrases_of
from collabnlp.tagging.word_lists import any_of, check_keys, read_words

if TYPE_CHECKING:
    from collabnlp.tagging.mentions import Mention

_FILE = "partner_terms.toml"
_NEAR = 120  # characters before a mention that are looked at, however long the sentence
_NAME_BEFORE = re.compile(r"\S\s+[A-Z][\w’'&-]*\s+\Z")
_NAME_AFTER = re.compile(r"\s+[A-Z][a-z]+")
# "The consent of each council is required": whose consent it is, is the other side.
_CONSENT = re.compile(
    r"(?:the |any )?(?:prior |written )?(?:consent|approval|agreement) of\b", re.I
)
# What belongs to the subject's noun without being the subject ("regulations made under …").
_SUBORDINATE = re.compile(r"\b(?:under|carrying|made by|which|who|to whom|that)\b", re.I)
# Who stands beside the subject's own noun ("close work with councils must …").
_BESIDE = re.compile(r"\b(?:with|between|of|by)\s+(?:[^\s,]+\s+){0,3}\Z", re.I)


@dataclass(frozen=True, slots=True)
class _Found:
    """A stretch of text that stands for somebody (no types: for nobody)."""

    start: int
    end: int
    types: tuple[Partner, ...]
    body: str | None = None


class PartnerTerms:
    """The generic wordings, closed (they say who) and open ("stakeholders")."""

    def __init__(self) -> None:
        tables = read_words(_FILE)
        self._types: dict[str, tuple[Partner, ...]] = {"": ()}
        closed: dict[str, list[str]] = {}
        opened: dict[str, list[str]] = {}
        for table in tables["terms"]:
            self._add(closed, (table["type"],), table)
        for table in tables["joint"]:
            self._add(closed, table["types"], table)
        for table in tables["ignored"]:
            self._add(closed, (), table)
        for table in tables["open"]:
            self._add(opened, table["types"], table)
        self._closed, self._opened = Phrases(closed), Phrases(opened)
        self._names = [
            (_name_pattern(table["endings"]), Partner(table["type"])) for table in tables["named"]
        ]

    def _add(
        self, lists: dict[str, list[str]], types: Iterable[str], table: dict[str, Any]
    ) -> None:
        check_keys(table, ("type", "types", "nouns", "exact"), _FILE)
        try:
            partners = tuple(Partner(it) for it in types)
        except ValueError as error:
            raise DataError(f"{_FILE}: {error}.") from error
        key = "+".join(partners) or "nobody"
        self._types[key] = partners
        lists.setdefault(key, []).extend(phrases_of(table))

    def find(self, text: str) -> tuple[list[_Found], list[_Found]]:
        """Closed and open wordings in a text, the longest where they overlap, in text order."""
        closed, opened = (
            [_Found(start, end, self._types[key]) for start, end, key in phrases.find(text)]
            for phrases in (self._closed, self._opened)
        )
        return closed, opened

    def names(self, text: str) -> list[_Found]:
        """Names of bodies by their last word; for those that the register does not know."""
        return [
            _Found(found.start(), found.end(), (kind,))
            for pattern, kind in self._names
            for found in pattern.finditer(text)
        ]


@cache
def partner_terms() -> PartnerTerms:
    """The wordings that come with the program, built once."""
    return PartnerTerms()


class PartnerTagger:
    """Finds partners. ``terms`` default to those that come with the program."""

    def __init__(self, terms: PartnerTerms | None = None) -> None:
        self._terms = terms or partner_terms()
        self._actors = ActorTagger()
        self._relation = _roles("relations")
        self._weak = _roles("weak_relations")
        self._given = _roles("given")
        self._stop = _roles("stops")
        self._own = _roles("own")
        self._not_own = re.compile(rf"{_roles('not_own').pattern}\s*\Z", re.I)
        self._centre = _roles("centre")
        self._licensed = _roles("licensed")
        self._addressed = re.compile(rf"{_roles('addressed').pattern}\s*\Z", re.I)
        self._acting = _roles("acting")
        self._centre_relation = re.compile(rf"{_roles('centre_relations').pattern}\s*\Z", re.I)

    def tag(
        self,
        info: DocumentInfo,
        unit: Unit,
        mentions: Sequence[Mention] = (),
        tier: ActorTier | None = None,
    ) -> tuple[tuple[Partner, ...], tuple[PartnerMention, ...]]:
        """Partner types in the codebook's order, and the mentions that they rest on in text order.

        ``mentions`` are names of the register in ``unit.text``; ``tier`` is that of whoever acts,
        found here where it is not given. A unit that names nobody gives
        types without mentions only where its wording implies them ("after consultation").
        """
        text = unit.text
        closed, opened = self._terms.find(text)
        clause = main_clause(text)
        if tier is None:
            tier = self._actors.tag(info, unit, mentions)
        named = self._named(clause, mentions)
        generic = [it for it in closed if not self._in_a_name(text, it)]
        generic += [
            it
            for it in self._terms.names(text)
            if all(it.end <= other.start or other.end <= it.start for other in generic)
        ]
        found = [it for it in _merged(named, generic) if it.types]
        found = self._without_centre(text, clause, found)
        found = [it for it in found if not self._only_addressed(text, clause, it)]
        opened = self._heard(unit, opened)
        chosen = self._chosen(text, clause, tier, found, opened)
        if not chosen:
            chosen = opened = self._by_heading(unit)
        if tier is ActorTier.SUBNATIONAL:
            chosen = self._without_itself(text, chosen, opened)
        elif tier is ActorTier.NATIONAL:
            chosen = _without_actor(text, clause, found, chosen, opened)
        types = {kind for it in chosen for kind in it.types}
        listed = tuple(
            PartnerMention(text[it.start : it.end], kind, it.body)
            for it in chosen
            if it not in opened
            for kind in it.types
        )
        return tuple(kind for kind in Partner if kind in types), tuple(dict.fromkeys(listed))

    def _named(self, clause: Clause, mentions: Sequence[Mention]) -> list[_Found]:
        """The register's names. To a devolved government its own bodies are public bodies."""
        inside = any(
            it.entry.partner is Partner.DEVOLVED and it.start < clause.subject[1] for it in mentions
        )
        return [
            _Found(
                it.start,
                it.end,
                (
                    Partner.PUBLIC_BODY
                    if inside and it.entry.type is EntryType.BODY
                    else it.entry.partner,
                ),
                it.entry.id,
            )
            for it in mentions
        ]

    def _only_addressed(self, text: str, clause: Clause, it: _Found) -> bool:
        """True for one to whom something is merely sent, or whose area is meant."""
        start = max(0, it.start - _NEAR)
        return it.start >= clause.verb and bool(self._addressed.search(text[start : it.start]))

    def _heard(self, unit: Unit, opened: list[_Found]) -> list[_Found]:
        """Open wordings for whoever is heard, who are firms where licences are the subject."""
        if not any(map(self._licensed.search, (unit.text, *unit.headings[-2:]))):
            return opened
        public, firms = (Partner.CIVIL_SOCIETY,), (Partner.BUSINESS,)
        return [replace(it, types=firms) if it.types == public else it for it in opened]

    def _by_heading(self, unit: Unit) -> list[_Found]:
        """Whom the nearest heading that names anybody names; for units that name nobody."""
        for heading in reversed(unit.headings[-2:]):
            found = [it for it in self._terms.find(heading)[0] if it.types]
            if found:
                return found
        return []

    def _in_a_name(self, text: str, it: _Found) -> bool:
        """True for one capitalised word within a longer name ("the General Medical Council")."""
        word = text[it.start : it.end]
        if not it.types or " " in word or not word[0].isupper() or word.isupper():
            return False
        return bool(
            _NAME_BEFORE.search(text, max(0, it.start - _NEAR), it.start)
            or _NAME_AFTER.match(text, it.end)
        )

    def _without_centre(self, text: str, clause: Clause, found: list[_Found]) -> list[_Found]:
        """Leave out the Government's own words ("the Secretary of State") where it is the actor,
        or where no relation to it is stated ("a proposal submitted to the Secretary of State")."""
        centre = [it for it in found if self._centre.fullmatch(text, it.start, it.end)]
        if not centre:
            return found
        start, end = clause.subject
        beside = _SUBORDINATE.search(text, start, end)
        own = (
            self._acting.search(text, start, beside.start() if beside else end) is not None
            and _CONSENT.match(text, *clause.subject) is None
        )
        kept = [
            it
            for it in centre
            if not own
            and self._centre_relation.search(
                text[max(clause.subject[0], it.start - _NEAR) : it.start]
            )
        ]
        return [it for it in found if it not in centre or it in kept]

    def _chosen(
        self,
        text: str,
        clause: Clause,
        tier: ActorTier,
        found: list[_Found],
        opened: list[_Found],
    ) -> list[_Found]:
        """The partners among what was found, in text order."""
        subject = [it for it in found if clause.subject[0] <= it.start < clause.subject[1]]
        others = [it for it in found if it not in subject]
        consent = _CONSENT.match(text, *clause.subject)
        if consent is not None and subject:
            return subject
        related = self._reached(self._relation, text, others)
        if not [it for it in related if it.start >= clause.verb]:
            after = [it for it in others if it.start >= clause.verb]
            related += self._reached(self._weak, text, after)
            related.sort(key=lambda it: it.start)
        # Towards a national actor a council as subject is the other side; of a duty of its own,
        # it is the actor.
        guests = [it for it in subject if tier is ActorTier.NATIONAL or self._beside(text, it)]
        given = clause.passive or bool(self._given.match(text, clause.predicate))
        if given and guests:
            return sorted({*guests, *related}, key=lambda it: it.start)
        after = [it for it in others if it.start >= clause.verb]
        chosen = related or after
        if not chosen:
            chosen = [it for it in guests if it.types[0] is not Partner.PUBLIC_BODY]
        if not chosen:
            first = [it for it in opened if it.start >= clause.subject[0]][:1]
            chosen = [it for it in opened if first and it.types == first[0].types]
        return chosen or others or subject

    def _without_itself(
        self, text: str, chosen: list[_Found], opened: list[_Found]
    ) -> list[_Found]:
        """Leave out the local body that acts ("changes sought by the authority") where partners of
        other kinds are named or somebody is heard."""
        kept = [
            it
            for it in chosen
            if it.types != (Partner.SUBNATIONAL,)
            or it.body is not None
            or not self._own.fullmatch(text, it.start, it.end)
            or self._not_own.search(text[max(0, it.start - _NEAR) : it.start])
        ]
        heard = [it for it in opened if it.types == (Partner.CIVIL_SOCIETY,)]
        return kept or heard or chosen

    def _beside(self, text: str, it: _Found) -> bool:
        return _BESIDE.search(text, max(0, it.start - _NEAR), it.start) is not None

    def _reached(
        self, relation: re.Pattern[str], text: str, found: Iterable[_Found]
    ) -> list[_Found]:
        """Those to which a relation ("with", "consult", "have regard to") reaches."""
        ends = [cue.end() for cue in relation.finditer(text)]
        reached: list[_Found] = []
        for it in found:
            at = bisect_right(ends, it.start)
            if at and self._stop.search(text, ends[at - 1], it.start) is None:
                reached.append(it)
        return reached


def _without_actor(
    text: str, clause: Clause, found: list[_Found], chosen: list[_Found], opened: list[_Found]
) -> list[_Found]:
    """Leave out the devolved government or the body that acts, where it is named once more ("the
    Scottish Ministers must consult such persons as the Scottish Ministers consider …")."""
    subject = [it for it in found if clause.subject[0] <= it.start < clause.subject[1]]
    if clause.passive or len(subject) != 1:
        return chosen
    if subject[0].types not in {(Partner.DEVOLVED,), (Partner.PUBLIC_BODY,)}:
        return chosen
    itself = text[subject[0].start : subject[0].end].lower()
    kept = [it for it in chosen if text[it.start : it.end].lower() != itself]
    return kept or [it for it in opened if it.types != (Partner.PUBLIC_BODY,)] or chosen


def _roles(list_name: str) -> re.Pattern[str]:
    return any_of(read_words(_FILE)["roles"][list_name], f"{_FILE}: roles.{list_name}")


def _name_pattern(endings: Iterable[str]) -> re.Pattern[str]:
    """Capitalised words, with "and", "of" or "for" between them, and one of the endings."""
    last = "|".join(re.escape(it) for it in endings)
    word = r"[A-Z][\w’'&-]*"
    return re.compile(rf"\b(?!The\b){word} (?:(?:(?:and|of|for|the) )*{word} ){{0,5}}(?:{last})\b")


def _merged(named: list[_Found], generic: list[_Found]) -> list[_Found]:
    """Names and generic wordings together; a name wins over what is no longer than itself."""
    kept = list(named)
    for it in generic:
        over = [x for x in kept if it.start < x.end and x.start < it.end]
        if not over:
            kept.append(it)
        elif all(x.start >= it.start and x.end <= it.end for x in over) and any(
            it.end - it.start > x.end - x.start for x in over
        ):
            kept = [x for x in kept if x not in over] + [it]
    return sorted(kept, key=lambda it: it.start)
