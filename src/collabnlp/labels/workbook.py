"""Readings as an Excel workbook that can be filled in: lists to choose from, nothing that runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import IO, Any

from collabnlp.cells import CELL_LIMIT, NOT_XML, ROW_LIMIT
from collabnlp.data.palette import palette
from collabnlp.errors import UsageError
from collabnlp.labels.export_lines import ExportLine
from collabnlp.labels.fields import FIELDS
from collabnlp.labels.tabular import COLUMNS, columns, table_row
from collabnlp.schema import ActorTier, Basis, Level, Partner

SHEET = "readings"
_CHOICES = {
    "level": [str(it) for it in Level],
    "dept_basis": [*map(str, Basis), "none"],
    "actor_tier": [str(it) for it in ActorTier],
    "sure": ["yes", "no"],
}
# Rows below the last that offer the choices too, for what is added by hand.
_SPARE_ROWS = 200
_RUNS = re.compile(r"[=+\-@\t\r\n']")


def write_workbook(
    lines: Sequence[ExportLine], stream: IO[bytes], *, resolved: bool = False
) -> int:
    """A sheet of readings and one that explains it; equal bytes for equal lines. Returns how many.

    Every cell is text, also after somebody edits it. Raises UsageError for more than a sheet holds.
    """
    from xlsxwriter import Workbook

    if len(lines) >= ROW_LIMIT - _SPARE_ROWS:
        raise UsageError("An Excel sheet holds a million rows.", advice="Use CSV.")
    book = Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    # The clock would make equal results unequal files.
    book.set_properties({"created": datetime(2000, 1, 1)})
    formats = _Formats(book)
    sheet = book.add_worksheet(SHEET)
    names = columns(resolved=resolved)
    widths = {name: width for name, width, _ in COLUMNS}
    for number, name in enumerate(names):
        sheet.set_column(number, number, widths[name], formats.cell(name, ""))
        sheet.write_string(0, number, name, formats.head(name))
    for count, line in enumerate(lines, 1):
        row = table_row(line)
        for number, name in enumerate(names):
            text = row[name].translate(NOT_XML)[:CELL_LIMIT]
            if text:
                sheet.write_string(count, number, text, formats.cell(name, text))
            else:
                sheet.write_blank(count, number, None, formats.cell(name, ""))
    last = len(lines) + _SPARE_ROWS
    for name, choices in _CHOICES.items():
        sheet.data_validation(
            *(1, names.index(name), last, names.index(name)),
            {
                **{"validate": "list", "source": choices, "error_title": name},
                "error_message": f"One of: {', '.join(choices)}.",
            },
        )
    if lines:
        # Locking would need a protected sheet, which nobody can sort. This refuses typing.
        sheet.data_validation(
            *(1, names.index("id"), len(lines), names.index("id")),
            {
                **{"validate": "length", "criteria": "==", "value": 64, "ignore_blank": False},
                **{"error_title": "id", "error_message": "This brings the row back: leave it."},
            },
        )
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(lines)), len(names) - 1)
    _explain(book, formats, names)
    book.close()
    return len(lines)


class _Formats:
    """Looks of cells: text in all of them, what may be changed on a tint, ids in grey."""

    def __init__(self, book: Any) -> None:
        text = {"num_format": "@", "valign": "top"}
        self.plain = book.add_format({**text, "text_wrap": True})
        self.open = book.add_format({**text, "text_wrap": True, "bg_color": "#fffbe6"})
        self.grey = book.add_format({**text, "font_color": "#8a8a8a", "bg_color": "#f0f0f0"})
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.bold_open = book.add_format({"bold": True, "valign": "top", "bg_color": "#ffe9a8"})
        # With the mark of Excel for "this is text", though it looks like a formula.
        self.quoted = book.add_format({**text, "text_wrap": True, "quote_prefix": True})

    def head(self, name: str) -> Any:
        return self.bold_open if name in FIELDS else self.bold

    def cell(self, name: str, text: str) -> Any:
        if _RUNS.match(text):
            return self.quoted
        if name in ("id", "text_hash"):
            return self.grey
        return self.open if name in FIELDS else self.plain


def _explain(book: Any, formats: _Formats, names: Sequence[str]) -> None:
    sheet = book.add_worksheet("explained")
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 110)
    lines = [("column", "what stands in it")]
    lines += [(name, meaning) for name, _, meaning in COLUMNS if name in names]
    lines += [("", ""), ("level", "what it means")]
    lines += [(str(level), swatch.meaning) for level, swatch in palette().items()]
    lines += [("", ""), ("partners", "; ".join(Partner))]
    lines += [
        ("new rows", "Leave id empty; give document, text as printed, and level."),
        ("removed rows", "Change nothing: a reading is never deleted by a file."),
        ("back", "collabnlp labels import FILE --reader YOUR-NAME --dry-run"),
    ]
    heads = {0, lines.index(("level", "what it means"))}
    for number, (name, meaning) in enumerate(lines):
        sheet.write_string(number, 0, name, formats.bold)
        sheet.write_string(number, 1, meaning, formats.bold if number in heads else formats.plain)
