"""What happened to labels, in the order in which it did."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.fields import words
from collabnlp.schema import Entry, Level, Role, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry, as a person reads it.

    when        time (UTC), or the day where only that is known
    said        level, and what else was given
    before      what it took the place of: the same reader's level, and what else it changed
    answers     levels of others that stood there, where the reader saw them ("ann support")
    superseded  True where it is no longer in force
    """

    sequence: int
    when: str
    document: str
    unit_hash: str
    occurrence: int
    reader: str
    role: str
    said: str
    before: str
    answers: tuple[str, ...]
    withdrawn: bool
    superseded: bool
    text: str


def events(
    database: LabelDatabase, *, documents: Collection[str] = (), unit: str = "", reader: str = ""
) -> list[Event]:
    """All entries of documents, of a unit (by the beginning of its hash), of a reader."""
    entries = {entry.id: (number, entry) for number, entry in database.entries()}
    superseded = {entry.supersedes for _, entry in entries.values()}
    standing: dict[tuple[str, str, int], dict[str, Entry]] = {}
    found = []
    for identity, (number, entry) in entries.items():
        it = entry.annotation
        there = standing.setdefault((it.document, it.unit_hash, it.occurrence), {})
        wanted = (
            (not documents or it.document in documents)
            and it.unit_hash.startswith(unit)
            and reader in ("", it.reader)
        )
        before = entries[entry.supersedes][1] if entry.supersedes in entries else None
        if wanted:
            others = (
                ()
                if it.shown is not Shown.READINGS
                else tuple(
                    f"{other.annotation.reader} {other.annotation.level}"
                    for other in there.values()
                    if other.annotation.reader != it.reader
                    and other.annotation.role is not Role.REPEAT
                )
            )
            found.append(
                Event(
                    sequence=number,
                    when=entry.time or it.date,
                    document=it.document,
                    unit_hash=it.unit_hash,
                    occurrence=it.occurrence,
                    reader=it.reader,
                    role=str(it.role),
                    said=_said(entry),
                    before=_before(entry, before),
                    answers=others,
                    withdrawn=entry.withdrawn,
                    superseded=identity in superseded,
                    text=entry.text,
                )
            )
        there.pop(entry.supersedes, None)
        if not entry.withdrawn:
            there[identity] = entry
    return found


def _said(entry: Entry) -> str:
    it = words(entry.annotation)
    said = [it["level"]]
    if entry.annotation.level is not Level.NONE:
        said += [it[name] for name in ("partners", "departments") if it[name]]
    if not entry.annotation.sure:
        said.append("unsure")
    if it["note"]:
        said.append(f'"{it["note"]}"')
    return ", ".join(said)


def _before(entry: Entry, before: Entry | None) -> str:
    if before is None or entry.withdrawn:
        return ""
    now, then = words(entry.annotation), words(before.annotation)
    if now["level"] != then["level"]:
        return then["level"]
    changed = [f"{name} {then[name] or '-'}" for name in now if now[name] != then[name]]
    return ", ".join(changed) or "the same"
