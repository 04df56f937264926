"""What a file may say of a reading, as words in cells, and back.

The seven fields of `FIELDS` are what a person may change. All files carry them as text: lists
joined by "; ", ``yes`` and ``no`` for whether the reader was sure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from collabnlp.cells import CELL_LIMIT, NOT_XML, unguarded
from collabnlp.identifiers import unit_hash
from collabnlp.schema import (
    ActorTier,
    Annotation,
    Basis,
    InvalidRecord,
    Judgement,
    Level,
    Partner,
)

FIELDS = ("level", "partners", "departments", "dept_basis", "actor_tier", "sure", "note")
_Kind = TypeVar("_Kind", Level, Basis, ActorTier, Partner)
_YES = {"yes", "true", "1", "y", "x", "wahr", "ja", "vrai", "oui", "-1"}
_NO = {"no", "false", "0", "n", "falsch", "nein", "faux", "non"}
_LEVELS = {str(index): level for index, level in enumerate(Level)}
_LIST = re.compile(r"[;,|\n]")
_QUOTES = str.maketrans("‘’‚“”„–—‑‐", "'''\"\"\"----")
_DAY = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[ T]00:00(?::00)?)?\Z")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?\Z")


class Unreadable(ValueError):
    """A cell says nothing that its field can hold: the field's name, and why."""

    @property
    def column(self) -> str:
        return str(self.args[0])

    @property
    def why(self) -> str:
        return str(self.args[1])


@dataclass(frozen=True, slots=True)
class Form:
    """What became of a text on its way: ``exact`` in JSON, where nothing may change; ``narrow``
    where the file was saved in Windows' Western character set, which has no sign for many."""

    exact: bool = False
    narrow: bool = False


def words(annotation: Annotation) -> dict[str, str]:
    """The seven fields of a reading as cells."""
    it = annotation.judgement
    commitment = it.level is not Level.NONE
    return {
        "level": str(it.level),
        "partners": "; ".join(it.partners),
        "departments": "; ".join(it.departments),
        "dept_basis": str(it.dept_basis or "none") if commitment else "",
        "actor_tier": str(it.actor_tier or ""),
        "sure": "yes" if annotation.sure else "no",
        "note": annotation.note,
    }


def changed_fields(
    annotation: Annotation, fields: Mapping[str, str], form: Form
) -> tuple[dict[str, object], list[Unreadable]]:
    """The fields that say something else than the reading, with what they say; and what is wrong
    with those that say nothing readable."""
    before = words(annotation)
    found: dict[str, object] = {}
    wrong = []
    for name, cell in fields.items():
        if name == "note":
            if not alike(cell, before[name], form):
                found[name] = cell if form.exact else cell.strip()
            continue
        try:
            said = value(name, cell)
        except Unreadable as error:
            wrong.append(error)
            continue
        if said != value(name, before[name]):
            found[name] = said
    return found, wrong


def value(name: str, cell: str) -> object:
    """What a cell of a field says. Raises Unreadable."""
    text = cell.strip()
    token = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    if name == "level":
        token = token.removesuffix(".0")
        if not token:
            raise Unreadable(name, "the level is empty")
        if token in _LEVELS:
            return _LEVELS[token]
        return _one_of(name, Level, token, text)
    if name == "sure":
        flat = token.removesuffix(".0")
        if flat in _YES or flat in _NO:
            return flat in _YES
        raise Unreadable(name, f"{text!r} is neither yes nor no")
    if name == "dept_basis":
        return None if token in ("", "none") else _one_of(name, Basis, token, text)
    if name == "actor_tier":
        return None if token == "" else _one_of(name, ActorTier, token, text)
    parts = [part.strip() for part in _LIST.split(text) if part.strip()]
    if name == "departments":
        return tuple(sorted({part.upper() for part in parts}))
    named = {
        _one_of(name, Partner, "_".join(part.casefold().replace("-", " ").split()), part)
        for part in parts
    }
    return tuple(partner for partner in Partner if partner in named)


def _one_of(name: str, kind: type[_Kind], token: str, text: str) -> _Kind:
    try:
        return kind(token)
    except ValueError:
        known = ", ".join(kind)
        raise Unreadable(name, f"{text!r} is none of {known}") from None


def with_changes(annotation: Annotation, changes: Mapping[str, object]) -> Annotation:
    """The reading with other labels. Raises Unreadable where they do not go together."""
    it = annotation.judgement
    parts = {
        name: changes.get(name, getattr(it, name))
        for name in ("level", "partners", "departments", "dept_basis", "actor_tier")
    }
    if parts["level"] is Level.NONE:
        for name in ("partners", "departments"):
            # What stood there before the level was changed goes with it; what was put there stays.
            if changes.get(name):
                raise Unreadable(name, "a none has no partners or departments: empty the cell")
            parts[name] = ()
        parts["dept_basis"] = parts["actor_tier"] = None
    if not parts["departments"]:
        parts["dept_basis"] = None
    try:
        judgement = Judgement(**parts)  # type: ignore[arg-type]
    except InvalidRecord as error:
        raise Unreadable("departments", str(error)) from error
    rest = {name: changes[name] for name in ("sure", "note") if name in changes}
    return replace(annotation, judgement=judgement, **rest)  # type: ignore[arg-type]


def alike(cell: str, written: str, form: Form) -> bool:
    """True where a cell holds what was written into it, whatever a spreadsheet made of it: other
    blanks, quotation marks and line ends, cut at the length of a cell, signs lost, a number or a
    day written otherwise."""
    if cell == written:
        return True
    if form.exact:
        return False
    now = _plain(cell, form)
    if now in (_plain(written, form), _plain(unguarded(written), form)):
        return True
    return _same_number(now, written.strip()) or _same_day(now, written.strip())


def text_stands(cell: str, written: str, hashed: str, form: Form) -> bool:
    """True where a cell still holds the text of a unit, by its hash or as it was written."""
    if unit_hash(cell) == hashed:
        return True
    return alike(cell, written, Form(narrow=form.narrow)) if written else not cell.strip()


def _plain(text: str, form: Form) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(NOT_XML)[:CELL_LIMIT]).translate(_QUOTES)
    plain = " ".join(plain.split())
    return plain.encode("cp1252", "replace").decode("cp1252") if form.narrow else plain


def _same_number(one: str, other: str) -> bool:
    if not (_NUMBER.match(one) and _NUMBER.match(other)):
        return False
    return float(one.replace(",", ".")) == float(other.replace(",", "."))


def _same_day(one: str, other: str) -> bool:
    first, second = _days(one), _days(other)
    return bool(first & second)


def _days(text: str) -> set[date]:
    """The days that a text may mean: 22/11/2026, 11/22/2026, 2026-11-22."""
    found = _DAY.match(text)
    if not found:
        return set()
    a, b, c = (int(part) for part in found.groups())
    days = set()
    for year, month, day in ((a, b, c), (c, b, a), (c, a, b)):
        if year >= 1000:
            try:
                days.add(date(year, month, day))
            except ValueError:
                continue
    return days
