"""Readings as a table of text: one row a reading, for CSV and Excel, there and back."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from collabnlp.cells import guarded, unguarded
from collabnlp.errors import DataError
from collabnlp.labels.export_lines import ExportLine
from collabnlp.labels.fields import FIELDS, Form, words
from collabnlp.labels.returning import Problem, Returned, page_name

# name, width in a workbook, what stands in it
COLUMNS: tuple[tuple[str, int, str], ...] = (
    ("document", 22, "The document's id."),
    ("title", 28, "The document's title."),
    ("page", 7, "The page, as printed where that is known."),
    ("provision", 11, "Number of the provision, in bills and numbered papers."),
    ("headings", 34, "The headings above, highest first."),
    ("text", 80, "What was read. Leave it as it is: labels hold for the text as read."),
    ("level", 14, "You may change it. One of the six levels below."),
    ("partners", 24, "You may change it. Who the other side is, divided by semicolons."),
    ("departments", 16, "You may change it. Codes of the day (DFT; HMT), by semicolons."),
    ("dept_basis", 12, "You may change it. explicit, inferred, or none."),
    ("actor_tier", 13, "You may change it. national, subnational, other; empty for none."),
    ("sure", 7, "You may change it. yes, or no where you doubt."),
    ("note", 40, "You may change it. What others should know of this reading."),
    ("reader", 14, "Who read. A change of yours is kept as yours, beside this."),
    ("role", 12, "first, second, adjudicated, reviewed, or repeat."),
    ("date", 12, "When it was read."),
    ("time", 21, "When it was kept (UTC), where that is known."),
    ("codebook", 10, "The version read by."),
    ("shown", 12, "What the reader saw: nothing (blind), a suggestion, other readings."),
    ("standing", 12, "What the unit's label rests on."),
    ("readings", 10, "How many readings the unit has."),
    ("id", 20, "Brings the row back to its reading. Leave it; empty in a new row."),
    ("text_hash", 20, "Hash of the text as read."),
)
_RESOLVED = ("standing", "readings")
_OURS = {name for name, _, _ in COLUMNS}
# A row of one reading fits many times; more is no table of readings.
MEGABYTES = 256


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as it came: header, rows with their numbers, and in what way it was saved."""

    header: Sequence[str]
    rows: Iterable[tuple[int, Sequence[str], Sequence[int]]]
    form: Form


def columns(*, resolved: bool) -> list[str]:
    """The columns that are written."""
    return [name for name, _, _ in COLUMNS if resolved or name not in _RESOLVED]


def table_row(line: ExportLine) -> dict[str, str]:
    """All columns of one reading."""
    record, unit = line.entry.annotation, line.unit
    return {
        "document": record.document,
        "title": line.title,
        "page": page_name(unit) if unit else "",
        "provision": (unit.provision or "") if unit else "",
        "headings": " > ".join(unit.headings) if unit else "",
        "text": line.text,
        **words(record),
        "reader": record.reader,
        "role": str(record.role),
        "date": record.date,
        "time": line.entry.time,
        "codebook": record.codebook,
        "shown": str(record.shown),
        "standing": line.standing,
        "readings": str(line.readings or ""),
        "id": line.entry.id,
        "text_hash": record.unit_hash,
    }


def write_csv(lines: Iterable[ExportLine], stream: IO[bytes], *, resolved: bool = False) -> int:
    """UTF-8 with a byte order mark, every cell in quotes, formulas guarded; returns how many."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    names = columns(resolved=resolved)
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    count = 0
    for line in lines:
        row = table_row(line)
        writer.writerow([guarded(row[name]) for name in names])
        count += 1
    text.detach()
    return count


def read_csv(data: bytes, name: str) -> Grid:
    """A CSV file as any spreadsheet saves it: commas, semicolons or tabs; UTF-8, UTF-16 or Windows'
    Western character set. Raises DataError."""
    text, narrow = _decoded(data, name)
    if text.startswith("sep=") and "\n" in text:
        text = text[text.index("\n") + 1 :]
    # The longest cell that a file of this size may have.
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    divider = max(",;\t", key=lambda it: _recognised(text, it))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    try:
        header = next(reader)
    except (StopIteration, csv.Error):
        raise DataError(f"{name} is empty.", advice="Export the labels again.") from None

    def rows() -> Iterator[tuple[int, Sequence[str], Sequence[int]]]:
        try:
            for number, row in enumerate(reader, 2):
                yield number, [unguarded(cell) for cell in row], ()
        except csv.Error as error:
            raise DataError(f"{name} is no CSV file: {error}.", advice="Save it again.") from error

    return Grid(header, rows(), Form(narrow=narrow))


def _decoded(data: bytes, name: str) -> tuple[str, bool]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding == "cp1252"
        except UnicodeDecodeError:
            continue
    raise DataError(f"{name} is no text.", advice="Save it as CSV in UTF-8.")


def _recognised(text: str, divider: str) -> int:
    """How many of our columns the first row has, if it is divided so."""
    try:
        first = next(csv.reader(io.StringIO(text, newline=""), delimiter=divider), [])
    except csv.Error:
        return 0
    return len(_OURS & set(map(_heading, first)))


def _heading(cell: str) -> str:
    return "_".join(cell.strip().casefold().split())


def returned_rows(grid: Grid, name: str) -> list[Returned]:
    """What the rows of a table say; blank rows say nothing. Columns may stand in any order, and
    others than ours are not looked at. Raises DataError where the header is not ours."""
    names = [_heading(cell) for cell in grid.header]
    twice = sorted({it for it in names if it in _OURS and names.count(it) > 1})
    if twice:
        raise DataError(f"{name} has the column {twice[0]} twice.", advice="Remove one of them.")
    at = {it: index for index, it in enumerate(names) if it in _OURS}
    if "level" not in at:
        raise DataError(
            f"{name} has no column named level.",
            advice="Keep the first row of the exported file.",
        )
    if "id" not in at and ("text_hash" in at or "text" not in at):
        raise DataError(
            f"{name} has no column named id, by which its rows come back.",
            advice="Export again, and leave that column in.",
        )
    found = []
    for number, row, formulas in grid.rows:
        cells = {it: row[index] if index < len(row) else "" for it, index in at.items()}
        if not any(cell.strip() for cell in cells.values()):
            continue
        where = f"row {number}"
        problems = tuple(
            Problem(where, it, "a formula: put its value in its place")
            for it, index in at.items()
            if index in formulas and it in (*FIELDS, "text", "id")
        )
        found.append(
            Returned(
                where=where,
                id=cells.get("id", "").strip(),
                fields={it: cells[it] for it in FIELDS if it in cells},
                text=cells.get("text"),
                document=cells.get("document", "").strip(),
                page=cells.get("page", "").strip(),
                form=grid.form,
                problems=problems,
            )
        )
    return found
