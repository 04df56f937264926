"""Fills the review queue: every unit of the store scored, and the choice put in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collabnlp.labels import queue
from collabnlp.labels.queue import Ranked
from collabnlp.labels.queue_state import LikelyError, queue_state
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import QueuedUnit, Reason, StoredUnit
from collabnlp.settings import DEFAULT_MODEL, SHIPPED_MODEL
from collabnlp.workflows.queue_documents import (
    TEST_ID,
    TEST_SHA256,
    AddedDocument,
    add_documents,
    add_manifest_documents,
)
from collabnlp.workflows.reading import lasting, tagger_named

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.tagging.features import UnitFeatures
    from collabnlp.tagging.level_model import Integers, LevelModel

__all__ = [
    "AddedDocument",
    "QueueReport",
    "add_documents",
    "add_manifest_documents",
    "fill_queue",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueReport:
    """What a fill did.

    added    units put into the queue, by reason and then document id
    waiting  units in the queue that nobody has decided, those added among them
    texts    different texts of the documents that were looked at, near-duplicates counted once
    drawn    texts that chance drew now, and of how many
    without  reasons that were wanted and had no unit to give
    """

    added: Mapping[Reason, Mapping[str, int]] = field(default_factory=dict)
    waiting: int = 0
    texts: int = 0
    drawn: tuple[int, int] = (0, 0)
    without: tuple[Reason, ...] = ()

    @property
    def total(self) -> int:
        return sum(sum(them.values()) for them in self.added.values())


def fill_queue(
    database: LabelDatabase,
    *,
    model: str = DEFAULT_MODEL,
    size: int = queue.SIZE,
    random_share: float = queue.RANDOM_SHARE,
    reasons: Collection[Reason] = (),
    documents: Collection[str] = (),
    errors: Iterable[LikelyError] = (),
    seed: int = 0,
    replace: bool = False,
) -> QueueReport:
    """Put units into the queue until ``size`` of them wait for a reviewer.

    reasons    those wanted; empty for all, by their quotas. Nothing is drawn by chance where
               others are named without `Reason.RANDOM`; everything is where that stands alone
    documents  ids, of the store; empty for all
    errors     likely label errors, the likeliest first (`likely_errors.find_likely_errors`)
    seed       of the texts' random numbers: draws under several seeds are not one sample
    replace    empty the queue first; what was read stays read

    What waits already, and what a person or an adjudication has decided, is not queued again, but
    for a likely error in one person's only reading, and a dispute. Raises ModelError, StoreError.
    """
    store = QueueStore(database)
    units = _units(store, documents)
    wanted = [it for it in queue.QUOTAS if not reasons or it in reasons]
    if reasons:
        random_share = random_share if Reason.RANDOM in reasons else 0.0
        random_share = 1.0 if set(reasons) == {Reason.RANDOM} else random_share
    pool = queue.pool_of([(it.key, it.text) for it in units], seed=seed)
    state = queue_state(database, units)
    queued = [] if replace else store.queue()
    waits = [it for it in queued if it.unit_hash not in state.decided]
    there = pool.having({it.unit_hash for it in queued})
    named = set(documents)
    asked = {it.key for it in units if not named or it.document in named}
    open_texts = pool.texts(asked)
    places = max(0, size - len(waits))
    ranked: dict[Reason, Sequence[Ranked]] = {}
    if places and open_texts:
        ranked = _by_doubt(store, units, model, wanted)
        ids = {it.document: it.sha256 for it in units}
        ranked[Reason.LIKELY_ERROR] = state.likely_errors(errors, ids)
        ranked[Reason.DISPUTED] = state.disputed()
    chosen = queue.choose(
        pool,
        {reason: [it for it in ranked.get(reason, ()) if it.key in asked] for reason in wanted},
        size=places,
        random_share=random_share,
        closed=there | pool.having(state.decided),
        drawn=pool.having({it.unit_hash for it in queued if it.reason is Reason.RANDOM})
        | pool.having(state.drawn),
        outside=pool.having(state.before) | (set(range(len(pool.first))) - open_texts),
        again=(pool.having(state.once) & open_texts) - there,
    )
    store.enqueue(chosen, replace=replace)
    return _report(units, chosen, len(waits), len(open_texts), wanted)


def _units(store: QueueStore, documents: Collection[str]) -> list[StoredUnit]:
    """All units of the store, those of the documents named first: of units with one text the
    first stands for it. The test paper's are left out, however they came in."""
    known = store.documents()
    ordered = sorted(
        known,
        key=lambda it: (bool(documents) and known[it]["id"] not in documents, known[it]["id"]),
    )
    return [
        unit
        for sha256 in ordered
        if known[sha256]["id"] != TEST_ID and sha256 != TEST_SHA256
        for unit in store.units(sha256)
    ]


