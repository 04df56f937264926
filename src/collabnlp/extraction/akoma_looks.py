"""What an Akoma Ntoso element holds and how it is set: blocks inside, headings by their looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from collabnlp.extraction.xml_tables import ancestry, local_name

if TYPE_CHECKING:
    from lxml import etree

_DARK = frozenset({"", "#000000", "black", "windowtext", "auto"})


def holders_of(root: etree._Element, blocks: frozenset[str]) -> set[etree._Element]:
    """Elements with one of ``blocks`` somewhere inside; what stands in a note does not count."""
    holders: set[etree._Element] = set()
    for element in reversed(list(root.iter())):
        tag = local_name(element)
        parent = element.getparent()
        if parent is None or local_name(parent) == "authorialNote":
            continue
        if tag in blocks or element in holders:
            holders.add(parent)
    return holders


def paragraphs(element: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs inside, or the element itself where it has none."""
    found = [child for child in element if local_name(child) in ("p", "div", "block")]
    if len(found) != len(element) or (element.text or "").strip():
        yield element
    else:
        yield from found


def heading_rank(element: etree._Element) -> int:
    """Rank of a heading by its looks: bold, bold underlined, colour alone, italic alone."""
    tags = {local_name(node) for node in element.iter()}
    if "b" in tags:
        return 1 if "u" in tags else 0
    return 3 if "i" in tags else 2


def stands_out(node: etree._Element, top: etree._Element) -> bool:
    """Bold, underlined, italic, or in a colour of its own."""
    for it in ancestry(node, top):
        if local_name(it) in ("b", "u", "i"):
            return True
        colour = (it.get("style") or "").replace(" ", "").partition("color:")[2].partition(";")[0]
        if colour.lower() not in _DARK:
            return True
    return False
