"""Brings documents into the label store for review: their units, and what the model suggests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from collabnlp.errors import CollabnlpError, UsageError
from collabnlp.identifiers import occurrences
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import (
    Basis,
    DocumentInfo,
    Judgement,
    Level,
    Partner,
    StoredUnit,
    Suggestion,
    Tag,
    TaggedUnit,
    Unit,
)
from collabnlp.settings import DEFAULT_LIMITS, DEFAULT_MODEL, Limits
from collabnlp.sources.manifest import DocumentRole, Manifest, ManifestEntry, TestDocument
from collabnlp.sources.mirror import Mirror, file_digest
from collabnlp.workflows.inputs import Refusal, Source, find_sources
from collabnlp.workflows.reading import Outcome, lasting, read_all

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase

TEST_ID = "edwp-2024"
TEST_SHA256 = "04e03941181f8d96fc39bfcab79dec4e46f01aa3cd518adc4db90420a514995d"
"""The test paper, refused also where there is no manifest to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedDocument:
    """What became of one path: ``error`` where it could not be read; ``kept`` where it was in the
    store already, with the same model's suggestions, and was not read again."""

    path: Path
    document: str = ""
    sha256: str = ""
    units: int = 0
    suggested: int = 0
    kept: bool = False
    partial: bool = False
    error: CollabnlpError | None = None


def add_documents(
    database: LabelDatabase,
    paths: Iterable[str | Path],
    *,
    model: str = DEFAULT_MODEL,
    manifest: Manifest | None = None,
    jobs: int = 1,
    limits: Limits = DEFAULT_LIMITS,
    again: bool = False,
    on_done: Callable[[AddedDocument], None] | None = None,
) -> list[AddedDocument]:
    """Read documents (files, or folders of them) and keep their units and the model's suggestions.

    A file that the manifest knows, by its digest, gets the id and the facts that it has there. One
    that is there already, with suggestions of the same model, is not read again unless ``again``.
    Raises TestDocument where a path is, or a folder holds, the test paper; ModelError; StoreError.
    A file that cannot be read is told in its place.
    """
    sources = find_sources(str(path) for path in paths)
    if any(isinstance(it, Source) and it.data is not None for it in sources):
        raise UsageError("A document to be reviewed must be a file.")
    known = {it.sha256: it for it in manifest.entries if it.sha256} if manifest else {}
    chosen = lasting(model)
    digest = digest_of(chosen)
    units = QueueStore(database)
    there = units.documents()
    todo: list[Source | Refusal] = []
    done: list[AddedDocument] = []

    def tell(one: AddedDocument) -> None:
        done.append(one)
        if on_done is not None:
            on_done(one)

    for source in sources:
        if isinstance(source, Source):
            sha256 = file_digest(source.path) if source.path.is_file() else ""
            refuse_test_paper(sha256, known.get(sha256), source.path)
            if sha256 in there and not again and _suggested(units, sha256, digest):
                size = len(units.units(sha256))
                name = there[sha256]["id"]
                tell(
                    AddedDocument(
                        path=source.path, document=name, sha256=sha256, units=size, kept=True
                    )
                )
                continue
        todo.append(source)
    for outcome in read_all(todo, model=chosen, jobs=jobs, limits=limits):
        tell(_keep(units, outcome, known, digest))
    return done


def add_manifest_documents(
    database: LabelDatabase,
    manifest: Manifest,
    mirror: Mirror,
    *,
    documents: Sequence[str] = (),
    model: str = DEFAULT_MODEL,
    jobs: int = 1,
    again: bool = False,
    on_done: Callable[[AddedDocument], None] | None = None,
) -> tuple[list[AddedDocument], list[str]]:
    """Add the documents of the manifest that may be labelled and that the mirror has (or those of
    the ids given); returns them, and the ids of those that it lacks.

    Raises TestDocument and DataError for an id that is wrong.
    """
    wanted = [manifest.labelled(it) for it in documents] or [
        it for it in manifest.entries if it.role in {DocumentRole.TRAIN, DocumentRole.UNLABELLED}
    ]
    found = {entry.id: mirror.find(entry) for entry in wanted}
    paths = [it.path for it in found.values() if it is not None]
    absent = [name for name, it in found.items() if it is None]
    added = add_documents(
        database, paths, model=model, manifest=manifest, jobs=jobs, again=again, on_done=on_done
    )
    return added, absent


