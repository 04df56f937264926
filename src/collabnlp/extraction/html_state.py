"""What is open while an HTML tree is walked: lists, items, tables, numbered sections."""

from __future__ import annotations

from dataclasses import dataclass, field

from collabnlp.extraction.markers import to_letters, to_roman
from collabnlp.schema import BlockDraft, BlockKind, Cell


@dataclass(slots=True)
class OpenList:
    ordered: bool
    kind: str
    count: int
    depth: int
    opener: BlockDraft | None
    parent: str | None
    contents: bool = False


@dataclass(slots=True)
class OpenItem:
    list: OpenList
    number: str | None
    first: BlockDraft | None = None


@dataclass(slots=True)
class OpenTable:
    index: int
    row: int = -1
    column: int = 0
    taken: set[tuple[int, int]] = field(default_factory=set)
    first_row: list[bool] = field(default_factory=list)  # whether each cell is bold throughout
    has_header: bool = False
    drafts_from: int = 0
    outside: tuple[list[OpenList], list[OpenItem]] = ([], [])  # what goes on after the table

    @property
    def layout(self) -> bool:
        """A table of one cell, or one declared to be no table: a box drawn with table borders."""
        return self.index < 0


@dataclass(slots=True)
class OpenSection:
    """A numbered section of the drafting system's HTML: a number, its text, its subsections."""

    draft: BlockDraft | None = None


@dataclass(slots=True)
class State:
    """What holds inside an element and ends with it."""

    heading: int = 0
    kind: BlockKind | None = None  # CAPTION, FOOTNOTE or CONTENTS
    cell: Cell | None = None
    bold: bool = False
    linked: bool = False
    number: bool = False
    unnumbered: bool = False  # a section without a number: a heading, if it reads like one


def counter(inside: OpenList) -> str | None:
    """The marker that a browser prints before an item."""
    if not inside.ordered:
        return "•"
    count = inside.count
    letter = {"a": to_letters, "i": to_roman}.get(inside.kind.lower())
    if letter is None or not 1 <= count < 400:
        return f"{count}."
    counted = letter(count)
    return f"({counted.upper() if inside.kind.isupper() else counted})"
