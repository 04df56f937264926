"""What legislation.gov.uk XML says of itself, and its annotations with their labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from collabnlp.extraction.xml_flow import clean
from collabnlp.extraction.xml_tables import local_name, text_of
from collabnlp.schema import DocumentInfo

if TYPE_CHECKING:
    from lxml import etree

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_TITLE_KIND = re.compile(r"\b(Order|Regulations|Rules|Measure|Scheme)\b(?!.*\b(?:Order|Rules)\b)")
_NOTES = ("Commentary", "Footnote", "MarginNote")
_REFERENCES = ("CommentaryRef", "FootnoteRef", "MarginNoteRef")


@dataclass(frozen=True, slots=True)
class Annotations:
    """Labels of annotations by id, in the order of their first mark, and their texts."""

    labels: dict[str, str]
    texts: tuple[tuple[str, str], ...]
    first: frozenset[etree._Element]

    @classmethod
    def of(cls, root: etree._Element) -> Annotations:
        """Number the annotations: letter of their type and a count, as the publisher prints."""
        notes = {
            str(note.get("id")): note
            for note in root.iter()
            if local_name(note) in _NOTES and note.get("id")
        }
        order: dict[str, None] = {}
        first: set[etree._Element] = set()
        changes: set[str] = set()
        for node in root.iter():
            if not local_name(node):
                continue
            reference = _reference(node)
            if reference not in notes:
                continue
            change = node.get("ChangeId")
            if change is None or change not in changes:
                first.add(node)
            if change is not None:
                changes.add(change)
            order.setdefault(reference, None)
        counts: dict[str, int] = {}
        labels: dict[str, str] = {}
        for identifier in [*order, *(one for one in notes if one not in order)]:
            letter = _letter(notes[identifier])
            counts[letter] = counts.get(letter, 0) + 1
            labels[identifier] = f"{letter}{counts[letter]}"
        texts = tuple((labels[one], _joined(notes[one])) for one in labels)
        return cls(labels, texts, frozenset(first))

    def marks(self, element: etree._Element) -> tuple[str, ...]:
        """The label that stands before this element, if any; a change in pieces has one mark."""
        if element not in self.first:
            return ()
        return (self.labels[_reference(element)],)


def _reference(element: etree._Element) -> str:
    if local_name(element) in _REFERENCES:
        return element.get("Ref") or ""
    return element.get("CommentaryRef") or ""


def _letter(note: etree._Element) -> str:
    if local_name(note) == "Commentary":
        return (note.get("Type") or "").strip()
    return "M" if local_name(note) == "MarginNote" else ""


def _joined(note: etree._Element) -> str:
    texts = [node for node in note.iter() if local_name(node) == "Text"]
    return clean(" ".join(text_of(node) for node in texts) if texts else text_of(note))


def read_info(root: etree._Element, *, id: str, sha256: str) -> DocumentInfo:
    """The document's record: date of enactment or making, revision date named in the title."""
    title = _dublin(root, "title") or id
    valid = _first_date(_dublin(root, "valid"))
    if valid:
        day = date.fromisoformat(valid)
        title = f"{title} (as at {day.day} {day:%B} {day.year})"
    return DocumentInfo(
        id=id,
        title=title,
        sha256=sha256,
        date=_enacted(root) or valid,
        kind=_kind(root, title),
        publisher=_dublin(root, "publisher") or None,
    )


def _enacted(root: etree._Element) -> str | None:
    for name in ("EnactmentDate", "Made"):
        for node in root.iter():
            if local_name(node) == name and (found := _first_date(node.get("Date") or "")):
                return found
    return None


def _kind(root: etree._Element, title: str) -> str | None:
    for node in root.iter():
        if local_name(node) != "DocumentMainType":
            continue
        value = node.get("Value") or ""
        if value.endswith(("Act", "ActOfParliament")) or "Act" in value:
            return "act"
        if "Instrument" in value or "Order" in value or "Rule" in value:
            match = _TITLE_KIND.search(title)
            return match[1].lower() if match else "order"
        if "Draft" in value:
            return "draft instrument"
    return None


def _dublin(root: etree._Element, name: str) -> str:
    for space in ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"):
        found = root.find(f".//{{{space}}}{name}")
        if found is not None and found.text:
            return clean(found.text)
    return ""


def _first_date(value: str) -> str | None:
    match = _ISO.search(value)
    return match[0] if match else None
