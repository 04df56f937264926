"""Reads the register's TOML files, and complains of every key that it does not know.

Keys of an ``[[entry]]``: id, type, kind, source, names; and where they apply from, to or periods,
announced, certain, partner, sponsors, predecessors, successors, area, members, note. Keys of a
name: text, form, case ("any" or "exact"), introduced, from, to; of a sponsor: code or line, from,
to; of a link: id, moved. `register` explains what they mean.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from importlib.resources import files
from typing import Any, TypeVar

from collabnlp.errors import DataError
from collabnlp.register import (
    Entry,
    EntryType,
    Form,
    Name,
    Register,
    Span,
    Sponsor,
    Succession,
    folded,
)
from collabnlp.register.councils import council_table
from collabnlp.schema import Partner

T = TypeVar("T")

FILES = ("departments.toml", "bodies.toml", "authorities.toml", "forums.toml")

_DEFAULT_PARTNER = {
    EntryType.DEPARTMENT: Partner.PUBLIC_BODY,
    EntryType.BODY: Partner.PUBLIC_BODY,
    EntryType.AUTHORITY: Partner.SUBNATIONAL,
    EntryType.FORUM: Partner.SUBNATIONAL,
    EntryType.GOVERNMENT: Partner.DEVOLVED,
    EntryType.ASSOCIATION: Partner.SUBNATIONAL,
}


def shipped_tables() -> Iterator[Mapping[str, Any]]:
    """The files that come with the program, parsed."""
    for file in FILES:
        path = files("collabnlp.data").joinpath(file)
        if path.is_file():
            yield parsed(file, path.read_text(encoding="utf-8"))
    yield council_table()


def parsed(file: str, text: str) -> Mapping[str, Any]:
    """A TOML text as a dict. Raises DataError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"{file} cannot be read: {error}.") from error


def read_register(tables: Iterable[Mapping[str, Any]]) -> Register:
    """A register from parsed files (dicts as TOML gives them). Raises DataError."""
    entries: list[Entry] = []
    lines: dict[str, tuple[Sponsor, ...]] = {}
    seen: set[str] = set()
    for table in tables:
        for raw in table.get("line", ()):
            row = _Row(raw, f"line {raw.get('id')}")
            lines[row.text("id")] = tuple(
                Sponsor(it.text("code"), None, it.span()) for it in row.rows("stages")
            )
            row.close()
        for raw in table.get("entry", ()):
            entry = _entry(raw)
            if entry.id in seen:
                raise DataError(f"Register: two entries are called {entry.id}.")
            seen.add(entry.id)
            entries.append(entry)
    return Register(entries, lines)


def _entry(raw: Mapping[str, Any]) -> Entry:
    row = _Row(raw, str(raw.get("id")))
    sort = EntryType(row.choice("type", EntryType))
    partner = row.optional("partner", str)
    entry = Entry(
        id=row.text("id"),
        type=sort,
        kind=row.text("kind"),
        partner=Partner(row.choice("partner", Partner)) if partner else _DEFAULT_PARTNER[sort],
        names=tuple(_name(it) for it in row.rows("names")),
        periods=tuple(it.span() for it in row.rows("periods")) or (row.span(),),
        source=row.text("source"),
        announced=row.optional("announced", date),
        sponsors=tuple(_sponsor(it) for it in row.rows("sponsors")),
        predecessors=tuple(_succession(it) for it in row.rows("predecessors")),
        successors=tuple(_succession(it) for it in row.rows("successors")),
        area=row.optional("area", str),
        members=tuple(row.optional("members", list) or ()),
        certain=row.raw.get("certain", True) is True,
        note=row.optional("note", str) or "",
    )
    row.used.add("certain")
    row.close()
    if not any(name.form is Form.NAME for name in entry.names):
        raise row.wrong("has no full name")
    return entry


def _name(row: _Row) -> Name:
    text = folded(row.text("text"))
    form = Form(row.choice("form", Form)) if "form" in row.raw else Form.NAME
    case = row.optional("case", str)
    if case not in (None, "any", "exact"):
        raise row.wrong(f"has the case {case!r}")
    # One or two common words in lower case may be no name ("transport focus").
    usual = form is not Form.ABBREVIATION and len(text.split()) >= 3
    any_case = usual if case is None else case == "any"
    return Name(text, form, row.span(), any_case, row.optional("introduced", bool) is True)


def _sponsor(row: _Row) -> Sponsor:
    code, line = row.optional("code", str), row.optional("line", str)
    if (code is None) == (line is None):
        raise row.wrong("needs either a code or a line")
    return Sponsor(code, line, row.span())


def _succession(row: _Row) -> Succession:
    return Succession(row.text("id"), row.optional("moved", str) or "")


class _Row:
    """One table of a file, read key by key; `close` complains of keys nobody asked for."""

    def __init__(self, raw: Mapping[str, Any], where: str) -> None:
        self.raw = raw
        self.where = where
        self.used: set[str] = set()
        self._inner: list[_Row] = []

    def wrong(self, what: str) -> DataError:
        return DataError(f"Register: {self.where} {what}.")

    def optional(self, key: str, kind: type[T]) -> T | None:
        self.used.add(key)
        value = self.raw.get(key)
        # A time of day is no day: datetime counts as a date to isinstance.
        if value is not None and (not isinstance(value, kind) or isinstance(value, datetime)):
            raise self.wrong(f"has {key} = {value!r}")
        return value

    def text(self, key: str) -> str:
        value = self.optional(key, str)
        if not value:
            raise self.wrong(f"has no {key}")
        return value

    def choice(self, key: str, kind: type[StrEnum]) -> str:
        value = self.text(key)
        if value not in set(kind):
            raise self.wrong(f"has {key} = {value!r}")
        return value

    def span(self) -> Span:
        start, end = self.optional("from", date), self.optional("to", date)
        if start is not None and end is not None and start >= end:
            raise self.wrong(f"ends ({end}) before it begins ({start})")
        return Span(start, end)

    def rows(self, key: str) -> list[_Row]:
        rows = [_Row(raw, self.where) for raw in self.optional(key, list) or ()]
        self._inner += rows
        return rows

    def close(self) -> None:
        for row in (self, *self._inner):
            unknown = sorted(set(row.raw) - row.used)
            if unknown:
                raise row.wrong(f"has unknown keys: {', '.join(unknown)}")
