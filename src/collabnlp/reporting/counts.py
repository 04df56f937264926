"""Counts as a table for people and as rows for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from collabnlp.cells import defused
from collabnlp.reporting.rows import Row, json_line
from collabnlp.reporting.tables import COLOURS, console, text_of
from collabnlp.schema import CountCell, CountKey, Counts, Figure, GroupTest

if TYPE_CHECKING:
    from rich.table import Table

_NUMBERS = ("count", "units", "words", "commitments")
_FIGURES = (
    "rate_per_1000",
    "share",
    "corrected_count",
    "corrected_rate_per_1000",
    "corrected_share",
)
_TEST_COLUMNS = (
    "question",
    "groups",
    "method",
    "statistic",
    "p",
    "p_adjusted",
    "effect",
    "size",
    "size_low",
    "size_high",
    "units",
)
TOTAL = "all"


def cell_rows(counts: Counts) -> Iterator[Row]:
    """One row a cell, the total last: keys, count, denominators, figures with bounds, rows."""
    for cell in (*counts.cells, counts.total):
        values = cell.values or (TOTAL,) * len(counts.by)
        corrected = cell.corrected
        figures = (
            cell.rate,
            cell.share,
            *(
                (corrected.count, corrected.rate, corrected.share)
                if corrected is not None
                else (None, None, None)
            ),
        )
        row: Row = {str(key): value for key, value in zip(counts.by, values, strict=True)}
        row |= {name: getattr(cell, name) for name in _NUMBERS}
        for name, figure in zip(_FIGURES, figures, strict=True):
            for end, value in _ends(figure):
                row[name + end] = value
        row["note"] = cell.note
        row["rows"] = [list(it) for it in cell.rows]
        yield row


def _ends(figure: Figure | None) -> Iterator[tuple[str, float | None]]:
    for end, name in (("", "value"), ("_low", "low"), ("_high", "high")):
        yield end, None if figure is None else _rounded(getattr(figure, name))


def _rounded(value: float) -> float | None:
    return round(value, 6) if abs(value) != float("inf") else None


def test_rows(tests: Sequence[GroupTest]) -> Iterator[Row]:
    """One row a test."""
    for test in tests:
        yield {
            "question": test.question,
            "groups": list(test.groups),
            "method": test.method,
            "statistic": None if test.statistic is None else round(test.statistic, 4),
            "p": float(f"{test.p:.6g}"),
            "p_adjusted": float(f"{test.adjusted:.6g}"),
            "effect": test.effect,
            "size": _rounded(test.size.value),
            "size_low": _rounded(test.size.low),
            "size_high": _rounded(test.size.high),
            "units": test.units,
        }


def write_counts(counts: Counts, stream: IO[bytes], *, format: str) -> None:
    """Cells as CSV, JSON lines or a workbook.

    JSON lines have the rows of each cell, then the tests and a last line of notes. CSV has the
    cells, then, after an empty line, the tests. A workbook has a sheet each for cells, for the
    rows that they count, for tests and for notes.
    """
    cells = list(cell_rows(counts))
    tests = list(test_rows(counts.tests))
    if format == "jsonl":
        lines: list[Row] = [{"cell": it} for it in cells]
        lines += [{"test": it} for it in tests]
        lines.append({"notes": list(counts.notes), "where": [list(it) for it in counts.where]})
        for line in lines:
            stream.write(json_line(line).encode() + b"\n")
        return
    names = [name for name in cells[0] if name != "rows"]
    if format == "csv":
        _write_csv(stream, [(names, cells), (list(_TEST_COLUMNS), tests)])
        return
    from collabnlp.reporting.writers import write_sheets

    keys = [str(key) for key in counts.by]
    listed = [
        {
            **{name: cell[name] for name in keys},
            "in_document": document,
            "unit_id": unit,
        }
        for cell in cells[:-1]
        for document, unit in cell["rows"]
    ]
    sheets: dict[str, tuple[Sequence[str], Sequence[Mapping[str, Any]]]] = {
        "counts": (names, cells),
        "rows": ([*keys, "in_document", "unit_id"], listed),
    }
    if tests:
        sheets["tests"] = (
            _TEST_COLUMNS,
            [it | {"groups": " | ".join(it["groups"])} for it in tests],
        )
    sheets["notes"] = (("note",), [{"note": it} for it in counts.notes])
    write_sheets(sheets, stream)


def _write_csv(stream: IO[bytes], tables: Sequence[tuple[Sequence[str], Sequence[Row]]]) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    for number, (names, rows) in enumerate(tables):
        if not rows:
            continue
        if number:
            text.write("\r\n")
        writer = csv.DictWriter(text, names, lineterminator="\r\n", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            line = {
                name: " | ".join(value) if isinstance(value, list) else value
                for name, value in row.items()
                if name in names
            }
            writer.writerow({name: defused(value) for name, value in line.items()})
    text.detach()


def counts_table(counts: Counts, *, colour: bool = False, width: int | None = None) -> str:
    """The cells with raw and corrected figures side by side, the tests, the notes."""
    from rich.table import Table
    from rich.text import Text

    # A pipe has no width: lines stay whole.
    page = console(width=width or 180, colour=colour)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key in counts.by:
        table.add_column(str(key), overflow="fold", max_width=48)
    table.add_column("count", justify="right", no_wrap=True)
    table.add_column("per 1,000 units", no_wrap=True)
    table.add_column("share", no_wrap=True)
    corrected = any(it.corrected is not None for it in (*counts.cells, counts.total))
    if corrected:
        for name in ("corrected count", "per 1,000 units", "share"):
            table.add_column(name, no_wrap=True)
    table.add_column("units", justify="right", no_wrap=True)
    table.add_column("words", justify="right", no_wrap=True)
    notes = {it.note for it in (*counts.cells, counts.total) if it.note}
    marks = {note: "abcdef"[at] for at, note in enumerate(sorted(notes))} if corrected else {}
    for cell in (*counts.cells, counts.total):
        _add(table, counts, cell, corrected, marks)
    page.print(table)
    if counts.tests:
        page.print()
        page.print(_tests(counts.tests))
    page.print()
    for note, mark in marks.items():
        page.print(Text(f"{mark}: {note}"))
    for note in counts.notes:
        page.print(Text(note))
    return text_of(page)


def _add(
    table: Table, counts: Counts, cell: CountCell, corrected: bool, marks: Mapping[str, str]
) -> None:
    from rich.text import Text

    values = cell.values or (TOTAL, *[""] * (len(counts.by) - 1))
    styles = [
        COLOURS.get(value, "") if key is CountKey.LEVEL else ""
        for key, value in zip(counts.by, values, strict=True)
    ]
    line = [Text(value, style=style) for value, style in zip(values, styles, strict=True)]
    line += [Text(str(cell.count)), Text(_shown(cell.rate)), Text(_shown(cell.share, 100, "%"))]
    if corrected:
        if cell.corrected is None:
            line += [Text(marks.get(cell.note, "")), Text(""), Text("")]
        else:
            line += [
                Text(_shown(cell.corrected.count, digits=0)),
                Text(_shown(cell.corrected.rate)),
                Text(_shown(cell.corrected.share, 100, "%")),
            ]
    line += [Text(f"{cell.units:,}"), Text(f"{cell.words:,}")]
    table.add_row(*line, style="bold" if not cell.values else None)


def _shown(figure: Figure | None, times: float = 1.0, sign: str = "", digits: int = 1) -> str:
    if figure is None:
        return ""
    value, low, high = (f"{times * it:.{digits}f}" for it in _three(figure))
    return f"{value}{sign} [{low}, {high}]"


def _three(figure: Figure) -> tuple[float, float, float]:
    return figure.value, figure.low, figure.high


def _tests(tests: Sequence[GroupTest]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("difference in", no_wrap=True)
    table.add_column("between", overflow="fold")
    table.add_column("test", no_wrap=True)
    for name in ("p", "p, Holm", "units"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("effect", no_wrap=True)
    for test in tests:
        between = " / ".join(test.groups) if len(test.groups) < 4 else f"{len(test.groups)} groups"
        table.add_row(
            Text(test.question),
            Text(between),
            Text(test.method),
            _p(test.p),
            _p(test.adjusted),
            str(test.units),
            Text(f"{test.effect} {_shown(test.size, digits=2)}"),
        )
    return table


def _p(value: float) -> str:
    return "<.0001" if value < 0.0001 else f"{value:.4f}".removeprefix("0")
