"""From the label store to the two states that a retraining compares: what the current model learnt
from, and the labels as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from collabnlp.errors import DataError, StoreError
from collabnlp.labels.store import LabelStore
from collabnlp.labels.written import WrittenSentence, read_written
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.label_sets import LabelState, state_of


def label_states(
    corpus: Corpus, store: Path, *, learnt_from: str = "", since: str = ""
) -> tuple[LabelState, LabelState]:
    """The state that the current model learnt from, and the one now, kept as a snapshot.

    ``store`` is the label store's file; where there is none, the labels now are the records of the
    corpus. ``learnt_from`` is the snapshot that the current model names. A model that names none
    learnt from ``since`` (the digest of a snapshot, or a folder of records), else from the oldest
    snapshot of the store, else from the records of the corpus. Raises DataError where a snapshot
    is asked for and there is no store, and StoreError where it is not in it.
    """
    written = read_written(corpus.written)
    wanted = learnt_from or since
    if wanted and wanted == since and Path(since).is_dir():
        old = state_of(LabelStore(Path(since)).read_all(), written)
    elif store.exists():
        return _from_store(corpus, store, wanted, written)
    elif wanted:
        raise DataError(
            f"There is no label store {store.name}, so the snapshot {wanted[:12]}, which the "
            "current model learnt from, cannot be had.",
            advice="Name the store with --store.",
        )
    else:
        old = state_of(corpus.store.read_all(), written)
    if store.exists():
        return old, _from_store(corpus, store, "", written)[1]
    return old, state_of(corpus.store.read_all(), written)


def _from_store(
    corpus: Corpus, store: Path, wanted: str, written: Sequence[WrittenSentence]
) -> tuple[LabelState, LabelState]:
    from collabnlp.labels.database import LabelDatabase

    database = LabelDatabase(store)
    kept = database.snapshots()
    now = database.snapshot(name="retraining")
    new = LabelState(now.digest, database.readings(upto=now.sequence), written)
    if not wanted and not kept:
        return state_of(corpus.store.read_all(), written), new
    if wanted:
        found = [it.digest for it in kept if it.digest.startswith(wanted)]
        if len(found) != 1:
            raise StoreError(
                f"There is no snapshot {wanted[:12]} in the label store {store.name}.",
                advice="Name the store that has it with --store, or the labels that the current "
                "model learnt from with --since.",
            )
        wanted = found[0]
    else:
        wanted = kept[0].digest
    return LabelState(wanted, database.readings_at(wanted), written), new
