"""Gives units out to be read, and takes pairs of readings of one unit together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from collabnlp.atomic import write_whole
from collabnlp.errors import UsageError
from collabnlp.identifiers import occurrences
from collabnlp.labels.agreement import ReadPair
from collabnlp.labels.resolution import by_unit, differ
from collabnlp.labels.tasks import Drawn, ReadingTask, draw, read_sample, weights
from collabnlp.schema import Annotation, Document, Level, Role
from collabnlp.sources.manifest import ManifestEntry
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus_folder import Corpus, read_source


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """Which units to give out for reading.

    documents  ids; empty for every document with readings
    levels     units whose first reading has one of these levels, all of them
    random     this many of those whose first reading is ``none`` besides
    unread     units that have no first reading instead: all, or ``random`` of them
    heading    only units below a heading that holds these words; empty for all
    skip_role  leave out units that have such a reading already
    """

    documents: tuple[str, ...] = ()
    levels: frozenset[Level] = frozenset()
    unread: bool = False
    random: int = 0
    seed: int = 0
    heading: str = ""
    skip_role: Role | None = None

    def below(self, headings: Sequence[str]) -> bool:
        """True for a unit of the part of the document that was asked for."""
        wanted = self.heading.casefold()
        return not wanted or any(wanted in it.casefold() for it in headings)

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
        about = _about(entry, document)
        readings = store.read(entry.id)
        first = {it.unit: it.level for it in readings if it.role is Role.FIRST}
        done = {it.unit for it in readings if it.role is request.skip_role}
        for at, key in enumerate(occurrences(unit.text for unit in units)):
            wanted = key not in done and request.below(units[at].headings)
            stratum = request.stratum(first.get(key)) if wanted else None
            if stratum is not None:
                candidates.append((ReadingTask.of(about, units, at, key), stratum))
    return draw(candidates, random=request.random, seed=request.seed, sample=sample)


def keep_sample(corpus: Corpus, name: str, drawn: Sequence[Drawn]) -> bool:
    """Keep what was drawn as ``samples/NAME.jsonl``; True where the file changed.

    Raises UsageError for a name that is no plain word, or that another sample has: what was read by
    a sample must stay weighable.
    """
    if not name.replace("-", "").isalnum():
        raise UsageError(f"{name!r} is no name for a sample.", advice="Use letters, digits and -.")
    path = corpus.folder / "samples" / f"{name}.jsonl"
    ordered = sorted(drawn, key=lambda it: (it.document, it.unit_hash, it.occurrence))
    data = b"".join(it.line() for it in ordered)
    if path.exists() and path.read_bytes() != data:
        raise UsageError(
            f"There is another sample {name} already, by which units may have been read.",
            advice="Choose another name.",
        )
    return write_whole(path, data)


def sample_weights(corpus: Corpus, name: str) -> dict[tuple[str, str, int], float]:
    """How many units each unit of a sample stands for, by document, hash and occurrence.

    Raises UsageError for an unknown sample.
    """
    path = corpus.folder / "samples" / f"{name}.jsonl"
    if not path.exists():
        raise UsageError(f"There is no sample {name}.", advice=f"Look in {path.parent}.")
    return weights(read_sample(path))


def read_pairs(
    corpus: Corpus, *, first: Role = Role.FIRST, second: Role = Role.SECOND, sample: str = ""
) -> list[ReadPair]:
    """The units that have both readings, of all documents.

    With a sample only its units count, each for as many as it stands for; without one each
    counts once. Raises UsageError for an unknown sample.
    """
    weight_of = sample_weights(corpus, sample) if sample else None
    pairs = []
    for document, records in corpus.store.read_all().items():
        for unit, readings in by_unit(records).items():
            one = next((it for it in readings if it.role is first), None)
            other = next((it for it in readings if it.role is second), None)
            weight = 1.0 if weight_of is None else weight_of.get((document, *unit))
            if one and other and weight is not None:
                pairs.append(ReadPair(document, one.judgement, other.judgement, weight, unit=unit))
    return pairs


def disputed_tasks(
    corpus: Corpus, mirror: Mirror, *, in_everything: bool = False
) -> list[tuple[ReadingTask, tuple[Annotation, ...]]]:
    """The units on which readings differ and nothing was decided, with their readings.

    ``in_everything`` also takes those that differ in partners, departments or actor only.
    """
    manifest = corpus.manifest()
    found = []
    for document_id in corpus.store.documents():
        entry = manifest.labelled(document_id)
        disputed = {
            unit: readings
            for unit, readings in by_unit(corpus.store.read(document_id)).items()
            if readings[-1].role is not Role.ADJUDICATED
            and any(
                differ(readings[0].judgement, it.judgement, in_everything=in_everything)
                for it in readings[1:]
            )
        }
        if not disputed:
            continue
        document, units = read_source(entry, mirror)
        about = _about(entry, document)
        for at, key in enumerate(occurrences(unit.text for unit in units)):
            if key in disputed:
                found.append((ReadingTask.of(about, units, at, key), disputed[key]))
    return found


def _about(entry: ManifestEntry, document: Document) -> dict[str, str]:
    """What a reading task tells of its document."""
    return {
        "document": entry.id,
        "title": entry.title,
        "publisher": entry.publisher,
        "kind": entry.kind,
        "date": entry.date,
        "sha256": document.info.sha256,
    }
