"""Labels out of the store into files of other programs, and back as corrections."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from collabnlp.errors import DataError, StoreError, UsageError
from collabnlp.labels import entry_lines, label_studio, prodigy
from collabnlp.labels.corpus_files import Loaded, export_records, load_records
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.exchange import json_lines
from collabnlp.labels.export_lines import ExportLine, export_lines
from collabnlp.labels.returning import Plan, Returned, plan
from collabnlp.labels.tabular import MEGABYTES, read_csv, returned_rows, write_csv
from collabnlp.labels.workbook import write_workbook
from collabnlp.labels.workbook_reading import read_workbook
from collabnlp.register import EntryType, load_register
from collabnlp.sources.manifest import DocumentRole
from collabnlp.workflows.corpus_folder import Corpus

FORMATS = ("csv", "xlsx", "jsonl", "prodigy", "label-studio")
READINGS = "readings"
"""Files of readings for the corpus (`workflows.labelling`), which are not the store's."""
_ENDINGS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".xlsx": "xlsx", ".xlsm": "xlsx"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many readings were written, and how many of them without a text."""

    readings: int
    textless: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did or would do.

    plan        nothing of it was kept where it has problems, or it was only tried
    unlabelled  answers that are no labels: ignored, rejected, cancelled
    snapshots   kept again, and not to be had again
    """

    format: str
    plan: Plan
    unlabelled: int = 0
    snapshots: tuple[int, int] = (0, 0)


def open_store(path: Path) -> LabelDatabase:
    """The label store at a path. Raises StoreError where there is none."""
    if not path.exists():
        raise StoreError(
            f"There is no label store {path}.",
            advice="Name one with --store, or fill it from the corpus with `labels sync`.",
        )
    return LabelDatabase(path)


def export_labels(
    database: LabelDatabase,
    stream: IO[bytes],
    *,
    format: str,
    documents: Collection[str] = (),
    reader: str = "",
    at: str = "",
    resolved: bool = False,
    history: bool = False,
) -> Exported:
    """Write readings in force, or with ``history`` all that was ever kept, in one of `FORMATS`.

    Raises UsageError for options that do not go together.
    """
    if history:
        if format != "jsonl" or documents or reader or at or resolved:
            raise UsageError("--history is the whole store, as jsonl.", advice="")
        count = 0
        for line in entry_lines.history_lines(database):
            stream.write(line)
            count += b'"annotation":' in line[:20]
        return Exported(readings=count)
    lines = export_lines(
        database,
        documents=documents,
        reader=reader,
        at=at,
        resolved=resolved,
        suggested=format in ("prodigy", "label-studio"),
    )
    if format == "csv":
        write_csv(lines, stream, resolved=resolved)
    elif format == "xlsx":
        write_workbook(lines, stream, resolved=resolved)
    else:
        stream.write(_json_form(lines, format))
    return Exported(readings=len(lines), textless=sum(not line.text for line in lines))


def _json_form(lines: list[ExportLine], format: str) -> bytes:
    if format == "jsonl":
        return b"".join(entry_lines.entry_line(line.entry) for line in lines)
    if format == "prodigy":
        tasks = [entry_lines.to_json(prodigy.task(line)) + "\n" for line in lines]
        return "".join(tasks).encode()
    rows = [entry_lines.to_json(task) for task in label_studio.tasks(lines)]
    return ("[\n" + ",\n".join(rows) + "\n]\n").encode()


def file_format(path: Path) -> str:
    """The format of a file that comes back, by its ending and its first line; `READINGS` for a
    folder or a file of readings for the corpus.

    Raises UsageError where it is none of them.
    """
    if path.is_dir():
        return READINGS
    if not path.exists():
        raise UsageError(f"There is no file {path}.", advice="")
    ending = path.suffix.lower()
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if ending not in (".json", ".jsonl"):
        raise UsageError(
            f"The ending of {path.name} does not tell the format.", advice="Add --format."
        )
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    if start.startswith(b"["):
        return "label-studio"
    first: dict[str, Any] = next((row for _, row in json_lines(path)), {})
    if entry_lines.is_entry_line(first):
        return "jsonl"
    return "prodigy" if prodigy.is_task(first) else READINGS


def import_labels(
    database: LabelDatabase,
    path: Path,
    *,
    format: str,
    reader: str = "",
    people: Mapping[str, str] | None = None,
    codebook: str,
    time: str,
    dry_run: bool = False,
) -> ImportResult:
    """Bring a file back into the store, all of it or nothing; see `labels.returning`.

    Raises DataError where the file cannot be read, and what `LabelDatabase.append` raises.
    """
    returned, unlabelled, snapshots = _returned(database, path, format)
    made = plan(
        returned,
        database,
        reader=reader,
        people=people,
        codebook=codebook,
        time=time,
        departments=_departments(),
    )
    if dry_run or made.problems:
        return ImportResult(format=format, plan=made, unlabelled=unlabelled)
    empty = database.sequence == 0
    database.append(made.entries)
    kept = entry_lines.keep_snapshots(database, snapshots) if empty and snapshots else (0, 0)
    return ImportResult(format=format, plan=made, unlabelled=unlabelled, snapshots=kept)


def _departments() -> frozenset[str]:
    entries = load_register().entries.values()
    return frozenset(it.id for it in entries if it.type is EntryType.DEPARTMENT)


def _returned(
    database: LabelDatabase, path: Path, format: str
) -> tuple[list[Returned], int, list[entry_lines.KeptSnapshot]]:
    if format in ("csv", "xlsx", "label-studio"):
        data = _bytes(path)
        if format == "csv":
            return returned_rows(read_csv(data, path.name), path.name), 0, []
        if format == "xlsx":
            return returned_rows(read_workbook(data, path.name), path.name), 0, []
        return *label_studio.returned_tasks(_json(data, path.name)), []
    if format == "jsonl":
        rows, snapshots = entry_lines.returned_entries(json_lines(path), database)
        return rows, 0, snapshots
    return *prodigy.returned_tasks(json_lines(path)), []


def _bytes(path: Path) -> bytes:
    try:
        if os.stat(path).st_size > MEGABYTES << 20:  # noqa: PTH116
            raise DataError(f"{path.name} is larger than {MEGABYTES} MB.", advice="Split it.")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.", advice="") from error


def _json(data: bytes, name: str) -> list[Any]:
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is no JSON: {error}.", advice="Export it again.") from error
    if not isinstance(rows, list):
        raise DataError(f"{name} is no list of tasks.", advice="Export as JSON.")
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What went from the corpus into the store, and how many lines of which files changed."""

    loaded: Loaded
    changed: dict[str, int]


def sync_corpus(database: LabelDatabase, corpus: Corpus) -> Synced:
    """Bring the corpus' files into the store, then the store's readings of the manifest's
    documents into the files. A second run changes nothing."""
    loaded = load_records(database, corpus.store)
    return Synced(loaded=loaded, changed=write_records(database, corpus))


def write_records(
    database: LabelDatabase, corpus: Corpus, *, documents: Collection[str] = ()
) -> dict[str, int]:
    """Write the store's readings in force into the corpus' files: lines changed by document.

    Raises UsageError for a document that the manifest does not have as one that is labelled.
    """
    manifest = corpus.manifest()
    labelled = [it.id for it in manifest.entries if it.role is not DocumentRole.TEST]
    chosen = [manifest.labelled(name).id for name in documents] or labelled
    return export_records(database, corpus.store, documents=chosen)
