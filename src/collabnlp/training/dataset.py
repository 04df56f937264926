"""Labelled units: real documents read by the codebook, and sentences written for the project."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collabnlp.errors import DataError
from collabnlp.schema import BlockKind, Level
from collabnlp.tagging.features import UnitView

TEST_DOCUMENT = "edwp-2024"
"""The test paper: no label of it may reach a model."""

LEVEL_INDEX: dict[str, int] = {str(level): index for index, level in enumerate(Level)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledUnit:
    """A unit with its label.

    level     0 for none, 1..5 for the ladder
    family    documents of one family are held out together; "written" for written sentences
    sure      False where the reader was not
    """

    id: str
    view: UnitView
    level: int
    document: str
    family: str
    sure: bool = True

    @property
    def written(self) -> bool:
        return self.family == "written"


def _lines(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, json.JSONDecodeError) as error:
        raise DataError(f"The labels in {path.name} cannot be read: {error}.") from error


def read_families(documents_csv: Path) -> dict[str, tuple[str, str]]:
    """Family and kind of each document, by id. Raises DataError where the file is missing."""
    try:
        with documents_csv.open(encoding="utf-8", newline="") as file:
            return {row["id"]: (row["family"], row["kind"].lower()) for row in csv.DictReader(file)}
    except (OSError, KeyError) as error:
        raise DataError(f"The list of documents cannot be read: {error}.") from error


def read_labels(folder: Path, documents_csv: Path) -> list[LabelledUnit]:
    """Every label file of a folder (``<document>.jsonl``), in the order of names and lines.

    Raises DataError where a file is no list of labels, a level is unknown, a document is not in
    the list, or the test paper is among them.
    """
    families = read_families(documents_csv)
    units: list[LabelledUnit] = []
    for path in sorted(folder.glob("*.jsonl")):
        document = path.stem
        if document == TEST_DOCUMENT:
            raise DataError(f"{path.name} holds labels of the test paper, which no model may see.")
        if document not in families:
            raise DataError(f"{path.name} belongs to no document of {documents_csv.name}.")
        family, kind = families[document]
        units.extend(_document_units(_lines(path), document, family, kind))
    if not units:
        raise DataError(f"There are no labels in {folder.name}.")
    return units


def _document_units(
    rows: Sequence[dict[str, Any]], document: str, family: str, kind: str
) -> Iterable[LabelledUnit]:
    texts = ["", *(row["text"] for row in rows), ""]
    for index, row in enumerate(rows):
        yield LabelledUnit(
            id=row["id"],
            view=UnitView(
                text=row["text"],
                headings=_headings(row.get("heading")),
                kind=kind,
                block=BlockKind.PROVISION if "num" in row else BlockKind.PARAGRAPH,
                previous=texts[index],
                following=texts[index + 2],
            ),
            level=_level(row),
            document=document,
            family=family,
            sure=bool(row.get("sure", True)),
        )


def read_written(folder: Path) -> list[LabelledUnit]:
    """Sentences written for the project (``corpus/written/*.jsonl``); none where there are none."""
    units = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, row in enumerate(_lines(path)):
            units.append(
                LabelledUnit(
                    id=str(row.get("id", f"{path.stem}-{number}")),
                    view=UnitView(
                        text=row["text"],
                        headings=_headings(row.get("heading")),
                        kind=str(row.get("doc_kind") or "").lower(),
                    ),
                    level=_level(row),
                    document=f"written-{path.stem}",
                    family="written",
                )
            )
    return units


def _headings(heading: Any) -> tuple[str, ...]:
    if not heading:
        return ()
    parts = heading if isinstance(heading, list) else str(heading).split(" > ")
    return tuple(str(part) for part in parts)


def _level(row: dict[str, Any]) -> int:
    try:
        return LEVEL_INDEX[row["level"]]
    except KeyError as error:
        raise DataError(f"The label {row.get('id')} has an unknown level: {error}.") from error
