"""Akoma Ntoso (bills, acts, explanatory notes) to blocks.

Every visible character of the document lands in exactly one block, save deletions (``del``) and
the metadata. Elements that are not known are walked through, never skipped. Numbers follow
`collabnlp.extraction.provisions`. Parts, chapters, cross-headings, schedules and the headings of
clauses are headings, nested as the elements are; a clause's number stands on its heading. Text
quoted for insertion is in region QUOTED, keeps the inserting provision's ``provision``, and counts
``level`` from 1 again.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from collabnlp.errors import NoContent, UnsupportedXml
from collabnlp.extraction.akoma_looks import heading_rank, holders_of, paragraphs, stands_out
from collabnlp.extraction.akoma_metadata import Metadata
from collabnlp.extraction.metadata import guess_date
from collabnlp.extraction.provisions import join_provision, schedule_provision
from collabnlp.extraction.safe_xml import parse_xml
from collabnlp.extraction.xml_flow import DraftWriter, Scope, TextRun, clean, closes_quotation
from collabnlp.extraction.xml_tables import (
    elements,
    local_name,
    table_entries,
    text_holders,
    text_of,
)
from collabnlp.schema import BlockDraft, BlockKind, Document, Region, assemble

if TYPE_CHECKING:
    from lxml import etree

_GROUPING = elements("akoma_ntoso", "grouping")
_PROVISION = elements("akoma_ntoso", "provision")
_TEXT = elements("akoma_ntoso", "text")
_NAMED_GROUPS = frozenset({"crossheading", "schedules", "schedule"})
_BLOCKS = _GROUPING | _PROVISION | _TEXT | elements("akoma_ntoso", "other_blocks")
_NESTING = _PROVISION | {"table", "blockList", "ul", "ol", "quotedStructure"}
_FRONT = elements("akoma_ntoso", "front")
_DROPPED = elements("akoma_ntoso", "dropped")
_UKL = "https://www.legislation.gov.uk/namespaces/UK-AKN"
_BREAKS = frozenset({"br", "eol"})
_HEADING_LENGTH = 200


def read_akoma_ntoso(data: bytes, *, name: str) -> Document:
    """Read an Akoma Ntoso document.

    data  the file's bytes
    name  its file name; the document's id is the part before the first dot
    Raises UnsafeXml, DamagedFile, UnsupportedXml (another vocabulary), NoContent (no text).
    """
    root = parse_xml(data, name=name)
    if local_name(root) != "akomaNtoso":
        raise UnsupportedXml(f"{name} is not an Akoma Ntoso document.")
    metadata = Metadata.of(root)
    reader = _Reader(root, metadata)
    reader.walk(root, Scope())
    if not reader.out.drafts:
        raise NoContent(
            f"{name} holds no text.", advice="Download the full document, not its metadata alone."
        )
    info = metadata.info(id=name.split(".")[0], sha256=hashlib.sha256(data).hexdigest())
    if metadata.is_notes:  # dated as what they explain; their own dates are those of conversion
        info = replace(info, date=guess_date(reader.out.drafts) or info.date)
    return assemble(info, reader.out.drafts, format="akoma_ntoso")


class _Reader:
    def __init__(self, root: etree._Element, metadata: Metadata) -> None:
        self.out = DraftWriter()
        self._metadata = metadata
        self._tables = 0
        self._holders = holders_of(root, _BLOCKS)

    # -- containers

    def walk(self, element: etree._Element, scope: Scope) -> None:
        """Write the blocks of one block-level element."""
        tag = local_name(element)
        if tag in _DROPPED:
            return
        if tag in _FRONT:
            self.flow(element, replace(scope, region=Region.FRONT))
        elif tag == "hcontainer" and element.get("name") == "schedule":
            self._schedule(element, scope)
        elif tag in _GROUPING or self._is_group(element, tag):
            self._group(element, scope)
        elif tag in _PROVISION:
            self._provision(element, scope)
        elif tag in ("quotedStructure", "embeddedStructure"):
            self._quoted(element, scope)
        elif tag == "table":
            self._table(element, scope)
        elif tag == "tocItem":
            self._contents_line(element, scope)
        elif tag == "blockContainer":
            self._numbered_paragraph(element, scope)
        elif tag in ("blockList", "ul", "ol", "list"):
            self._list(element, scope)
        elif tag in ("heading", "subheading", "crossHeading"):
            self._loose_heading(element, scope)
        elif tag == "block" and (element.get("name") or "").startswith("ToC"):
            self.flow(element, replace(scope, kind=BlockKind.CONTENTS))
        elif tag == "longTitle":
            self._long_title(element, scope)
        elif tag == "p" and self._is_heading(element, scope):
            self._loose_heading(element, scope)
        else:
            self.flow(element, scope)

    def flow(self, element: etree._Element, scope: Scope) -> None:
        """Mixed content: runs of inline text become drafts, blocks among them are walked."""
        self._mixed(element, scope)
        self.out.flush(scope)

    def _mixed(self, element: etree._Element, scope: Scope) -> None:
        self.out.run.add(element.text)
        for child in element:
            tag, tail = local_name(child), child.tail or ""
            if tag in _DROPPED:
                pass
            elif tag in _BLOCKS:
                self.out.flush(scope)
                self.walk(child, scope)
                if tag == "quotedStructure" and self._ends_quotation(tail):
                    tail = ""
            elif child in self._holders:
                self._mixed(child, scope)
            elif child.get("name") == "AppendText":
                text = text_of(child)
                if not self._ends_quotation(text):
                    self.out.run.add(text)
            elif tag:
                self._inline(child, self.out.run, scope)
            self.out.run.add(tail)

    def _ends_quotation(self, text: str) -> bool:
        """Put what only ends the sentence after quoted text into the quotation's last block."""
        drafts = self.out.drafts
        text = clean(text)
        if not drafts or drafts[-1].region is not Region.QUOTED or not closes_quotation(text):
            return False
        self.out.append(text if text[:1] in ".,;:" else f" {text}")
        return True

    # -- parts of the hierarchy

    def _is_group(self, element: etree._Element, tag: str) -> bool:
        if tag == "hcontainer" and element.get("name") in _NAMED_GROUPS:
            return True
        if tag not in ("section", "level", "hcontainer", "paragraph"):
            return False
        if (element.get("class") or "").startswith(("group", "schGroup", "EUGroup")):
            return True
        # A heading without a number, with provisions or paragraphs under it: a section of notes.
        return self._child(element, "num") is None and self._child(element, "heading") is not None

    def _group(self, element: etree._Element, scope: Scope) -> None:
        number, heading = self._number(element, scope), self._heading(element, scope)
        inner = replace(scope, lead_in=None, closing=False)
        if self.out.heading(heading, scope, number=number):
            inner = replace(inner, heading_level=scope.heading_level + 1)
        self._body(element, inner)

    def _schedule(self, element: etree._Element, scope: Scope) -> None:
        number, heading = self._number(element, scope), self._heading(element, scope)
        inner = replace(scope, lead_in=None, closing=False, depth=0)
        if not scope.fixed:
            inner = replace(inner, provision=schedule_provision(number))
        if self.out.heading(heading, scope, number=number, provision=inner.provision):
            inner = replace(inner, heading_level=scope.heading_level + 1)
        self._body(element, inner)

    def _provision(self, element: etree._Element, scope: Scope) -> None:
        number, heading = self._number(element, scope), self._heading(element, scope)
        named = element.get("name") == "definition"
        provision = scope.provision if scope.fixed else join_provision(scope.provision, number)
        notes = self._metadata.is_notes
        inner = replace(
            scope,
            provision=provision,
            closing=False,
            kind=self._kind(element, number, scope) if notes else BlockKind.PROVISION,
            depth=scope.depth + (1 if number or named else 0),
        )
        if notes and inner.kind is not BlockKind.LIST_ITEM:
            inner = replace(inner, depth=0)
        if heading:
            self.out.heading(heading, scope, number=number, provision=provision)
            inner = replace(inner, heading_level=scope.heading_level + 1, lead_in=None)
        elif number:
            self.out.number(number)
        self._body(element, inner)
        self.out.unused_number(inner)

    def _kind(self, element: etree._Element, number: str | None, scope: Scope) -> BlockKind:
        """In notes a numbered paragraph is a paragraph, what is listed under it a list item."""
        if not number:
            return BlockKind.PARAGRAPH
        listed = scope.kind is not BlockKind.PARAGRAPH or scope.provision is not None
        bullet = join_provision(None, number) is None
        return BlockKind.LIST_ITEM if listed or bullet else BlockKind.PARAGRAPH

    def _body(self, element: etree._Element, scope: Scope) -> None:
        """The children of a hierarchical element, opening words before and closing words after."""
        opening: BlockDraft | None = None
        self.out.run.add(element.text)
        for child in element:
            tag = local_name(child)
            if tag in ("num", "heading", "subheading"):
                self.out.run.add(child.tail)
                continue
            self.out.flush(scope)
            before = len(self.out.drafts)
            inner = scope if opening is None else replace(scope, lead_in=opening)
            if tag == "wrapUp":
                self._closing_words(child, inner if opening else scope)
            elif tag in _BLOCKS or child in self._holders:
                self.walk(child, inner)
            elif tag:
                self._inline(child, self.out.run, scope)
            if tag in ("intro", "listIntroduction"):
                opening = self._opening(before, scope) or opening
            self.out.run.add(child.tail)
        self.out.flush(scope)

    def _closing_words(self, element: etree._Element, scope: Scope) -> None:
        """Words after the items go on from the opening words, unless they are a sentence."""
        text = clean(text_of(element))
        if scope.lead_in is None or text.lstrip("([“‘")[:1].isupper():
            self.flow(element, replace(scope, lead_in=None))
        else:
            self.flow(element, replace(scope, closing=True))

    def _opening(self, before: int, scope: Scope) -> BlockDraft | None:
        """The last draft of the opening words, notes and quotations aside."""
        for draft in reversed(self.out.drafts[before:]):
            if draft.region is scope.region and draft.kind is not BlockKind.FOOTNOTE:
                return draft
        return None

    def _quoted(self, element: etree._Element, scope: Scope) -> None:
        inner = replace(
            scope,
            region=Region.QUOTED,
            kind=BlockKind.PROVISION,
            depth=0,
            lead_in=None,
            closing=False,
            fixed=True,
        )
        first = len(self.out.drafts)
        self.out.opening = element.get("startQuote") or ""
        self.flow(element, inner)
        self.out.opening = ""
        self.out.close_quotation(element.get("endQuote") or "", first, inner)

    # -- lists, tables, headings, contents

    def _list(self, element: etree._Element, scope: Scope) -> None:
        opening = self.out.drafts[-1] if self._opens_list(element, scope) else scope.lead_in
        for child in element:
            tag = local_name(child)
            kind = BlockKind.LIST_ITEM
            inner = replace(scope, kind=kind, depth=scope.depth + 1, lead_in=opening)
            if tag == "listIntroduction":
                before = len(self.out.drafts)
                self.flow(child, scope)
                opening = self._opening(before, scope) or opening
            elif tag == "listWrapUp":
                self.flow(child, replace(scope, lead_in=opening, closing=opening is not None))
            elif tag in ("item", "li", "point", "indent"):
                number = self._number(child, scope)
                if number:
                    self.out.number(number)
                if not scope.fixed:
                    inner = replace(inner, provision=join_provision(scope.provision, number))
                self._body(child, inner)
                self.out.unused_number(inner)
            elif tag:
                self.walk(child, scope)
            self.out.run.add(child.tail)
            self.out.flush(inner)

    def _opens_list(self, element: etree._Element, scope: Scope) -> bool:
        """Whether the draft just written ends as words do that open a list."""
        if element.getprevious() is None or not self.out.drafts:
            return False
        last = self.out.drafts[-1]
        return last.region is scope.region and last.text.endswith((":", "—", "–", "-"))

    def _numbered_paragraph(self, element: etree._Element, scope: Scope) -> None:
        """An annex's paragraph; letters under it stand beside it in the XML, not inside."""
        number = self._number(element, scope)
        inner = scope
        if number:
            self.out.number(number)
            if number[:1].isdigit():
                inner = replace(scope, provision=join_provision(scope.provision, number))
            else:
                above = self._paragraph_above(element)
                inner = replace(
                    scope,
                    kind=BlockKind.LIST_ITEM,
                    depth=scope.depth + 1,
                    lead_in=above,
                    provision=join_provision(above.provision if above else None, number),
                )
        self._body(element, inner)
        self.out.unused_number(inner)

    def _paragraph_above(self, element: etree._Element) -> BlockDraft | None:
        if not isinstance(element.getprevious(), type(element)):
            return None
        for draft in reversed(self.out.drafts):
            if draft.kind is BlockKind.PARAGRAPH:
                return draft if draft.number and draft.text.endswith((":", "—")) else None
            if draft.kind is not BlockKind.LIST_ITEM and draft.kind is not BlockKind.FOOTNOTE:
                return None
        return None

    def _table(self, element: etree._Element, scope: Scope) -> None:
        table, self._tables = self._tables, self._tables + 1
        for child in element:
            if local_name(child) == "caption":
                self.flow(child, replace(scope, kind=BlockKind.CAPTION))
        for entry, cell in table_entries(element, table):
            self._cell(entry, replace(scope, cell=cell, lead_in=None))

    def _cell(self, entry: etree._Element, scope: Scope) -> None:
        """A block for each paragraph of a cell."""
        if any(local_name(node) in _NESTING for node in entry.iter()):
            self.flow(entry, scope)
            return
        for node in paragraphs(entry):
            self._inline_content(node, self.out.run, scope)
            self.out.flush(scope)

    def _contents_line(self, element: etree._Element, scope: Scope) -> None:
        for child in element:
            if child.get("name") == "tocNum":
                number = TextRun()
                self._inline(child, number, scope)
                self.out.number(number.take()[0])
                self.out.run.add(child.tail)
        run = self.out.run
        run.add(element.text)
        for child in element:
            if child.get("name") != "tocNum":
                run.add(" ")
                self._inline(child, run, scope)
                run.add(child.tail)
        inner = replace(scope, kind=BlockKind.CONTENTS, region=Region.FRONT)
        self.out.flush(inner)
        self.out.unused_number(inner)

    def _long_title(self, element: etree._Element, scope: Scope) -> None:
        """Printed on three lines ("A", "bill", "to …") but one sentence."""
        for node in paragraphs(element):
            self.out.run.add(" ")
            self._inline_content(node, self.out.run, scope)
        self.out.flush(scope)

    def _loose_heading(self, element: etree._Element, scope: Scope) -> None:
        self.out.flush(scope)
        run = TextRun()
        self._inline_content(element, run, scope)
        text, _ = run.take()
        rank = heading_rank(element) if local_name(element) == "p" else 0
        self.out.heading(text, replace(scope, heading_level=scope.heading_level + rank))

    def _is_heading(self, element: etree._Element, scope: Scope) -> bool:
        """In explanatory notes the lower headings are paragraphs set in bold or in colour."""
        if not self._metadata.is_notes or scope.cell or scope.region is not Region.BODY:
            return False
        text = clean(text_of(element))
        if not text or self.out.pending or len(text) > _HEADING_LENGTH or text[-1] in ".;:,":
            return False
        return all(stands_out(holder, element) for holder in text_holders(element))

    # -- inline

    def _child(self, element: etree._Element, tag: str) -> etree._Element | None:
        return next((child for child in element if local_name(child) == tag), None)

    def _number(self, element: etree._Element, scope: Scope) -> str | None:
        return self._label(element, ("num",), scope) or None

    def _heading(self, element: etree._Element, scope: Scope) -> str:
        return self._label(element, ("heading", "subheading"), scope)

    def _label(self, element: etree._Element, tags: tuple[str, ...], scope: Scope) -> str:
        run = TextRun()
        for child in element:
            if local_name(child) in tags:
                run.add(" ")
                self._inline_content(child, run, scope)
        return run.take()[0]

    def _inline(self, element: etree._Element, run: TextRun, scope: Scope) -> None:
        """One inline element, without its tail."""
        tag = local_name(element)
        if tag in _DROPPED:
            return
        if tag == "authorialNote" or tag == "noteRef":
            self._note(element, run, scope)
        elif tag in _BREAKS:
            run.add(" ")
        elif self._metadata.is_placeholder(element):
            run.add(self._metadata.placeholder(element))
        else:
            run.add(element.get(f"{{{_UKL}}}startQuote") or element.get("startQuote"))
            self._inline_content(element, run, scope)
            run.add(element.get(f"{{{_UKL}}}endQuote") or element.get("endQuote"))

    def _inline_content(self, element: etree._Element, run: TextRun, scope: Scope) -> None:
        run.add(element.text)
        for child in element:
            if local_name(child):
                if local_name(child) in _BLOCKS:
                    run.add(" ")
                self._inline(child, run, scope)
            run.add(child.tail)

    def _note(self, element: etree._Element, run: TextRun, scope: Scope) -> None:
        label = element.get("marker")
        if label:
            run.mark(label)
        inner = TextRun()
        self._inline_content(element, inner, scope)
        self.out.note(inner.take()[0], scope, label=label)
