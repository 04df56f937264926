"""What reviewers are shown: documents, units, models' suggestions, the queue, what was skipped.

Kept in the label store's file so that a review needs neither the documents nor a model. All but
the skips can be made again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from collabnlp.errors import StoreError
from collabnlp.identifiers import canonical_json
from collabnlp.labels.database import LabelDatabase
from collabnlp.schema import (
    Box,
    DocumentInfo,
    Judgement,
    QueuedUnit,
    Reason,
    StoredUnit,
    Suggestion,
)


class QueueStore:
    """The reviewing tables of a label store."""

    def __init__(self, database: LabelDatabase) -> None:
        self.database = database

    # -- documents and units

    def add_document(
        self, info: DocumentInfo, units: Sequence[StoredUnit], *, place: str = ""
    ) -> None:
        """Keep a document and its units in reading order; what was kept of the file is replaced.

        ``place`` is where the file lies on this machine, for pictures of its pages; empty for none.
        """
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO documents (sha256, id, record, place) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (sha256) DO UPDATE SET id = excluded.id, record = excluded.record, "
                "place = CASE excluded.place WHEN '' THEN place ELSE excluded.place END",
                (info.sha256, info.id, _json(info.as_dict()), place),
            )
            connection.execute("DELETE FROM units WHERE sha256 = ?", (info.sha256,))
            connection.executemany(
                "INSERT INTO units (sha256, position, unit_hash, occurrence, text, record) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (it.sha256, at, it.unit_hash, it.occurrence, it.text, _json(_unit_row(it)))
                    for at, it in enumerate(units)
                ],
            )

    def documents(self) -> dict[str, dict[str, Any]]:
        """By sha256, in the order of ids: the document as a record has it (id, title, date, …)."""
        rows = self.database.reading("SELECT sha256, record FROM documents ORDER BY id, sha256")
        return {row["sha256"]: json.loads(row["record"]) for row in rows}

    def place(self, sha256: str) -> str:
        """Where the file lies on this machine; empty where that is not known."""
        found = self.database.reading("SELECT place FROM documents WHERE sha256 = ?", (sha256,))
        return found[0]["place"] if found else ""

    def unit(self, key: tuple[str, str, int]) -> StoredUnit | None:
        """The unit of a file's sha256, unit hash and occurrence."""
        sql = "SELECT record FROM units WHERE sha256 = ? AND unit_hash = ? AND occurrence = ?"
        found = self.database.reading(sql, key)
        return _unit(found[0]["record"]) if found else None

    def units(self, sha256: str) -> list[StoredUnit]:
        """All units of a file, in reading order."""
        sql = "SELECT record FROM units WHERE sha256 = ? ORDER BY position"
        return [_unit(row["record"]) for row in self.database.reading(sql, (sha256,))]

    def with_text(self, unit_hash: str) -> list[StoredUnit]:
        """The units of all files whose text has a hash, by document and in reading order."""
        rows = self.database.reading(
            "SELECT units.record FROM documents CROSS JOIN units USING (sha256) "
            "WHERE unit_hash = ? ORDER BY documents.id, sha256, position",
            (unit_hash,),
        )
        return [_unit(row["record"]) for row in rows]

    def around(
        self, key: tuple[str, str, int], *, reach: int = 3
    ) -> tuple[list[StoredUnit], list[StoredUnit]]:
        """Up to ``reach`` units before and after one, in reading order."""
        sql = "SELECT position FROM units WHERE sha256 = ? AND unit_hash = ? AND occurrence = ?"
        found = self.database.reading(sql, key)
        if not found:
            return [], []
        at = found[0]["position"]
        rows = self.database.reading(
            "SELECT position, record FROM units WHERE sha256 = ? AND position BETWEEN ? AND ? "
            "AND position <> ? ORDER BY position",
            (key[0], at - reach, at + reach, at),
        )
        before = [_unit(it["record"]) for it in rows if it["position"] < at]
        return before, [_unit(it["record"]) for it in rows if it["position"] > at]

    def search(self, words: str, *, limit: int = 50) -> list[StoredUnit]:
        """Units whose text holds the words, as they stand, whatever the case."""
        sought = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        rows = self.database.reading(
            "SELECT units.record FROM units JOIN documents USING (sha256) "
            "WHERE text LIKE ? ESCAPE '\\' ORDER BY documents.id, sha256, position LIMIT ?",
            (f"%{sought}%", limit),
        )
        return [_unit(row["record"]) for row in rows]

    # -- suggestions

    def add_suggestions(self, suggestions: Iterable[Suggestion]) -> None:
        """Keep what a model says; an earlier word of the same model on a unit is replaced."""
        with self.database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO suggestions (sha256, unit_hash, occurrence, model, record) "
                "VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        *(it.sha256, it.unit_hash, it.occurrence, it.model),
                        _json({**asdict(it), "judgement": it.judgement.as_dict()}),
                    )
                    for it in suggestions
                ],
            )

    def suggestion(self, key: tuple[str, str, int], *, model: str = "") -> Suggestion | None:
        """What a model says of a unit; without a digest, the one that spoke last."""
        sql = "SELECT record FROM suggestions WHERE sha256 = ? AND unit_hash = ? AND occurrence = ?"
        values: tuple[Any, ...] = key
        if model:
            sql, values = f"{sql} AND model = ?", (*key, model)
        found = self.database.reading(f"{sql} ORDER BY rowid DESC LIMIT 1", values)
        if not found:
            return None
        row = json.loads(found[0]["record"])
        row["judgement"] = Judgement.from_dict(row["judgement"])
        row["probabilities"] = tuple(row["probabilities"])
        row["cues"] = tuple((start, end) for start, end in row["cues"])
        return Suggestion(**row)

    # -- the queue

    def enqueue(self, queued: Iterable[QueuedUnit], *, replace: bool = False) -> int:
        """Put units at the end of the queue; returns how many were new. A unit stands in it once,
        and a text once: another unit of the same text is left out. ``replace`` empties it first.

        Raises StoreError where a unit was not kept before.
        """
        added = 0
        with self.database.writing() as connection:
            if replace:
                connection.execute("DELETE FROM queue")
            sql = "SELECT text FROM units WHERE sha256 = ? AND unit_hash = ? AND occurrence = ?"
            there = {row[0] for row in connection.execute("SELECT DISTINCT unit_hash FROM queue")}
            for it in queued:
                if connection.execute(sql, it.key).fetchone() is None:
                    raise StoreError(f"The unit {it.unit_hash[:8]} is not kept in the store.")
                # The hash is of the normalised text: equal texts have equal hashes.
                if it.unit_hash in there:
                    continue
                there.add(it.unit_hash)
                row = {**asdict(it), "reason": str(it.reason)}
                connection.execute(
                    "INSERT INTO queue (sha256, unit_hash, occurrence, record) VALUES (?, ?, ?, ?)",
                    (*it.key, _json(row)),
                )
                added += 1
        return added

    def queue(self) -> list[QueuedUnit]:
        """The queue in its order, whether read or not."""
        rows = self.database.reading("SELECT record FROM queue ORDER BY rank")
        found = []
        for row in rows:
            value = json.loads(row["record"])
            found.append(QueuedUnit(**{**value, "reason": Reason(value["reason"])}))
        return found

    # -- skipping

    def skip(
        self, key: tuple[str, str, int], *, reader: str, time: str, note: str = "", request: str
    ) -> None:
        """Note that a reader passed a unit by; a request that was kept is not kept twice."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO skips "
                "(reader, sha256, unit_hash, occurrence, time, note, request, after) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(sequence), 0) FROM entries))",
                (reader, *key, time, note, request),
            )

    def skipped(self, reader: str) -> set[tuple[str, str, int]]:
        """The units that a reader passed by, without what was taken back."""
        rows = self.database.reading(
            "SELECT sha256, unit_hash, occurrence FROM skips WHERE reader = ? AND undone IS NULL",
            (reader,),
        )
        return {(row[0], row[1], row[2]) for row in rows}


def _json(value: Any) -> str:
    return canonical_json(value).decode()


def _unit_row(unit: StoredUnit) -> dict[str, Any]:
    return {**asdict(unit), "boxes": [box.as_list() for box in unit.boxes]}


def _unit(record: str) -> StoredUnit:
    row = json.loads(record)
    boxes = tuple(Box(*box) for box in row["boxes"])
    return StoredUnit(**{**row, "headings": tuple(row["headings"]), "boxes": boxes})
