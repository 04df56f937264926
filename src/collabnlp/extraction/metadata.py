"""Title, date, kind and publisher: from the format's own fields, else from the first blocks.

Nothing is taken from the clock or the file system. A month without a day is its first day.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Protocol

from collabnlp.errors import DataError
from collabnlp.schema import BlockKind, Document, DocumentInfo, Region

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = "|".join(_MONTHS)
_FULL_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH}),? ((?:19|20)\d\d)\b", re.IGNORECASE
)
_MONTH_DATE = re.compile(rf"\b({_MONTH}),? ((?:19|20)\d\d)\b", re.IGNORECASE)
# What stands before the date that a document bears, the surest first.
_DATED = (
    re.compile(r"royal assent\W+(?:on\s+)?\Z|\b(?:enacted|made)[\W_]*\Z", re.IGNORECASE),
    re.compile(
        r"\b(?:published|publication date|issued|first published|ordered to be printed|printed)"
        r"(?: on)?[\W_]*\Z",
        re.IGNORECASE,
    ),
)
_UPDATED = re.compile(r"\b(?:updated|amended|came into force|correct|closes?|until|by)\b", re.I)
_OPENING = 40  # blocks
_COVER_LINE = 60  # characters
_DEPARTMENT = re.compile(
    r"\b(?:(?:Department|Ministry) (?:for|of)(?: the)? [A-Z][\w&]+"
    r"(?:(?:,| and| &|,? for| of)* [A-Z][\w&]+)*"
    r"|Home Office|Cabinet Office|HM (?:Treasury|Revenue (?:and|&) Customs)|Scottish Government"
    r"|Welsh Government|Government Digital Service|Office for [A-Z]\w+(?: [A-Z]\w+)*)"
)
_ADDRESS = re.compile(
    r"\A((?:Department|Ministry) (?:for|of)(?: the)? \w+.*?)"
    r"(?: [A-Z]\w+){1,2} (?:House|Street|Road|Square|Buildings?)\b.*"
)
_PRESENTED = re.compile(r"\bPresented to (?:both Houses of )?Parliament\b", re.IGNORECASE)
_MINISTER = re.compile(
    r"\bby the (?:Rt\.? Hon\.? )?((?:Secretar(?:y|ies) of State|Prime Minister|Chancellor"
    r"|Minister|Lord (?:Chancellor|President)|Deputy Prime Minister|Attorney General"
    r"|Parliamentary Under-Secretary)\b[^.;]*?)"
    r"(?= by Command| pursuant| on behalf|[.;]| \w+ \d{4}|\Z)"
)
_PARLIAMENTARY = frozenset({"bill", "act"})
_SPACES = re.compile(r"\s+")


class _Piece(Protocol):
    """What a block and a draft have in common."""

    @property
    def kind(self) -> BlockKind: ...
    @property
    def text(self) -> str: ...
    @property
    def region(self) -> Region: ...


@dataclass(frozen=True, slots=True)
class SourceMetadata:
    """What the format itself says: titles, an ISO date, publisher, and its label of the kind.

    ``created`` is the ISO date on which the file was made: it only completes what is printed.
    """

    title: str = ""
    date: str | None = None
    publisher: str | None = None
    kind_hint: str = ""
    page_title: str = ""
    created: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    where: str
    pattern: re.Pattern[str]
    times: int


def describe(
    blocks: Sequence[_Piece],
    source: SourceMetadata,
    *,
    sha256: str,
    name: str,
    document_id: str | None = None,
) -> DocumentInfo:
    """The document's record. ``name`` is the file name, of which the id is the first part."""
    title = source.title or guess_title(blocks) or name.split(".")[0]
    kind = guess_kind(blocks, title=title, hint=source.kind_hint, page_title=source.page_title)
    return DocumentInfo(
        id=document_id or name.split(".")[0] or "document",
        title=title,
        sha256=sha256,
        date=source.date or guess_date(blocks, created=source.created),
        kind=kind,
        publisher=source.publisher or guess_publisher(blocks, kind),
    )


def complete(document: Document) -> Document:
    """The document with what its reader left open filled in from its blocks."""
    info = document.info
    unnamed = not info.title or info.title == info.id
    title = (guess_title(document.blocks) or info.title) if unnamed else info.title
    kind = info.kind or guess_kind(document.blocks, title=title)
    filled = dataclasses.replace(
        info,
        title=title,
        kind=kind,
        date=info.date or guess_date(document.blocks),
        publisher=info.publisher or guess_publisher(document.blocks, kind),
    )
    return document if filled == info else dataclasses.replace(document, info=filled)


def guess_title(blocks: Sequence[_Piece]) -> str:
    """The first heading; where there is none, the first line that could be one; else ""."""
    opening = blocks[:_OPENING]
    for index, block in enumerate(opening):
        if block.kind is BlockKind.HEADING and len(block.text) > 3:
            first_line = opening[0]
            if index and first_line.region is Region.FRONT and _titlelike(first_line.text):
                return first_line.text
            return block.text
    return next((it.text for it in opening[:5] if _titlelike(it.text)), "")


