"""From an HTML tree to drafts, without recursion: pages nest thousands of elements deep."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from collabnlp.extraction.html_furniture import furniture
from collabnlp.extraction.html_state import (
    OpenItem,
    OpenList,
    OpenSection,
    OpenTable,
    State,
    counter,
)
from collabnlp.extraction.html_tree import (
    CELLS,
    children,
    has_cells,
    inside_article,
    is_contents,
    opening_words,
    short_text,
    span_of,
)
from collabnlp.extraction.html_words import Words
from collabnlp.extraction.legislation_html import SECTION_HEADING, LegalOutline, legal_role
from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.outline import Outline, Piece
from collabnlp.schema import BlockDraft, BlockKind, Cell, Region

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD = frozenset({"b", "strong"})
_NOTE_LINK = re.compile(r"#(?:fn|_?ftn|footnote|note-|endnote|_edn)[\w:.-]*\Z", re.IGNORECASE)
_NOTE_ID = re.compile(r"(?:fn[:_-]?\w|_?ftn\d|footnote-?\w|endnote-?\w|_edn\d)", re.IGNORECASE)
_NOTE_BODIES = frozenset({"footnotes", "footnote", "footnote-list", "endnotes"})
_PREFACES = frozenset(
    {"preface", "LegTitle", "LegNo", "LegLongTitle", "LegDateOfEnactment", "LegPrelims"}
)
_LABEL = re.compile(r"\d+[a-z]?|[ivxl]+|[*†‡§]+", re.IGNORECASE)
_SENTENCE_END = (".", ";", ":", ",", "?", "—")
_MAX_HEADING = 110  # characters of a bold line that stands for a heading
_MAX_UNNUMBERED = 200  # of an unnumbered section of the drafting system, which says less


class Walk:
    """Reads one content root. ``drafts`` has the result, ``link_share`` the share of linked
    characters, ``title`` the first heading of the top level."""

    def __init__(self, outline: Outline | None = None, *, tables: int = 0) -> None:
        self.outline = outline or Outline()
        self.legal = LegalOutline(self.outline)
        self.words = Words()
        self.state = State()
        self.lists: list[OpenList] = []
        self.items: list[OpenItem] = []
        self.tables: list[OpenTable] = []
        self.sections: list[OpenSection] = []
        self.number: list[str] = []
        self.note_label: str | None = None
        self.table_count = tables
        self.visible = self.linked = 0
        self.boxed = False  # within a call-out or a preface
        self.heading_level = 1  # of the last heading that is marked as one
        self.fresh_paragraph = True  # the words began with a <p>, not after a nested list
        self._furniture = furniture()

    @property
    def link_share(self) -> float:
        return self.linked / max(1, self.visible)

    def read(self, root: Any) -> list[BlockDraft]:
        """Walk the tree under ``root`` and give its drafts."""
        stack: list[tuple[Any, Any]] = [(root, None)]
        while stack:
            node, saved = stack.pop()
            if saved is not None:
                self._leave(node, *saved)
                continue
            tag = node.tag
            if tag == "-text":
                self._text(node)
                continue
            if tag.startswith(("-", "!", "_")):
                continue
            if tag == "br":
                self.words.line_break()
                continue
            attributes = node.attributes
            classes = (attributes.get("class") or "").split()
            if self._skipped(node, tag, attributes, classes):
                continue
            saved = self._enter(node, tag, attributes, classes)
            stack.append((node, saved))
            stack.extend((child, None) for child in reversed(list(children(node))))
        self._flush()
        return self.outline.drafts

    def _text(self, node: Any) -> None:
        text = node.text_content or ""
        if self.state.number:
            self.number.append(text)
        else:
            self.words.add(text, bold=self.state.bold, linked=self.state.linked)

    def _skipped(
        self, node: Any, tag: str, attributes: dict[str, str | None], classes: list[str]
    ) -> bool:
        if tag == "a" and self._note_mark(node, attributes, classes):
            return True
        notes = any(name in _NOTE_BODIES for name in classes)
        if self._furniture.covers(tag, attributes, classes) and not notes:
            return True
        if tag == "footer" and not notes:
            return not inside_article(node)
        if tag in ("a", "p") and short_text(node) in self._furniture.link_texts:
            return tag == "a" or node.css_first("a, button") is not None
        return False

    def _note_mark(self, node: Any, attributes: dict[str, str | None], classes: list[str]) -> bool:
        target = attributes.get("href") or ""
        named = (
            attributes.get("role") == "doc-noteref"
            or attributes.get("rel") == "footnote"
            or any(name in ("footnote", "fn", "footnote-ref", "LegFootnoteRef") for name in classes)
        )
        parent = node.parent
        raised = parent is not None and parent.tag == "sup"
        if not named and not (_NOTE_LINK.match(target) and (raised or node.css_first("sup"))):
            return False
        if self.state.kind is BlockKind.FOOTNOTE:  # the way back
            return True
        label = _LABEL.search((node.text(deep=True) or "").replace("footnote", ""))
        self.words.note(label[0] if label else "*")
        return True

    # -- entering and leaving ---------------------------------------------------------------

    def _enter(
        self, node: Any, tag: str, attributes: dict[str, str | None], classes: list[str]
    ) -> tuple[State, str, Any]:
        """Take in an element; gives what ``_leave`` needs to undo it."""
        saved, state = self.state, self.state
        what, kept = tag, None
        role = legal_role(classes) if classes else None
        if tag in _BLOCKS or (role is not None and role.block):
            self._flush()
        if role is not None and role.kind != "number":
            kept = self.legal.enter(role)
            self.fresh_paragraph = True
            heading = role.heading or (SECTION_HEADING if tag in _HEADINGS else 0)
            if heading:
                state = dataclasses.replace(state, heading=heading)
            what = "legal"
        elif (
            role is not None
            or ("num" in classes and tag == "span")
            or (tag == "a" and "marker" in classes and state.kind is BlockKind.FOOTNOTE)
        ):
            state = dataclasses.replace(state, number=True)
        elif tag in _HEADINGS and state.cell is None:
            state = dataclasses.replace(state, heading=_HEADINGS[tag])
        elif tag in ("ul", "ol"):
            self._open_list(node, tag, attributes)
            if self.lists[-1].contents:
                state = dataclasses.replace(state, kind=BlockKind.CONTENTS)
        elif tag == "li":
            if state.kind is BlockKind.FOOTNOTE:
                self.note_label = self._note_number(attributes)
            self._open_item(attributes)
        elif tag == "table":
            what = self._open_table(node, attributes)
        elif tag == "tr" and self.tables:
            self.tables[-1].row += 1
            self.tables[-1].column = 0
        elif tag in CELLS and self.tables:
            state = self._open_cell(node, tag, attributes, state)
        elif tag in ("figcaption", "caption"):
            state = dataclasses.replace(state, kind=BlockKind.CAPTION)
        elif tag in _BOLD:
            state = dataclasses.replace(state, bold=True)
        elif tag == "a" and attributes.get("href") is not None:
            state = dataclasses.replace(state, linked=True)
        elif tag == "p":
            self.fresh_paragraph = True
        elif tag == "section" and "num" in classes:
            self.sections.append(OpenSection())
            what = "numbered"
        elif tag == "section" and "attachment" in classes:
            self.heading_level = 0
        elif tag == "section" and "level" in classes:
            state = dataclasses.replace(state, unnumbered=True)
        if classes and what == tag:
            if any(name in _NOTE_BODIES for name in classes) or (
                attributes.get("role") == "doc-endnotes"
            ):
                self.note_label = None
                state = dataclasses.replace(state, kind=BlockKind.FOOTNOTE)
            elif self._furniture.is_box(classes) and not self.boxed:
                what, kept, self.boxed = "box", self.outline.region, True
                if self._furniture.tells_example(opening_words(node)):
                    self.outline.region = Region.BOX
            elif not self.boxed and any(name in _PREFACES for name in classes):
                what, kept, self.boxed = "box", self.outline.region, True
                self.outline.region = Region.FRONT
                state = dataclasses.replace(state, unnumbered=True)
        if tag in ("blockquote", "figure", "dl", "hr"):
            self.fresh_paragraph = True
        self.state = state
        return saved, what, kept

    def _leave(self, node: Any, saved: State, what: str, kept: Any) -> None:
        tag = node.tag
        if tag in _BLOCKS or (what == "legal" and tag in _BLOCKS):
            self._flush()
        if what == "legal":
            self.legal.leave(kept)
        elif what == "box":
            self.outline.region, self.boxed = kept, False
            self.outline.interrupt()
        elif what == "numbered":
            self.sections.pop()
        elif tag in ("ul", "ol"):
            self.lists.pop()
            self.fresh_paragraph = False
        elif tag == "li" and self.items:
            self.items.pop()
        elif what == "table":
            self._close_table()
        elif tag in CELLS and self.tables:
            self.outline.interrupt()
        self.state = saved

    def _open_list(self, node: Any, tag: str, attributes: dict[str, str | None]) -> None:
        start = attributes.get("start") or "1"
        outer = self.items[-1] if self.items else None
        contents = not self.lists and self.state.cell is None and is_contents(node)
        depth = len(self.lists) + 1
        opener = outer.first if outer and outer.first else self.outline.opener
        if outer is None and opener is not None and opener.kind is BlockKind.LIST_ITEM:
            # A list right after another: one list that the page cut in two.
            opener = opener if opener.text.endswith(":") else opener.lead_in
        parent = opener.provision if opener is not None else None
        self.lists.append(
            OpenList(
                tag == "ol",
                attributes.get("type") or "1",
                int(start) - 1 if re.fullmatch(r"-?\d{1,6}", start) else 0,
                depth,
                opener,
                parent,
                contents,
            )
        )

    def _open_item(self, attributes: dict[str, str | None]) -> None:
        if not self.lists:  # a list item without its list
            self.items.append(OpenItem(OpenList(False, "1", 0, 1, self.outline.opener, None), "•"))
            return
        inside = self.lists[-1]
        value = attributes.get("value") or ""
        inside.count = int(value) if re.fullmatch(r"\d{1,6}", value) else inside.count + 1
        self.items.append(OpenItem(inside, counter(inside)))

    def _note_number(self, attributes: dict[str, str | None]) -> str | None:
        match = re.search(r"\d+\Z", attributes.get("id") or "")
        if match:
            return match[0]
        return str(self.lists[-1].count + 1) if self.lists else None

    def _open_table(self, node: Any, attributes: dict[str, str | None]) -> str:
        self.outline.interrupt()
        declared = attributes.get("role") not in ("presentation", "none")
        index = -1
        if declared and has_cells(node):
            index, self.table_count = self.table_count, self.table_count + 1
        self.tables.append(
            OpenTable(index, drafts_from=len(self.outline.drafts), outside=(self.lists, self.items))
        )
        self.lists, self.items = [], []
        return "table"

    def _open_cell(
        self, node: Any, tag: str, attributes: dict[str, str | None], state: State
    ) -> State:
        table = self.tables[-1]
        if table.layout:
            return state
        table.row = max(table.row, 0)
        while (table.row, table.column) in table.taken:
            table.column += 1
        place = (table.row, table.column)
        rows, columns = span_of(attributes, "rowspan"), span_of(attributes, "colspan")
        table.taken.update(
            (row, column)
            for row in range(place[0], place[0] + rows)
            for column in range(place[1], place[1] + columns)
        )
        table.column += columns
        header = tag == "th"
        table.has_header = table.has_header or header
        self.outline.interrupt()
        return State(cell=Cell(table.index, *place, header=header), kind=None, bold=header)

    def _close_table(self) -> None:
        table = self.tables.pop()
        self.lists, self.items = table.outside
        self.outline.interrupt()
        if not table.has_header and len(table.first_row) > 1 and all(table.first_row):
            for draft in self.outline.drafts[table.drafts_from :]:
                cell = draft.cell
                if cell is not None and cell.table == table.index and cell.row == 0:
                    draft.cell = dataclasses.replace(cell, header=True)

    # -- words to drafts --------------------------------------------------------------------

    def _flush(self) -> None:
        """Make the words collected so far into drafts of what we are in."""
        number = " ".join("".join(self.number).split())
        if self.words.empty:
            self.words.clear()
            return  # a number alone waits for the block that follows it
        pieces, bold = self.words.paragraphs(), self.words.all_bold
        self.visible += self.words.visible
        self.linked += self.words.linked
        self.words.clear()
        self.number.clear()
        for piece in pieces:
            if self.state.cell is None and not any(map(str.isalnum, piece.text)):
                continue
            self._block(piece, number or None, bold)
            number = ""

    def _block(self, piece: Piece, number: str | None, bold: bool) -> None:
        state, outline = self.state, self.outline
        if state.kind is BlockKind.FOOTNOTE:
            label, self.note_label = number or self.note_label, None
            outline.plain(BlockKind.FOOTNOTE, piece, label)
        elif state.kind is not None:
            outline.plain(state.kind, piece)
        elif state.heading:
            self.heading_level = state.heading
            self.legal.heading(piece, state.heading, number)
        elif self.legal.active and state.cell is None:
            self.legal.text(piece, number)
        elif self.items:
            self._item_text(self.items[-1], piece)
        elif state.cell is not None:
            table = self.tables[-1] if self.tables else None
            if table is not None and state.cell.row == 0:
                table.first_row.append(bold)
            outline.paragraph(piece, cell=state.cell)
        elif self.sections:
            self._section_text(self.sections[-1], piece, number)
        elif number and not number[0].isdigit():
            opener = outline.opener
            if opener is not None and opener.kind is BlockKind.LIST_ITEM:
                opener = opener.lead_in
            outline.item(piece, depth=1, number=number, lead_in=opener)
        elif number:
            outline.numbered(piece, number)
        elif self._is_heading(piece, bold):
            below = 1 if bold else 2
            level = 1 if outline.region is Region.FRONT else self.heading_level + below
            outline.heading(piece, level)
        else:
            outline.paragraph(piece)

    def _is_heading(self, piece: Piece, bold: bool) -> bool:
        """A line set in bold that is no sentence, or an unnumbered level of the drafting system."""
        text = piece.text
        longest = _MAX_UNNUMBERED if self.state.unnumbered else _MAX_HEADING
        if len(text) > longest or (text.endswith(_SENTENCE_END) and not text.endswith("?")):
            return False
        return (bold or self.state.unnumbered) and not text[0].islower()

    def _item_text(self, item: OpenItem, piece: Piece) -> None:
        cell, inside = self.state.cell, item.list
        if item.first is None:
            number = item.number
            marker = parse_marker(piece.text)
            if marker is not None and (
                marker.style not in (Style.DOTTED, Style.DECIMAL)
                or marker.printed.rstrip(".").endswith((number or "").rstrip("."))
            ):
                number, piece = marker.printed, piece.cut(marker.length)
            item.first = self.outline.item(
                piece,
                depth=inside.depth,
                number=number,
                lead_in=inside.opener,
                cell=cell,
                parent=inside.parent,
            )
            self.fresh_paragraph = True
            return
        draft = self.outline.continued(piece, cell=cell, provision=item.first.provision)
        if draft is not None and not self.fresh_paragraph and piece.text[0].islower():
            draft.kind, draft.level, draft.closing = BlockKind.LIST_ITEM, inside.depth, True
            draft.lead_in = item.first

    def _section_text(self, section: OpenSection, piece: Piece, number: str | None) -> None:
        above = self.sections[-2].draft if len(self.sections) > 1 else None
        if section.draft is not None or number is None:
            section.draft = (
                self.outline.continued(piece, provision=section.draft.provision)
                if section.draft
                else self.outline.paragraph(piece)
            )
        elif above is None and number[0].isalnum():
            section.draft = self.outline.numbered(piece, number)
        else:
            depth = sum(it.draft is not None for it in self.sections[:-1])
            if self.sections[0].draft is not None and (
                self.sections[0].draft.kind is BlockKind.LIST_ITEM
            ):
                depth += 1
            opener = above or self.outline.opener
            if above is None and opener is not None and opener.kind is BlockKind.LIST_ITEM:
                opener = opener.lead_in
            parent = above.provision if above is not None else None
            section.draft = self.outline.item(
                piece, depth=max(1, depth), number=number, lead_in=opener, parent=parent
            )
