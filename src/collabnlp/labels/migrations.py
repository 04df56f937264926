"""The forms of the label store, each a step from the one before. A step that was released is
never edited: what is to change becomes the next one."""

from __future__ import annotations

APPLICATION = 0x636E6C70  # "cnlp": SQLite's application_id of a label store

_NEVER = "BEGIN SELECT raise(ABORT, 'the history is only ever added to'); END"

_HISTORY = (
    """
    CREATE TABLE entries (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        document TEXT NOT NULL,
        unit_hash TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        role TEXT NOT NULL,
        reader TEXT NOT NULL,
        codebook TEXT NOT NULL,
        time TEXT NOT NULL,
        supersedes TEXT UNIQUE REFERENCES entries (id),
        withdrawn INTEGER NOT NULL,
        request TEXT UNIQUE,
        record TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX entries_by_unit ON entries (document, unit_hash, occurrence)",
    "CREATE INDEX entries_by_reader ON entries (reader, sequence)",
    f"CREATE TRIGGER entries_stay BEFORE UPDATE ON entries {_NEVER}",
    f"CREATE TRIGGER entries_last BEFORE DELETE ON entries {_NEVER}",
    """
    CREATE TABLE snapshots (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        sequence INTEGER NOT NULL,
        readings INTEGER NOT NULL,
        name TEXT NOT NULL,
        time TEXT NOT NULL
    ) STRICT
    """,
    f"CREATE TRIGGER snapshots_stay BEFORE UPDATE ON snapshots {_NEVER}",
    f"CREATE TRIGGER snapshots_last BEFORE DELETE ON snapshots {_NEVER}",
)

# What reviewers are shown: it can be made again from the documents, so it may be replaced.
_REVIEWING = (
    """
    CREATE TABLE documents (
        sha256 TEXT PRIMARY KEY,
        id TEXT NOT NULL,
        record TEXT NOT NULL,
        place TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE units (
        sha256 TEXT NOT NULL REFERENCES documents (sha256),
        position INTEGER NOT NULL,
        unit_hash TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        text TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (sha256, position),
        UNIQUE (sha256, unit_hash, occurrence)
    ) STRICT
    """,
    """
    CREATE TABLE suggestions (
        sha256 TEXT NOT NULL,
        unit_hash TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        model TEXT NOT NULL,
        record TEXT NOT NULL,
        PRIMARY KEY (sha256, unit_hash, occurrence, model)
    ) STRICT
    """,
    """
    CREATE TABLE queue (
        rank INTEGER PRIMARY KEY AUTOINCREMENT,
        sha256 TEXT NOT NULL,
        unit_hash TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        record TEXT NOT NULL,
        UNIQUE (sha256, unit_hash, occurrence)
    ) STRICT
    """,
    """
    CREATE TABLE skips (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        reader TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        unit_hash TEXT NOT NULL,
        occurrence INTEGER NOT NULL,
        time TEXT NOT NULL,
        note TEXT NOT NULL,
        request TEXT UNIQUE
    ) STRICT
    """,
    "CREATE TABLE loaded (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT",
)

# A skip that is taken back stays, with the request that did it: the same request again, after a
# restart too, must not take back what was done before the skip. And its place among the entries is
# kept: the number of the last one then.
_UNDONE_SKIPS = (
    "ALTER TABLE skips ADD COLUMN undone TEXT",
    "ALTER TABLE skips ADD COLUMN after INTEGER",
    "CREATE UNIQUE INDEX skips_undone ON skips (undone)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_HISTORY, _REVIEWING, _UNDONE_SKIPS)
