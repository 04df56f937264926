"""Reads Excel workbooks of unknown origin as text: no formula, link or entity is followed."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from collabnlp.cells import ROW_LIMIT
from collabnlp.errors import DataError
from collabnlp.labels.fields import Form
from collabnlp.labels.tabular import MEGABYTES, Grid

_PARTS = 2000
_ROWS = 300_000
_COLUMNS = 256
_CHUNK = 1 << 16
_RATIO = 400  # to one: a workbook of one sentence over and over stays below
_RATIO_FROM = 8 << 20  # bytes from which on the ratio counts
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([^"']*)""")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class UnsafeWorkbook(DataError):
    """A workbook that would take far more memory than its size, or makes its reader do things."""

    advice = "Export the labels again, and copy the changes into that file."


class NoWorkbook(DataError):
    """A file that is no Excel workbook (.xlsx)."""

    advice = "Save it as an Excel workbook (.xlsx) or as CSV in UTF-8."


def read_workbook(data: bytes, name: str) -> Grid:
    """The rows of the sheet that has a column named ``level`` (else the first), as text.

    Raises UnsafeWorkbook or NoWorkbook.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoWorkbook(f"{name} is an old or an encrypted Excel file.")
    with _told(name):
        _inspect(data, name)
        sheet = _sheet(data)
        header = next(_rows(sheet), (1, [], ()))[1]
        rows = _rows(sheet, max(1, len(header)))
        next(rows, None)
        return Grid(header, list(rows), Form())


@contextmanager
def _told(name: str) -> Iterator[None]:
    """The libraries' errors by our names."""
    try:
        yield
    except DataError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise NoWorkbook(f"{name} is no Excel workbook, or is damaged: {error}.") from error
    except Exception as error:
        # What openpyxl raises on damaged parts has no common kind.
        raise NoWorkbook(f"{name} cannot be read ({type(error).__name__}: {error}).") from error


def _inspect(data: bytes, name: str) -> None:
    """Look through every part before anything is parsed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        names = [part.filename for part in parts]
        if "[Content_Types].xml" not in names or not any("workbook.xml" in it for it in names):
            raise NoWorkbook(f"{name} is an archive, but no Excel workbook.")
        if len(parts) > _PARTS or len(set(names)) != len(names):
            raise UnsafeWorkbook(f"{name} has too many parts, or one twice.")
        left = MEGABYTES << 20
        for part in parts:
            left -= _inspect_part(archive, part, name, left)


def _inspect_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, left: int) -> int:
    """Size of a part when unpacked. What the archive says of sizes may be a lie."""
    size, tail = 0, b""
    with archive.open(part) as stream:
        while piece := stream.read(_CHUNK):
            if not size:
                _check_encoding(piece, part, name)
            size += len(piece)
            if size > left or (size > _RATIO_FROM and size > _RATIO * max(1, part.compress_size)):
                raise UnsafeWorkbook(f"{name} unpacks to more than {MEGABYTES} MB or is a bomb.")
            window = tail + piece
            if part.filename.endswith((".xml", ".rels", ".vml")) and (
                b"<!DOCTYPE" in window or b"<!ENTITY" in window
            ):
                raise UnsafeWorkbook(f"{name} declares entities in {part.filename}.")
            tail = window[-16:]
    return size


def _check_encoding(start: bytes, part: zipfile.ZipInfo, name: str) -> None:
    if not part.filename.endswith((".xml", ".rels")):
        return
    declared = _ENCODING.match(start.removeprefix(b"\xef\xbb\xbf"))
    plain = declared is None or declared[1].lower() in (b"utf-8", b"us-ascii", b"ascii")
    # In any other encoding the declarations sought would look otherwise.
    if b"\0" in start[:64] or not plain:
        raise UnsafeWorkbook(f"{name} is not in UTF-8 ({part.filename}).")


def _sheet(data: bytes) -> Any:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    sheets = list(book.worksheets)
    if not sheets:
        raise NoWorkbook("The workbook has no sheet.")
    for sheet in sheets:
        # What the file says of its size may be a lie too.
        sheet.reset_dimensions()
    for sheet in sheets:
        first = next(_rows(sheet), None)
        if first is not None and "level" in (cell.strip().casefold() for cell in first[1]):
            return sheet
    return sheets[0]


def _rows(sheet: Any, width: int = _COLUMNS) -> Iterator[tuple[int, list[str], Sequence[int]]]:
    before = None
    for number, row in enumerate(sheet.iter_rows(max_col=width), 1):
        if number > ROW_LIMIT:
            raise UnsafeWorkbook(f"The sheet {sheet.title} has a row beyond {ROW_LIMIT:,}.")
        # Rows that the file leaves out come as one and the same object; there may be a million.
        if row is before:
            continue
        before = row
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        # Programs that format whole columns write empty rows down to the last.
        if cells and number > _ROWS:
            raise UnsafeWorkbook(f"The sheet {sheet.title} has more than {_ROWS:,} rows.")
        if cells or number == 1:
            yield number, cells, [at for at, cell in enumerate(row) if cell.data_type == "f"]


def _text(cell: Any) -> str:
    """A cell as a person would type it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        plain = value.time() == time()
        return value.date().isoformat() if plain else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _ESCAPED.sub(lambda it: chr(int(it[1], 16)), str(value))
