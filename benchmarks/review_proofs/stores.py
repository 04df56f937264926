"""Label stores for the proofs: the project's own written sentences as documents under review."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from collabnlp.identifiers import digest, occurrences, unit_hash
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.labels.written import WrittenSentence, read_written
from collabnlp.schema import (
    BlockKind,
    DocumentInfo,
    Judgement,
    Level,
    QueuedUnit,
    Reason,
    Region,
    StoredUnit,
    Suggestion,
)

ROOT = Path(__file__).resolve().parents[2]
MODEL = digest({"model": "of the proofs"})
PER_DOCUMENT = 500


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit under review, and what its author says of it."""

    unit: StoredUnit
    truth: Judgement


@cache
def written() -> tuple[WrittenSentence, ...]:
    """The written sentences, each text once."""
    return tuple(
        {unit_hash(it.text): it for it in read_written(ROOT / "corpus" / "written")}.values()
    )


def build(
    path: Path,
    number: int,
    *,
    seed: int = 5,
    suggestions: bool = True,
    reasons: Sequence[Reason] = (Reason.LEAST_CERTAIN, Reason.RANDOM, Reason.DIVERSE),
) -> list[Sentence]:
    """Make a store of ``number`` queued units; they are returned in the queue's order.

    Commitments of every level stand beside sentences that are none. A fifth of the suggestions
    are wrong on purpose, so that accepting everything would show.
    """
    draw = random.Random(seed)
    chosen = draw.sample(written(), number)
    sentences: list[Sentence] = []
    database = LabelDatabase(path)
    store = QueueStore(database)
    for start in range(0, number, PER_DOCUMENT):
        part = chosen[start : start + PER_DOCUMENT]
        info = DocumentInfo(
            id=f"written-{start // PER_DOCUMENT + 1}",
            title=f"Written sentences, part {start // PER_DOCUMENT + 1}",
            sha256=digest({"seed": seed, "start": start, "number": number}),
            date="2024-05-01",
            kind="strategy",
        )
        units = list(_units(info, part))
        store.add_document(info, units)
        sentences += [Sentence(one, it.judgement) for one, it in zip(units, part, strict=True)]
    if suggestions:
        store.add_suggestions(_suggestion(it, draw) for it in sentences)
    store.enqueue(_queued(it.unit, reasons[at % len(reasons)]) for at, it in enumerate(sentences))
    database.close()
    return sentences


def _units(info: DocumentInfo, part: Sequence[WrittenSentence]) -> Iterable[StoredUnit]:
    keys = occurrences(it.text for it in part)
    for index, (it, (hashed, occurrence)) in enumerate(zip(part, keys, strict=True)):
        yield StoredUnit(
            document=info.id,
            sha256=info.sha256,
            unit_hash=hashed,
            occurrence=occurrence,
            index=index,
            text=it.text,
            own_text=it.text,
            lead_in=None,
            headings=it.headings,
            page=index // 20 + 1,
            page_label=None,
            provision=None,
            boxes=(),
            kind=str(BlockKind.PARAGRAPH),
            region=str(Region.BODY),
        )


def _suggestion(sentence: Sentence, draw: random.Random) -> Suggestion:
    judgement = sentence.truth
    if draw.random() < 0.2:
        judgement = Judgement(level=Level.NONE)
    at = list(Level).index(judgement.level)
    return Suggestion(
        sha256=sentence.unit.sha256,
        unit_hash=sentence.unit.unit_hash,
        occurrence=sentence.unit.occurrence,
        model=MODEL,
        name="written-1",
        judgement=judgement,
        probabilities=tuple(0.75 if place == at else 0.05 for place in range(len(Level))),
        cues=((0, len(" ".join(sentence.unit.text.split(" ")[:2]))),),
    )


def _queued(unit: StoredUnit, reason: Reason) -> QueuedUnit:
    drawn = 0.25 if reason is Reason.RANDOM else None
    return QueuedUnit(
        sha256=unit.sha256,
        unit_hash=unit.unit_hash,
        occurrence=unit.occurrence,
        reason=reason,
        score=0.5,
        probability=drawn,
    )
