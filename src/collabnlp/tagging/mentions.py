"""Names of the register in a text: departments, ministers, bodies, authorities, forums.

A name counts where it stood for something on the document's date (see `Register.find`). Longer
names win over shorter ones inside them. "The Secretary of State" alone and "the Department" name
nobody here: who is meant depends on the document, which `departments` decides.

The names lie in a tree of words. spaCy's PhraseMatcher finds the same, but takes 150 ms to fill
with 2,750 names and 100 µs a sentence, against 15 ms and 15 µs for the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from collabnlp.register import Entry, Form, Reference, Register

# Letters and digits of any script stay together ("CO₂" and "CO2" are no Cabinet Office), every
# other sign is a word of its own, so that "DfT-funded" and "DfT's" hold "DfT".
_WORDS = re.compile(r"[^\W_]+|[^\w\s]|_")
# Signs that are written in more than one way; one for one, so that offsets stay.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-", "\u00a0": " "})
# A shouted sentence is no place to look for short abbreviations ("SO THAT").
_SHORT = 2
# An abbreviation where it is introduced, in brackets behind what it stands for.
_DEFINITION = re.compile(r"\s*\((?:the |[\"“‘'])*(?P<short>[A-Za-z][\w.&-]{1,9})[\"”’']?\)")
_BEFORE = 120  # characters before the bracket in which the full name stands
_SMALL = frozenset({"and", "of", "for", "the", "in", "to", "on", "&"})
_END = ""  # key of a tree's node at which a name ends; no word is empty


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as written (half-open offsets into the text that was searched) and its entry."""

    start: int
    end: int
    text: str
    entry: Entry
    form: Form


class MentionMatcher:
    """Finds the register's names. Made once (some milliseconds), used for many texts."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self._exact: dict[str, Any] = {}
        self._any_case: dict[str, Any] = {}
        for reference in register.references():
            name = reference.name.text
            for text in dict.fromkeys((name, name.replace(" and ", " & "))):
                if reference.name.any_case:
                    _plant(self._any_case, _WORDS.findall(text.lower()))
                else:
                    _plant(self._exact, _WORDS.findall(text))

    def definitions(self, text: str, day: date | str | None = None) -> dict[str, Entry | None]:
        """What a document itself says its abbreviations stand for, where the register knows them.

        "Spatial Development Strategy (SDS)" in a document's ``text`` means that SDS is no body
        there (None), "UK Statistics Authority (UKSA)" that UKSA is not the Space Agency.
        """
        on = _as_date(day)
        defined: dict[str, Entry | None] = {}
        for match in _DEFINITION.finditer(text):
            short = match["short"]
            known = self.register.find(short, on)
            if short in defined or known is None or known.name.form is not Form.ABBREVIATION:
                continue
            before = text[max(0, match.start() - _BEFORE) : match.start()]
            mentions = self.find(before, on)
            if mentions and mentions[-1].end == len(before.rstrip()):
                defined[short] = mentions[-1].entry
            elif _spells(before, short) and not _like_a_name(before, known.entry):
                defined[short] = None
        return defined

    def find(
        self,
        text: Any,
        day: date | str | None = None,
        defined: Mapping[str, Entry | None] | None = None,
    ) -> list[Mention]:
        """Mentions in reading order, none inside another.

        ``text`` is a string or anything with a ``text`` (a spaCy Doc). ``day`` is the document's
        date (ISO text or a date); None takes any entry, the latest of several that share a name.
        ``defined`` is what `definitions` found in the whole document; without it abbreviations
        of many things (MCA, HRA) are left out.
        """
        written: str = text if isinstance(text, str) else text.text
        on = _as_date(day)
        own = defined or {}
        matches = list(_WORDS.finditer(written.translate(_PLAIN)))
        words = [match.group() for match in matches]
        lower = [word.lower() for word in words]
        found: list[tuple[int, int, Reference]] = []
        for at, word in enumerate(words):
            ends: set[int] = set()
            if word in self._exact:
                ends.update(_ends(self._exact, words, at))
            if lower[at] in self._any_case:
                ends.update(_ends(self._any_case, lower, at))
            for end in ends:
                name = written[matches[at].start() : matches[end - 1].end()]
                reference = self.register.find(name, on)
                if reference is None or (reference.name.introduced and name not in own):
                    continue
                if _is_name(reference.name.form, words, at, end):
                    found.append((at, end, reference))
        taken = [False] * len(words)
        mentions: list[Mention] = []
        # The longest first: "the Chancellor" must not cut "Chancellor of the Duchy of Lancaster".
        for at, end, reference in sorted(found, key=lambda it: (it[0] - it[1], it[0])):
            if any(taken[at:end]):
                continue
            taken[at:end] = [True] * (end - at)
            start, stop = matches[at].start(), matches[end - 1].end()
            name, form = written[start:stop], reference.name.form
            entry = own.get(name, reference.entry) if form is Form.ABBREVIATION else reference.entry
            if entry is not None:
                mentions.append(Mention(start, stop, name, entry, form))
        return sorted(mentions, key=lambda mention: mention.start)


def _as_date(day: date | str | None) -> date | None:
    return date.fromisoformat(day) if isinstance(day, str) else day


def _spells(before: str, short: str) -> bool:
    """True where the words before a bracket begin with the letters of the abbreviation in it."""
    initials = "".join(match.group()[0] for match in _WORDS.finditer(before)).lower()
    joined = "".join(
        match.group()[0] for match in _WORDS.finditer(before) if match.group() not in _SMALL
    ).lower()
    letters = "".join(sign for sign in short.lower() if sign.isalpha())
    singular = letters.removesuffix("s")
    return any(it.endswith((letters, singular)) for it in (initials, joined))


def _like_a_name(before: str, entry: Entry) -> bool:
    """True where a text ends with most words of one of the entry's names: a slip, no other thing
    ("Competition and Market Authority (CMA)")."""
    for name in entry.names:
        wanted = {word.lower() for word in _WORDS.findall(name.text)} - _SMALL
        last = [word.lower() for word in _WORDS.findall(before)][-2 * len(wanted) :]
        if name.form is Form.NAME and 2 * len(wanted.intersection(last)) >= len(wanted) > 1:
            return True
    return False


def _plant(tree: dict[str, Any], words: Iterable[str]) -> None:
    for word in words:
        tree = tree.setdefault(word, {})
    tree[_END] = True


def _ends(tree: dict[str, Any], words: Sequence[str], at: int) -> Iterator[int]:
    """Ends of the names that begin at a word."""
    while at < len(words):
        step = tree.get(words[at])
        if step is None:
            return
        tree = step
        at += 1
        if _END in tree:
            yield at


def _is_name(form: Form, words: Sequence[str], at: int, end: int) -> bool:
    """False for an abbreviation that stands for something else here.

    Before a year it cites an act ("GLAA 1999", the Greater London Authority Act); one of two
    letters is a common word inside capitals, a formula before a digit ("CO 2").
    """
    if form is not Form.ABBREVIATION:
        return True
    after = words[end] if end < len(words) else ""
    if re.fullmatch(r"(?:18|19|20)\d\d", after):
        return False
    if end - at > 1 or len(words[at]) > _SHORT:
        return True
    beside = (words[at - 1] if at else "", after)
    if any(word.isupper() and len(word) > 1 for word in beside):
        return False
    return not after[:1].isdigit()
