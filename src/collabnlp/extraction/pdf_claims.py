"""Gives every run of a tagged page to the structure element that claims it.

The tree says what belongs together and what it is; the order is that of the page's content, which
producers get right more often than the tree's (Word hangs lists below items of the page before).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from collabnlp.extraction.pdf_tags import Element
from collabnlp.extraction.pdf_targets import FLOATING, Fragment, Role, Target, best_order
from collabnlp.extraction.pdf_text import TextLine, visible
from collabnlp.schema import Cell

_HEADINGS = {"H": 0, "Title": 1, **{f"H{rank}": rank for rank in range(1, 10)}}
_INLINE = frozenset(
    ("Span", "Link", "Reference", "Quote", "Em", "Strong", "Code", "Annot", "BibEntry", "Lbl",
     "Sub", "Ruby", "RB", "RT", "RP", "Warichu", "WT", "WP", "Formula")
)  # fmt: skip
_NOTES = frozenset(("Note", "FENote", "Footnote", "Endnote"))
_NOTHING: tuple[Target | None, bool] = (None, False)
_CONTENTS = frozenset(("TOC", "TOCI"))


@dataclass(slots=True, frozen=True)
class _Place:
    """Where in the tree we are: what a paragraph found here would be."""

    role: Role = Role.PARAGRAPH
    item: int = 0
    cell: Cell | None = None
    aside: bool = False
    paragraphs: int = 0  # how many "P" are above


@dataclass(slots=True)
class PageClaims:
    """A page's targets in the order of its content, and what no element claims.

    unclaimed  visible characters, artifacts left out, that stood in no element
    nested     visible characters claimed by paragraphs within paragraphs
    """

    targets: list[Target]
    artifacts: int
    claimed: int
    unclaimed: int
    nested: int


class Claimer:
    """Claims one page after the other, in order; remembers what goes on to the next page."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, ...], Target] = {}
        self._pending: dict[int, Target] = {}
        self._claims: dict[int, tuple[Target, bool]] = {}
        self._worded: set[int] = set()  # targets (by identity) that have words of their own
        self._items = self._order = 0
        self._tables = 0
        self._rows = self._columns = self._tables_here = 0  # of the table read last, of the page
        self._table_open = False  # the page before has a table

    def page(
        self,
        number: int,
        lines: Iterable[TextLine],
        tree: Iterable[Element],
        furniture: frozenset[int] | set[int] = frozenset(),
    ) -> PageClaims:
        """Share out a page's runs. ``furniture``: indices of lines that are running heads or feet
        by their repetition, even where the tags do not say so."""
        self._claims = {}
        self._worded = set()
        self._table_open, self._tables_here = self._tables_here > 0, 0
        self._still_open: dict[tuple[int, ...], Target] = {}
        self._still_pending: dict[int, Target] = {}
        for element in tree:
            self._walk(element, None, _Place())
        pending, self._pending = self._pending, self._still_pending
        self._open = self._still_open
        return self._fill(number, lines, pending, furniture)

    # The tree

    def _walk(self, element: Element, target: Target | None, place: _Place) -> None:
        kind = element.type
        if kind in _INLINE and not (kind == "Lbl" and target is None):
            self._claim(element, target or self._new(place), place, kind == "Lbl")
        elif kind == "LI":
            self._items += 1
            inner = replace(place, role=_in_list(place.role), item=self._items)
            self._claim(element, self._new(inner), inner)
        elif kind == "LBody" and target is not None and id(target) not in self._worded:
            self._claim(element, target, place)
        elif kind in ("TD", "TH"):
            self._claim(element, self._new(place), place)
        elif kind == "Table":
            self._table(element, place)
        elif kind in _NOTES:
            inner = _Place(Role.NOTE)
            self._claim(element, self._new(inner), inner)
        elif kind == "Caption":
            inner = _Place(Role.CAPTION, cell=None)
            self._claim(element, self._new(inner), inner)
        elif kind == "Figure":
            inner = _Place(Role.FIGURE)
            self._claim(element, self._new(inner), inner)
        elif kind in _CONTENTS:
            inner = _Place(Role.CONTENTS)
            self._claim(element, self._new(inner), inner)
        elif kind in _HEADINGS and place.role is Role.PARAGRAPH:
            heading = self._new(replace(place, role=Role.HEADING, item=0))
            heading.rank = _HEADINGS[kind]
            self._claim(element, heading, place)
        elif target is not None and self._shares(target, place, kind):
            self._claim(element, target, place)
        else:
            inner = place
            if kind == "Aside":
                inner = replace(place, aside=True)
            elif kind == "P":
                inner = replace(place, paragraphs=place.paragraphs + 1)
            self._claim(element, self._new(inner), inner)

    def _shares(self, target: Target, place: _Place, kind: str) -> bool:
        """A paragraph that stands first in an item, cell, note or contents line is its text."""
        if target.role in (Role.PARAGRAPH, Role.HEADING):
            return False
        if target.role is Role.CONTENTS:
            return kind != "TOCI"
        return target.role is place.role and id(target) not in self._worded

    def _new(self, place: _Place) -> Target:
        self._order += 1
        return Target(
            place.role, item=place.item, cell=place.cell, aside=place.aside,
            nested=place.paragraphs > 1, order=self._order,
        )  # fmt: skip

    def _claim(self, element: Element, target: Target, place: _Place, label: bool = False) -> None:
        if element.ids:
            if element.begun and element.ids in self._open:
                target = self._open[element.ids]
            if element.open_ids:
                self._still_open[element.ids] = target
                for mcid in element.open_ids:
                    self._still_pending.setdefault(mcid, target)
        for kid in element.kids:
            if isinstance(kid, int):
                self._claims[kid] = (target, label)
                if not label:
                    self._worded.add(id(target))
            elif label and kid.type in _INLINE:
                self._claim(kid, target, place, label)
            else:
                self._walk(kid, target, place)

    def _table(self, table: Element, place: _Place) -> None:
        rows = [row for part in table.kids if isinstance(part, Element) for row in _rows_of(part)]
        begun = table.begun or any(
            it.begun for it in [*table.kids[:1], *rows[:1]] if isinstance(it, Element)
        )
        goes_on = begun and self._table_open and not self._tables_here
        if not goes_on:
            self._tables += 1
            self._rows = self._columns = 0
        self._tables_here += 1
        widths = [sum(isinstance(it, Element) for it in row.kids) for row in rows]
        self._columns = max([self._columns, *widths])
        if self._columns == 1:  # no table at all: a frame around text
            inner = replace(place, aside=True)
            for row in rows:
                for cell in row.kids:
                    self._box(cell, inner)
        else:
            for row in rows:
                self._row(row)
        for part in table.kids:
            if isinstance(part, int):
                self._claims[part] = (self._new(_Place(Role.CAPTION)), False)
            elif part.type not in ("TR", "THead", "TBody", "TFoot"):
                self._walk(part, None, place)

    def _box(self, cell: int | Element, place: _Place) -> None:
        if isinstance(cell, int):
            self._claims[cell] = (self._new(place), False)
            return
        target = self._new(place)
        for kid in cell.kids:
            if isinstance(kid, int):
                self._claims[kid] = (target, False)
            else:
                self._walk(kid, None, place)

    def _row(self, row: Element) -> None:
        column = 0
        for cell in row.kids:
            if isinstance(cell, int):
                inner = _Place(Role.CELL, cell=self._at(column, False))
                self._claims[cell] = (self._new(inner), False)
                continue
            at = self._at(column, cell.type == "TH")
            self._walk(cell, None, _Place(Role.CELL, cell=at))
            column += cell.columns
        self._rows += 1

    def _at(self, column: int, header: bool) -> Cell:
        return Cell(max(0, self._tables - 1), self._rows, column, header)

    # The content

    def _fill(
        self,
        number: int,
        lines: Iterable[TextLine],
        pending: dict[int, Target],
        furniture: frozenset[int] | set[int],
    ) -> PageClaims:
        order: list[Target] = []
        seen: set[int] = set()
        current: Target | None = None  # the running text's, not a floating one
        artifacts = claimed = unclaimed = nested = 0
        renewed: dict[int, Target] = {}
        claims = self._claims
        for index, line in enumerate(lines):
            if index in furniture:
                artifacts += visible(line.text)
                continue
            last: Target | None = None
            for run in line.runs:
                count = visible(run.text)
                found, label = claims.get(run.mcid, _NOTHING)
                if found is None and run.mcid >= 0:
                    found = pending.get(run.mcid)
                if found is None:
                    if run.artifact:
                        artifacts += count
                        continue
                    if not count:
                        if last is not None and last.fragments:
                            last.fragments[-1].runs.append(run)
                        continue
                    unclaimed += count
                    found = last or self._loose(order, number, line)
                else:
                    claimed += count
                    nested += count if found.nested else 0
                if renewed:
                    found = renewed.get(id(found), found)
                if label:
                    found.label.append(run)
                    found.label_fragments.append(Fragment(number, line, [run], count))
                    if id(found) not in seen:
                        seen.add(id(found))
                        order.append(found)
                    if found.role not in FLOATING:
                        current = found
                    last = found
                    continue
                if found.role not in FLOATING and found is not current:
                    if (
                        found.fragments
                        and found.role in (Role.PARAGRAPH, Role.ITEM)
                        and current is not None
                        and id(found) in seen
                        and found.fragments[-1].line is not line
                    ):
                        again = Target(
                            found.role, item=found.item, cell=found.cell, resumed=True,
                            aside=found.aside, order=found.order,
                        )  # fmt: skip
                        renewed[id(found)] = again
                        found = again
                    current = found
                if found.fragments and found.fragments[-1].line is line:
                    found.fragments[-1].runs.append(run)
                    found.fragments[-1].seen += count
                else:
                    found.fragments.append(Fragment(number, line, [run], count))
                if id(found) not in seen:
                    seen.add(id(found))
                    if found.fragments[0].page == number:
                        order.append(found)
                last = found
        return PageClaims(best_order(order), artifacts, claimed, unclaimed, nested)

    def _loose(self, order: list[Target], number: int, line: TextLine) -> Target:
        """The target for a run that nothing claims: the one before if it is its next line."""
        if order and order[-1].loose and order[-1].fragments:
            before = order[-1].fragments[-1]
            near = -line.size < line.top - before.line.bottom < 0.6 * line.size
            beside = abs(line.bottom - before.line.bottom) < 0.3 * line.size
            near = near or (beside and 0 <= line.x0 - before.line.x1 < 3 * line.size)
            same = abs(before.line.size - line.size) < 0.5 and before.line.bold == line.bold
            if before.page == number and near and same:
                return order[-1]
        return Target(Role.PARAGRAPH, loose=True)


def _in_list(role: Role) -> Role:
    return Role.ITEM if role is Role.PARAGRAPH else role


def _rows_of(part: Element) -> list[Element]:
    if part.type == "TR":
        return [part]
    if part.type in ("THead", "TBody", "TFoot"):
        return [row for row in part.kids if isinstance(row, Element) and row.type == "TR"]
    return []
