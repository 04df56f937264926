"""The label store: one SQLite file whose history is only ever added to.

WAL with ``synchronous = FULL``: when a call returns, what it wrote is on the disk. Every connection
belongs to one thread; any number of threads and processes may use the file at once.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from collabnlp.errors import ConflictingEntry, StoreError, StoreUnwritable
from collabnlp.identifiers import canonical_json, digest
from collabnlp.labels.migrations import APPLICATION, MIGRATIONS
from collabnlp.schema import Annotation, Entry, InvalidRecord, Snapshot

_BUSY_SECONDS = 15.0
_UNWRITABLE = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it may only be read",
    sqlite3.SQLITE_IOERR: "the disk failed",
    sqlite3.SQLITE_BUSY: "another program holds it",
    sqlite3.SQLITE_LOCKED: "another program holds it",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened",
}
_IN_FORCE = (
    "FROM entries AS e WHERE e.withdrawn = 0 AND e.sequence <= :upto AND NOT EXISTS "
    "(SELECT 1 FROM entries AS s WHERE s.supersedes = e.id AND s.sequence <= :upto)"
)
_COLUMNS = (
    "INSERT INTO entries (id, document, unit_hash, occurrence, role, reader, codebook, time, "
    "supersedes, withdrawn, request, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class LabelDatabase:
    """The history of readings in one file; made, or brought up to date, when it is opened.

    A file of an earlier form is copied to ``<name>.form-N.backup`` before it is changed. Raises
    StoreError where it is no label store, damaged, or of a later version of the program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        with _told(path):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnwritable(
                    f"The folder of the label store {path.name} cannot be made ({error.strerror})."
                ) from error
            self._migrate()

    # -- connections

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; statements commit by themselves outside `writing`."""
        there: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if there is None:
            there = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            there.row_factory = sqlite3.Row
            # Before anything that writes; every connection sets its own.
            there.execute("PRAGMA synchronous = FULL")
            # macOS: past the drive's own cache; nothing elsewhere.
            there.execute("PRAGMA fullfsync = ON")
            there.execute("PRAGMA foreign_keys = ON")
            self._local.connection = there
        return there

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        there = getattr(self._local, "connection", None)
        if there is not None:
            there.close()
            self._local.connection = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, whole and on the disk when the block ends, or not at all.

        Raises StoreUnwritable where the disk is full or the file may only be read.
        """
        with _told(self.path):
            connection = self.connection()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                # A full disk may have ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                # Opened where it may only be read, it stays so even if that has changed since.
                if _code(error) == sqlite3.SQLITE_READONLY:
                    self.close()
                raise

    def reading(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of a query."""
        with _told(self.path):
            return self.connection().execute(sql, values).fetchall()

    def _migrate(self) -> None:
        connection = self.connection()
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        form = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and application != APPLICATION:
            raise StoreError(f"{self.path.name} is an SQLite file, but no label store.")
        if form > len(MIGRATIONS):
            raise StoreError(
                f"{self.path.name} has form {form}; this version knows {len(MIGRATIONS)}.",
                advice="Install the version of collabnlp that wrote it, or a newer one.",
            )
        if form == len(MIGRATIONS):
            return
        connection.execute("PRAGMA journal_mode = WAL")
        if tables:
            self.backup(self.path.with_name(f"{self.path.name}.form-{form}.backup"))
        with self.writing():
            # Another process may have done it since.
            now = connection.execute("PRAGMA user_version").fetchone()[0]
            for step in MIGRATIONS[now:]:
                for statement in step:
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    # -- writing

    def append(self, entries: Iterable[Entry]) -> int:
        """Add entries in their order, all or none; returns how many were new.

        An entry that is there already, or whose request was kept already, is left. Raises
        ConflictingEntry where the superseded one is not in force any more, or where the same
        reader has another reading of that unit in force and the entry does not supersede it.
        """
        added = 0
        with self.writing() as connection:
            for entry in entries:
                added += _insert(connection, entry)
        return added

    # -- reading

    @property
    def sequence(self) -> int:
        """Number of the last entry; 0 for an empty store."""
        return int(self.reading("SELECT coalesce(max(sequence), 0) FROM entries")[0][0])

    def sequence_at(self, time: str) -> int:
        """Number of the last entry made up to a UTC time; entries without a time count by the
        ones before them."""
        sql = "SELECT coalesce(min(sequence) - 1, ?) FROM entries WHERE time > ?"
        return int(self.reading(sql, (self.sequence, time))[0][0])

    def entries(self, *, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """The history in its order: number (from 1) and entry."""
        for row in self.reading(
            "SELECT sequence, record FROM entries WHERE sequence > ? ORDER BY sequence", (after,)
        ):
            yield row["sequence"], _entry(row["record"])

    def entry(self, id: str) -> Entry | None:
        """The entry of an id, if there is one."""
        found = self.reading("SELECT record FROM entries WHERE id = ?", (id,))
        return _entry(found[0]["record"]) if found else None

    def by_request(self, request: str) -> Entry | None:
        """The entry that a request made, if it was kept."""
        found = self.reading("SELECT record FROM entries WHERE request = ?", (request,))
        return _entry(found[0]["record"]) if found else None

    def in_force(
        self,
        *,
        document: str | None = None,
        unit: tuple[str, int] | None = None,
        reader: str | None = None,
        upto: int | None = None,
    ) -> list[Entry]:
        """Entries neither superseded nor withdrawn, by document and unit; as they were after
        entry ``upto``, if that is given. ``unit`` is hash and occurrence."""
        sql, values = f"SELECT e.record {_IN_FORCE}", _values(upto)
        if document is not None:
            sql, values["document"] = f"{sql} AND e.document = :document", document
        if unit is not None:
            sql += " AND e.unit_hash = :unit_hash AND e.occurrence = :occurrence"
            values |= {"unit_hash": unit[0], "occurrence": unit[1]}
        if reader is not None:
            sql, values["reader"] = f"{sql} AND e.reader = :reader", reader
        order = "e.document, e.unit_hash, e.occurrence, e.sequence"
        return [_entry(it["record"]) for it in self.reading(f"{sql} ORDER BY {order}", values)]

    def readings(self, *, upto: int | None = None) -> dict[str, tuple[Annotation, ...]]:
        """The readings in force by document, as `LabelStore.read_all` has them."""
        found: dict[str, list[Annotation]] = defaultdict(list)
        for entry in self.in_force(upto=upto):
            found[entry.annotation.document].append(entry.annotation)
        return {
            name: tuple(sorted(them, key=lambda it: it.order))
            for name, them in sorted(found.items())
        }

    def history(self, document: str, unit: tuple[str, int]) -> list[Entry]:
        """All entries on one unit, oldest first."""
        rows = self.reading(
            "SELECT record FROM entries WHERE document = ? AND unit_hash = ? AND occurrence = ? "
            "ORDER BY sequence",
            (document, *unit),
        )
        return [_entry(row["record"]) for row in rows]

    # -- snapshots

    def snapshot(self, *, name: str = "", time: str = "") -> Snapshot:
        """Keep the present state under its digest; an equal one kept before is returned."""
        with self.writing() as connection:
            upto = int(
                connection.execute("SELECT coalesce(max(sequence), 0) FROM entries").fetchone()[0]
            )
            ids = [row[0] for row in connection.execute(f"SELECT e.id {_IN_FORCE}", {"upto": upto})]
            found = digest(sorted(ids))
            connection.execute(
                "INSERT OR IGNORE INTO snapshots (digest, sequence, readings, name, time) "
                "VALUES (?, ?, ?, ?, ?)",
                (found, upto, len(ids), name, time),
            )
        return next(it for it in self.snapshots() if it.digest == found)

    def snapshots(self) -> list[Snapshot]:
        """Those that were kept, oldest first."""
        sql = "SELECT digest, sequence, readings, name, time FROM snapshots ORDER BY number"
        return [Snapshot(**dict(row)) for row in self.reading(sql)]

    def readings_at(self, digest: str) -> dict[str, tuple[Annotation, ...]]:
        """The readings of a snapshot, by its digest or the beginning of it (8 digits or more).

        Raises StoreError where there is no such snapshot, or it does not come out as it was.
        """
        found = [it for it in self.snapshots() if it.digest.startswith(digest)]
        if len(digest) < 8 or len(found) != 1:
            raise StoreError(f"There is no snapshot {digest}.", advice="Look at `labels history`.")
        self._verify(found[0])
        return self.readings(upto=found[0].sequence)

    def _verify(self, snapshot: Snapshot) -> None:
        rows = self.reading(f"SELECT e.id {_IN_FORCE}", {"upto": snapshot.sequence})
        if digest(sorted(row[0] for row in rows)) != snapshot.digest:
            raise StoreError(f"The snapshot {snapshot.digest[:12]} is not what it was: damaged.")

    # -- safety

    def problems(self) -> list[str]:
        """What is wrong: SQLite's own check, ids, chains, snapshots. Empty for a sound store."""
        found = [
            f"integrity: {row[0]}"
            for row in self.reading("PRAGMA integrity_check")
            if row[0] != "ok"
        ]
        known: set[str] = set()
        for number, entry in self.entries():
            stored = self.reading("SELECT id FROM entries WHERE sequence = ?", (number,))[0][0]
            if entry.id != stored:
                found.append(f"entry {number} is not what it was")
            if entry.supersedes and entry.supersedes not in known:
                found.append(f"entry {number} supersedes what is not there")
            known.add(stored)
        for snapshot in self.snapshots():
            try:
                self._verify(snapshot)
            except StoreError as error:
                found.append(error.message)
        return found

    def backup(self, target: Path) -> None:
        """Copy the whole store as it is now; others may write meanwhile. Raises StoreUnwritable."""
        with _told(target), closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous = FULL")
            self.connection().backup(copy)


def _insert(connection: sqlite3.Connection, entry: Entry) -> int:
    record = entry.annotation
    identity = entry.id
    request = entry.request or None
    known = connection.execute(
        "SELECT 1 FROM entries WHERE id = ? OR request = ?", (identity, request)
    ).fetchone()
    if known:
        return 0
    place = (record.document, record.unit_hash, record.occurrence)
    key = (*place, str(record.role), record.reader, record.codebook)
    heads = connection.execute(
        f"SELECT e.id {_IN_FORCE} AND e.document = :document AND e.unit_hash = :unit_hash "
        "AND e.occurrence = :occurrence AND e.role = :role AND e.reader = :reader "
        "AND e.codebook = :codebook",
        {
            **_values(None),
            **dict(
                zip(
                    ("document", "unit_hash", "occurrence", "role", "reader", "codebook"),
                    key,
                    strict=True,
                )
            ),
        },
    ).fetchall()
    if [row[0] for row in heads] != ([entry.supersedes] if entry.supersedes else []):
        where = f"{record.document}:{record.unit_hash[:8]}"
        raise ConflictingEntry(
            f"{record.reader} has another reading of {where} in force."
            if heads
            else f"The reading of {where} is not in force any more."
        )
    connection.execute(
        _COLUMNS,
        (
            *(identity, *key, entry.time, entry.supersedes or None, int(entry.withdrawn)),
            *(request, canonical_json(entry.as_dict()).decode()),
        ),
    )
    return 1


def _values(upto: int | None) -> dict[str, Any]:
    return {"upto": 2**62 if upto is None else upto}


def _entry(record: str) -> Entry:
    try:
        return Entry.from_dict(json.loads(record))
    except (InvalidRecord, ValueError) as error:
        raise StoreError(f"The label store holds an entry that is none: {error}.") from error


def _code(error: BaseException) -> int:
    """SQLite's primary code of an error; 0 for any other."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """SQLite's errors by our names."""
    try:
        yield
    except sqlite3.Error as error:
        why = _UNWRITABLE.get(_code(error))
        if why is not None:
            raise StoreUnwritable(f"The label store {path.name} was not written: {why}.") from error
        raise StoreError(f"The label store {path.name} cannot be used: {error}.") from error
