"""A comparison as a page, as rows of CSV, or as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from collabnlp.cells import defused
from collabnlp.errors import UsageError
from collabnlp.reporting.comparison_table import place_of_side, text_of_side
from collabnlp.reporting.rows import Row
from collabnlp.schema import Change, ComparedUnit, Comparison, Difference

if TYPE_CHECKING:
    from collabnlp.reporting.comparison_page import Differ

_COLUMNS = (
    "step",
    "kinds",
    "commitment_change",
    "old_level",
    "new_level",
    "level_change",
    "shift",
    "similarity",
    "old_place",
    "new_place",
    "old_departments",
    "new_departments",
    "department_change",
    "partner_change",
    "old_units",
    "new_units",
    "old_text",
    "new_text",
)


def write_comparison(
    comparison: Comparison, stream: IO[bytes], *, format: str, differ: Differ
) -> None:
    """``format`` is html, csv or json; ``differ`` marks the words that changed, on the page.
    Raises UsageError for another format."""
    if format == "json":
        text = json.dumps(comparison.as_dict(), ensure_ascii=False, allow_nan=False, indent=1)
        stream.write(text.encode("utf-8") + b"\n")
    elif format == "csv":
        _write_csv(comparison, stream)
    elif format == "html":
        from collabnlp.reporting.comparison_page import comparison_page

        stream.write(comparison_page(comparison, differ).encode("utf-8"))
    else:
        raise UsageError(f"A comparison is not written as {format}.")


def _write_csv(comparison: Comparison, stream: IO[bytes]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for change in comparison:
        writer.writerow({name: defused(value) for name, value in _row(change).items()})
    text.detach()


def _row(change: Change) -> Row:
    return {
        "step": change.step,
        "kinds": "; ".join(change.kinds),
        "commitment_change": str(change.commitment_change),
        "old_level": str(change.old_level) if change.old else "",
        "new_level": str(change.new_level) if change.new else "",
        "level_change": change.level_change,
        "shift": change.shift,
        "similarity": round(change.similarity, 3),
        "old_place": place_of_side(change.old) if change.old else "",
        "new_place": place_of_side(change.new) if change.new else "",
        "old_departments": _codes(change.old),
        "new_departments": _codes(change.new),
        "department_change": _signed(change.department_change),
        "partner_change": _signed(change.partner_change),
        "old_units": "; ".join(one.unit.unit_id for one in change.old),
        "new_units": "; ".join(one.unit.unit_id for one in change.new),
        "old_text": text_of_side(change.old) if change.old else "",
        "new_text": text_of_side(change.new) if change.new else "",
    }


def _codes(units: Sequence[ComparedUnit]) -> str:
    codes = {code for one in units for code in one.as_dict()["departments"]}
    return "; ".join(sorted(codes))


def _signed(difference: Difference | None) -> str:
    if difference is None:
        return ""
    signed = [f"added {one}" for one in difference.added]
    return "; ".join(signed + [f"removed {one}" for one in difference.removed])
