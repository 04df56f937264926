"""Writes rows as JSON lines, CSV, Excel or Parquet; a file appears whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from collabnlp.cells import CELL_LIMIT, NOT_XML, ROW_LIMIT, defused
from collabnlp.errors import UsageError
from collabnlp.reporting.rows import COLUMNS, Row, flat, json_line

_WIDTHS = {"text": 80, "own_text": 60, "headings": 40, "title": 30, "lead_in": 30}


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that takes the place of ``path`` when the block ends well.

    Raises UsageError where the folder is missing or not writable.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as failure:
        raise UsageError(
            f"{path} cannot be written ({failure.strerror}).", advice="Choose another folder."
        ) from failure
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)  # noqa: PTH101 - mkstemp's file is private otherwise
        try:
            os.replace(name, path)  # noqa: PTH105
        except OSError as failure:
            raise UsageError(
                f"{path} cannot be replaced ({failure.strerror}).",
                advice="Close it in other programs, or choose another name.",
            ) from failure
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def write_jsonl(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """One record a line, UTF-8; returns how many."""
    count = 0
    for row in rows:
        stream.write(json_line(row).encode() + b"\n")
        count += 1
    return count


def write_csv(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """Flat rows, UTF-8 with a byte order mark so that Excel reads it; formulas are defused by an
    apostrophe before them."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.DictWriter(text, [name for name, _ in COLUMNS], lineterminator="\r\n")
    writer.writeheader()
    count = 0
    for row in rows:
        writer.writerow({name: defused(value) for name, value in flat(row).items()})
        count += 1
    text.detach()
    return count


def write_xlsx(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """A workbook with one sheet, header frozen and filterable, equal bytes for equal rows. Text is
    stored as text, never as a formula. Raises UsageError for more rows than a sheet can hold."""
    from datetime import datetime

    from xlsxwriter import Workbook

    book = Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    # The clock would make equal results unequal files.
    book.set_properties({"created": datetime(2000, 1, 1)})
    sheet = book.add_worksheet("commitments")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for number, (name, _) in enumerate(COLUMNS):
        sheet.set_column(number, number, _WIDTHS.get(name, 14))
        sheet.write_string(0, number, name, bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for row in rows:
        count += 1
        if count >= ROW_LIMIT:
            raise UsageError("An Excel sheet holds 1,048,575 rows.", advice="Use CSV or Parquet.")
        line = flat(row)
        for number, (name, kind) in enumerate(COLUMNS):
            value = line[name]
            if value is None:
                continue
            if kind == "string":
                text = value.translate(NOT_XML)[:CELL_LIMIT]
                sheet.write_string(count, number, text, wrap)
            elif kind == "bool":
                sheet.write_boolean(count, number, value, wrap)
            else:
                sheet.write_number(count, number, value, wrap)
    sheet.autofilter(0, 0, count, len(COLUMNS) - 1)
    book.close()
    return count


def write_sheets(
    sheets: Mapping[str, tuple[Sequence[str], Iterable[Mapping[str, Any]]]], stream: IO[bytes]
) -> None:
    """A workbook with a sheet for each table (columns, rows), as `write_xlsx` makes its own.

    Raises UsageError for more rows than a sheet can hold.
    """
    from datetime import datetime

    from xlsxwriter import Workbook

    book = Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    bold = book.add_format({"bold": True, "valign": "top"})
    for title, (names, rows) in sheets.items():
        sheet = book.add_worksheet(title)
        for number, name in enumerate(names):
            sheet.set_column(number, number, _WIDTHS.get(name, 14))
            sheet.write_string(0, number, name, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for row in rows:
            count += 1
            if count >= ROW_LIMIT:
                raise UsageError("An Excel sheet holds 1,048,575 rows.", advice="Use CSV.")
            for number, name in enumerate(names):
                value = row.get(name)
                if isinstance(value, str):
                    sheet.write_string(count, number, value.translate(NOT_XML)[:CELL_LIMIT])
                elif value is not None:
                    sheet.write_number(count, number, value)
        sheet.autofilter(0, 0, count, len(names) - 1)
    book.close()


def write_parquet(rows: Iterable[Row], stream: IO[bytes]) -> int:
    """A Parquet table of `COLUMNS`; lists as in CSV, so that every tool reads it alike."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"string": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS])
    lines = [flat(row) for row in rows]
    pq.write_table(pa.Table.from_pylist(lines, schema=schema), stream)
    return len(lines)


WRITERS: dict[str, Callable[[Iterable[Row], IO[bytes]], int]] = {
    "jsonl": write_jsonl,
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
}
BINARY = frozenset({"xlsx", "parquet"})
