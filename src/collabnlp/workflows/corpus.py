"""Rebuilds the corpus: units of the manifest's documents, and the joined training table.

Only what changed is done again. A document's units depend on its bytes and on the code and
libraries that read it; the table depends on the units, the readings, the written sentences, the
manifest and the splits. Equal inputs give equal bytes. Readings whose unit is no longer
there are listed in ``lost.csv``.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Any

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json, digest, occurrences, unit_ids
from collabnlp.labels.anchoring import Anchored
from collabnlp.labels.written import WrittenSentence, read_written
from collabnlp.schema import Annotation
from collabnlp.sources.manifest import DocumentRole, ManifestEntry
from collabnlp.sources.mirror import Found, Mirror, file_digest
from collabnlp.sources.splits import read_splits
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.corpus_table import (
    Row,
    document_rows,
    mark_duplicates,
    unit_row,
    written_rows,
)

BUILD = Path("build/corpus")
TABLE = "table.jsonl"
LOST = "lost.csv"
_STATE = "state.json"
# Raised where the files that are built get another form.
_FORM = 1
_READERS = ("extraction", "segmentation", "schema")
_READER_FILES = ("identifiers.py", "settings.py")
_LIBRARIES = (
    *("pypdfium2", "pdfplumber", "pdfminer.six", "lxml", "selectolax", "python-docx"),
    *("markdown-it-py", "charset-normalizer"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltDocument:
    """One document of a build: how many units it has, and how its readings were found.

    read      True where it was read anew
    changed   True where the file is another version than the manifest's
    problem   why it could not be read, or what was lost of it; else empty
    """

    document: str
    units: int = 0
    read: bool = False
    changed: bool = False
    partial: bool = False
    problem: str = ""
    readings: int = 0
    lost: int = 0
    moved: int = 0


@dataclass(slots=True, kw_only=True)
class BuildReport:
    """What a build did.

    absent   labelled documents that are neither in the mirror nor built before
    there    documents whose units are up to date
    table    True where the table was written anew; rows and usable count its lines
    """

    documents: list[BuiltDocument] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    there: frozenset[str] = frozenset()
    table: bool = False
    rows: int = 0
    usable: int = 0
    written: int = 0

    @property
    def idle(self) -> bool:
        """True where everything was up to date."""
        return not self.table and not any(it.read for it in self.documents)


def build_corpus(
    corpus: Corpus,
    build: Path = BUILD,
    *,
    mirror: Mirror | None = None,
    jobs: int = 1,
    on_read: Callable[[str], None] | None = None,
) -> BuildReport:
    """Bring units and table up to date.

    Documents that the mirror does not have are taken as they were built before, where the same
    code would read them so again; without any, the table has the written sentences alone.
    Raises DataError for a manifest, splits, readings or written sentences that are wrong.
    """
    manifest = corpus.manifest()
    readings = corpus.store.read_all()
    for document in readings:
        manifest.labelled(document)
    state = _read_state(build)
    report = BuildReport()
    done = _bring_units(manifest.entries, build, mirror, state, jobs, on_read, report)
    report.absent = [it for it in sorted(readings) if it not in done]
    report.there = frozenset(done)
    inputs = {
        "form": _FORM,
        "code": _code_digest(
            ("labels", "sources"), ("workflows/corpus.py", "workflows/corpus_table.py")
        ),
        "units": {name: state["units"][name]["output"] for name in sorted(done)},
        "readings": {name: digest([it.as_dict() for it in readings[name]]) for name in readings},
        "manifest": file_digest(corpus.manifest_file),
        "splits": file_digest(corpus.splits_file),
        "written": {it.name: file_digest(it) for it in sorted(corpus.written.glob("*.jsonl"))},
    }
    key = digest(inputs)
    table = build / TABLE
    old = state.get("table", {})
    if old.get("key") == key and table.exists() and file_digest(table) == old.get("output"):
        _take_counts(report, old)
    else:
        sentences = read_written(corpus.written)
        marked, found = joined_rows(corpus, build, done, readings, sentences)
        for document, anchored in found.items():
            _count_readings(state, document, anchored)
        lost = [it for anchored in found.values() for it in anchored.lost]
        data = b"".join(canonical_json(row) + b"\n" for row in marked)
        report.table = write_whole(table, data) or old.get("key") != key
        counts = {
            "rows": len(marked),
            "usable": sum(row["duplicate_of"] is None for row in marked),
            "written": len(sentences),
        }
        output = hashlib.sha256(data).hexdigest()
        write_whole(build / LOST, _lost_csv(lost))
        state["table"] = {"key": key, "output": output, **counts}
        _take_counts(report, state["table"])
    report.documents = [_with_readings(it, state) for it in report.documents]
    write_whole(build / _STATE, json.dumps(state, indent=1, sort_keys=True).encode() + b"\n")
    return report


def joined_rows(
    corpus: Corpus,
    build: Path,
    there: Collection[str],
    readings: Mapping[str, Iterable[Annotation]],
    sentences: Sequence[WrittenSentence],
    own: Sequence[Row] = (),
) -> tuple[list[Row], dict[str, Anchored]]:
    """The rows of a table made of any readings, near-duplicates marked, and how the readings of
    each document were found.

    ``there`` are the documents whose units lie in ``build``; readings of others are left out.
    ``own`` are rows of documents that the manifest does not name.
    """
    splits = read_splits(corpus.splits_file)
    rows: list[Row] = []
    held_out: list[tuple[str, str]] = []
    anchored: dict[str, Anchored] = {}
    for entry in corpus.manifest().entries:
        if entry.id not in there:
            continue
        if entry.role is DocumentRole.TEST:
            held_out += [(it["unit_id"], it["text"]) for it in read_units(build, entry.id)]
        elif entry.id in readings:
            made = document_rows(entry, read_units(build, entry.id), readings[entry.id], splits)
            rows += made.rows
            anchored[entry.id] = made.anchored
    rows.sort(key=lambda row: (row["document"], row["index"]))
    return mark_duplicates([*rows, *own, *written_rows(sentences, splits)], held_out), anchored


def _lost_csv(lost: Iterable[Annotation]) -> bytes:
    """The readings whose unit is no longer there, as a table."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["document", "unit_hash", "occurrence", "role", "reader", "level", "sources"])
    for it in sorted(lost, key=lambda it: it.key):
        writer.writerow(
            [
                *(it.document, it.unit_hash, it.occurrence, it.role, it.reader, it.level),
                " ".join(it.sources),
            ]
        )
    return text.getvalue().encode()


