"""Our own record inside other tools' files: the entry as it was exported, and its unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collabnlp.labels.export_lines import ExportLine
from collabnlp.labels.returning import Problem
from collabnlp.schema import Entry, InvalidRecord


@dataclass(frozen=True, slots=True)
class Carried:
    """An entry with its id; without an entry, the unit of which an answer is."""

    id: str
    entry: Entry | None
    document: str
    unit: tuple[str, str, int] | None


def unit_of(line: ExportLine) -> dict[str, Any]:
    """Where a reading belongs."""
    it = line.entry.annotation
    return {
        "document": it.document,
        "sha256": it.sha256,
        "unit_hash": it.unit_hash,
        "occurrence": it.occurrence,
    }


def carrying(line: ExportLine) -> dict[str, Any]:
    """The record that travels with a task."""
    return {"id": line.entry.id, "entry": line.entry.as_dict()}


def carried_of(value: Any, where: str) -> tuple[Carried | None, Problem | None]:
    """Back from `carrying` or `unit_of`; none where the task was made elsewhere."""
    if value is None:
        return None, None
    try:
        if "entry" in value:
            entry = Entry.from_dict(value["entry"])
            it = entry.annotation
            key = (it.sha256, it.unit_hash, it.occurrence)
            return Carried(str(value["id"]), entry, it.document, key), None
        unit = (str(value["sha256"]), str(value["unit_hash"]), int(value["occurrence"]))
        return Carried("", None, str(value["document"]), unit), None
    except (InvalidRecord, KeyError, TypeError, ValueError) as error:
        return None, Problem(where, "collabnlp", f"not as it was exported: {error}")
