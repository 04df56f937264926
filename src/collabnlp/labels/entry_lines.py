"""Entries as JSON lines, whole: the format by which a label store can be built again.

A line is an entry with its id, or a snapshot that was kept after the entries before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from collabnlp.identifiers import canonical_json, digest
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.fields import Form, words
from collabnlp.labels.returning import Problem, Returned
from collabnlp.schema import Entry, InvalidRecord

_DATE_PARTS = ("name", "time")


@dataclass(frozen=True, slots=True)
class KeptSnapshot:
    """A snapshot of a history: its digest, and how many entries of the file it comes after."""

    digest: str
    after: int
    name: str
    time: str


def entry_line(entry: Entry) -> bytes:
    """The one byte form of an entry with its id."""
    return canonical_json({"id": entry.id, **entry.as_dict()}) + b"\n"


def history_lines(database: LabelDatabase) -> Iterator[bytes]:
    """Everything that was ever kept, in its order, with the snapshots where they were made."""
    snapshots = database.snapshots()
    for sequence, entry in database.entries():
        while snapshots and snapshots[0].sequence < sequence:
            yield _snapshot_line(snapshots.pop(0).digest, database)
        yield entry_line(entry)
    for snapshot in snapshots:
        yield _snapshot_line(snapshot.digest, database)


def _snapshot_line(found: str, database: LabelDatabase) -> bytes:
    it = next(snapshot for snapshot in database.snapshots() if snapshot.digest == found)
    row = {"digest": it.digest, "name": it.name, "time": it.time}
    return canonical_json({"snapshot": row}) + b"\n"


def returned_entries(
    lines: Iterable[tuple[int, dict[str, Any]]], database: LabelDatabase
) -> tuple[list[Returned], list[KeptSnapshot]]:
    """What lines of entries say, and the snapshots among them."""
    found: list[Returned] = []
    snapshots = []
    for number, row in lines:
        if "snapshot" in row:
            it = row["snapshot"]
            try:
                kept = KeptSnapshot(str(it["digest"]), len(found), str(it["name"]), str(it["time"]))
            except (KeyError, TypeError):
                found.append(_wrong(f"line {number}", "not a snapshot"))
                continue
            snapshots.append(kept)
            continue
        found.append(_returned(f"line {number}", row, database))
    return found, snapshots


def _returned(where: str, row: dict[str, Any], database: LabelDatabase) -> Returned:
    identity = str(row.get("id", ""))
    try:
        entry = Entry.from_dict({name: row[name] for name in row if name != "id"})
    except InvalidRecord as error:
        return _wrong(where, str(error))
    record = entry.annotation
    if not identity or entry.id == identity:
        return Returned(where=where, id=entry.id, carried=entry, fields={}, form=Form(exact=True))
    before = database.entry(identity)
    if before is None:
        return _wrong(where, "it was changed, and the store has no entry of its id")
    same = replace(
        before,
        annotation=replace(
            before.annotation, judgement=record.judgement, sure=record.sure, note=record.note
        ),
    )
    if same != entry:
        return _wrong(where, "more than its labels was changed")
    return Returned(where=where, id=identity, fields=words(record), form=Form(exact=True))


def _wrong(where: str, what: str) -> Returned:
    return Returned(where=where, fields={}, problems=(Problem(where, "", what),))


def keep_snapshots(database: LabelDatabase, snapshots: Iterable[KeptSnapshot]) -> tuple[int, int]:
    """Keep the snapshots of a history that was brought into an empty store: how many came out as
    they were, and how many could not be had again."""
    numbers = [number for number, _ in database.entries()]
    kept = lost = 0
    for it in snapshots:
        upto = numbers[it.after - 1] if 0 < it.after <= len(numbers) else 0
        state = database.in_force(upto=upto)
        if digest(sorted(entry.id for entry in state)) != it.digest:
            lost += 1
            continue
        with database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO snapshots (digest, sequence, readings, name, time) "
                "VALUES (?, ?, ?, ?, ?)",
                (it.digest, upto, len(state), it.name, it.time),
            )
        kept += 1
    return kept, lost


def is_entry_line(row: dict[str, Any]) -> bool:
    """True where a line is one of these."""
    return isinstance(row.get("annotation"), dict) or isinstance(row.get("snapshot"), dict)


def to_json(value: Any) -> str:
    """JSON for people and tools: characters as they are, keys in their order."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
