"""A corpus folder: the manifest, the splits, the label store, written sentences, samples."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from collabnlp.errors import DataError
from collabnlp.labels.store import LabelStore
from collabnlp.schema import Document, Unit
from collabnlp.sources.manifest import Manifest, ManifestEntry, read_manifest
from collabnlp.sources.mirror import Mirror


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
        return self.folder / "labels" / "unmatched.csv"

    def manifest(self) -> Manifest:
        return read_manifest(self.manifest_file)


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


def read_unmatched(corpus: Corpus) -> list[dict[str, str]]:
    """The readings that have no unit: document, source, reader, role, level, reason."""
    if not corpus.unmatched_file.exists():
        return []
    with corpus.unmatched_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
