"""Text of a bill's blocks: printed lines joined, an editor's amendment marks taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from collabnlp.extraction.mending import Vocabulary, join_lines
from collabnlp.extraction.pdf_rows import Row
from collabnlp.schema import BlockDraft, BlockKind, Box, DraftLine

_AMENDMENT_MARK = re.compile(r"(\[?)(?<![A-Za-z0-9])([FXCEM]\d{1,4})(?=[A-Za-z“\"‘(.\[]|\s*\.)")


class TextFiller:
    """Fills drafts. ``annotated``: the document has an editor's notes, and marks in its text;
    ``lose`` is told of the page and the number of characters that are marks."""

    def __init__(
        self, words: Vocabulary, annotated: bool, lose: Callable[[int, int], None]
    ) -> None:
        self.words, self.annotated, self.lose = words, annotated, lose

    def fill(self, draft: BlockDraft, rows: Sequence[Row], texts: Sequence[str]) -> None:
        """Give a draft its text, lines and marks. ``texts`` are the rows' without their markers."""
        text, starts = join_lines(texts, self.words)
        ends = [*starts[1:], len(text)]
        draft.lines = [
            DraftLine(start=start, end=max(start, start + len(text[start:end].rstrip())),
                      page=row.page, box=box_of(row))
            for row, start, end in zip(rows, starts, ends, strict=True)
        ]  # fmt: skip
        marks = []
        for row, start, shown in zip(rows, starts, texts, strict=True):
            gone = len(row.text) - len(shown)
            marks += [(min(len(text), start + max(0, at - gone)), it) for at, it in row.marks]
        draft.text, draft.note_marks = text, marks
        if self.annotated:
            self._take_amendment_marks(draft, rows[0].page if rows else 0)

    def _take_amendment_marks(self, draft: BlockDraft, page: int) -> None:
        """An editor's "[F12words]" becomes "words" and a mark: brackets and number go."""
        if draft.kind is BlockKind.FOOTNOTE or not re.search(r"[FXCEM]\d", draft.text):
            return
        gone: list[tuple[int, int]] = []
        marks: list[tuple[int, str]] = []
        closing = 0
        for found in _AMENDMENT_MARK.finditer(draft.text):
            gone.append(found.span())
            marks.append((found.start(), found[2]))
            closing += bool(found[1])
        if not gone:
            return
        for found in re.finditer(r"\]", draft.text):
            if closing > 0 and found.start() > gone[0][0]:
                gone.append(found.span())
                closing -= 1
        gone.sort()

        def moved(offset: int) -> int:
            return offset - sum(min(end, offset) - start for start, end in gone if start < offset)

        self.lose(page, sum(end - start for start, end in gone))
        kept = "".join(
            draft.text[at:start]
            for at, (start, _) in zip(
                [0, *(end for _, end in gone)], [*gone, (len(draft.text), 0)], strict=True
            )
        )
        for line in draft.lines:
            line.start, line.end = moved(line.start), moved(line.end)
        draft.note_marks = sorted(
            [(moved(at), it) for at, it in draft.note_marks] + [(moved(at), it) for at, it in marks]
        )
        draft.text = kept
        _trim(draft)


def box_of(row: Row) -> Box:
    """A row's place."""
    return Box(row.page, row.x0, row.top, max(row.x0, row.x1), max(row.top, row.bottom))


def _trim(draft: BlockDraft) -> None:
    """No blanks at the ends, single ones between, after something was taken out."""
    lead = len(draft.text) - len(draft.text.lstrip())
    text = draft.text.strip()
    size = len(text)
    for line in draft.lines:
        line.start = min(size, max(0, line.start - lead))
        line.end = min(size, max(line.start, line.end - lead))
    draft.note_marks = [(min(size, max(0, at - lead)), it) for at, it in draft.note_marks]
    draft.text = text
