"""Reviewers' own documents: labelled, but in no manifest. A retraining learns from them too.

Their texts stand in the label store, so neither file nor mirror is needed. They are a family each,
trained on in every fold and never measured on; what nearly repeats another family's unit, or the
test paper's, is left out as everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collabnlp.identifiers import unit_ids
from collabnlp.schema import Annotation, StoredUnit
from collabnlp.sources.manifest import DocumentRole, Manifest, ManifestEntry
from collabnlp.sources.splits import OWN, Splits
from collabnlp.workflows.corpus_table import Row, document_rows, unit_row

SOURCE = "own"
"""What the rows of these documents have as their source."""


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """A document as a manifest would name it, and its units as a build would have them."""

    entry: ManifestEntry
    units: tuple[Row, ...]


def own_documents(manifest: Manifest, store: Path) -> dict[str, OwnDocument]:
    """The documents of a label store that have readings and no place in the manifest, by id; none
    where there is no store. Of several files of one id the one that most readings are of counts."""
    if not store.exists():
        return {}
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.labels.queue_store import QueueStore

    database = LabelDatabase(store)
    units = QueueStore(database)
    known = {entry.id for entry in manifest.entries}
    tested = {it.sha256 for it in manifest.entries if it.role is DocumentRole.TEST}
    files: dict[str, list[str]] = {}
    infos = units.documents()
    for sha256, info in infos.items():
        if info["id"] not in known and sha256 not in tested:
            files.setdefault(info["id"], []).append(sha256)
    found = {}
    for name, digests in sorted(files.items()):
        read = Counter(it.annotation.sha256 for it in database.in_force(document=name))
        if read:
            chosen = max(sorted(digests), key=lambda it: read[it])
            found[name] = _own(name, infos[chosen], units.units(chosen))
    return found


def _own(name: str, info: Mapping[str, Any], units: Sequence[StoredUnit]) -> OwnDocument:
    entry = ManifestEntry(
        id=name,
        file=name,
        title=info["title"] or name,
        publisher="",
        kind=info["kind"] or "",
        date=info["date"] or "",
        stage="",
        family=OWN + name,
        licence="not stated",
        role=DocumentRole.TRAIN,
    )
    ids = unit_ids(name, [unit.text for unit in units])
    rows = (
        unit_row(unit, unit_id, (unit.unit_hash, unit.occurrence))
        for unit, unit_id in zip(units, ids, strict=True)
    )
    return OwnDocument(entry, tuple(rows))


def own_rows(
    own: Mapping[str, OwnDocument],
    readings: Mapping[str, Iterable[Annotation]],
    splits: Splits,
) -> list[Row]:
    """The rows of these documents' units that the readings are of."""
    return [
        {**row, "source": SOURCE}
        for name, it in sorted(own.items())
        if name in readings
        for row in document_rows(it.entry, it.units, readings[name], splits).rows
    ]
