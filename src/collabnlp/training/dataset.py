"""Labelled units: the rows of the corpus table, as the model reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collabnlp.errors import DataError
from collabnlp.identifiers import digest
from collabnlp.schema import BlockKind, Level, Region
from collabnlp.tagging.features import UnitView

TEST_DOCUMENT = "edwp-2024"
"""The test paper: no label of it may reach a model."""

WRITTEN = "written"
"""The family of all sentences written for the project; trained on, never measured on."""

_WRITTEN_FOLDS = 5

LEVEL_INDEX: dict[str, int] = {str(level): index for index, level in enumerate(Level)}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledUnit:
    """A unit with its label.

    level     0 for none, 1..5 for the ladder
    family    documents of one family are held out together; "written" for written sentences
    sure      False where its one reader was not, or two readings dispute it
    standing  what the label rests on: "adjudicated", "agreed", "disputed", "single"
    """

    id: str
    view: UnitView
    level: int
    document: str
    family: str
    sure: bool = True
    standing: str = "single"

    @property
    def written(self) -> bool:
        return self.family == WRITTEN


def labelled_units(rows: Iterable[Mapping[str, Any]]) -> list[LabelledUnit]:
    """The rows that may be trained and measured on, real documents before written sentences.

    Near-duplicates of another family's rows and rows of the test split are left out. Raises
    DataError for a row of the test paper, an unknown level or a missing column.
    """
    try:
        units = [
            _unit(row) for row in rows if row["duplicate_of"] is None and row["split"] != "test"
        ]
    except (KeyError, ValueError) as error:
        raise DataError(f"The corpus table has a row that cannot be read: {error}.") from error
    if not units:
        raise DataError("The corpus table has no labelled units.")
    return sorted(units, key=lambda unit: unit.written)


def _unit(row: Mapping[str, Any]) -> LabelledUnit:
    if row["document"] == TEST_DOCUMENT:
        raise DataError("The corpus table holds labels of the test paper, which no model may see.")
    return LabelledUnit(
        id=row["id"],
        view=UnitView(
            text=row["text"],
            headings=tuple(row["headings"]),
            kind=(row["doc_kind"] or "").lower(),
            block=BlockKind(row["kind"]),
            region=Region(row["region"]),
            previous=row["previous"],
            following=row["following"],
        ),
        level=LEVEL_INDEX[row["level"]],
        document=row["document"],
        family=WRITTEN if row["source"] == "written" else row["family"],
        sure=bool(row["sure"]),
        standing=str(row["standing"]),
    )


def measurable(units: Sequence[LabelledUnit]) -> tuple[list[LabelledUnit], bool]:
    """The units, and True where some are real; written sentences alone are parted into families
    by what they stand under, so that they can be held out."""
    if any(not unit.written for unit in units):
        return list(units), True

    def fold(unit: LabelledUnit) -> str:
        return f"subjects-{int(digest(list(unit.view.headings)), 16) % _WRITTEN_FOLDS + 1}"

    return [replace(unit, family=fold(unit)) for unit in units], False
