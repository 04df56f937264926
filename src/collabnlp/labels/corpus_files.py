"""Brings the corpus' stand-off records into the label store, and exports them from it.

The records in ``corpus/labels`` are an export of the store: readings in force, without texts, times
and history. Loading them into an empty store and exporting again gives the same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.store import LabelStore
from collabnlp.schema import Annotation, Entry


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many readings were new, and how many took an earlier one's place."""

    added: int
    corrected: int


def load_records(database: LabelDatabase, files: LabelStore) -> Loaded:
    """Add the files' readings that the store has never held.

    A reading that the store held at any time is left: what was corrected or withdrawn here stays
    so. A new one of the same reader, role and codebook as one in force takes its place. What an
    empty store loads is kept as its first snapshot: what a model of before any review learnt from.
    Raises DataError for files that are wrong; nothing is added then.
    """
    records = files.read_all()
    known: dict[tuple[str, str, int, str, str, str], set[Annotation]] = defaultdict(set)
    for _, entry in database.entries():
        known[entry.annotation.key].add(entry.annotation)
    known_before = bool(known)
    heads = {entry.annotation.key: entry.id for entry in database.in_force()}
    entries = []
    corrected = 0
    for record in (it for them in records.values() for it in them):
        if record in known[record.key]:
            continue
        before = heads.get(record.key, "")
        corrected += bool(before)
        entries.append(Entry(annotation=record, supersedes=before))
    database.append(entries)
    if entries and not known_before:
        database.snapshot(name="corpus")
    return Loaded(len(entries) - corrected, corrected)


def export_records(
    database: LabelDatabase, files: LabelStore, *, documents: Collection[str]
) -> dict[str, int]:
    """Write the readings in force of some documents into the files; returns how many lines of
    each document's file changed. Files of documents without readings are left as they are."""
    changed = {}
    readings = database.readings()
    for document in sorted(set(documents) & set(readings)):
        changed[document] = files.replace(document, readings[document])
    return changed
