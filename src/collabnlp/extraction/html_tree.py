"""Questions to the elements of an HTML tree, none of them answered by recursion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

CELLS = frozenset({"td", "th"})


def children(node: Any) -> Iterator[Any]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def has_cells(table: Any) -> bool:
    """Whether a table has more than one cell of its own, tables within its cells aside."""
    cells, stack = 0, [table]
    while stack:
        for child in children(stack.pop()):
            if child.tag in CELLS:
                cells += 1
                if cells > 1:
                    return True
            elif child.tag in ("thead", "tbody", "tfoot", "tr"):
                stack.append(child)
    return False


def short_text(node: Any) -> str:
    """Text of an element in small letters, if it is as short as a link's."""
    length = 0
    for child in children(node):
        if child.tag not in ("-text", "span", "a", "b", "strong"):
            return ""
        length += len(child.text(deep=True) or "")
        if length > 80:
            return ""
    return " ".join((node.text(deep=True) or "").split()).lower().strip("↑^ .")


def inside_article(node: Any) -> bool:
    parent = node.parent
    while parent is not None:
        if parent.tag in ("article", "blockquote", "main"):
            return True
        parent = parent.parent
    return False


def opening_words(node: Any) -> str:
    """The first words of a call-out: its heading, or its first line."""
    heading = node.css_first("h1, h2, h3, h4, h5, h6, strong, p")
    return ((heading if heading is not None else node).text(deep=True) or "").strip()[:90]


def is_contents(node: Any) -> bool:
    """A list whose items are nothing but links into the same page."""
    links = node.css("li a[href^='#']")
    items = node.css("li")
    if len(items) < 3 or len(links) < len(items):
        return False
    total = len("".join((node.text(deep=True) or "").split()))
    linked = sum(len("".join((link.text(deep=True) or "").split())) for link in links)
    return linked >= 0.9 * total


def span_of(attributes: dict[str, str | None], name: str) -> int:
    value = attributes.get(name) or "1"
    return min(max(int(value), 1), 1000) if re.fullmatch(r"\d{1,6}", value) else 1
