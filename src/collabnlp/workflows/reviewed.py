"""Puts people's labels of the label store in place of the model's, in documents to be counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from collabnlp.analysis.counting import CountedDocument
from collabnlp.analysis.counting_reviewed import Choice, ReadUnit
from collabnlp.errors import DataError
from collabnlp.labels.anchoring import anchor
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.resolution import Standing, by_unit, resolve
from collabnlp.schema import (
    Annotation,
    Basis,
    DepartmentTag,
    Entry,
    Judgement,
    Level,
    Reason,
    Role,
    Shown,
    Tag,
)

PEOPLES = (Role.REVIEWED, Role.ADJUDICATED)
"""Readings that stand for what people say; first and second ones may be anybody's."""


@dataclass(frozen=True, slots=True)
class WithReadings:
    """Documents with people's labels, and remarks on what was and was not taken from the store."""

    documents: list[CountedDocument]
    remarks: tuple[str, ...]


def check_store(store: Path) -> None:
    """Raises DataError where there is no such file: opening it would make one."""
    if not store.exists():
        raise DataError(
            f"There is no label store {store.name}.",
            advice="Name it with --store; `collabnlp review` makes one.",
        )


def with_readings(documents: Sequence[CountedDocument], store: Path) -> WithReadings:
    """The documents, each unit that people read with their label in force.

    A reading is of a document by the digest of its file, or by its id, and of a unit by hash and
    occurrence (or its letters and digits alone, see `labels.anchoring`). How a unit came to be read
    counts only where this very file was read: chance drew among its units. Raises DataError where
    there is no store, and StoreError where it is none.
    """
    check_store(store)
    database = LabelDatabase(store)
    try:
        by_document: dict[str, list[Annotation]] = {}
        for one in database.in_force():
            if one.annotation.role in PEOPLES:
                by_document.setdefault(one.annotation.document, []).append(one.annotation)
        choices = _choices(database)
    finally:
        database.close()
    taken: set[int] = set()
    lost = disputed = 0
    found = []
    for document in documents:
        own = [
            it
            for name, records in by_document.items()
            for it in records
            if name == document.info.id or it.sha256 == document.info.sha256
        ]
        taken.update(map(id, own))
        place, gone, differ = _read(document, own, choices)
        lost, disputed = lost + gone, disputed + differ
        found.append(place)
    others = sum(id(it) not in taken for records in by_document.values() for it in records)
    remarks = _remarks(others, lost, disputed)
    if not any(it.read for it in found):
        remarks.insert(0, "People have read no unit of these documents.")
    return WithReadings(found, tuple(remarks))


def _remarks(others: int, lost: int, disputed: int) -> list[str]:
    remarks = []
    if lost:
        remarks.append(
            f"Readings of these documents that were not used, for their units are not in the files "
            f"counted: {lost:,}."
        )
    if others:
        remarks.append(f"Readings in the label store of other documents: {others:,}.")
    if disputed:
        remarks.append(
            f"Units whose reviewers differ in level: {disputed:,}. The first by name was taken; "
            "adjudicate them."
        )
    return remarks


Place = tuple[str, str, int]


def _choices(database: LabelDatabase) -> dict[Place, Entry]:
    """The entry by which chance, or the score, had a unit read (by file, hash and occurrence).

    Of the whole history: a correction made later does not say why the unit was read at first. A
    unit that chance drew at any time is one drawn by chance.
    """
    found: dict[Place, Entry] = {}
    for _, entry in database.entries():
        if entry.withdrawn or entry.annotation.role not in PEOPLES:
            continue
        if entry.reason not in (Reason.RANDOM, Reason.LEAST_CERTAIN):
            continue
        place = (entry.annotation.sha256, *entry.annotation.unit)
        there = found.get(place)
        if there is None or (there.reason is not Reason.RANDOM and entry.reason is Reason.RANDOM):
            found[place] = entry
    return found


def _read(
    document: CountedDocument, records: Sequence[Annotation], choices: dict[Place, Entry]
) -> tuple[CountedDocument, int, int]:
    """The document with its readings, how many of these were lost, how many units are disputed."""
    anchored = anchor(records, [one.unit.text for one in document.tagged])
    tagged, read = list(document.tagged), {}
    disputed = 0
    for at, readings in anchored.by_unit.items():
        same = [replace(it, unit_hash="0" * 64, occurrence=1) for it in readings]
        resolved = resolve(next(iter(by_unit(same).values())))
        disputed += resolved.standing is Standing.DISPUTED
        entry = next(
            (
                choices[place]
                for it in readings
                if it.sha256 == document.info.sha256 and (place := (it.sha256, *it.unit)) in choices
            ),
            None,
        )
        tag = tagged[at].tag
        read[at] = _read_unit(tag, entry)
        tagged[at] = replace(tagged[at], tag=labelled(tag, resolved.judgement))
    return (
        replace(document, tagged=tuple(tagged), read=read),
        len(anchored.lost),
        disputed,
    )


def _read_unit(tag: Tag, entry: Entry | None) -> ReadUnit:
    if entry is None:
        return ReadUnit(tag)
    return ReadUnit(
        tag,
        Choice.CHANCE if entry.reason is Reason.RANDOM else Choice.SCORE,
        entry.probability or 1.0,
        entry.annotation.shown is Shown.SUGGESTION,
    )


def labelled(tag: Tag, judgement: Judgement) -> Tag:
    """A tag that says what a person said: level, partners, departments, tier. What people do not
    label (force, cues, the model's probabilities) stays; mentions of other partners go."""
    if judgement.level is Level.NONE:
        return replace(
            tag,
            level=Level.NONE,
            partners=(),
            partner_mentions=(),
            departments=(),
            needs_review=False,
        )
    mentions = {it.code: it.mention for it in tag.departments}
    basis = judgement.dept_basis or Basis.INFERRED
    return replace(
        tag,
        level=judgement.level,
        actor_tier=judgement.actor_tier or tag.actor_tier,
        partners=judgement.partners,
        partner_mentions=tuple(it for it in tag.partner_mentions if it.type in judgement.partners),
        departments=tuple(
            DepartmentTag(code, basis, mentions.get(code), 1.0) for code in judgement.departments
        ),
        needs_review=False,
    )
