"""Readings as files bring them, before they are brought to units."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collabnlp.errors import DataError
from collabnlp.schema import InvalidRecord, Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRow:
    """One line of a file of readings.

    id    of the unit that was read, by the file's own count, or of the reading task
    text  what was read; empty where the task tells the unit
    """

    id: str
    text: str
    judgement: Judgement
    sure: bool = True
    note: str = ""


def read_rows(path: Path) -> list[ReadingRow]:
    """A file of JSON lines with ``id`` (or ``task``), ``level`` and what goes with it.

    Raises DataError with the line's number where one is no reading, or an id stands twice.
    """
    rows: list[ReadingRow] = []
    seen: set[str] = set()
    for number, raw in json_lines(path):
        try:
            identity = str(raw.get("task") or raw["id"])
            row = ReadingRow(
                id=identity,
                text=str(raw.get("text", "")),
                judgement=Judgement.from_dict(raw),
                sure=bool(raw.get("sure", True)),
                note=str(raw.get("note", "")),
            )
        except (InvalidRecord, KeyError) as error:
            raise _wrong(path, number, str(error)) from error
        if identity in seen:
            raise _wrong(path, number, f"{identity} stands twice")
        seen.add(identity)
        rows.append(row)
    return rows


def json_lines(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    """Number (from 1) and object of each line that is not blank. Raises DataError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name} cannot be read: {error}.", advice="") from error
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise _wrong(path, number, str(error)) from error
        if not isinstance(value, dict):
            raise _wrong(path, number, "not an object")
        yield number, value


def _wrong(path: Path, number: int, what: str) -> DataError:
    return DataError(f"{path.name}, line {number}: {what}.", advice="Correct the line.")
