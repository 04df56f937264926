"""legislation.gov.uk XML (Crown Legislation Markup Language) to blocks.

Headings are nested as the elements are; a section's number stands on its heading (``P1group``).
Marks of annotations are taken out of the text and the annotations (F1, C1, …, numbered by their
first mark) become footnotes at the end. Text of additions, substitutions and repeals that the
publisher retains is kept. Quoted text for insertion is in region QUOTED and has the inserting
provision's ``provision``. Numbers follow `collabnlp.extraction.provisions`; the document's date is
that of enactment or making, and the title names the day of the revision.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from collabnlp.errors import NoContent, UnsupportedXml
from collabnlp.extraction.clml_metadata import Annotations, read_info
from collabnlp.extraction.provisions import join_provision, schedule_provision
from collabnlp.extraction.safe_xml import parse_xml
from collabnlp.extraction.xml_flow import DraftWriter, Scope, TextRun, clean, closes_quotation
from collabnlp.extraction.xml_tables import elements, local_name, table_entries, text_of
from collabnlp.schema import BlockDraft, BlockKind, Document, Region, assemble

if TYPE_CHECKING:
    from lxml import etree

_GROUPS = elements("clml", "grouping")
_NUMBERED = frozenset(f"P{depth}" for depth in range(1, 8))
_PARAS = frozenset(f"P{depth}para" for depth in range(1, 8)) | {"Para", "ScheduleBody"}
_FRONT = elements("clml", "front")
_INLINE = elements("clml", "inline")
_DROPPED = elements("clml", "dropped")
_LABELS = elements("clml", "labels")
_CHARACTERS = {"EmSpace": " ", "EnSpace": " ", "ThinSpace": " ", "NonBreakingSpace": " "}
_QUOTES = {"single": ("‘", "’"), "none": ("", "")}


def read_clml(data: bytes, *, name: str) -> Document:
    """Read an act or instrument, or a part of one, in legislation.gov.uk XML.

    data  the file's bytes
    name  its file name; the document's id is the part before the first dot
    Raises UnsafeXml, DamagedFile, UnsupportedXml (another vocabulary), NoContent (no text).
    """
    root = parse_xml(data, name=name)
    if local_name(root) not in ("Legislation", "Fragment"):
        raise UnsupportedXml(f"{name} is not legislation.gov.uk XML.")
    reader = _Reader(Annotations.of(root))
    reader.flow(root, Scope())
    if not reader.out.drafts:
        raise NoContent(
            f"{name} holds no text.", advice="Download the full document, not its metadata alone."
        )
    drafts = [*reader.out.drafts, *reader.annotation_drafts()]
    info = read_info(root, id=name.split(".")[0], sha256=hashlib.sha256(data).hexdigest())
    return assemble(info, drafts, format="clml")


@dataclass(slots=True)
class _Body:
    """Opening words of the provision being read, and whether its items have begun."""

    opening: BlockDraft | None = None
    items: bool = False


class _Reader:
    def __init__(self, annotations: Annotations) -> None:
        self.out = DraftWriter()
        self._annotations = annotations
        self._tables = 0

    def annotation_drafts(self) -> list[BlockDraft]:
        """The annotations and footnotes, in the order of their labels."""
        return [
            BlockDraft(kind=BlockKind.FOOTNOTE, text=text, number=label)
            for label, text in self._annotations.texts
            if text
        ]

    # -- blocks

    def walk(self, element: etree._Element, scope: Scope) -> None:
        """Write the blocks of one block-level element."""
        tag = local_name(element)
        if not tag or tag in _DROPPED:
            return
        if tag in _FRONT:
            self.flow(element, replace(scope, region=Region.FRONT))
        elif tag in _GROUPS:
            self._group(element, scope)
        elif tag in _NUMBERED:
            self._provision(element, scope)
        elif tag in _PARAS or tag in ("ListItem", "BlockText", "Where"):
            self._body(element, scope, _Body())
        elif tag == "BlockAmendment":
            self._quoted(element, scope)
        elif tag in ("UnorderedList", "OrderedList", "KeyList"):
            self._list(element, scope)
        elif tag == "table":
            self._table(element, scope)
        elif tag == "Title" or tag == "ContentsTitle":
            self._loose_title(element, scope)
        elif tag == "ContentsItem":
            self._contents_item(element, scope)
        elif tag == "Formula":
            self._formula(element, scope)
        elif tag == "AppendText":
            self._append(element, scope)
        elif tag == "Reference":
            self.out.note(clean(text_of(element)), scope, label=None)
            self.out.flush(scope)
        else:
            self.flow(element, scope)

    def flow(self, element: etree._Element, scope: Scope) -> None:
        """Mixed content: runs of inline text become drafts, blocks among them are walked."""
        self.out.run.add(element.text)
        for child in element:
            tag = local_name(child)
            if tag in _INLINE:
                self._inline(child, self.out.run)
            elif tag:
                self.out.flush(scope)
                self.walk(child, scope)
            self.out.run.add(child.tail)
        self.out.flush(scope)

    def _group(self, element: etree._Element, scope: Scope) -> None:
        tag = local_name(element)
        number, title = self._label(element, "Number"), self._title(element)
        inner = replace(scope, lead_in=None, closing=False)
        sections = [child for child in element if local_name(child) == "P1"]
        consumed = None
        if tag in ("Schedule", "Appendix"):
            inner = replace(inner, depth=0)
            if not scope.fixed:
                inner = replace(inner, provision=schedule_provision(number))
        elif tag == "P1group" and len(sections) == 1 and title:
            number = self._number(sections[0], marks=False)
            consumed = sections[0]
        if consumed is not None and not scope.fixed:
            provision = join_provision(scope.provision, number)
        else:
            provision = inner.provision
        if self.out.heading(title, scope, number=number or None, provision=provision):
            inner = replace(inner, heading_level=scope.heading_level + 1)
        for child in element:
            if child is consumed:
                self._provision(child, inner, numbered=True)
            elif local_name(child) not in _LABELS:
                self.walk(child, inner)

    def _provision(self, element: etree._Element, scope: Scope, *, numbered: bool = False) -> None:
        number = self._number(element)
        inner = replace(
            scope,
            kind=BlockKind.PROVISION,
            depth=scope.depth + 1,
            closing=False,
            provision=scope.provision if scope.fixed else join_provision(scope.provision, number),
        )
        if number and not numbered:
            self.out.number(number)
        self._body(element, inner, _Body(opening=None))
        self.out.unused_number(inner)

    def _body(self, element: etree._Element, scope: Scope, state: _Body) -> None:
        """What stands in a provision: opening words, items, closing words."""
        self.out.run.add(element.text)
        for child in element:
            tag = local_name(child)
            if tag in _INLINE and tag != "CommentaryRef":
                self._inline(child, self.out.run)
            elif tag and tag not in _LABELS:
                self.out.flush(scope)
                self._part(child, tag, scope, state)
            self.out.run.add(child.tail)
        self.out.flush(scope)

    def _part(self, child: etree._Element, tag: str, scope: Scope, state: _Body) -> None:
        within = replace(scope, lead_in=state.opening) if state.opening else scope
        if tag in _PARAS and tag != "ScheduleBody":
            self._body(child, scope, state)
        elif tag == "Text":
            if state.items:
                self._closing_words(child, within, state)
                return
            before = len(self.out.drafts)
            self.flow(child, scope)
            if len(self.out.drafts) > before:
                state.opening = self.out.drafts[-1]
        elif tag in _NUMBERED or tag in ("UnorderedList", "OrderedList", "KeyList", "BlockText"):
            self.walk(child, within)
            state.items = True
        elif tag == "BlockAmendment":
            self.walk(child, scope)
        else:
            self.walk(child, replace(scope, lead_in=None))

    def _closing_words(self, element: etree._Element, scope: Scope, state: _Body) -> None:
        """Words after the items go on from the opening words, unless they are a sentence."""
        start = clean(text_of(element)).lstrip("([“‘")[:1]
        if state.opening is None or start.isupper():
            before = len(self.out.drafts)
            self.flow(element, replace(scope, lead_in=None))
            if len(self.out.drafts) > before:
                state.opening, state.items = self.out.drafts[-1], False
        else:
            self.flow(element, replace(scope, closing=True))

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
        opening, closing = _QUOTES.get(element.get("Format") or "", ("“", "”"))
        first = len(self.out.drafts)
        self.out.opening = opening
        self._body(element, inner, _Body())
        self.out.opening = ""
        self.out.close_quotation(closing, first, inner)

    def _append(self, element: etree._Element, scope: Scope) -> None:
        """Punctuation after quoted text."""
        text, drafts = clean(text_of(element)), self.out.drafts
        if drafts and drafts[-1].region is Region.QUOTED and closes_quotation(text):
            self.out.append(text if text[:1] in ".,;:" else f" {text}")
        else:
            self.flow(element, scope)

    def _list(self, element: etree._Element, scope: Scope) -> None:
        ordered = local_name(element) == "OrderedList"
        items = [child for child in element if local_name(child) in ("ListItem", "KeyListItem")]
        for position, item in enumerate(items, start=1):
            printed = item.get("NumberOverride") or (
                _ordinal(position, element.get("Type") or "arabic") if ordered else ""
            )
            number = _decorated(printed, element.get("Decoration") or "") if printed else ""
            inner = replace(
                scope,
                kind=BlockKind.PROVISION if scope.provision else BlockKind.LIST_ITEM,
                depth=scope.depth + 1,
                closing=False,
            )
            if number:
                self.out.number(number)
                if not scope.fixed and scope.provision:
                    inner = replace(inner, provision=join_provision(scope.provision, number))
            self._body(item, inner, _Body())
            self.out.unused_number(inner)

    def _table(self, element: etree._Element, scope: Scope) -> None:
        table, self._tables = self._tables, self._tables + 1
        for entry, cell in table_entries(element, table):
            inner = replace(scope, cell=cell, lead_in=None, closing=False)
            if any(local_name(node) in (*_NUMBERED, "table") for node in entry.iter()):
                self.flow(entry, inner)
            else:
                texts = [node for node in entry.iter() if local_name(node) == "Text"]
                for node in texts or [entry]:
                    self._joined(node, self.out.run)
                    self.out.flush(inner)

    def _loose_title(self, element: etree._Element, scope: Scope) -> None:
        run = TextRun()
        self._joined(element, run)
        text, _ = run.take()
        if scope.region is Region.FRONT:
            kind = BlockKind.CONTENTS if local_name(element) != "Title" else BlockKind.PARAGRAPH
            self.out.run.add(text)
            self.out.flush(replace(scope, kind=kind))
        else:
            self.out.heading(text, scope)

    def _contents_item(self, element: etree._Element, scope: Scope) -> None:
        for child in element:
            if local_name(child) == "ContentsNumber":
                self.out.number(clean(text_of(child)))
        inner = replace(scope, kind=BlockKind.CONTENTS)
        for child in element:
            if local_name(child) in ("ContentsItem", "ContentsNumber"):
                continue
            self._joined(child, self.out.run)
        self.out.flush(inner)
        self.out.unused_number(inner)
        for child in element:
            if local_name(child) == "ContentsItem":
                self._contents_item(child, scope)

    def _formula(self, element: etree._Element, scope: Scope) -> None:
        """A formula on one line, then what its letters mean."""
        alone = replace(scope, lead_in=None, closing=False)
        for child in element:
            tag = local_name(child)
            if tag == "math":
                self._math(child, self.out.run)
                self.out.flush(alone)
            elif tag:
                self.walk(child, alone)

    def _math(self, element: etree._Element, run: TextRun) -> None:
        run.add(element.text)
        for position, child in enumerate(element):
            if position and local_name(element) == "mfrac":
                run.add(" / ")
            elif position:
                run.add(" ")
            self._math(child, run)
            run.add(child.tail)

    # -- inline

    def _title(self, element: etree._Element) -> str:
        run = TextRun()
        for child in element:
            if local_name(child) in ("Title", "Subtitle", "TitleBlock"):
                run.add(" ")
                self._joined(child, run)
        return run.take()[0]

    def _label(self, element: etree._Element, tag: str) -> str:
        child = next((child for child in element if local_name(child) == tag), None)
        run = TextRun()
        if child is not None:
            self._joined(child, run)
        return run.take()[0]

    def _number(self, element: etree._Element, *, marks: bool = True) -> str:
        """The number as printed: brackets are not in the XML. Its marks go before the text."""
        label = next((child for child in element if local_name(child) == "Pnumber"), None)
        if label is None:
            return ""
        run = TextRun()
        self._joined(label, run)
        printed, met = run.take()
        for _, mark in met if marks else ():
            self.out.run.mark(mark)
        if not printed or printed.startswith("("):
            return printed
        if label.get("PuncBefore") is not None or label.get("PuncAfter") is not None:
            return f"{label.get('PuncBefore') or ''}{printed}{label.get('PuncAfter') or ''}"
        return printed if local_name(element) == "P1" else f"({printed})"

    def _inline(self, element: etree._Element, run: TextRun) -> None:
        """One inline element, without its tail."""
        tag = local_name(element)
        for label in self._annotations.marks(element):
            run.mark(label)
        if tag in ("CommentaryRef", "FootnoteRef", "MarginNoteRef"):
            return
        if tag == "Character":
            run.add(_CHARACTERS.get(element.get("Name") or "", ""))
        elif tag in ("br", "LeaderDots"):
            run.add(" ")
        quoted = tag == "InlineAmendment" and not clean(text_of(element)).startswith(("“", "‘"))
        run.add("“" if quoted else None)
        self._content(element, run)
        run.add("”" if quoted else None)

    def _content(self, element: etree._Element, run: TextRun) -> None:
        run.add(element.text)
        for child in element:
            tag = local_name(child)
            if tag and tag not in _INLINE:
                run.add(" ")
            if tag:
                self._inline(child, run)
            run.add(child.tail)

    def _joined(self, element: etree._Element, run: TextRun) -> None:
        """All text inside as one run, a blank between blocks."""
        run.add(" ")
        self._inline(element, run)


def _ordinal(position: int, kind: str) -> str:
    if kind.startswith("alpha"):
        letters = ""
        while position:
            position, rest = divmod(position - 1, 26)
            letters = chr(ord("a") + rest) + letters
        return letters.upper() if "upper" in kind else letters
    if kind.startswith("roman"):
        roman = ""
        for value, sign in ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
            while position >= value:
                roman, position = roman + sign, position - value
        return roman.upper() if "upper" in kind else roman
    return str(position)


def _decorated(number: str, decoration: str) -> str:
    if number.startswith("(") or decoration in ("", "none"):
        return number
    shapes = {"parens": f"({number})", "parenRight": f"{number})", "period": f"{number}."}
    shapes |= {"brackets": f"[{number}]", "bracketRight": f"{number}]", "colon": f"{number}:"}
    return shapes.get(decoration, number)