def _by_doubt(
    store: QueueStore, units: Sequence[StoredUnit], model: str, wanted: Collection[Reason]
) -> dict[Reason, Sequence[Ranked]]:
    """The units in the order of each reason that a model alone can give."""
    from collabnlp.tagging.doubt import doubts

    chosen = lasting(model)
    level_model = tagger_named(chosen).model
    features = _features(store, units, level_model)
    scores = level_model.score(features)
    votes = {"the model": scores.decided, **_committee(chosen, features)}
    orders = doubts(scores, level_model.vocabulary, features, votes)
    return {
        reason: [Ranked(units[it.unit].key, it.score, it.detail) for it in order]
        for reason, order in orders.items()
        if reason in wanted
    }


def _features(
    store: QueueStore, units: Sequence[StoredUnit], model: LevelModel
) -> list[UnitFeatures]:
    """The features of units that stand document by document, each in its reading order."""
    from collabnlp.schema import BlockKind, Region
    from collabnlp.tagging.features import UnitView

    known = store.documents()
    views = []
    for at, unit in enumerate(units):
        before = units[at - 1] if at else None
        after = units[at + 1] if at + 1 < len(units) else None
        views.append(
            UnitView(
                text=unit.text,
                headings=unit.headings,
                kind=(known[unit.sha256]["kind"] or "").lower(),
                block=BlockKind(unit.kind),
                region=Region(unit.region),
                previous=before.text if before and before.sha256 == unit.sha256 else "",
                following=after.text if after and after.sha256 == unit.sha256 else "",
            )
        )
    return model.reader.read(views)


def _committee(model: str, features: Sequence[UnitFeatures]) -> dict[str, Integers]:
    """What others than the model decide: the cue rules, and the model whose place it took."""
    from collabnlp.training.candidates import cue_rules

    votes = {"the cue rules": cue_rules(features)}
    before = model_before(model)
    if before:
        votes["the model before it"] = tagger_named(before).model.score(features).decided
    return votes


def model_before(model: str) -> str:
    """The model whose place this one took when it was last promoted; for one that never was, the
    shipped one. Empty where there is none. Raises ModelError where the log is damaged."""
    from collabnlp.tagging.promoted import PROMOTE, PromotedModels

    if model == SHIPPED_MODEL:
        return ""
    steps = [it for it in PromotedModels().steps() if it.action == PROMOTE and it.model == model]
    return steps[-1].replaced if steps else SHIPPED_MODEL


def _report(
    units: Sequence[StoredUnit],
    chosen: Sequence[QueuedUnit],
    waited: int,
    texts: int,
    wanted: Sequence[Reason],
) -> QueueReport:
    document = {it.sha256: it.document for it in units}
    added: dict[Reason, Counter[str]] = {}
    for it in chosen:
        added.setdefault(it.reason, Counter())[document[it.sha256]] += 1
    drawn = [it for it in chosen if it.probability is not None]
    population = round(len(drawn) / drawn[0].probability) if drawn and drawn[0].probability else 0
    return QueueReport(
        added={it: dict(sorted(added[it].items())) for it in Reason if it in added},
        waiting=waited + len(chosen),
        texts=texts,
        drawn=(len(drawn), population),
        without=tuple(it for it in wanted if it not in added) if chosen else (),
    )