def refuse_test_paper(sha256: str, entry: ManifestEntry | None, path: Path) -> None:
    """Raises TestDocument where a file is the test paper, by digest or name."""
    test = entry is not None and entry.role is DocumentRole.TEST
    if test or sha256 == TEST_SHA256 or path.name.split(".")[0].split("@")[0] == TEST_ID:
        raise TestDocument(f"{path.name} is a test document.")


def digest_of(model: str) -> str:
    """The digest of a model as suggestions carry it. Raises ModelError."""
    from collabnlp.tagging.model_store import model_digest
    from collabnlp.tagging.promoted import choose_model

    return model_digest(choose_model(model))


def _suggested(units: QueueStore, sha256: str, digest: str) -> bool:
    sql = "SELECT 1 FROM suggestions WHERE sha256 = ? AND model = ? LIMIT 1"
    return bool(units.database.reading(sql, (sha256, digest)))


def _keep(
    store: QueueStore, outcome: Outcome, known: dict[str, ManifestEntry], digest: str
) -> AddedDocument:
    document = outcome.document
    if document is None or outcome.tagged is None:
        return AddedDocument(path=outcome.path, error=outcome.error)
    info = document.info
    refuse_test_paper(info.sha256, known.get(info.sha256), Path(info.id))
    info = with_facts(info, known.get(info.sha256))
    keys = list(occurrences(unit.text for unit in outcome.units))
    store.add_document(
        info,
        [
            StoredUnit.of(info.id, info.sha256, unit, key)
            for unit, key in zip(outcome.units, keys, strict=True)
        ],
        place=str(outcome.path.resolve()),
    )
    store.add_suggestions(
        suggestion_of(one, key, digest) for one, key in zip(outcome.tagged, keys, strict=True)
    )
    return AddedDocument(
        path=outcome.path,
        document=info.id,
        sha256=info.sha256,
        units=len(keys),
        suggested=sum(one.tag.level is not Level.NONE for one in outcome.tagged),
        partial=outcome.partial,
    )


def with_facts(info: DocumentInfo, entry: ManifestEntry | None) -> DocumentInfo:
    """The document as the manifest names it, which is what its labels point at."""
    if entry is None:
        return info
    return replace(
        info,
        id=entry.id,
        title=entry.title,
        kind=entry.kind or info.kind,
        publisher=entry.publisher,
    )


def suggestion_of(one: TaggedUnit, key: tuple[str, int], digest: str) -> Suggestion:
    """What a model's tag says, as a reviewer is shown it; ``digest`` is the model's."""
    tag = one.tag
    share = tag.commitment_probability
    cues = {cue_span(one.unit, cue.start, cue.end) for cue in tag.cues}
    return Suggestion(
        sha256=one.document.sha256,
        unit_hash=key[0],
        occurrence=key[1],
        model=digest,
        name=tag.model,
        judgement=judgement_of(tag),
        probabilities=(
            round(1.0 - share, 6),
            *(round(share * it, 6) for it in tag.level_probabilities),
        ),
        cues=tuple(sorted(it for it in cues if it is not None)),
    )


def judgement_of(tag: Tag) -> Judgement:
    """A tag as a judgement in the codebook's order."""
    if tag.level is Level.NONE:
        return Judgement(level=Level.NONE)
    bases = {it.basis for it in tag.departments}
    return Judgement(
        level=tag.level,
        partners=tuple(it for it in Partner if it in tag.partners),
        departments=tuple(sorted({it.code for it in tag.departments})),
        dept_basis=(Basis.EXPLICIT if Basis.EXPLICIT in bases else Basis.INFERRED)
        if bases
        else None,
        actor_tier=tag.actor_tier,
    )


def cue_span(unit: Unit, start: int, end: int) -> tuple[int, int] | None:
    """Where a cue's document offsets stand in the unit's text: [start, end); None for nowhere."""
    if not unit.segments:
        low, high = start - unit.start, end - unit.start
        return (low, high) if 0 <= low < high <= len(unit.text) else None
    inside = [
        (
            it.text_start + max(start, it.start) - it.start,
            it.text_start + min(end, it.end) - it.start,
        )
        for it in unit.segments
        if max(start, it.start) < min(end, it.end)
    ]
    return (min(low for low, _ in inside), max(high for _, high in inside)) if inside else None
