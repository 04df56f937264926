"""What is exported of the label store: readings with their units, as one list for all formats."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from collabnlp.errors import StoreError, UsageError
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.schema import Entry, StoredUnit, Suggestion

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """One reading with what a reader needs to see.

    unit        None where the store keeps no text of the document
    suggestion  the last word of a model on it, if one is kept
    standing    what the unit's judgement rests on, where only that is exported
    readings    how many there are of the unit, where only its judgement is exported
    """

    entry: Entry
    unit: StoredUnit | None
    title: str = ""
    suggestion: Suggestion | None = None
    standing: str = ""
    readings: int = 0

    @property
    def text(self) -> str:
        """As kept with the unit, else with the reading; empty where neither has it."""
        return self.unit.text if self.unit else self.entry.text


class LineMaker:
    """Joins entries with what the store keeps of their units."""

    def __init__(self, database: LabelDatabase) -> None:
        self.queue = QueueStore(database)
        self.titles = {
            sha256: str(info.get("title") or "") for sha256, info in self.queue.documents().items()
        }

    def line(self, entry: Entry, *, suggested: bool = False) -> ExportLine:
        """The line of an entry; ``suggested`` looks for a model's word as well."""
        record = entry.annotation
        key = record.sha256, record.unit_hash, record.occurrence
        kept = record.sha256 in self.titles
        return ExportLine(
            entry=entry,
            unit=self.queue.unit(key) if kept else None,
            title=self.titles.get(record.sha256, ""),
            suggestion=self.queue.suggestion(key) if suggested else None,
        )


def moment(database: LabelDatabase, at: str) -> int | None:
    """Number of the last entry of a past state: of a snapshot's digest, or of a UTC day or time.

    None for the present. Raises StoreError for an unknown snapshot.
    """
    if not at:
        return None
    if _TIME.match(at):
        return database.sequence_at(at if "T" in at else f"{at}T23:59:59Z")
    database.readings_at(at)  # it comes out as it was, or an error
    found = [it for it in database.snapshots() if it.digest.startswith(at)]
    if len(found) != 1:
        raise StoreError(f"There is no snapshot {at}.", advice="Look at `labels snapshot --list`.")
    return found[0].sequence


def export_lines(
    database: LabelDatabase,
    *,
    documents: Collection[str] = (),
    reader: str = "",
    at: str = "",
    resolved: bool = False,
    suggested: bool = False,
) -> list[ExportLine]:
    """Readings in force by document and, within it, in reading order where its units are kept.

    ``at`` is a snapshot's digest or a UTC time; ``resolved`` gives the deciding reading of each
    unit alone. Raises UsageError where a document named has no reading.
    """
    upto = moment(database, at)
    entries = database.in_force(reader=reader or None, upto=upto)
    there = {entry.annotation.document for entry in entries}
    missing = sorted(set(documents) - there)
    if missing:
        raise UsageError(f"There is no reading of {', '.join(missing)}.", advice="")
    maker = LineMaker(database)
    chosen = [it for it in entries if not documents or it.annotation.document in documents]
    lines = [maker.line(entry, suggested=suggested) for entry in chosen]
    # Stable: readings of one unit stay in the order in which they were given.
    lines.sort(key=_place)
    return list(_deciding(lines)) if resolved else lines


def _place(line: ExportLine) -> tuple[str, str, int, str, int]:
    it = line.entry.annotation
    at = line.unit.index if line.unit else 2**31
    return it.document, it.sha256, at, it.unit_hash, it.occurrence


def _deciding(lines: list[ExportLine]) -> Iterator[ExportLine]:
    from dataclasses import replace

    groups: dict[tuple[str, str, int], list[ExportLine]] = {}
    for line in lines:
        it = line.entry.annotation
        groups.setdefault((it.document, it.unit_hash, it.occurrence), []).append(line)
    for group in groups.values():
        readings = next(iter(by_unit(line.entry.annotation for line in group).values()))
        one = resolve(readings)
        # The last in the order of roles: a review before the reading that it repeats.
        order = {annotation: at for at, annotation in enumerate(readings)}
        decided = max(
            (line for line in group if line.entry.annotation.judgement == one.judgement),
            key=lambda line: order[line.entry.annotation],
        )
        yield replace(decided, standing=str(one.standing), readings=len(group))