def _take_counts(report: BuildReport, counts: dict[str, Any]) -> None:
    report.rows, report.usable = counts["rows"], counts["usable"]
    report.written = counts["written"]


def _count_readings(state: dict[str, Any], document: str, anchored: Anchored) -> None:
    state["units"][document]["readings"] = {
        "found": sum(map(len, anchored.by_unit.values())),
        "moved": anchored.moved,
        "lost": len(anchored.lost),
    }


def _with_readings(built: BuiltDocument, state: dict[str, Any]) -> BuiltDocument:
    counts = state["units"].get(built.document, {}).get("readings")
    if not counts:
        return built
    return dataclasses.replace(
        built, readings=counts["found"], moved=counts["moved"], lost=counts["lost"]
    )


def _bring_units(
    entries: Sequence[ManifestEntry],
    build: Path,
    mirror: Mirror | None,
    state: dict[str, Any],
    jobs: int,
    on_read: Callable[[str], None] | None,
    report: BuildReport,
) -> set[str]:
    """Read what changed; returns the ids of all documents whose units are up to date."""
    code = _code_digest(_READERS, _READER_FILES)
    todo: list[tuple[ManifestEntry, Found, str]] = []
    done: set[str] = set()
    units = state["units"]
    for entry in entries:
        found = mirror.find(entry) if mirror is not None else None
        before = units.get(entry.id, {})
        sha256 = found.sha256 if found is not None else before.get("sha256")
        if sha256 is None:
            continue
        key = digest({"form": _FORM, "sha256": sha256, "code": code, "id": entry.id})
        file = _units_file(build, entry.id)
        fresh = before.get("key") == key and file.exists()
        if fresh and file_digest(file) == before["output"]:
            done.add(entry.id)
            report.documents.append(_built(entry, before))
        elif found is not None:
            todo.append((entry, found, key))
        else:
            units.pop(entry.id, None)
    for entry, found, key, outcome in _read(todo, jobs):
        if on_read is not None:
            on_read(entry.id)
        if outcome.document is None:
            units.pop(entry.id, None)
            problem = f"{outcome.error.name}: {outcome.error}" if outcome.error else "not read"
            report.documents.append(BuiltDocument(document=entry.id, read=True, problem=problem))
            continue
        rows = _unit_rows(entry, outcome.units)
        data = b"".join(canonical_json(row) + b"\n" for row in rows)
        write_whole(_units_file(build, entry.id), data)
        output = hashlib.sha256(data).hexdigest()
        before = units.get(entry.id, {})
        # Units read again to the same bytes leave the table as it is, and what it counted.
        counted = before.get("readings") if before.get("output") == output else None
        units[entry.id] = {
            **({"readings": counted} if counted else {}),
            "key": key,
            "output": output,
            "sha256": found.sha256,
            "changed": found.changed,
            "units": len(rows),
            "partial": len(outcome.document.reasons),
        }
        done.add(entry.id)
        report.documents.append(_built(entry, units[entry.id], read=True))
    report.documents.sort(key=lambda it: it.document)
    return done


