"""Element names by role, and rows, columns and headers of HTML-like tables inside XML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from collabnlp.errors import DataError
from collabnlp.schema import Cell

if TYPE_CHECKING:
    from lxml import etree

_WIDEST_SPAN = 1000


@cache
def _vocabularies() -> dict[str, dict[str, frozenset[str]]]:
    source = files("collabnlp.extraction").joinpath("data/xml_elements.toml")
    try:
        tables = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"xml_elements.toml cannot be read: {error}.") from error
    for name, table in tables.items():
        if not all(isinstance(value, str) and value.split() for value in table.values()):
            raise DataError(f"xml_elements.toml: [{name}] must hold strings of names.")
    return {
        name: {role: frozenset(value.split()) for role, value in table.items()}
        for name, table in tables.items()
    }


def elements(vocabulary: str, role: str) -> frozenset[str]:
    """Names of the elements with a role in a vocabulary ("akoma_ntoso" or "clml").

    Raises DataError where the data file lacks them.
    """
    try:
        return _vocabularies()[vocabulary][role]
    except KeyError:
        raise DataError(f"xml_elements.toml has no {vocabulary}.{role}.") from None


def local_name(element: etree._Element) -> str:
    """Name without namespace; "" for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element) -> str:
    """All text inside, as written."""
    return "".join(str(part) for part in element.itertext())


def table_entries(table: etree._Element, index: int) -> Iterator[tuple[etree._Element, Cell]]:
    """Each entry of a table with its place, spans reckoned with; tables inside entries left out.

    index  the table's number within the document, from 0
    Headers are ``th`` entries, ``thead`` rows, and a first row all in bold where no row is marked.
    """
    rows = [node for node in table.iter() if local_name(node) == "tr" and _of(node, table)]
    bold = bool(rows) and not any(_in_head(row) for row in rows) and _all_bold(rows[0])
    taken_until: dict[int, int] = {}  # column: the first row in which it is free again
    for y, row in enumerate(rows):
        in_head = _in_head(row)
        x = 0
        for entry in row:
            if local_name(entry) not in ("td", "th"):
                continue
            while taken_until.get(x, 0) > y:
                x += 1
            free = y + _span(entry, "rowspan")
            taken_until.update((x + dx, free) for dx in range(_span(entry, "colspan")))
            header = in_head or local_name(entry) == "th" or (bold and y == 0)
            yield entry, Cell(index, y, x, header)


def text_holders(element: etree._Element) -> list[etree._Element]:
    """The elements whose own text shows (a tail belongs to the parent)."""
    holders = [node for node in element.iter() if local_name(node) and (node.text or "").strip()]
    for node in element.iter():
        parent = node.getparent()
        if node is not element and parent is not None and (node.tail or "").strip():
            holders.append(parent)
    return holders


def ancestry(node: etree._Element, top: etree._Element) -> Iterator[etree._Element]:
    """The element and what stands around it, up to but without ``top``."""
    at: etree._Element | None = node
    while at is not None and at is not top:
        yield at
        at = at.getparent()


def _in_head(row: etree._Element) -> bool:
    parent = row.getparent()
    return parent is not None and local_name(parent) == "thead"


def _of(row: etree._Element, table: etree._Element) -> bool:
    return next((up for up in row.iterancestors() if local_name(up) == "table"), None) is table


def _span(entry: etree._Element, name: str) -> int:
    value = entry.get(name) or "1"
    return min(int(value), _WIDEST_SPAN) if value.isdecimal() and int(value) else 1


def _all_bold(row: etree._Element) -> bool:
    holders = text_holders(row)
    return bool(holders) and all(
        any(local_name(it) in ("b", "strong", "Strong") for it in ancestry(holder, row))
        for holder in holders
    )
