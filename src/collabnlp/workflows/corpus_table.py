"""The joined training table: texts with their surroundings, judgements, family and fold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from collabnlp.identifiers import folded_hash
from collabnlp.labels.anchoring import Anchored, anchor
from collabnlp.labels.duplicates import near_duplicates
from collabnlp.labels.resolution import Standing, by_unit, resolve
from collabnlp.labels.written import WrittenSentence
from collabnlp.schema import Annotation, Role, StoredUnit, Unit
from collabnlp.sources.manifest import ManifestEntry
from collabnlp.sources.splits import TEST, Splits

Row = dict[str, Any]
_SOURCES = ("real", "own", "written")  # of two that nearly repeat each other the first stays


def unit_row(unit: Unit | StoredUnit, unit_id: str, key: tuple[str, int]) -> Row:
    """A unit as builds keep it; ``key`` is its hash and occurrence."""
    return {
        "unit_id": unit_id,
        "index": unit.index,
        "unit_hash": key[0],
        "occurrence": key[1],
        "folded": folded_hash(unit.text),
        "page": unit.page,
        "provision": unit.provision,
        "headings": list(unit.headings),
        "text": unit.text,
        "own_text": unit.own_text,
        "lead_in": unit.lead_in,
        "kind": str(unit.kind),
        "region": str(unit.region),
    }


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """A document's rows of the table, and how its readings were found."""

    rows: tuple[Row, ...]
    anchored: Anchored


def document_rows(
    entry: ManifestEntry, units: Sequence[Row], readings: Iterable[Annotation], splits: Splits
) -> DocumentRows:
    """The rows of a labelled document: one for each unit that was read, in reading order."""
    texts = [unit["text"] for unit in units]
    anchored = anchor(readings, texts)
    rows = []
    for at, found in anchored.by_unit.items():
        unit = units[at]
        # Readings found by letters and digits still have the hashes of their day.
        grouped = [it for them in by_unit(found).values() for it in them]
        resolved = resolve(sorted(grouped, key=_by_role))
        row: Row = {
            "id": unit["unit_id"],
            "source": "real",
            "document": entry.id,
            "family": entry.family,
            "split": splits[entry.family],
            "doc_kind": entry.kind,
            "date": entry.date,
            "publisher": entry.publisher,
            "index": unit["index"],
            "text": unit["text"],
            "own_text": unit["own_text"],
            "lead_in": unit["lead_in"],
            "headings": unit["headings"],
            "previous": texts[at - 1] if at else "",
            "following": texts[at + 1] if at + 1 < len(texts) else "",
            "kind": unit["kind"],
            "region": unit["region"],
            "page": unit["page"],
            "provision": unit["provision"],
            **_judgement(resolved.judgement.as_dict()),
            "force": None,
            "sure": resolved.sure,
            "standing": str(resolved.standing),
            "readings": len(found),
        }
        rows.append(row)
    return DocumentRows(tuple(rows), anchored)


def _by_role(record: Annotation) -> tuple[int, str]:
    return list(Role).index(record.role), record.reader


def written_rows(sentences: Iterable[WrittenSentence], splits: Splits) -> list[Row]:
    """The rows of the written sentences; they have no neighbours."""
    return [
        {
            "id": it.id,
            "source": "written",
            "document": it.family,
            "family": it.family,
            "split": splits[it.family],
            "doc_kind": it.kind,
            "date": it.date,
            "publisher": None,
            "index": index,
            "text": it.text,
            "own_text": it.text,
            "lead_in": None,
            "headings": list(it.headings),
            "previous": "",
            "following": "",
            "kind": "provision" if it.force == "statutory" else "paragraph",
            "region": "body",
            "page": None,
            "provision": None,
            **_judgement(it.judgement.as_dict()),
            "force": str(it.force),
            "sure": True,
            "standing": str(Standing.SINGLE),
            "readings": 1,
        }
        for index, it in enumerate(sentences)
    ]


def _judgement(given: dict[str, Any]) -> Row:
    """All columns of a judgement, also those that a ``none`` does not have."""
    empty: Row = {"partners": [], "departments": [], "dept_basis": "none", "actor_tier": None}
    return {"level": given["level"], **empty, **given}


def mark_duplicates(rows: Sequence[Row], held_out: Sequence[tuple[str, str]]) -> list[Row]:
    """The rows with ``duplicate_of``: the row of another family that each nearly repeats, or None.

    A text that stands in several families would let a model see what it is measured on. The first
    row keeps its place and is the duplicate of nothing, real ones before those of reviewers' own
    documents and written ones; a row that nearly repeats a test document's unit (``held_out``: id
    and text) is always marked.
    """
    ordered = sorted(
        range(len(rows)),
        key=lambda at: (_SOURCES.index(rows[at]["source"]), rows[at]["document"], at),
    )
    texts = [text for _, text in held_out] + [rows[at]["text"] for at in ordered]
    first = len(held_out)
    marks: dict[int, str] = {}
    for earlier, later, _ in near_duplicates(texts):
        if later < first:
            continue
        row = ordered[later - first]
        if row in marks:
            continue
        if earlier < first:
            marks[row] = held_out[earlier][0]
            continue
        other = ordered[earlier - first]
        if other not in marks and rows[other]["family"] != rows[row]["family"]:
            marks[row] = rows[other]["id"]
    return [{**row, "duplicate_of": marks.get(at)} for at, row in enumerate(rows)]


def usable(row: Row) -> bool:
    """True for a row that may be trained and measured on."""
    return row["duplicate_of"] is None and row["split"] != TEST