def _titlelike(text: str) -> bool:
    return 3 < len(text) <= 160 and not text.endswith((".", ";", ",")) and text[0].isupper()


def guess_kind(
    blocks: Sequence[_Piece], *, title: str, hint: str = "", page_title: str = ""
) -> str | None:
    """The kind by the rules of ``data/document_kinds.toml``; None where none fits."""
    opening = [_SPACES.sub(" ", block.text) for block in blocks[:_OPENING]]
    body: str | None = None
    for rule in _rules():
        if rule.where == "title":
            found = bool(rule.pattern.search(title) or rule.pattern.search(page_title))
        elif rule.where == "hint":
            found = bool(hint and rule.pattern.search(hint))
        elif rule.where == "opening":
            found = any(rule.pattern.search(line) for line in opening)
        else:
            if body is None:
                body = "\n".join(block.text for block in blocks)
            found = len(rule.pattern.findall(body)) >= rule.times
        if found:
            return rule.kind
    return None


def guess_date(blocks: Sequence[_Piece], *, created: str | None = None) -> str | None:
    """The date that the document bears: of assent or publication, else that of its cover.

    ``created`` (ISO date) gives the day where only that month is printed, and the date where
    none is.
    """
    printed = _printed_date(blocks)
    if printed is None:
        return created
    if len(printed) > len("2030-05"):
        return printed
    return created if created and created.startswith(printed) else f"{printed}-01"


def _printed_date(blocks: Sequence[_Piece]) -> str | None:
    """An ISO date, or an ISO month where no day is printed."""
    opening = [block.text for block in blocks[:_OPENING]]
    dates = [
        (text, match) for text in opening for match in _FULL_DATE.finditer(text) if _iso(match)
    ]
    for words in _DATED:
        for text, match in dates:
            if words.search(text[: match.start()]):
                return _iso(match)
    for text in opening:
        if len(text) > _COVER_LINE or _UPDATED.search(text):
            continue
        if day := _FULL_DATE.search(text):
            return _iso(day)
        if month := _MONTH_DATE.search(text):
            return f"{month[2]}-{_MONTHS.index(month[1].lower()) + 1:02}"
    # "as published on 3 May 2021" in a note on the edition, "[20th July 2023]" before an act
    for text, match in dates:
        before, after = text[: match.start()], text[match.end() :]
        if before.endswith("[") and after.startswith("]"):
            return _iso(match)
        if re.search(r"\bpublished (?:\w+ ){0,2}on \Z", before, re.IGNORECASE):
            return _iso(match)
    return None


def _iso(match: re.Match[str]) -> str | None:
    month = _MONTHS.index(match[2].lower()) + 1
    try:
        return datetime.date(int(match[3]), month, int(match[1])).isoformat()
    except ValueError:
        return None


def guess_publisher(blocks: Sequence[_Piece], kind: str | None) -> str | None:
    """The department named first in the opening, else the minister who presented it to
    Parliament, by title; Parliament for bills and acts."""
    if kind in _PARLIAMENTARY:
        return "Parliament"
    opening = blocks[:_OPENING]
    named = [match[0] for block in opening for match in _DEPARTMENT.finditer(block.text)]
    # The name at the head of an address runs on into it; elsewhere it stands alone.
    name = min((it for it in named if named[0].startswith(it)), key=len, default=None)
    if name:
        return _ADDRESS.sub(r"\1", name)
    for place, block in enumerate(opening):
        if _PRESENTED.search(block.text):
            # The minister's title may stand on a line of its own below.
            words = " ".join(it.text for it in opening[place : place + 3])
            if minister := _MINISTER.search(words, words.find("Presented")):
                return minister[1].strip()
    return None


@cache
def _rules() -> tuple[_Rule, ...]:
    source = resources.files("collabnlp.extraction") / "data" / "document_kinds.toml"
    try:
        table: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"document_kinds.toml cannot be read: {error}.") from error
    return tuple(_checked(table.get("rule", [])))


def _checked(entries: Iterable[dict[str, Any]]) -> Iterable[_Rule]:
    for number, entry in enumerate(entries, 1):
        unknown = set(entry) - {"kind", "where", "pattern", "times"}
        if unknown or entry.get("where") not in {"title", "hint", "opening", "body"}:
            raise DataError(f"document_kinds.toml: rule {number} has a wrong or missing key.")
        try:
            pattern = re.compile(entry["pattern"], re.IGNORECASE)
        except (KeyError, re.error) as error:
            raise DataError(f"document_kinds.toml: rule {number}: {error}.") from error
        yield _Rule(entry["kind"], entry["where"], pattern, int(entry.get("times", 1)))
