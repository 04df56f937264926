"""Text out of mixed XML content, and drafts out of text: what both XML readers share.

`TextRun` gathers inline text; `DraftWriter` turns each finished run into a draft with the number,
place and opening words that hold where it stands (`Scope`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collabnlp.schema import BlockDraft, BlockKind, Cell, Region

_INVISIBLE = re.compile("[\u00ad\u200a\u200b\u200c\u200d\u2060\ufeff]")
_SPACES = re.compile(r"\s+")
_NO_BLANK_BEFORE = frozenset({",", ";", ")"})
_CLOSERS = re.compile(r"[\s.,;:’”'\"\])]*(?:\s?(?:and|or)\b)?[\s,;—]*\Z")


def clean(text: str) -> str:
    """One line: invisible characters out, white space single, none at the ends."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for the text that stands here.

    heading_level  level of the next heading found here (1 = highest)
    depth          provisions around (0 = none); the text's level where it is a provision
    fixed          inside quoted text: numbers no longer change ``provision``
    """

    region: Region = Region.BODY
    kind: BlockKind = BlockKind.PARAGRAPH
    heading_level: int = 1
    depth: int = 0
    provision: str | None = None
    lead_in: BlockDraft | None = None
    closing: bool = False
    cell: Cell | None = None
    fixed: bool = False


class TextRun:
    """Inline text as it comes, white space made single across the joints; note marks kept."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._marks: list[tuple[int, str]] = []

    def add(self, text: str | None) -> None:
        """Append text as written: nothing is put between two runs that touch."""
        if not text:
            return
        piece = _SPACES.sub(" ", _INVISIBLE.sub("", text))
        blank = not self._parts or self._parts[-1].endswith(" ")
        if blank:
            piece = piece.lstrip(" ")
            if self._parts and piece[:1] in _NO_BLANK_BEFORE:
                self._parts[-1] = self._parts[-1][:-1]  # a blank before an inserted ", and"
                self._length -= 1
                self._marks = [(min(at, self._length), label) for at, label in self._marks]
        if piece:
            self._parts.append(piece)
            self._length += len(piece)

    def mark(self, label: str) -> None:
        """Remember that a note's mark stood here."""
        self._marks.append((self._length, label))

    def take(self) -> tuple[str, list[tuple[int, str]]]:
        """The text gathered so far with its note marks; the run is empty afterwards."""
        text, marks = "".join(self._parts).rstrip(" "), self._marks
        self._parts, self._length, self._marks = [], 0, []
        return text, _before_blanks(text, marks)


def _before_blanks(text: str, marks: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Marks within the text, each right behind the word that it follows."""
    placed: list[tuple[int, str]] = []
    for offset, label in marks:
        at = min(offset, len(text))
        placed.append((at - 1 if at and text[at - 1] == " " else at, label))
    return placed


@dataclass(slots=True)
class DraftWriter:
    """Collects drafts in reading order.

    ``pending`` is a printed number (or several, outermost first) that waits for its text;
    ``opening`` is put before the next text (a quotation mark).
    """

    drafts: list[BlockDraft] = field(default_factory=list)
    run: TextRun = field(default_factory=TextRun)
    pending: str | None = None
    opening: str = ""
    notes: list[BlockDraft] = field(default_factory=list)

    def number(self, printed: str) -> None:
        """A number was read whose text follows."""
        if printed:
            self.pending = f"{self.pending} {printed}" if self.pending else printed

    def flush(self, scope: Scope) -> BlockDraft | None:
        """End the run: make a draft of it, then of the notes met in it. None where it is empty."""
        text, marks = self.run.take()
        draft: BlockDraft | None = None
        if not text:  # a mark on a number waits for the text
            for _, label in marks:
                self.run.mark(label)
        else:
            number, self.pending = self.pending, None
            if number is None and self.opening:
                text = self.opening + text
                marks = [(offset + len(self.opening), label) for offset, label in marks]
            self.opening = ""
            level = max(1, scope.depth) if scope.kind in _LEVELLED else None
            draft = BlockDraft(
                kind=BlockKind.TABLE_CELL if scope.cell else scope.kind,
                text=text,
                region=scope.region,
                level=None if scope.cell else level,
                number=number,
                provision=scope.provision,
                lead_in=scope.lead_in,
                closing=scope.closing,
                cell=scope.cell,
                note_marks=marks,
            )
            self.drafts.append(draft)
        self.drafts += self.notes
        self.notes = []
        return draft

    def heading(
        self, text: str, scope: Scope, *, number: str | None = None, provision: str | None = None
    ) -> BlockDraft | None:
        """A heading at the scope's heading level; the number alone where there is no text."""
        if not text:
            text, number = number or "", None
        if not text:
            return None
        text, self.opening = self.opening + text, ""
        draft = BlockDraft(
            kind=BlockKind.TABLE_CELL if scope.cell else BlockKind.HEADING,
            text=text,
            region=scope.region,
            level=None if scope.cell else scope.heading_level,
            number=number,
            provision=provision,
            cell=scope.cell,
        )
        self.drafts.append(draft)
        self.drafts += self.notes
        self.notes = []
        return draft

    def note(self, text: str, scope: Scope, *, label: str | None) -> None:
        """A footnote met in the run; it is written after the run's own draft."""
        if text:
            self.notes.append(
                BlockDraft(kind=BlockKind.FOOTNOTE, text=text, region=scope.region, number=label)
            )

    def close_quotation(self, mark: str, first: int, scope: Scope) -> None:
        """Put the closing mark after the last draft since ``first``."""
        if mark and len(self.drafts) > first:
            self.append(mark)

    def append(self, text: str) -> None:
        """Add text to the end of the last draft, as printed without a blank."""
        self.drafts[-1].text = clean(self.drafts[-1].text + text)

    def unused_number(self, scope: Scope) -> None:
        """A number whose provision has no text is text itself: nothing printed is lost."""
        if self.pending is not None:
            text, self.pending = self.pending, None
            self.run.add(text)
            self.flush(scope)


_LEVELLED = (BlockKind.PROVISION, BlockKind.LIST_ITEM)


def closes_quotation(text: str) -> bool:
    """Whether text after quoted provisions only ends them (";", ", and", ".")."""
    return bool(_CLOSERS.match(text))
