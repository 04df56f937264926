"""Where a sentence's main clause has its subject and its predicate, by its finite verb.

No parser: commitments are written in a few patterns (an opening clause, a subject, "will" or
"must", what it promises), and the verb words are data (``data/actor_terms.toml``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from collabnlp.tagging.word_lists import read_words

_VERBS = 20  # finite verbs looked at; the main one is among them or is not found
_JOINTS = re.compile(r"[,;:]\s+|\s[–—-]\s+|—\s*")
# What a noun phrase begins with, not right after a preposition ("under this section").
_DETERMINERS = re.compile(
    r"(?<!\bof )(?<!\bin )(?<!\bunder )(?<!\bby )(?<!\bfor )"
    r"\b(?:the|an?|each|every|any|we|they|local)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Offsets into the text read.

    subject     half open; empty (both ends equal) for a sentence that begins with its verb
    verb        where the finite verb, or the sentence's own first verb, begins
    modal       the finite verb as written, lower case; "" where there is none
    passive     the predicate is a passive ("will be consulted", "is required")
    predicate   where what follows the finite verb begins
    """

    subject: tuple[int, int]
    verb: int
    modal: str
    passive: bool
    predicate: int

    @property
    def has_subject(self) -> bool:
        return self.subject[0] < self.subject[1]


@dataclass(frozen=True, slots=True)
class _Patterns:
    modal: re.Pattern[str]
    plain: re.Pattern[str]
    opener: re.Pattern[str]
    phrase: re.Pattern[str]
    relative: re.Pattern[str]
    passive: re.Pattern[str]
    inserted: re.Pattern[str]


def _words(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _patterns() -> _Patterns:
    words = read_words("actor_terms.toml")["clauses"]
    return _Patterns(
        modal=re.compile(rf"\b(?:{_words(words['modals'])})\b(?!')", re.I),
        plain=re.compile(rf"\b(?:{_words(words['verbs'])})\b(?!')", re.I),
        opener=re.compile(rf"(?:{_words(words['openers'])})\b", re.I),
        phrase=re.compile(rf"(?:{_words(words['phrases'])})\b", re.I),
        relative=re.compile(rf"\b(?:{_words(words['relatives'])})(?:\s+\S+){{0,4}}\s*$", re.I),
        passive=re.compile(
            rf"\s*(?:{_words(words['adverbs'])}|\s)*(?:be|been|being)\s+(?:\w+ly\s+|also\s+)?"
            rf"(?!able\b|responsible\b)(?:\w+(?:ed|en|t)|told|held|made|done|drawn|shown|known)\b"
            rf"|\s*(?:also\s+|\w+ly\s+)?(?:required|expected|asked|invited|encouraged|consulted)\b",
            re.I,
        ),
        inserted=re.compile(r".*?(?:\binsert|\bsubstitute[d]?)(?:ed)?\s*[—:–-]\s*", re.I | re.S),
    )


def main_clause(text: str) -> Clause:
    """The main clause of a sentence; an empty subject at its start where none is found."""
    patterns = _patterns()
    origin = 0
    quoted = patterns.inserted.match(text)
    if quoted is not None and quoted.end() < len(text):
        # What counts in an amendment is the sentence that it puts in.
        origin = quoted.end()
    for pattern in (patterns.modal, patterns.plain):
        for found in islice(pattern.finditer(text, origin), _VERBS):
            start = _subject_start(text, origin, found.start(), patterns)
            if start is None:
                continue
            relative = patterns.relative.search(text[start : found.start()])
            if relative is not None and not pattern.search(relative.group()):
                # The verb of the relative clause itself ("a body which must …").
                continue
            return Clause(
                subject=(start, max(start, len(text[: found.start()].rstrip()))),
                verb=found.start(),
                modal=found.group().lower(),
                passive=patterns.passive.match(text, found.end()) is not None,
                predicate=found.end(),
            )
    return Clause((origin, origin), origin, "", False, origin)


def _subject_start(text: str, origin: int, verb: int, patterns: _Patterns) -> int | None:
    """Where the subject of the verb begins, or None where the verb stands in an opening clause."""
    before = text[origin:verb]
    if not before.strip():
        return origin + len(before) - len(before.lstrip())
    cuts = [0] + [found.end() for found in _JOINTS.finditer(before)]
    first, last = cuts[0], cuts[-1]
    if not (patterns.opener.match(before, first) or patterns.phrase.match(before, first)):
        # "Councils, mayors and businesses will …": the subject has commas of its own.
        return origin + first
    if patterns.opener.match(before, last):
        return None
    if patterns.phrase.match(before, last):
        nouns = [found.start() for found in _DETERMINERS.finditer(before, last)]
        return origin + nouns[-1] if nouns and len(before[nouns[-1] :].split()) <= 6 else None
    return origin + last
