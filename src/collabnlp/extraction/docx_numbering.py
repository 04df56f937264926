"""The numbers that Word computes: "1.", "(a)", "4.17" from its numbering part and its styles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from collabnlp.extraction.markers import to_letters, to_roman

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PLACE = re.compile(r"%([1-9])")
_MAX_CHAIN = 20  # styles that are based on one another


def value(element: Any, path: str, attribute: str = "val") -> str | None:
    """``w:attribute`` of the first element on a path of ``w:`` names, or None."""
    found = element.find("/".join(W + step for step in path.split("/")))
    return None if found is None else found.get(W + attribute)


def number(text: str | None, default: int = 0) -> int:
    """An integer attribute; anything else is the default."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text) else default


@dataclass(frozen=True, slots=True)
class ListLevel:
    """One level of a list: how its number looks and counts, and its left indent (twips)."""

    format: str
    text: str
    start: int
    indent: int | None
    legal: bool = False


@dataclass(frozen=True, slots=True)
class ListPlace:
    """A paragraph's place in a list. ``printed`` is "" where the level shows no number."""

    list_id: str
    level: int
    format: str
    printed: str
    count: int
    indent: int


@dataclass(slots=True)
class _Count:
    values: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the lists of one document; paragraphs must be asked for in reading order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self._abstract: dict[str, dict[int, ListLevel]] = {}
        self._lists: dict[str, str] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        self._styles: dict[str, Any] = {}
        self._counts: dict[str, _Count] = {}
        self._started: set[str] = set()
        if styles is not None:
            for style in styles.iterfind(f"{W}style"):
                self._styles[style.get(f"{W}styleId") or ""] = style
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: Any) -> None:
        linked: dict[str, str] = {}
        for abstract in numbering.iterfind(f"{W}abstractNum"):
            key = abstract.get(f"{W}abstractNumId") or ""
            self._abstract[key] = {
                number(level.get(f"{W}ilvl")): _level(level)
                for level in abstract.iterfind(f"{W}lvl")
            }
            if style := value(abstract, "numStyleLink"):
                linked[key] = style
        for entry in numbering.iterfind(f"{W}num"):
            key = entry.get(f"{W}numId") or ""
            self._lists[key] = value(entry, "abstractNumId") or ""
            for override in entry.iterfind(f"{W}lvlOverride"):
                level = number(override.get(f"{W}ilvl"))
                start = value(override, "startOverride")
                if start is not None:
                    self._overrides.setdefault(key, {})[level] = number(start, 1)
        for key, style_id in linked.items():
            style = self._styles.get(style_id)
            target = value(style, "pPr/numPr/numId") if style is not None else None
            if target and self._lists.get(target) in self._abstract:
                self._abstract[key] = self._abstract[self._lists[target]]

    def chain(self, style_id: str | None) -> list[Any]:
        """A style and those it is based on, nearest first."""
        styles: list[Any] = []
        while style_id and style_id in self._styles and len(styles) < _MAX_CHAIN:
            styles.append(self._styles[style_id])
            style_id = value(styles[-1], "basedOn")
        return styles

    def place(self, properties: Any | None, chain: list[Any]) -> ListPlace | None:
        """Count a paragraph; None where it stands in no list."""
        list_id, level = None, None
        for holder in [it for it in (properties, *chain) if it is not None]:
            path = "numPr" if holder is properties else "pPr/numPr"
            if list_id is None:
                list_id = value(holder, f"{path}/numId")
            if level is None:
                level = value(holder, f"{path}/ilvl")
            if list_id is not None and level is not None:
                break
        if list_id in (None, "0") or list_id not in self._lists:
            return None
        return self._count(list_id, number(level), properties, chain)

    def _count(
        self, list_id: str, level: int, properties: Any | None, chain: list[Any]
    ) -> ListPlace | None:
        abstract = self._lists[list_id]
        levels = self._abstract.get(abstract, {})
        described = levels.get(level)
        if described is None:
            return None
        counts = self._counts.setdefault(abstract, _Count()).values
        if list_id not in self._started:
            self._started.add(list_id)
            for overridden, start in self._overrides.get(list_id, {}).items():
                counts[overridden] = start - 1
        counts[level] = counts.get(level, described.start - 1) + 1
        for deeper in [it for it in counts if it > level]:
            del counts[deeper]
        printed = _PLACE.sub(
            lambda match: _digits(levels, counts, int(match[1]) - 1, described.legal),
            described.text,
        )
        indent = _indent(properties, chain)
        if indent is None:
            indent = described.indent if described.indent is not None else 360 * (level + 1)
        return ListPlace(list_id, level, described.format, printed.strip(), counts[level], indent)


def _level(element: Any) -> ListLevel:
    indent = value(element, "pPr/ind", "left") or value(element, "pPr/ind", "start")
    return ListLevel(
        format=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
        start=number(value(element, "start"), 1),
        indent=number(indent) if indent is not None else None,
        legal=element.find(f"{W}isLgl") is not None,
    )


def _indent(properties: Any | None, chain: list[Any]) -> int | None:
    for holder, path in [(properties, "ind"), *((it, "pPr/ind") for it in chain)]:
        if holder is None:
            continue
        left = value(holder, path, "left") or value(holder, path, "start")
        if left is not None:
            return number(left)
        if holder is not properties and holder.find(f"{W}pPr/{W}numPr") is not None:
            return None  # the list's own indent outranks the styles further up
    return None


def _digits(levels: dict[int, ListLevel], counts: dict[int, int], level: int, legal: bool) -> str:
    described = levels.get(level)
    if described is None:
        return ""
    count = counts.get(level, described.start)
    style = "decimal" if legal else described.format
    if style == "lowerLetter":
        return to_letters(count)
    if style == "upperLetter":
        return to_letters(count).upper()
    if style == "lowerRoman":
        return to_roman(count) if 0 < count < 400 else str(count)
    if style == "upperRoman":
        return to_roman(count).upper() if 0 < count < 400 else str(count)
    if style in ("none", "bullet"):
        return ""
    if style == "decimalZero":
        return f"{count:02}"
    return str(count)
