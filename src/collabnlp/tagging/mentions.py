"""Names of the register in a text: departments, ministers, bodies, authorities, forums.

A name counts where it stood for something on the document's date (see `Register.find`). Longer
names win over shorter ones inside them. "The Secretary of State" alone and "the Department" name
nobody here: who is meant depends on the document, which `departments` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from collabnlp.register import Entry, Form, Register

if TYPE_CHECKING:
    from spacy.tokens import Doc

# Letters and digits of any script stay together ("CO₂" and "CO2" are no Cabinet Office), every
# other sign is a word of its own, so that "DfT-funded" and "DfT's" hold "DfT".
_WORDS = re.compile(r"[^\W_]+|[^\w\s]|_")
# Signs that are written in more than one way; one for one, so that offsets stay.
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-", "\u00a0": " "})
# A shouted sentence is no place to look for short abbreviations ("SO THAT").
_SHORT = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """A name as written (half-open offsets into the text that was searched) and its entry."""

    start: int
    end: int
    text: str
    entry: Entry
    form: Form


class MentionMatcher:
    """Finds the register's names. Made once (some tens of milliseconds), used for many texts."""

    def __init__(self, register: Register) -> None:
        from spacy.matcher import PhraseMatcher
        from spacy.vocab import Vocab

        self.register = register
        self._vocab = Vocab()
        self._exact = PhraseMatcher(self._vocab, attr="ORTH")
        self._any_case = PhraseMatcher(self._vocab, attr="LOWER")
        exact: dict[str, None] = {}
        any_case: dict[str, None] = {}
        for reference in register.references():
            text = reference.name.text
            chosen = any_case if reference.name.any_case else exact
            chosen[text.lower() if reference.name.any_case else text] = None
        self._add(self._exact, exact)
        self._add(self._any_case, any_case)

    def find(self, text: str | Doc, day: date | str | None = None) -> list[Mention]:
        """Mentions in reading order, none inside another.

        ``day`` is the document's date (ISO text or a date); None takes any entry, the latest of
        several that share the name.
        """
        written = text if isinstance(text, str) else text.text
        on = date.fromisoformat(day) if isinstance(day, str) else day
        doc, places = self._doc(written)
        found = {(start, end) for _, start, end in (*self._exact(doc), *self._any_case(doc))}
        mentions: list[Mention] = []
        reached = 0
        # Longest first among those that begin at one word; the earliest wins where two overlap.
        for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
            if start < reached:
                continue
            begin, stop = places[start][0], places[end - 1][1]
            words = written[begin:stop]
            reference = self.register.find(words, on)
            if reference is None or not self._stands_alone(reference.name.text, doc, start, end):
                continue
            mentions.append(Mention(begin, stop, words, reference.entry, reference.name.form))
            reached = end
        return mentions

    def _add(self, matcher: object, names: Iterable[str]) -> None:
        docs = []
        for name in names:
            docs.append(self._doc(name)[0])
            if " and " in name:
                docs.append(self._doc(name.replace(" and ", " & "))[0])
        matcher.add("name", docs)  # type: ignore[attr-defined]

    def _doc(self, text: str) -> tuple[Doc, Sequence[tuple[int, int]]]:
        from spacy.tokens import Doc

        matches = list(_WORDS.finditer(text.translate(_PLAIN)))
        words = [match.group() for match in matches]
        return Doc(self._vocab, words=words), [match.span() for match in matches]

    @staticmethod
    def _stands_alone(name: str, doc: Doc, start: int, end: int) -> bool:
        """False for a two-letter abbreviation inside capitals or before a digit ("CO 2")."""
        if len(name) > _SHORT:
            return True
        beside = [doc[at].text for at in (start - 1, end) if 0 <= at < len(doc)]
        return not any(word.isupper() and len(word) > 1 for word in beside) and not (
            end < len(doc) and doc[end].text[0].isdigit()
        )
