"""Bills and acts in PDF: clauses, subsections, paragraphs, schedules, text quoted for insertion.

The nesting is read from the indents, which follow the same rule in every bill: what stands further
right belongs to what stands further left above it. Numbers follow `provisions`, levels and quoted
text the Akoma Ntoso reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from collabnlp.extraction.mending import Vocabulary
from collabnlp.extraction.pdf_bill_front import GROUP, SCHEDULE, FrontReader
from collabnlp.extraction.pdf_bill_lines import Frame, Line, bill_lines
from collabnlp.extraction.pdf_bill_parts import (
    ANNOTATION,
    LONG_TITLE,
    Node,
    OpenBlock,
    Quote,
    TableColumns,
    body_end,
    body_start,
    marker_key,
    outer_part,
    quote_ends,
    usual_text_x,
)
from collabnlp.extraction.pdf_bill_text import TextFiller, box_of
from collabnlp.extraction.pdf_paragraphs import Metrics
from collabnlp.extraction.pdf_rows import Row
from collabnlp.extraction.provisions import join_provision, schedule_provision
from collabnlp.schema import BlockDraft, BlockKind, DraftLine, Region

_ENACTED = re.compile(
    r"\bit enacted by\b|\bAn Act of the Scottish Parliament to\b|\bA\s+BILL\s+TO\b", re.IGNORECASE
)
_ANNOTATION_NUMBER = re.compile(r"([A-Z]{1,2}\d{1,4})\s+")
_INSERTS = re.compile(
    r"(?:insert|substitut|add|read|inserted|replace)\w*(?:\s\S+){0,8}?\s?[—–:-]\s*\Z", re.IGNORECASE
)
_REFERENCE = re.compile(
    r"\(?(?:introduced by )?(?:Sections?|Clauses?|Regulations?|Articles?)\s+\d[\w(), and]*\)?\Z",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"[“\"‘]")
_STOPPED = re.compile(r"[.;:,—–][’”'\")\]]*(?:\s(?:and|or))?\Z")
_NEAR = 5.0  # points
_NESTED = 12.0  # points: markers of one rank differ by less ("(i)", "(iii)" are set flush right)


def is_bill(pages: Sequence[Sequence[Row]]) -> bool:
    """Whether the document is a bill or an act: it has an enacting formula and subsections."""
    head = pages[: max(12, len(pages) // 8)]
    text = " ".join(row.text for rows in head for row in rows)
    if not _ENACTED.search(text) and not (LONG_TITLE.search(text) and "enacted" in text.lower()):
        return False
    begun = sum(row.text.startswith("(1)") for rows in pages for row in rows)
    return begun >= max(3, len(pages) // 6)


def bill_drafts(
    pages: Sequence[Sequence[Row]],
    metrics: Metrics,
    words: Vocabulary,
    drop: Callable[[Row], None],
    lose: Callable[[int, int], None] = lambda page, count: None,
) -> list[BlockDraft]:
    """Drafts of a bill's pages. ``drop`` is told of rows, ``lose`` of the page and number of
    characters that become artifacts."""
    lines, frame = bill_lines(pages, metrics.body, drop)
    reader = _BillReader(lines, frame, words, lose)
    return reader.read()


class _BillReader:
    def __init__(
        self,
        pages: Sequence[Sequence[Line]],
        frame: Frame,
        words: Vocabulary,
        lose: Callable[[int, int], None],
    ) -> None:
        self.pages, self.frame = pages, frame
        self.drafts: list[BlockDraft] = []
        annotated = any(ANNOTATION.match(line.text) for lines in pages for line in lines)
        self.filler = TextFiller(words, annotated, lose)
        self.front = FrontReader(self.drafts, frame, self.filler)
        self.text_x_of = usual_text_x(pages)
        self.open: OpenBlock | None = None
        self.stack: list[Node] = []
        self.quote: Quote | None = None
        self.ranks: list[int] = []  # ranks of the headings that hold what follows
        self.clause: str | None = None
        self.schedule: str | None = None
        self.title: BlockDraft | None = None  # a part or schedule whose title follows
        self.annotation = False
        self.table: TableColumns | None = None
        self.tables = 0

    # -- the parts of the document

    def read(self) -> list[BlockDraft]:
        first = body_start(self.pages, self.frame)
        last = body_end(self.pages, first)
        for number, lines in enumerate(self.pages):
            if number < first[0]:
                self.front.page(lines)
            elif number > last:
                self.front.loose(lines)
            else:
                start = first[1] if number == first[0] else 0
                if start:
                    self.front.loose(lines[:start])
                for line in lines[start:]:
                    self._line(line)
        self._close()
        return [draft for draft in self.drafts if draft.text]

    # -- one line

    def _line(self, line: Line) -> None:
        if self._annotation(line):
            return
        if self._closing_marks(line):
            return
        self._leave_quote(line)
        new = line.gap is None or line.gap > 1.18 * self.frame.pitch + 0.5
        if self._group_heading(line) or self._title_line(line, new):
            return
        if self._table_cell(line) or self._clause_heading(line) or self._cross_heading(line, new):
            pass
        elif line.markers and not self._wrapped(line):
            self._marked(line)
        else:
            self._unmarked(line, new)
        self._balance(line)

    def _closing_marks(self, line: Line) -> bool:
        """A line of nothing but quotation marks and stops ends the block above it."""
        text = line.row.text
        if any(char.isalnum() for char in text) or not self.drafts:
            return False
        self._close()
        last = self.drafts[-1]
        last.lines.append(
            DraftLine(
                start=len(last.text),
                end=len(last.text) + len(text),
                page=line.row.page,
                box=box_of(line.row),
            )
        )
        last.text += text
        self._balance(line)
        return True

    def _annotation(self, line: Line) -> bool:
        """Editors' notes under a section: in footnotes, one a number."""
        small = line.row.size < self.frame.size - 0.7
        if ANNOTATION.match(line.row.text) and small:
            self._close()
            self.annotation = True
            self._begin(line, BlockKind.FOOTNOTE, line.row.text)
            return True
        if not self.annotation:
            return False
        if not small:
            self._close()
            self.annotation = False
            return False
        number = _ANNOTATION_NUMBER.match(line.row.text)
        heading = self.open is not None and self.open.draft.number is None
        if number or self.open is None or heading:
            text = line.row.text[number.end() :] if number else line.row.text
            self._close()
            self._begin(line, BlockKind.FOOTNOTE, text)
            self._draft.number = number[1] if number else None
        else:
            self._continue(line, line.row.text)
        return True

    def _group_heading(self, line: Line) -> bool:
        """PART 2, CHAPTER 1, SCHEDULE 3: what follows gives its title."""
        text = line.row.text
        group, schedule = GROUP.match(text), SCHEDULE.match(text)
        centred = abs((line.row.x0 + line.row.x1) / 2 - self.frame.centre) < 30
        if not (group or schedule) or not centred:
            return False
        opening = text[0] in '“"' or self._quote_begins(line)
        self._close()
        if opening and self.quote is None:
            self.quote = self._new_quote()
        if self.quote is not None:
            self.quote.section, self.quote.stack = False, []
            rank = 0 if schedule else 1 if group and group[1].lower() == "part" else 2
            level = self._enter_quoted(rank)
        else:
            rank = 1 if group and group[1].lower() == "part" else 2
            if schedule:
                if schedule[1].lower() == "schedules":
                    self._heading(line, [line.row.text], 1)
                    self._close()
                    return True
                self.schedule = schedule_provision(f"Schedule {schedule[2] or ''}".strip())
                rank, self.ranks = 0, []
            elif self.schedule is not None:
                rank += 1
            self.clause, self.stack = None, []
            level = self._enter(rank)
        self._heading(line, [""], level)
        self._draft.number = text.strip('“" ').capitalize()
        if schedule:
            quoted = self.quote is not None
            self._draft.provision = self._outer_provision() if quoted else self.schedule
        self.title = self._draft
        self._balance(line)
        return True

    def _title_line(self, line: Line, new: bool) -> bool:
        """Lines of the title of a part or schedule."""
        if self.title is None or self.open is None or self.open.draft is not self.title:
            self.title = None
            return False
        if _REFERENCE.match(line.row.text) and not line.markers:
            draft = BlockDraft(kind=BlockKind.FOOTNOTE, text="")
            self.filler.fill(draft, [line.row], [line.row.text])
            self.drafts.append(draft)
            return True
        first = not any(self.open.texts)
        plain = not line.markers and (not line.row.italic or line.row.text.isupper())
        middle = abs((line.row.x0 + line.row.x1) / 2 - self.frame.centre) < 30
        if plain and middle and (first or (line.gap or 0.0) < 1.6 * line.row.size):
            self.open.rows.append(line.row)
            self.open.texts.append(line.row.text)
            self._balance(line)
            return True
        if first:
            self.open.texts[0] = self.open.draft.number or ""
            self.open.draft.number = None
        self._close()
        self.title = None
        return False

    def _table_cell(self, line: Line) -> bool:
        """Lines that stand side by side are cells of a table without rules."""
        if self.table is None or not self.table.takes(line, self.frame.pitch):
            self.table = None
            if not line.tabular:
                return False
            quoted = self.quote is None and line.row.text[0] in '“"' and self._quote_begins(line)
            self._close()
            if quoted:
                self.quote = self._new_quote()
            self.table = TableColumns(self.tables)
            self.tables += 1
        rows = self.table.add(line, self.frame.pitch)
        if rows is not None:
            region = Region.QUOTED if self.quote is not None else Region.BODY
            draft = BlockDraft(kind=BlockKind.TABLE_CELL, text="", region=region)
            draft.cell, draft.provision = self.table.place(line), self._outer_provision()
            self.drafts.append(draft)
            self.table.began(line, draft)
        cell = self.table.cell_at(line)
        self.filler.fill(cell.draft, cell.rows, [row.text for row in cell.rows])
        return True

    def _clause_heading(self, line: Line) -> bool:
        """A bold number with a bold title."""
        number = line.plain_number
        if number is None or not line.row.bold or len(line.markers) > 1:
            return False
        begins = self.quote is None and (line.opened or self._quote_begins(line))
        self._close()
        if begins and line.x0 > self.frame.left + 14:
            self.quote = self._new_quote()
        quote = self.quote
        if quote is not None:
            quote.section, quote.stack = True, []
            self._heading(line, [line.text], self._enter_quoted(9))
            self._draft.number = number
            self._draft.provision = self._outer_provision()
            return True
        if self.schedule is not None:
            return False  # some acts print the paragraphs of schedules with bold titles
        self.clause, self.stack = number, []
        self._heading(line, [line.text], self._enter(9))
        self._draft.number = self._draft.provision = number
        return True

    def _cross_heading(self, line: Line, new: bool) -> bool:
        """Italic lines that stand alone name what the next clauses are about."""
        row = line.row
        if not row.italic or line.markers:
            return False
        if self.open is not None and self.open.heading and not new and self.open.rows[-1].italic:
            self._continue(line, row.text)
            return True
        ended = self.open is None or bool(_STOPPED.search(self.open.tail)) or self.open.heading
        if not new or not ended:
            return False
        begins = self.quote is None and (row.text[0] in '“"' or self._quote_begins(line))
        self._close()
        if begins:
            self.quote = self._new_quote()
        if self.quote is not None:
            self.quote.section, self.quote.stack = False, []
            self._heading(line, [row.text], self._enter_quoted(5))
            return True
        self.clause, self.stack = None, []
        self._heading(line, [row.text], self._enter(5))
        return True

    def _marked(self, line: Line) -> None:
        """A provision with a number or letter of its own."""
        if (
            self.quote is None
            and (line.opened or self._quote_begins(line))
            and (line.opened or self._unclosed())
        ):
            self._close()
            self.quote = self._new_quote(1 if not line.opened else 0)
        self._close()
        stack = self.quote.stack if self.quote is not None else self.stack
        numbers = [printed for printed, _ in line.markers]
        x = line.markers[0][1]
        while stack and stack[-1].x > x - _NESTED:
            stack.pop()
        if not line.markers[0][0].startswith("("):
            stack.clear()
        base = 1 if self.quote is not None and self.quote.section else 0
        if self.quote is None:
            base = 0 if self.schedule is not None else 1
        parent = stack[-1] if stack else None
        level = (parent.level if parent else base) + len(numbers)
        if self.quote is not None:
            provision = self._outer_provision()
        else:
            provision = parent.provision if parent else (self.clause or self.schedule)
            for printed in numbers:
                provision = join_provision(provision, printed)
        self._begin(line, BlockKind.PROVISION, line.text)
        draft = self._draft
        draft.number, draft.provision, draft.level = " ".join(numbers), provision, level
        draft.lead_in = parent.draft if parent else None
        text_x = line.text_x or self.text_x_of.get(marker_key(line))
        if self.open is not None:
            self.open.text_x = text_x
        for index, (_, at) in enumerate(line.markers):
            last = index == len(numbers) - 1
            within = level - len(numbers) + index + 1
            held = provision if last else outer_part(provision, numbers[index + 1 :])
            stack.append(Node(at, text_x if last else None, held, draft if last else None, within))

    def _unmarked(self, line: Line, new: bool) -> None:
        """Text that goes on, closes a list, defines a term, or has no number."""
        current, row = self.open, line.row
        if current is not None and current.heading:
            if not new and row.bold == current.rows[-1].bold and not quote_ends(current.tail):
                self._continue(line, row.text)
                return
            self._close()
            current = None
        quoted = self.quote is None and row.text[0] in '“"' and self._quote_begins(line)
        if current is not None and not quoted and self._goes_on(current, line, new):
            self._continue(line, row.text)
            if current.text_x is None or len(current.rows) == 2:
                current.text_x = row.x0
                stack = self.quote.stack if self.quote is not None else self.stack
                if stack and stack[-1].draft is current.draft:
                    stack[-1].text_x = row.x0
            return
        self._close()
        if quoted:
            self.quote = self._new_quote()
        self._unnumbered(line)

    def _goes_on(self, current: OpenBlock, line: Line, new: bool) -> bool:
        """Whether a line without a number belongs to the block above it."""
        row, last = line.row, current.rows[-1]
        text_x = current.text_x
        near = text_x is not None and abs(row.x0 - text_x) <= _NEAR
        if len(current.rows) == 1 and text_x is None:
            near = -_NEAR <= row.x0 - last.x0 < 60
        if len(current.rows) == 1 and not near:
            hanging = 0 < row.x0 - last.x0 < 30 and self.frame.right - last.x1 < 60
            indented = -20 < row.x0 - last.x0 < 0 and self.frame.right - last.x1 < 25
            near = (hanging or indented) and current.draft.number is None
        ended = bool(_STOPPED.search(current.tail))
        defines = ended and _DEFINITION.match(row.text) and current.tail[-1:] not in ",”’"
        if defines and (text_x is None or abs(row.x0 - text_x) > 1 or new):
            return False
        if line.gap is None:
            return near and not defines
        if new:
            return near and not ended and line.gap < 1.7 * self.frame.pitch
        return near or (not ended and abs(row.x0 - last.x0) <= _NEAR)

    def _unnumbered(self, line: Line) -> None:
        stack = self.quote.stack if self.quote is not None else self.stack
        row = line.row
        closing: Node | None = None
        while stack:
            top = stack[-1]
            if top.draft is not None and top.draft.number is None and abs(row.x0 - top.x) <= 3:
                stack.pop()  # the next definition
                continue
            if top.text_x is not None and abs(top.text_x - row.x0) <= _NEAR + 2:
                closing = top
                break
            if row.x0 > (top.text_x if top.text_x is not None else top.x + _NESTED) + _NEAR:
                break  # stands deeper: a definition, or a full-out line of this provision
            stack.pop()
        self._begin(line, BlockKind.PROVISION, row.text)
        draft = self._draft
        parent = stack[-1] if stack else None
        if self.quote is not None:
            draft.provision = self._outer_provision()
        else:
            draft.provision = parent.provision if parent else (self.clause or self.schedule)
        if closing is not None:
            held = any(it.lead_in is closing.draft for it in self.drafts[-40:] if it is not draft)
            draft.level, draft.closing = closing.level, held and closing.draft is not None
            draft.lead_in = closing.draft if held else None
            if _DEFINITION.match(row.text) and not held:
                draft.level, draft.lead_in = closing.level + 1, closing.draft
                draft.closing = False
        elif parent is not None:
            draft.level, draft.lead_in = parent.level + 1, parent.draft
            stack.append(Node(row.x0, None, draft.provision, draft, draft.level))
        else:
            draft.level = 1
            if draft.provision is None and self.quote is None:
                draft.kind, draft.level = BlockKind.PARAGRAPH, None
            stack.append(Node(row.x0 - 2 * _NESTED, row.x0, draft.provision, draft, 1))
        if self.open is not None:
            self.open.text_x = None

    def _wrapped(self, line: Line) -> bool:
        """A line that only seems to begin with a number: "in subsection / (2) and (3)"."""
        current = self.open
        if current is None or current.heading or line.opened:
            return False
        near = current.text_x is not None and abs(line.x0 - current.text_x) <= _NEAR
        if not near or _STOPPED.search(current.tail):
            return False
        line.markers, line.text = [], line.row.text
        return True

    # -- quotations

    def _new_quote(self, balance: int = 0) -> Quote:
        return Quote(balance, self.stack[-1].x if self.stack else self.frame.left - 5)

    def _leave_quote(self, line: Line) -> None:
        """A closing quotation mark may be missing: what stands as far left as the quoting
        provision's own number is not quoted."""
        quote = self.quote
        if quote is None or self.annotation:
            return
        if line.x0 <= quote.outer_x + 2 or (line.plain_number and line.x0 < self.frame.left + 14):
            self._close()
            self.quote = None

    def _quote_begins(self, line: Line) -> bool:
        """The block above ends with words that announce text to be inserted."""
        if self.open is None or self.open.heading:
            return False
        text = " ".join(self.open.texts)[-160:]
        return bool(_INSERTS.search(text)) or self._unclosed()

    def _unclosed(self) -> bool:
        """The block above leaves a quotation mark open."""
        if self.open is None:
            return False
        text = " ".join(self.open.texts)
        return text.count("“") > text.count("”")

    def _balance(self, line: Line) -> None:
        quote = self.quote
        if quote is None:
            return
        quote.balance += line.row.text.count("“") - line.row.text.count("”")
        if quote.balance <= 0:
            self._close()
            self.quote = None

    def _outer_provision(self) -> str | None:
        return self.stack[-1].provision if self.stack else (self.clause or self.schedule)

    # -- blocks

    @property
    def _draft(self) -> BlockDraft:
        assert self.open is not None
        return self.open.draft

    def _enter(self, rank: int) -> int:
        """Heading level of a rank: one below what holds it."""
        while self.ranks and self.ranks[-1] >= rank:
            self.ranks.pop()
        if rank < 9:
            self.ranks.append(rank)
            return len(self.ranks)
        return len(self.ranks) + 1

    def _enter_quoted(self, rank: int) -> int:
        """The same within quoted text, which stands below the clause that quotes it."""
        ranks = self.quote.ranks if self.quote is not None else []
        while ranks and ranks[-1] >= rank:
            ranks.pop()
        if rank < 9:
            ranks.append(rank)
            return len(self.ranks) + 1 + len(ranks)
        return len(self.ranks) + 2 + len(ranks)

    def _heading(self, line: Line, texts: list[str], level: int) -> None:
        region = Region.QUOTED if self.quote is not None else Region.BODY
        draft = BlockDraft(kind=BlockKind.HEADING, text="", region=region, level=min(level, 6))
        self.drafts.append(draft)
        self.open = OpenBlock(draft, [line.row], texts, None, heading=True)

    def _begin(self, line: Line, kind: BlockKind, text: str) -> None:
        region = Region.QUOTED if self.quote is not None else Region.BODY
        draft = BlockDraft(kind=kind, text="", region=region)
        self.drafts.append(draft)
        self.open = OpenBlock(draft, [line.row], [text], None)

    def _continue(self, line: Line, text: str) -> None:
        if self.open is not None:
            self.open.rows.append(line.row)
            self.open.texts.append(text)

    def _close(self) -> None:
        """End the block that is being read."""
        if self.open is not None:
            self.filler.fill(self.open.draft, self.open.rows, self.open.texts)
            self.open = None
