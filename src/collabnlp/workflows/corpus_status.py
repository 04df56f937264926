"""What a corpus holds: files, units, readings by role and level, and what found no unit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collabnlp.labels.resolution import by_unit, resolve
from collabnlp.labels.written import read_written
from collabnlp.schema import Annotation, Role
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus_folder import Corpus, read_unmatched


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatus:
    """One document, one file of written sentences, or the total.

    file       "here", "changed", "absent", or "" where that makes no sense
    units      as built; None where it was not
    levels     units of each level by the judgement in force
    unmatched  readings that found no unit when they were imported
    lost       readings whose unit was no longer there at the last build; None before one
    """

    document: str
    role: str
    file: str = ""
    units: int | None = None
    first: int = 0
    second: int = 0
    adjudicated: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    unmatched: int = 0
    lost: int | None = None


@dataclass(frozen=True, slots=True)
class CorpusStatus:
    """Every document of the manifest, then the written files; and the sums of all."""

    documents: tuple[DocumentStatus, ...]
    total: DocumentStatus


def corpus_status(corpus: Corpus, build: Path, *, mirror: Mirror | None = None) -> CorpusStatus:
    """Look at manifest, label store, written sentences and the last build; changes nothing.

    Raises DataError where one of them is wrong.
    """
    store = corpus.store
    unmatched = Counter(row["document"] for row in read_unmatched(corpus))
    built = _built_units(build)
    documents = []
    for entry in corpus.manifest().entries:
        found = mirror.find(entry) if mirror is not None else None
        file = "absent" if found is None else "changed" if found.changed else "here"
        readings = store.read(entry.id)
        roles = Counter(it.role for it in readings)
        state = built.get(entry.id, {})
        lost = state.get("readings", {}).get("lost")
        documents.append(
            DocumentStatus(
                document=entry.id,
                role=str(entry.role),
                file=file,
                units=state.get("units"),
                first=roles[Role.FIRST],
                second=roles[Role.SECOND],
                adjudicated=roles[Role.ADJUDICATED],
                levels=_levels(readings),
                unmatched=unmatched[entry.id],
                lost=lost,
            )
        )
    families: dict[str, Counter[str]] = {}
    for it in read_written(corpus.written):
        families.setdefault(it.family, Counter())[str(it.judgement.level)] += 1
    for family, levels in families.items():
        count = sum(levels.values())
        documents.append(
            DocumentStatus(document=family, role="written", units=count, first=count, levels=levels)
        )
    return CorpusStatus(tuple(documents), _total(documents))


def _levels(readings: Iterable[Annotation]) -> Counter[str]:
    return Counter(str(resolve(found).judgement.level) for found in by_unit(readings).values())


def _total(documents: Iterable[DocumentStatus]) -> DocumentStatus:
    every = list(documents)
    levels: Counter[str] = Counter()
    for it in every:
        levels.update(it.levels)
    return DocumentStatus(
        document="all",
        role="",
        units=sum(it.units or 0 for it in every),
        first=sum(it.first for it in every),
        second=sum(it.second for it in every),
        adjudicated=sum(it.adjudicated for it in every),
        levels=levels,
        unmatched=sum(it.unmatched for it in every),
        lost=sum(it.lost or 0 for it in every),
    )


def _built_units(build: Path) -> dict[str, dict[str, Any]]:
    try:
        state = json.loads((build / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    units = state.get("units", {}) if isinstance(state, dict) else {}
    return units if isinstance(units, dict) else {}