def _built(entry: ManifestEntry, state: dict[str, Any], *, read: bool = False) -> BuiltDocument:
    partial = state["partial"]
    return BuiltDocument(
        document=entry.id,
        units=state["units"],
        read=read,
        changed=state["changed"],
        partial=bool(partial),
        problem=f"{partial} losses, see `collabnlp extract`" if partial else "",
    )


def _read(
    todo: Sequence[tuple[ManifestEntry, Found, str]], jobs: int
) -> Iterable[tuple[ManifestEntry, Found, str, Any]]:
    from collabnlp.workflows.inputs import Source
    from collabnlp.workflows.reading import read_all

    sources = [Source(found.path) for _, found, _ in todo]
    for (entry, found, key), outcome in zip(todo, read_all(sources, jobs=jobs), strict=True):
        yield entry, found, key, outcome


def _unit_rows(entry: ManifestEntry, units: Sequence[Any]) -> list[Row]:
    texts = [unit.text for unit in units]
    keys = occurrences(texts)
    # The file may bear another name than the manifest's, so the ids are made here.
    ids = unit_ids(entry.id, texts)
    return [
        unit_row(unit, unit_id, key) for unit, key, unit_id in zip(units, keys, ids, strict=True)
    ]


def _units_file(build: Path, document: str) -> Path:
    return build / "units" / f"{document}.jsonl"


def read_units(build: Path, document: str) -> list[Row]:
    """All units of a document of the build, in reading order."""
    text = _units_file(build, document).read_text(encoding="utf-8")
    # Not splitlines: a text may hold separators that it takes for line breaks.
    return [json.loads(line) for line in text.split("\n") if line]


def _read_state(build: Path) -> dict[str, Any]:
    """What was built before; nothing where the file is missing or unreadable."""
    try:
        state = json.loads((build / _STATE).read_text(encoding="utf-8"))
        if isinstance(state, dict) and isinstance(state.get("units"), dict):
            return state
    except (OSError, ValueError):
        pass
    return {"units": {}}


@cache
def _code_digest(folders: tuple[str, ...], single: tuple[str, ...]) -> str:
    """Digest of the sources and data files that a result depends on, and of the libraries."""
    package = Path(str(files("collabnlp")))
    paths = [package / name for name in single]
    for folder in folders:
        paths += [
            path
            for path in (package / folder).rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        ]
    named = {path.relative_to(package).as_posix(): file_digest(path) for path in paths}
    return digest({"files": named, "libraries": {name: _version(name) for name in _LIBRARIES}})


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def read_table(build: Path = BUILD) -> list[Row]:
    """The rows of the table. Raises DataError where it was not built."""
    try:
        text = (build / TABLE).read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"There is no {TABLE} in {build}.", advice="Run `collabnlp corpus build` first."
        ) from error
    return [json.loads(line) for line in text.split("\n") if line]


def counts_by_document(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """Rows of each document by level, in the order of the documents' names."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row["document"], Counter())[row["level"]] += 1
    return dict(sorted(counts.items()))
