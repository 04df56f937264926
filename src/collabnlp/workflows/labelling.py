"""Brings readings into the label store, and takes reading tasks and readings out of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError, UsageError
from collabnlp.identifiers import folded_hash, occurrences
from collabnlp.labels.exchange import ReadingRow, read_rows
from collabnlp.labels.standoff import Imported, Origin, Unmatched, bring_home
from collabnlp.labels.store import LabelStore
from collabnlp.labels.tasks import Drawn, ReadingTask, draw, read_tasks
from collabnlp.schema import Annotation, Document, Level, Match, Role, Unit
from collabnlp.sources.manifest import Manifest, ManifestEntry, read_manifest
from collabnlp.sources.mirror import Mirror

UNMATCHED = "unmatched.csv"
_UNMATCHED_COLUMNS = ("document", "source", "reader", "role", "level", "reason")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The parts of a corpus folder."""

    folder: Path

    @property
    def manifest_file(self) -> Path:
        return self.folder / "manifest.toml"

    @property
    def splits_file(self) -> Path:
        return self.folder / "splits.toml"

    @property
    def written(self) -> Path:
        return self.folder / "written"

    @property
    def store(self) -> LabelStore:
        return LabelStore(self.folder / "labels")

    @property
    def unmatched_file(self) -> Path:
        return self.folder / "labels" / UNMATCHED

    def manifest(self) -> Manifest:
        return read_manifest(self.manifest_file)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What came of one document's readings.

    ways        how many readings were matched in each way, commitments and nones apart
    readings    how many there were, commitments and nones
    changed     lines of the label store that changed
    """

    document: str
    readings: dict[str, int]
    ways: dict[tuple[str, str], int]
    records: int
    unmatched: tuple[Unmatched, ...]
    changed: int


def read_source(entry: ManifestEntry, mirror: Mirror) -> tuple[Document, tuple[Unit, ...]]:
    """A document of the manifest and its units, read anew. Raises DataError where the mirror has
    no such file, and what the reader raises."""
    from collabnlp.extraction import open_document
    from collabnlp.segmentation import make_units

    found = mirror.find(entry)
    if found is None:
        raise DataError(
            f"{entry.file} is not in {mirror.folder.name}.",
            advice="Run `collabnlp corpus fetch`, or name a mirror that has it.",
        )
    document = open_document(found.path, document_id=entry.id)
    return document, make_units(document)


def import_readings(
    corpus: Corpus,
    path: Path,
    *,
    mirror: Mirror,
    reader: str,
    role: Role,
    date: str,
    codebook: str,
    replace: bool = False,
) -> Iterator[ImportReport]:
    """Import a file ``<document>.jsonl`` of readings with their texts, or a folder of such files.

    One report a document, in the order of names. Raises DataError or TestDocument before
    anything of the document concerned is written.
    """
    manifest = corpus.manifest()
    for file in _label_files(path):
        entry = manifest.labelled(file.stem)
        rows = read_rows(file)
        document, units = read_source(entry, mirror)
        origin = Origin(
            document=entry.id,
            sha256=document.info.sha256,
            reader=reader,
            role=role,
            date=date,
            codebook=codebook,
        )
        imported = bring_home(rows, units, document.blocks, origin)
        changed = corpus.store.add(imported.annotations, replace=replace)
        _list_unmatched(corpus, origin, imported.unmatched)
        yield _report(entry.id, imported, changed)


def import_task_readings(
    corpus: Corpus,
    path: Path,
    tasks_file: Path,
    *,
    reader: str,
    role: Role,
    date: str,
    codebook: str,
    replace: bool = False,
) -> int:
    """Import readings of tasks that `write_tasks` gave out; returns how many there were.

    Raises DataError where a row answers no task of the file; nothing is written then.
    """
    manifest = corpus.manifest()
    tasks = {task.task: task for task in read_tasks(tasks_file)}
    records = []
    for row in read_rows(path):
        task = tasks.get(row.id)
        if task is None:
            raise DataError(f"{path.name}: {tasks_file.name} has no task {row.id}.")
        entry = manifest.labelled(task.document)
        records.append(_answer(row, task, entry, reader, role, date, codebook))
    corpus.store.add(records, replace=replace)
    return len(records)


def _answer(
    row: ReadingRow,
    task: ReadingTask,
    entry: ManifestEntry,
    reader: str,
    role: Role,
    date: str,
    codebook: str,
) -> Annotation:
    return Annotation(
        document=entry.id,
        sha256=task.sha256,
        unit_hash=task.unit_hash,
        occurrence=task.occurrence,
        folded=folded_hash(task.text),
        judgement=row.judgement,
        reader=reader,
        role=role,
        date=date,
        codebook=codebook,
        sure=row.sure,
        match=Match.EXACT,
        note=row.note,
    )


def _label_files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.jsonl"))
        if not files:
            raise UsageError(f"{path} holds no .jsonl file.", advice="Name a file of readings.")
        return files
    if not path.exists():
        raise UsageError(f"There is no file {path}.", advice="Name a file of readings.")
    return [path]


def _report(document: str, imported: Imported, changed: int) -> ImportReport:
    ways: dict[tuple[str, str], int] = {}
    readings = {"commitment": 0, "none": 0}
    for level, how in zip(imported.levels, imported.matched, strict=True):
        side = "none" if level is Level.NONE else "commitment"
        readings[side] += 1
        key = (side, str(how) if how else "unmatched")
        ways[key] = ways.get(key, 0) + 1
    return ImportReport(
        document=document,
        readings=readings,
        ways=ways,
        records=len(imported.annotations),
        unmatched=imported.unmatched,
        changed=changed,
    )


def _list_unmatched(corpus: Corpus, origin: Origin, unmatched: Sequence[Unmatched]) -> None:
    """Bring the list of unmatched readings up to date for one document, reader and role."""
    rows = [
        row
        for row in read_unmatched(corpus)
        if (row["document"], row["reader"], row["role"])
        != (origin.document, origin.reader, str(origin.role))
    ]
    rows += [
        {
            "document": it.document,
            "source": it.source,
            "reader": origin.reader,
            "role": str(origin.role),
            "level": str(it.level),
            "reason": it.reason,
        }
        for it in unmatched
    ]
    rows.sort(key=lambda row: (row["document"], row["reader"], row["role"], row["source"]))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _UNMATCHED_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_whole(corpus.unmatched_file, text.getvalue().encode())


def read_unmatched(corpus: Corpus) -> list[dict[str, str]]:
    """The readings that have no unit: document, source, reader, role, level, reason."""
    if not corpus.unmatched_file.exists():
        return []
    with corpus.unmatched_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """Which units to give out for reading.

    documents  ids; empty for every document with readings
    levels     units whose first reading has one of these levels, all of them
    random     this many of those whose first reading is ``none`` besides
    unread     units that have no first reading instead: all, or ``random`` of them
    skip_role  leave out units that have such a reading already
    """

    documents: tuple[str, ...] = ()
    levels: frozenset[Level] = frozenset()
    unread: bool = False
    random: int = 0
    seed: int = 0
    skip_role: Role | None = None

    def stratum(self, level: Level | None) -> str | None:
        """Which part of the sample a unit belongs to by its first reading; None for no part."""
        if self.unread:
            if level is not None:
                return None
            return "random" if self.random else "unread"
        if level in self.levels:
            return str(level)
        return "random" if self.random and level is Level.NONE else None


def make_tasks(
    corpus: Corpus, request: TaskRequest, mirror: Mirror, *, sample: str = ""
) -> list[tuple[ReadingTask, Drawn]]:
    """Draw reading tasks, in the order of documents and units; they hold no label.

    Raises TestDocument, DataError.
    """
    manifest = corpus.manifest()
    store = corpus.store
    ids: Iterable[str] = request.documents or store.documents()
    candidates: list[tuple[ReadingTask, str]] = []
    for document_id in sorted(ids):
        entry = manifest.labelled(document_id)
        document, units = read_source(entry, mirror)
        about = {
            "document": entry.id,
            "title": entry.title,
            "publisher": entry.publisher,
            "kind": entry.kind,
            "date": entry.date,
            "sha256": document.info.sha256,
        }
        readings = store.read(entry.id)
        first = {it.unit: it.level for it in readings if it.role is Role.FIRST}
        done = {it.unit for it in readings if it.role is request.skip_role}
        for at, key in enumerate(occurrences(unit.text for unit in units)):
            stratum = request.stratum(first.get(key)) if key not in done else None
            if stratum is not None:
                candidates.append((ReadingTask.of(about, units, at, key), stratum))
    return draw(candidates, random=request.random, seed=request.seed, sample=sample)


def keep_sample(corpus: Corpus, name: str, drawn: Sequence[Drawn]) -> bool:
    """Keep what was drawn as ``samples/NAME.jsonl``; True where the file changed.

    Raises UsageError for a name that is no plain word.
    """
    if not name.replace("-", "").isalnum():
        raise UsageError(f"{name!r} is no name for a sample.", advice="Use letters, digits and -.")
    ordered = sorted(drawn, key=lambda it: (it.document, it.unit_hash, it.occurrence))
    return write_whole(
        corpus.folder / "samples" / f"{name}.jsonl", b"".join(it.line() for it in ordered)
    )
