"""What an Akoma Ntoso document says of itself, and the values its placeholders stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from collabnlp.extraction.xml_flow import clean
from collabnlp.schema import DocumentInfo

if TYPE_CHECKING:
    from lxml import etree

_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})")
_VARIABLE = re.compile(r"#var\w+")
# Moments of machine processing, not of the text; 9999 stands for "not yet".
_NO_DATE = frozenset({"draft", "generated", "transform", "historic-akn-transform", "akn_xml"})
_KINDS = {
    "bill": "bill",
    "act": "act",
    "explanatorynotes": "explanatory notes",
    "explanatorynote": "explanatory notes",
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """Title, date, kind and publisher, and the variables that the text refers to.

    title  with bill number and stage where it is a bill, so that versions can be told apart
    date   of publication of this version; else of introduction; else the work's own date
    """

    title: str
    date: str | None
    kind: str | None
    publisher: str | None
    variables: dict[str, str]

    @classmethod
    def of(cls, root: etree._Element) -> Metadata:
        """Read the ``meta`` element of a document's root."""
        variables = {
            str(entry.get("eId")): str(entry.get("showAs") or "")
            for entry in root.iterfind(".//{*}references/*")
            if entry.get("eId")
        }
        kind = _kind(root)
        return cls(
            title=_title(root, variables, kind),
            date=_date(root, variables),
            kind=kind,
            publisher=variables.get("varAuthor") or _text(root, "publisher") or None,
            variables=variables,
        )

    @property
    def is_notes(self) -> bool:
        """Whether the document explains rather than lays down law."""
        return self.kind not in ("bill", "act", "order", "regulations")

    def info(self, *, id: str, sha256: str) -> DocumentInfo:
        """The document's record."""
        return DocumentInfo(
            id=id,
            title=self.title or id,
            sha256=sha256,
            date=self.date,
            kind=self.kind,
            publisher=self.publisher,
        )

    def is_placeholder(self, element: etree._Element) -> bool:
        """Whether an empty reference stands for a value that the metadata holds."""
        return (
            element.get("class") == "placeholder"
            and not (element.text or "").strip()
            and len(element) == 0
        )

    def placeholder(self, element: etree._Element) -> str:
        """The value: a name, a title, or a date in words."""
        value = self.variables.get((element.get("href") or "").lstrip("#"), "")
        if _ISO.fullmatch(value):
            day = date.fromisoformat(value)
            return f"{day.day} {day:%B} {day.year}"
        return clean(_VARIABLE.sub("", value))


def _kind(root: etree._Element) -> str | None:
    for child in root:
        if not isinstance(child.tag, str):
            continue
        tag = child.tag.rpartition("}")[2]
        name = (child.get("name") or "").lower()
        if tag in ("doc", "statement"):
            return _KINDS.get(name)
        if tag in ("bill", "act"):
            return _secondary(name) or tag
    return None


def _secondary(name: str) -> str | None:
    """Statutory instruments are marked up as acts; their name tells them apart."""
    return "order" if name in ("uksi", "ssi", "wsi", "nisr") else None


def _title(root: etree._Element, variables: dict[str, str], kind: str | None) -> str:
    title = variables.get("varBillTitle") or variables.get("varActTitle") or ""
    if not title:
        named = root.find(".//{*}preface//{*}docTitle")
        inside = "".join(str(part) for part in named.itertext()) if named is not None else ""
        short = root.find(".//{*}shortTitle")
        alias = root.find(".//{*}FRBRalias")
        title = (
            _text(root, "title")
            or clean(inside)
            or (clean("".join(str(part) for part in short.itertext())) if short is not None else "")
            or (alias.get("value", "") if alias is not None else "")
        )
    title = clean(_VARIABLE.sub("", title))
    if title.startswith("#"):
        title = ""
    if kind == "bill":
        stage = variables.get("varStageVersion", "")
        stage = stage[:1].lower() + stage[1:]
        title = ", ".join(part for part in (title, variables.get("varBillNo", ""), stage) if part)
    return title


def _date(root: etree._Element, variables: dict[str, str]) -> str | None:
    for variable in ("varPublicationDate", "varIntroDate"):
        if match := _ISO.match(variables.get(variable, "")):
            return match[1]
    for part in ("FRBRExpression", "FRBRWork", "FRBRManifestation"):
        for entry in root.iterfind(f".//{{*}}{part}/{{*}}FRBRdate"):
            match = _ISO.match(entry.get("date") or "")
            if match and entry.get("name") not in _NO_DATE and not match[1].startswith("9999"):
                return match[1]
    return None


def _text(root: etree._Element, name: str) -> str:
    found = root.find(f".//{{http://purl.org/dc/elements/1.1/}}{name}")
    return clean(found.text or "") if found is not None else ""
