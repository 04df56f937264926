"""Wordings that signal a level, found by one scan over a unit's words.

The wordings are data (``data/cues.toml``), in a small pattern language over words:

``word``       that word; ``a|b`` one of several; ``@name`` a word of that list
``%name``      a verb of that list in any form; ``%name:b`` base form, ``:s`` third person,
               ``:p`` past or participle, ``:g`` -ing form; letters may be joined (``%name:bg``)
``…?``         the element may be missing; ``..4`` up to four words, never across ``; : . ?``
``^``          (first) only at the start of the unit

Why not spaCy's Matcher: see docs/decisions/level-model.md.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from collabnlp.errors import DataError
from collabnlp.schema import LADDER

_FOLD = str.maketrans("’‘‑‐", "''--")
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|\d[\d,.]*|[.,;:?!—–()\"“”]")
_PREFIXED = re.compile(r"(co|re|pre)-(?=\w)")
_STOPS = frozenset(".;:?!")
_KINDS = frozenset({"phrase", "hedge", "frame", "context"})
_MAX_GAP = 24


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's words and marks, lower case, with half-open offsets into the text.

    "co-design" reads "codesign"; figures read "0".
    """

    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def tokenise(text: str) -> Tokens:
    """Cut a text into words, figures and the marks that bound clauses."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    for found in _TOKEN.finditer(text.translate(_FOLD)):
        word = found.group().lower()
        if word[0].isdigit():
            word = "0"
        elif "-" in word:
            word = _PREFIXED.sub(r"\1", word)
        words.append(word)
        spans.append(found.span())
    return Tokens(tuple(words), tuple(spans))


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found: its index in ``CueBook.cues``, half-open token range."""

    cue: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CueType:
    """One entry of the cue file.

    level  the level that the wording signals; None for context
    kind   ``phrase`` names an action; ``hedge`` looks at a possibility and governs what follows;
           ``frame`` says how a sentence is built; ``context`` says what speaks against
    shown  whether the words are worth showing to a reader
    """

    name: str
    level: str | None
    kind: str
    shown: bool


_Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class _Element:
    words: _Words  # empty for a gap
    optional: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class _Pattern:
    """``second``: what must follow the first word; empty where a gap or nothing may follow."""

    cue: int
    elements: tuple[_Element, ...]
    at_start: bool
    second: _Words


class CueBook:
    """The cue file, ready to scan with.

    Raises DataError where the file is wrong: an unknown list, a pattern that begins with a gap or
    an optional element, a level or kind that does not exist, a name given twice.
    """

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        try:
            self._verbs = {
                name: _verb_forms(lemmas, tables["irregular"])
                for name, lemmas in tables["verbs"].items()
            }
            self._lists: dict[str, _Words] = {
                name: frozenset(words) for name, words in tables["words"].items()
            }
            entries = tables["cue"]
        except (KeyError, AttributeError, TypeError) as error:
            raise DataError(f"The cue file has no table {error}.") from error
        self.cues: tuple[CueType, ...] = tuple(_cue_type(entry) for entry in entries)
        names = [cue.name for cue in self.cues]
        if len(set(names)) != len(names):
            raise DataError("The cue file gives a name twice.")
        self._by_first: dict[str, list[_Pattern]] = {}
        for index, entry in enumerate(entries):
            for written in entry["patterns"]:
                pattern = self._parse(index, written)
                for word in pattern.elements[0].words:
                    self._by_first.setdefault(word, []).append(pattern)

    def words(self, name: str) -> _Words:
        """A word list of the file. Raises DataError where there is none of that name."""
        try:
            return self._lists[name]
        except KeyError:
            raise DataError(f"The cue file has no word list {name}.") from None

    def forms(self, letters: str) -> _Words:
        """All verbs of the file in the forms named ("b", "s", "p", "g")."""
        return frozenset(
            word for forms in self._verbs.values() for letter in letters for word in forms[letter]
        )

    def scan(self, words: Sequence[str]) -> list[Hit]:
        """Every cue in the words, in order; hits of one cue do not overlap."""
        hits: list[Hit] = []
        last: dict[int, int] = {}
        by_first = self._by_first
        padded = [*words, ""]
        for start, word in enumerate(words):
            following = padded[start + 1]
            for pattern in by_first.get(word, ()):
                # Most patterns fail at their second word; look before matching in full.
                if pattern.second and following not in pattern.second:
                    continue
                if last.get(pattern.cue, 0) > start:
                    continue
                if pattern.at_start and not _opens(words, start):
                    continue
                end = _match(pattern.elements, 1, words, start + 1)
                if end:
                    last[pattern.cue] = end
                    hits.append(Hit(pattern.cue, start, end))
        return hits

    def _parse(self, cue: int, written: str) -> _Pattern:
        parts = written.split()
        at_start = parts[:1] == ["^"]
        elements = tuple(self._element(part, written) for part in parts[at_start:])
        if not elements or elements[0].gap or elements[0].optional:
            raise DataError(f"The cue pattern {written!r} must begin with a word.")
        fixed = len(elements) > 1 and not (elements[1].gap or elements[1].optional)
        second = elements[1].words if fixed else frozenset[str]()
        return _Pattern(cue, elements, at_start, second)

    def _element(self, part: str, written: str) -> _Element:
        if part.startswith(".."):
            if not part[2:].isdigit() or not 0 < int(part[2:]) <= _MAX_GAP:
                raise DataError(f"The cue pattern {written!r} has a bad gap.")
            return _Element(frozenset(), gap=int(part[2:]))
        optional = part.endswith("?") and part != "?"
        chosen: set[str] = set()
        for one in part.removesuffix("?").split("|") if optional else part.split("|"):
            chosen |= self._alternative(one, written)
        return _Element(frozenset(chosen), optional=optional)

    def _alternative(self, one: str, written: str) -> _Words:
        if one.startswith("@"):
            return self.words(one[1:])
        if one.startswith("%"):
            name, _, letters = one[1:].partition(":")
            try:
                forms = self._verbs[name]
                return frozenset().union(*(forms[letter] for letter in letters or "bspg"))
            except KeyError as error:
                raise DataError(f"The cue pattern {written!r}: no verbs {error}.") from error
        if not one or one != one.lower() or _PREFIXED.match(one) or not _TOKEN.fullmatch(one):
            raise DataError(f"The cue pattern {written!r} has an odd word {one!r}.")
        return frozenset({one})


