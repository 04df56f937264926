"""Brings readings into the label store."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError, UsageError
from collabnlp.identifiers import folded_hash, occurrences
from collabnlp.labels.exchange import ReadingRow, read_rows
from collabnlp.labels.standoff import Imported, Origin, Unmatched, bring_home
from collabnlp.labels.tasks import TASK_PREFIX, ReadingTask, read_tasks
from collabnlp.schema import Annotation, Document, Judgement, Level, Match, Role, Unit
from collabnlp.sources.manifest import ManifestEntry
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus_folder import Corpus, read_source, read_unmatched

_UNMATCHED_COLUMNS = ("document", "source", "reader", "role", "level", "reason")


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
    mirror: Mirror | None = None,
    reader: str,
    role: Role,
    date: str,
    codebook: str,
    replace: bool = False,
    rest_is_none: bool = False,
) -> list[ImportReport]:
    """Import answers to the tasks of ``tasks_file``; one report a document.

    ``rest_is_none`` takes every task without an answer as read and surely ``none``.

    With a mirror the tasks' texts are matched to the units as they are cut now; without one they
    are taken to stand as they did. Raises DataError where a row answers no task of the file;
    nothing is written then.
    """
    manifest = corpus.manifest()
    tasks = {task.task: task for task in read_tasks(tasks_file)}
    answers: dict[str, list[tuple[ReadingRow, ReadingTask]]] = {}
    rows = read_rows(path)
    if rest_is_none:
        answered_ids = {_task_id(row.id) for row in rows}
        nothing = Judgement(level=Level.NONE)
        rest = (task for task in tasks if task not in answered_ids)
        rows += [ReadingRow(id=task, text="", judgement=nothing) for task in rest]
    for row in rows:
        task = tasks.get(_task_id(row.id))
        if task is None:
            raise DataError(f"{path.name}: {tasks_file.name} has no task {row.id}.", advice="")
        answers.setdefault(task.document, []).append((row, task))
    order = {task: at for at, task in enumerate(tasks)}
    reports = []
    imports = []
    for document_id, answered in sorted(answers.items()):
        entry = manifest.labelled(document_id)
        answered.sort(key=lambda it: order[it[1].task])
        origin = Origin(
            document=entry.id,
            sha256=answered[0][1].sha256,
            reader=reader,
            role=role,
            date=date,
            codebook=codebook,
        )
        imports.append((origin, _bring_answers_home(entry, answered, origin, mirror)))
    for origin, imported in imports:
        changed = corpus.store.add(imported.annotations, replace=replace)
        _list_unmatched(corpus, origin, imported.unmatched)
        reports.append(_report(origin.document, imported, changed))
    return reports


def _task_id(given: str) -> str:
    """A task's id as given, with or without its prefix."""
    return given if given.startswith(TASK_PREFIX) else TASK_PREFIX + given


def _bring_answers_home(
    entry: ManifestEntry,
    answered: Sequence[tuple[ReadingRow, ReadingTask]],
    origin: Origin,
    mirror: Mirror | None,
) -> Imported:
    """Records of answers: where the unit still stands there, otherwise by the text read."""
    there: set[tuple[str, int]] | None = None
    document: Document | None = None
    units: tuple[Unit, ...] = ()
    if mirror is not None:
        document, units = read_source(entry, mirror)
        there = set(occurrences(unit.text for unit in units))
    standing: list[tuple[ReadingRow, ReadingTask]] = []
    moved: list[tuple[ReadingRow, ReadingTask]] = []
    for row, task in answered:
        stands = there is None or (task.unit_hash, task.occurrence) in there
        (standing if stands else moved).append((row, task))
    records = [
        Annotation(
            document=entry.id,
            sha256=task.sha256,
            unit_hash=task.unit_hash,
            occurrence=task.occurrence,
            folded=folded_hash(task.text),
            judgement=row.judgement,
            reader=origin.reader,
            role=origin.role,
            date=origin.date,
            codebook=origin.codebook,
            sure=row.sure,
            note=row.note,
        )
        for row, task in standing
    ]
    levels = [row.judgement.level for row, _ in standing]
    ways: list[Match | None] = [Match.EXACT] * len(standing)
    if not moved or document is None:
        return Imported(
            annotations=tuple(records), unmatched=(), matched=tuple(ways), levels=tuple(levels)
        )
    rows = [dataclasses.replace(row, text=task.text) for row, task in moved]
    again = bring_home(rows, units, document.blocks, origin)
    taken = {record.unit for record in records}
    records += [record for record in again.annotations if record.unit not in taken]
    return Imported(
        annotations=tuple(records),
        unmatched=again.unmatched,
        matched=(*ways, *again.matched),
        levels=(*levels, *again.levels),
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
