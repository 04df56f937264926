"""What stands before and after the provisions of a bill: cover, contents, long title, back page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from collabnlp.extraction.pdf_bill_lines import Frame, Line
from collabnlp.extraction.pdf_bill_text import TextFiller, box_of
from collabnlp.schema import BlockDraft, BlockKind, DraftLine, Region

GROUP = re.compile(r"[“\"]?(PART|CHAPTER)\s+(\d{1,3}[A-Z]{0,2}|[IVXL]+)\Z", re.IGNORECASE)
SCHEDULE = re.compile(r"[“\"]?(SCHEDULES?)(?:\s+(\d{1,3}[A-Z]{0,2}))?\Z", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:ARRANGEMENT OF \w+|CONTENTS)\Z", re.IGNORECASE)


class FrontReader:
    """Writes front and back matter into ``drafts``."""

    def __init__(self, drafts: list[BlockDraft], frame: Frame, filler: TextFiller) -> None:
        self._drafts, self._frame, self._filler = drafts, frame, filler
        self._in_contents = False
        self._pending_title = False  # "PART 1" was read, its title follows

    def page(self, lines: Sequence[Line]) -> None:
        """A page before the first provision."""
        begin = next((i for i, line in enumerate(lines) if _CONTENTS.match(line.text)), None)
        listed = begin is not None or self._in_contents
        if not listed:
            self.loose(lines)
            return
        self._in_contents = True
        self.loose(lines[: begin or 0])
        self._contents(lines[begin or 0 :])

    def _contents(self, lines: Sequence[Line]) -> None:
        entry: BlockDraft | None = None
        last: Line | None = None
        for line in lines:
            text = line.text
            number = line.markers[0][0] if line.markers else None
            if number is None and (found := re.match(r"(\d{1,3}[A-Z]{0,2})\s+(?=\S)", text)):
                number, text = found[1], text[found.end() :]
            group = GROUP.match(text) or SCHEDULE.match(text)
            named = re.match(r"((?:Schedule|Part|Chapter)(?:\s+\d+\w*)?)\s+[—–-]\s+", text)
            wraps = (
                last is not None and number is None and group is None and named is None
                and entry is not None and (line.gap or 99.0) < 1.25 * self._frame.pitch
                and line.row.italic == last.row.italic and line.x0 > last.x0 - 60
                and (entry.number is not None or line.text[:1].islower())
                and line.row.x0 > self._frame.left + 8
            )  # fmt: skip
            titled = last is not None and entry is not None and self._pending_title
            if (wraps or titled) and entry is not None:
                self._extend(entry, line, "" if self._pending_title else " ")
                self._pending_title = False
            else:
                self._emit([line], BlockKind.CONTENTS, Region.FRONT, text=text)
                entry = self._drafts[-1]
                entry.number = number
                self._pending_title = False
                if group:
                    entry.number, entry.text = text.strip('“" '), ""
                    self._pending_title = True
                elif named:
                    entry.number, entry.text = named[1], text[named.end() :]
                if entry.lines:
                    entry.lines[-1].end = len(entry.text)
            last = line
        self._pending_title = False

    def _extend(self, draft: BlockDraft, line: Line, blank: str) -> None:
        start = len(draft.text) + len(blank)
        draft.text = (draft.text + blank + line.text).strip()
        draft.lines.append(
            DraftLine(start=start, end=len(draft.text), page=line.row.page, box=box_of(line.row))
        )

    def loose(self, lines: Sequence[Line]) -> None:
        """Cover, long title, back page: paragraphs by spacing."""
        group: list[Line] = []
        for line in lines:
            if [it.row.text.upper() for it in group][-3:] == ["A", "BILL", "TO"]:
                self._emit(group[:-3], BlockKind.PARAGRAPH, Region.FRONT)
                group = group[-3:]
            elif (
                group
                and line.row.text.upper() not in ("BILL", "TO")
                and (
                    (line.gap or 99.0) > 1.35 * max(self._frame.pitch, 1.2 * line.row.size)
                    or abs(group[-1].row.size - line.row.size) > 2.5
                    or group[-1].row.bold != line.row.bold
                )
            ):
                self._emit(group, BlockKind.PARAGRAPH, Region.FRONT)
                group = []
            group.append(line)
        if group:
            self._emit(group, BlockKind.PARAGRAPH, Region.FRONT)

    def _emit(
        self, lines: Sequence[Line], kind: BlockKind, region: Region, text: str | None = None
    ) -> None:
        if not lines:
            return
        draft = BlockDraft(kind=kind, text="", region=region)
        texts = [line.row.text for line in lines] if text is None else [text]
        self._filler.fill(draft, [line.row for line in lines], texts)
        self._drafts.append(draft)
