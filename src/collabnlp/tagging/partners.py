"""Who the other side of a commitment is: partner types, and each partner as written.

Three sources of words: names of the register (`mentions`), generic wordings
(``data/partner_terms.toml``), and, where a unit names nobody else, open ones ("stakeholders").
What carries the commitment is not its own partner: the subject of the main clause is left out
unless it is given a role, is dealt with ("will be consulted"), or nobody else is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from collabnlp.errors import DataError
from collabnlp.schema import DocumentInfo, Partner, PartnerMention, Unit
from collabnlp.tagging.clauses import Clause, main_clause
from collabnlp.tagging.word_lists import plural, read_words


class RegisterMention(Protocol):
    """A name of the register found in a unit's text: half-open offsets into ``Unit.text``."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def entry(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class _Found:
    """A stretch of text that stands for somebody (no types: for nobody)."""

    start: int
    end: int
    types: tuple[Partner, ...]
    body: str | None = None


class PartnerTerms:
    """The generic wordings, matched in a text by spaCy's PhraseMatcher (case does not matter)."""

    def __init__(self) -> None:
        import spacy
        from spacy.matcher import PhraseMatcher

        self._nlp = spacy.blank("en")
        self._matchers = {
            kind: PhraseMatcher(self._nlp.vocab, attr="LOWER") for kind in ("closed", "open")
        }
        self._types: dict[str, tuple[Partner, ...]] = {}
        tables = read_words("partner_terms.toml")
        closed, opened = self._matchers["closed"], self._matchers["open"]
        for table in tables["terms"]:
            self._add(closed, (table["type"],), table)
        for table in tables["joint"]:
            self._add(closed, table["types"], table)
        for table in tables["ignored"]:
            self._add(closed, (), table)
        for table in tables["open"]:
            self._add(opened, table["types"], table)

    def _add(self, matcher: Any, types: Iterable[str], table: dict[str, Any]) -> None:
        try:
            partners = tuple(Partner(type) for type in types)
        except ValueError as error:
            raise DataError(f"partner_terms.toml: {error}.") from error
        nouns = table.get("nouns", ())
        texts = (*nouns, *(plural(noun) for noun in nouns), *table["exact"])
        key = "+".join(partners) or "ignored"
        self._types[key] = partners
        matcher.add(key, list(self._nlp.tokenizer.pipe(texts)))

    def find(self, text: str) -> tuple[list[_Found], list[_Found]]:
        """Closed and open wordings in a text, longest first where they overlap, in text order."""
        doc = self._nlp.make_doc(text)
        strings = self._nlp.vocab.strings
        return tuple(  # type: ignore[return-value]
            _longest(
                _Found(span.start_char, span.end_char, self._types[strings[key]])
                for key, start, end in self._matchers[kind](doc)
                for span in (doc[start:end],)
            )
            for kind in ("closed", "open")
        )


@cache
def partner_terms() -> PartnerTerms:
    """The wordings that come with the program, built once."""
    return PartnerTerms()


class PartnerTagger:
    """Finds partners. ``terms`` default to those that come with the program."""

    def __init__(self, terms: PartnerTerms | None = None) -> None:
        self._terms = terms or partner_terms()
        words = read_words("partner_terms.toml")["roles"]
        self._relation = _alternatives(words["relations"])
        self._given = _alternatives(words["given"])
        self._stop = _alternatives(words["stops"])

    def tag(
        self, info: DocumentInfo, unit: Unit, mentions: Sequence[RegisterMention] = ()
    ) -> tuple[tuple[Partner, ...], tuple[PartnerMention, ...]]:
        """Partner types in the codebook's order, and the mentions that they rest on in text order.

        ``mentions`` are names of the register in ``unit.text``. A unit that names nobody gives
        types without mentions only where its wording implies them ("after consultation").
        """
        text = unit.text
        closed, opened = self._terms.find(text)
        named = [
            _Found(it.start, it.end, (it.entry.partner,), it.entry.id) for it in mentions
        ]
        found = [it for it in _merged(named, closed) if it.types]
        clause = main_clause(text)
        chosen = self._chosen(text, clause, found)
        if not chosen:
            chosen = [it for it in opened if it.start >= clause.subject[0]][:1]
            chosen = [it for it in opened if it.types == chosen[0].types] if chosen else []
        types = {type for it in chosen for type in it.types}
        listed = tuple(
            PartnerMention(text[it.start : it.end], type, it.body)
            for it in chosen
            for type in it.types
        )
        return tuple(type for type in Partner if type in types), tuple(dict.fromkeys(listed))

    def _chosen(self, text: str, clause: Clause, found: list[_Found]) -> list[_Found]:
        subject = [it for it in found if clause.subject[0] <= it.start < clause.subject[1]]
        others = [it for it in found if it not in subject]
        related = [it for it in others if self._related(text, it)]
        given = clause.passive or bool(self._given.match(text, clause.predicate))
        if given and subject:
            return sorted({*subject, *related}, key=lambda it: it.start)
        return related or [it for it in others if it.start >= clause.verb] or others or subject

    def _related(self, text: str, it: _Found) -> bool:
        """True where a relation ("with", "consult", "have regard to") reaches the mention."""
        last = None
        for cue in self._relation.finditer(text, 0, it.start):
            last = cue
        if last is None:
            return False
        return self._stop.search(text, last.end(), it.start) is None


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    parts = "|".join(word for word in words)
    return re.compile(rf"(?:{parts})", re.I)


def _longest(found: Iterable[_Found]) -> list[_Found]:
    kept: list[_Found] = []
    for it in sorted(found, key=lambda it: (it.start - it.end, it.start)):
        if all(it.end <= other.start or it.start >= other.end for other in kept):
            kept.append(it)
    return sorted(kept, key=lambda it: it.start)


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
