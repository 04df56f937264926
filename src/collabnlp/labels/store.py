"""The label store: one file a document, one line a reading, in an order that never varies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json
from collabnlp.labels.exchange import json_lines
from collabnlp.schema import Annotation, InvalidRecord


class ConflictingReading(DataError):
    """A reader's reading of a unit is there already, and says something else."""

    advice = "Import it with --replace if it corrects what was imported before."


class LabelStore:
    """Readings in a folder: ``<document>.jsonl``, sorted by unit, role and reader.

    Readings are only ever added; a reader's own earlier ones are replaced where that is asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def documents(self) -> list[str]:
        """Ids of the documents that have readings, sorted."""
        return sorted(path.stem for path in self.folder.glob("*.jsonl"))

    def read(self, document: str) -> tuple[Annotation, ...]:
        """All readings of a document; none where it has no file.

        Raises DataError where a line is no reading, or is one of another document.
        """
        path = self._path(document)
        if not path.exists():
            return ()
        records = []
        for number, row in json_lines(path):
            try:
                record = Annotation.from_dict(row)
            except InvalidRecord as error:
                raise DataError(f"{path.name}, line {number}: {error}.") from error
            if record.document != document:
                raise DataError(f"{path.name}, line {number}: a reading of {record.document}.")
            records.append(record)
        keys = [record.key for record in records]
        if len(set(keys)) != len(keys):
            raise DataError(f"{path.name} has a reading twice.")
        return tuple(records)

    def read_all(self) -> dict[str, tuple[Annotation, ...]]:
        """The readings of every document, by id."""
        return {document: self.read(document) for document in self.documents()}

    def add(self, records: Iterable[Annotation], *, replace: bool = False) -> int:
        """Add readings; returns how many lines changed. Other readers' are never touched.

        A reading that is there already is left as it is. With ``replace``, the readings of the
        same reader and role in the documents concerned are dropped first.
        Raises ConflictingReading, and then nothing was written.
        """
        by_document: dict[str, list[Annotation]] = defaultdict(list)
        for record in records:
            by_document[record.document].append(record)
        after = {
            document: _merged(self.read(document), new, replace=replace)
            for document, new in sorted(by_document.items())
        }
        changed = 0
        for document, merged in after.items():
            before = set(self.read(document))
            changed += len(before ^ set(merged))
            self._write(document, merged)
        return changed

    def replace(self, document: str, records: Iterable[Annotation]) -> int:
        """Make these the readings of a document; returns how many lines changed."""
        before, after = set(self.read(document)), set(records)
        if before != after:
            self._write(document, after)
        return len(before ^ after)

    def _path(self, document: str) -> Path:
        return self.folder / f"{document}.jsonl"

    def _write(self, document: str, records: Iterable[Annotation]) -> None:
        ordered = sorted(records, key=lambda it: it.order)
        lines = b"".join(canonical_line(record) for record in ordered)
        write_whole(self._path(document), lines)


def canonical_line(record: Annotation) -> bytes:
    """The one byte form of a record, with its line break."""
    return canonical_json(record.as_dict()) + b"\n"


def _merged(
    before: Iterable[Annotation], new: Iterable[Annotation], *, replace: bool
) -> list[Annotation]:
    new = list(new)
    kept = list(before)
    if replace:
        mine = {(record.reader, record.role) for record in new}
        kept = [record for record in kept if (record.reader, record.role) not in mine]
    by_key = {record.key: record for record in kept}
    for record in new:
        there = by_key.setdefault(record.key, record)
        if there != record:
            raise ConflictingReading(
                f"{record.reader} read {record.document}:{record.unit_hash[:8]} before, "
                f"as {there.level}, not {record.level}."
            )
    return list(by_key.values())
