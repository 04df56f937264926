"""What the page asks of the label store: who read what, what is disputed, what was kept.

Rows are asked for by their columns, not as whole entries, wherever there may be tens of thousands,
and again only where something was added: other programs may write into the store meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.resolution import Standing, by_unit, resolve
from collabnlp.schema import Entry, Level, QueuedUnit, Role, StoredUnit

Key = tuple[str, str, int]
_IN_FORCE = "e.withdrawn = 0 AND NOT EXISTS (SELECT 1 FROM entries AS s WHERE s.supersedes = e.id)"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One reading in force, as far as counting needs it."""

    document: str
    unit_hash: str
    occurrence: int
    role: Role
    reader: str
    level: Level
    seconds: float | None
    sequence: int
    shown: str

    @property
    def unit(self) -> tuple[str, str, int]:
        """Document, hash and occurrence."""
        return self.document, self.unit_hash, self.occurrence


class Desk:
    """The label store as the page uses it; ``codebook`` is the version that is read by."""

    def __init__(self, database: LabelDatabase, *, codebook: str) -> None:
        self.database = database
        self.units = QueueStore(database)
        self.codebook = codebook
        self._queue: tuple[tuple[int, int], list[QueuedUnit]] = ((-1, -1), [])
        self._rows: tuple[int, list[ReadRow], dict[str, set[str]]] = (-1, [], {})
        self._levels: tuple[int, dict[tuple[str, str, int], Level]] = (-1, {})
        self._disputed: tuple[tuple[int, int], list[Key]] = ((-1, -1), [])

    # -- the queue

    def queue(self) -> list[QueuedUnit]:
        """The queue in its order; read again only where it changed."""
        row = self.database.reading("SELECT count(*), coalesce(max(rank), 0) FROM queue")[0]
        state = (int(row[0]), int(row[1]))
        if self._queue[0] != state:
            self._queue = (state, self.units.queue())
        return self._queue[1]

    def queued(self, key: Key) -> QueuedUnit | None:
        """The unit's place in the queue, if it has one."""
        return next((it for it in self.queue() if it.key == key), None)

    # -- readings

    def read_rows(self, reader: str = "") -> list[ReadRow]:
        """Readings in force that people gave on the page, oldest first; of one reader if named."""
        rows, _ = self._read()
        return [row for row in rows if not reader or row.reader == reader]

    def readers_by_text(self) -> dict[str, set[str]]:
        """Who reviewed each text (by unit hash), in whichever document."""
        return self._read()[1]

    def _read(self) -> tuple[list[ReadRow], dict[str, set[str]]]:
        """Both of the above, asked for again only where there is a new entry."""
        state = self.database.sequence
        if self._rows[0] != state:
            rows = self._find_rows()
            readers: dict[str, set[str]] = {}
            for row in rows:
                if row.role is not Role.REPEAT:
                    readers.setdefault(row.unit_hash, set()).add(row.reader)
            self._rows = (state, rows, readers)
        return self._rows[1:]

    def _find_rows(self) -> list[ReadRow]:
        rows = self.database.reading(
            "SELECT e.document, e.unit_hash, e.occurrence, e.role, e.reader, e.sequence, "
            "json_extract(e.record, '$.annotation.level') AS level, "
            "json_extract(e.record, '$.annotation.shown') AS shown, "
            "json_extract(e.record, '$.seconds') AS seconds FROM entries AS e "
            f"WHERE e.role IN ('reviewed', 'repeat', 'adjudicated') AND {_IN_FORCE} "
            "ORDER BY e.sequence"
        )
        return [
            ReadRow(
                document=row["document"],
                unit_hash=row["unit_hash"],
                occurrence=row["occurrence"],
                role=Role(row["role"]),
                reader=row["reader"],
                level=Level(row["level"]),
                seconds=row["seconds"],
                sequence=row["sequence"],
                shown=row["shown"] or "",
            )
            for row in rows
        ]

    def suggested_levels(self) -> dict[tuple[str, str, int], Level]:
        """What the model that spoke last says of each unit, by document, hash and occurrence."""
        state = int(self.database.reading("SELECT coalesce(max(rowid), 0) FROM suggestions")[0][0])
        if self._levels[0] != state:
            rows = self.database.reading(
                "SELECT documents.id, unit_hash, occurrence, "
                "json_extract(suggestions.record, '$.judgement.level') AS level "
                "FROM suggestions JOIN documents USING (sha256) ORDER BY suggestions.rowid"
            )
            self._levels = (state, {(row[0], row[1], row[2]): Level(row[3]) for row in rows})
        return self._levels[1]

    def standing(self, unit: StoredUnit) -> list[Entry]:
        """Every entry in force on a unit, repeats left out."""
        them = self.database.in_force(
            document=unit.document, unit=(unit.unit_hash, unit.occurrence)
        )
        return [it for it in them if it.annotation.role is not Role.REPEAT]

    def own(self, unit: StoredUnit, reader: str, role: Role) -> Entry | None:
        """The reader's own entry in force in a role, by the present codebook."""
        them = self.database.in_force(
            document=unit.document, unit=(unit.unit_hash, unit.occurrence), reader=reader
        )
        for it in them:
            if it.annotation.role is role and it.annotation.codebook == self.codebook:
                return it
        return None

    def last_entries(self, reader: str, *, limit: int = 100) -> list[Entry]:
        """The reader's readings in force, newest first."""
        rows = self.database.reading(
            f"SELECT e.id FROM entries AS e WHERE e.reader = ? AND {_IN_FORCE} "
            "ORDER BY e.sequence DESC LIMIT ?",
            (reader, limit),
        )
        found = [self.database.entry(row["id"]) for row in rows]
        return [it for it in found if it is not None]

    def kept_unit(self, document: str, unit: tuple[str, int]) -> StoredUnit | None:
        """A kept unit by its document's id, hash and occurrence."""
        rows = self.database.reading(
            "SELECT units.sha256 FROM units JOIN documents USING (sha256) WHERE documents.id = ? "
            "AND unit_hash = ? AND occurrence = ? ORDER BY sha256 LIMIT 1",
            (document, *unit),
        )
        return self.units.unit((rows[0]["sha256"], *unit)) if rows else None

    # -- disputes

    def disputed(self) -> list[Key]:
        """Kept units whose readings in force differ in level, in the order of documents."""
        state = (
            self.database.sequence,
            int(self.database.reading("SELECT count(*) FROM units")[0][0]),
        )
        if self._disputed[0] != state:
            self._disputed = (state, self._find_disputed())
        return self._disputed[1]

    def _find_disputed(self) -> list[Key]:
        rows = self.database.reading(
            "SELECT e.document, e.unit_hash, e.occurrence FROM entries AS e "
            f"WHERE e.role <> 'repeat' AND {_IN_FORCE} "
            "GROUP BY e.document, e.unit_hash, e.occurrence "
            "HAVING count(DISTINCT json_extract(e.record, '$.annotation.level')) > 1 "
            "ORDER BY e.document, min(e.sequence)"
        )
        found = []
        for row in rows:
            unit = self.kept_unit(row["document"], (row["unit_hash"], row["occurrence"]))
            if unit is not None and self.is_disputed(unit):
                found.append(unit.key)
        return found

    def is_disputed(self, unit: StoredUnit) -> bool:
        """True where the readings in force differ in level and nobody decided."""
        readings = by_unit(it.annotation for it in self.standing(unit)).get(
            (unit.unit_hash, unit.occurrence)
        )
        return bool(readings) and resolve(readings or ()).standing is Standing.DISPUTED

    # -- skips

    def skips(self, reader: str, *, since: int) -> list[dict[str, Any]]:
        """A reader's skips since an entry, oldest first, without what was taken back; ``after`` is
        the number of the last entry before each."""
        rows = self.database.reading(
            "SELECT sha256, unit_hash, occurrence, after, request FROM skips "
            "WHERE reader = ? AND after >= ? AND undone IS NULL ORDER BY number",
            (reader, since),
        )
        return [dict(row) for row in rows]

    def unskip(self, request: str, *, undo: str) -> None:
        """Take the skip of a request back, and keep which request did. Raises StoreUnwritable."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE skips SET undone = ? WHERE request = ? AND undone IS NULL", (undo, request)
            )

    def unskipped(self, undo: str) -> Key | None:
        """The unit whose skip a request took back, if it did."""
        rows = self.database.reading(
            "SELECT sha256, unit_hash, occurrence FROM skips WHERE undone = ?", (undo,)
        )
        return (rows[0][0], rows[0][1], rows[0][2]) if rows else None

    def skip_count(self, reader: str) -> int:
        """How many times a reader passed a unit by, without what was taken back."""
        sql = "SELECT count(*) FROM skips WHERE reader = ? AND undone IS NULL"
        return int(self.database.reading(sql, (reader,))[0][0])
