"""Where sentences begin and end in British policy and statute, in plain Python.

Only a stop, a question or exclamation mark or an ellipsis can end a sentence; each such mark is
looked at once, with the word before it and the word after it, so the time is linear in the text.
What a mark means is decided in `stops`, by the word lists in ``data/abbreviations.toml``.

Conventions, which the boundary cases hold to:

* closing quotation marks and brackets, and a footnote's mark ("policy.12 The"), belong to the
  sentence before;
* a sentence goes on where the next word begins in lower case ("“Why?” she asked"), save names
  that are written so ("gov.uk");
* a stop within brackets ends nothing when the brackets stand within a sentence, nor does one
  within quotation marks when the sentence goes on behind them;
* a number or letter that opens a sentence ("12. The", "(b) A") belongs to it;
* the sentences of a quotation are sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collabnlp.segmentation.stops import CLOSING_MARKS, ends_sentence

# A sentence longer than this is cut at a blank: no drafter wrote it, and what reads it afterwards
# need not be linear.
LONGEST_SENTENCE = 10_000

_REACH = 400
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("‘", "’"), ('"', '"'))
_LINE = re.compile(r"[^\n]+")
_PARAGRAPH = re.compile(r"[^\n]+(?:\n(?![^\S\n]*\n)[^\n]*)*")


def split_sentences(text: str, *, line_breaks: bool = False) -> list[tuple[int, int]]:
    """Half-open offsets of the sentences of ``text``, in order, without the blanks between them.

    The spans do not overlap and together hold every character that is not white space. With
    ``line_breaks`` every line break ends a sentence too (`Document.text` has a block a line);
    without, an empty line does. Time is linear in the text; no sentence is longer than
    `LONGEST_SENTENCE`.
    """
    spans: list[tuple[int, int]] = []
    if "\n" in text:
        for piece in (_LINE if line_breaks else _PARAGRAPH).finditer(text):
            _split(text, piece.start(), piece.end(), spans)
    else:
        _split(text, 0, len(text), spans)
    return spans


def _split(text: str, start: int, stop: int, spans: list[tuple[int, int]]) -> None:
    """Add the spans of ``text[start:stop]``."""
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if start == stop:
        return
    pairs: list[_Pair] | None = None
    for mark in CLOSING_MARKS.finditer(text, start, stop):
        after = mark.end()
        if after >= stop:
            break
        if pairs is None:
            pairs = [
                _Pair(text, opener, closer, start, stop)
                for opener, closer in _PAIRS
                if text.find(opener, start, stop) >= 0
            ]
        for pair in pairs:
            pair.read_to(after)
        if not ends_sentence(text, start, stop, mark):
            continue
        if any(pair.goes_on(start) for pair in pairs):
            continue
        _add(text, start, after, spans)
        while after < stop and text[after].isspace():
            after += 1
        start = after
        for pair in pairs:
            pair.read, pair.depth = after, 0
    _add(text, start, stop, spans)


@dataclass(slots=True)
class _Pair:
    """How many brackets or quotation marks of one kind are open, counted once along the text."""

    text: str
    opener: str
    closer: str
    read: int
    stop: int
    depth: int = 0

    def read_to(self, at: int) -> None:
        opened = self.text.count(self.opener, self.read, at)
        if self.opener == self.closer:
            self.depth = (self.depth + opened) % 2
        else:
            closed = self.text.count(self.closer, self.read, at)
            self.depth = max(self.depth + opened - closed, 0)
        self.read = at

    def goes_on(self, start: int) -> bool:
        """True inside a pair that stands within the sentence that began at ``start``.

        Within brackets nothing ends; within quotation marks nothing does where the sentence
        goes on behind them.
        """
        if not self.depth:
            return False
        closed = self.text.find(self.closer, self.read, min(self.read + _REACH, self.stop))
        opens = self.text[start] == self.opener
        if closed < 0 or self.closer in ")]":
            return closed >= 0 and not opens
        behind = self.text[closed + 1 : closed + 3].lstrip()[:1]
        if opens:  # "“Build more. Build better.” was", but "“We can. We will,” she said"
            return behind.islower() and self.text[closed - 1] not in ",?!…–—-"
        return behind.islower() or behind in (",", ";", ":")


def _add(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Add one span, cut at blanks where it is longer than any sentence."""
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + LONGEST_SENTENCE
        left = text[start:cut].rstrip()
        if left:
            spans.append((start, start + len(left)))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        spans.append((start, end))
