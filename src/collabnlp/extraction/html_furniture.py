"""Which elements of an HTML page are not the document: hidden ones, navigation, banners, tools."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from collabnlp.errors import DataError

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_KEYS = (
    "tags", "roles", "classes", "ids", "link_texts", "box_titles", "box_classes",
    "empty_page_phrases",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Names:
    """A set of names, some of which stand for any ending."""

    whole: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, names: list[str]) -> _Names:
        return cls(
            frozenset(name for name in names if not name.endswith("*")),
            tuple(sorted(name[:-1] for name in names if name.endswith("*"))),
        )

    def __contains__(self, name: str) -> bool:
        return name in self.whole or name.startswith(self.beginnings)


@dataclass(frozen=True, slots=True)
class Furniture:
    """The lists of ``data/html_furniture.toml`` and the questions that they answer."""

    tags: frozenset[str]
    roles: frozenset[str]
    classes: _Names
    ids: _Names
    link_texts: frozenset[str]
    box_titles: tuple[str, ...]
    box_classes: frozenset[str]
    empty_page_phrases: tuple[str, ...]

    def covers(self, tag: str, attributes: dict[str, str | None], classes: list[str]) -> bool:
        """Whether an element and all in it is furniture or hidden."""
        if tag in self.tags:
            return True
        if not attributes:
            return False
        if "hidden" in attributes and attributes.get("hidden") != "until-found":
            return True
        if attributes.get("aria-hidden") == "true" or attributes.get("role") in self.roles:
            return True
        style = attributes.get("style")
        if style and _HIDDEN_STYLE.search(style):
            return True
        if (attributes.get("id") or "") in self.ids:
            return True
        return any(name in self.classes for name in classes)

    def is_box(self, classes: list[str]) -> bool:
        """Whether an element is a call-out."""
        return any(name in self.box_classes for name in classes)

    def tells_example(self, opening: str) -> bool:
        """Whether a call-out that opens with these words is a case study or the like."""
        opening = opening.lower()
        return any(words in opening for words in self.box_titles)


@cache
def furniture() -> Furniture:
    """The lists, read once. Raises DataError where the file breaks its own form."""
    source = resources.files("collabnlp.extraction") / "data" / "html_furniture.toml"
    try:
        lists: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"html_furniture.toml cannot be read: {error}.") from error
    for key in _KEYS:
        values = lists.get(key)
        if not isinstance(values, list) or not all(isinstance(it, str) and it for it in values):
            raise DataError(f"html_furniture.toml: {key} is not a list of names.")
    if unknown := sorted(set(lists) - set(_KEYS)):
        raise DataError(f"html_furniture.toml has keys that nothing reads: {', '.join(unknown)}.")
    return Furniture(
        tags=frozenset(lists["tags"]),
        roles=frozenset(lists["roles"]),
        classes=_Names.of(lists["classes"]),
        ids=_Names.of(lists["ids"]),
        link_texts=frozenset(lists["link_texts"]),
        box_titles=tuple(lists["box_titles"]),
        box_classes=frozenset(lists["box_classes"]),
        empty_page_phrases=tuple(lists["empty_page_phrases"]),
    )