def _opens(words: Sequence[str], start: int) -> bool:
    return not any(word[0].isalpha() for word in words[:start])


def _match(elements: Sequence[_Element], index: int, words: Sequence[str], at: int) -> int:
    """Where a match of ``elements[index:]`` from ``at`` ends, or 0; the shortest gap wins."""
    total = len(words)
    while index < len(elements):
        element = elements[index]
        if element.gap:
            for skipped in range(element.gap + 1):
                end = _match(elements, index + 1, words, at + skipped)
                if end:
                    return end
                if at + skipped >= total or words[at + skipped] in _STOPS:
                    return 0
            return 0
        if at < total and words[at] in element.words:
            if element.optional:
                end = _match(elements, index + 1, words, at + 1)
                if end:
                    return end
            else:
                at += 1
        elif not element.optional:
            return 0
        index += 1
    return at


def _cue_type(entry: Mapping[str, Any]) -> CueType:
    name, level, kind = entry.get("name"), entry.get("level"), entry.get("kind", "phrase")
    if not isinstance(name, str) or not entry.get("patterns"):
        raise DataError(f"A cue has no name or no patterns: {entry}.")
    if level is not None and level not in LADDER:
        raise DataError(f"The cue {name} has a level that does not exist: {level}.")
    if kind not in _KINDS:
        raise DataError(f"The cue {name} has a kind that does not exist: {kind}.")
    return CueType(name, level, kind, bool(entry.get("shown", kind in {"phrase", "hedge"})))


def _verb_forms(lemmas: Sequence[str], irregular: Mapping[str, str]) -> dict[str, _Words]:
    forms: dict[str, set[str]] = {"b": set(), "s": set(), "p": set(), "g": set()}
    for lemma in lemmas:
        third, past, ing = _inflect(lemma)
        if lemma in irregular:
            third, past, ing = irregular[lemma].split()
        forms["b"].add(lemma)
        forms["s"].add(third)
        forms["p"].update(past.split("/"))
        forms["g"].add(ing)
    return {letter: frozenset(words) for letter, words in forms.items()}


def _inflect(lemma: str) -> tuple[str, str, str]:
    """Third person, past and -ing form of a regular English verb."""
    if lemma.endswith("e"):
        return lemma + "s", lemma + "d", lemma[:-1] + "ing"
    if lemma.endswith("y") and lemma[-2:-1] not in "aeiou":
        return lemma[:-1] + "ies", lemma[:-1] + "ied", lemma + "ing"
    third = lemma + ("es" if lemma.endswith(("s", "x", "ch", "sh")) else "s")
    return third, lemma + "ed", lemma + "ing"


def read_cues(text: str) -> CueBook:
    """A cue file's text, ready to scan with. Raises DataError where it is wrong."""
    try:
        return CueBook(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"The cue file cannot be read: {error}.") from error


@cache
def default_cue_text() -> str:
    """The cue file that new models are trained with."""
    return files("collabnlp.tagging").joinpath("data/cues.toml").read_text(encoding="utf-8")


@cache
def default_cues() -> CueBook:
    """The cues that come with the program, built once."""
    return read_cues(default_cue_text())


def hit_words(hits: Sequence[Hit], tokens: Tokens, text: str) -> Iterator[tuple[Hit, str]]:
    """Each hit with its words as printed."""
    for hit in hits:
        yield hit, text[tokens.spans[hit.start][0] : tokens.spans[hit.end - 1][1]]
