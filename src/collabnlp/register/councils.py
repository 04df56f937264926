"""The principal councils of ``data/councils.csv`` as entries of the register.

The file has one row a council: name, place, type, from, to, successor (names joined by "; ").
Councils are called by more names than the official one, in ways that the type of council tells:
"Leeds City Council" is also "Leeds Council", the "London Borough of Camden" also "Camden Council".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from typing import Any

from collabnlp.errors import DataError

FILE = "councils.csv"
SOURCE = "Local Government Acts 1963, 1972, 1992 and 2007, with their structural changes orders"

_COLUMNS = ["name", "place", "type", "from", "to", "successor"]

# Further names by type; {place} is the area. "Place" alone is never a council's name.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "county": ("{place} County Council",),
    "unitary": ("{place} Council",),
    "metropolitan": ("{place} Council", "{place} Metropolitan Borough Council"),
    "london borough": ("{place} Council", "{place} London Borough Council"),
    "corporation": ("{place} Corporation",),
    "district": ("{place} Council",),
    "welsh": ("{place} Council",),
    "scottish": ("{place} Council",),
    "northern irish": ("{place} Council",),
}


def council_table() -> dict[str, Any]:
    """All councils in the form of the register's TOML files. Raises DataError."""
    text = files("collabnlp.data").joinpath(FILE).read_text(encoding="utf-8")
    return {"entry": list(council_entries(text))}


def council_entries(text: str) -> Iterator[dict[str, Any]]:
    """Entries from the file's text. Raises DataError for a row that makes no sense."""
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames != _COLUMNS:
        raise DataError(f"{FILE} has the columns {reader.fieldnames}, not {_COLUMNS}.")
    rows = list(reader)
    ids = {row["name"]: council_id(row["name"]) for row in rows}
    if len(ids) != len(rows):
        raise DataError(f"{FILE} names a council twice.")
    for row in rows:
        yield _entry(row, ids)


def council_id(name: str) -> str:
    """The register's id of a council: its official name in lower case, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")


def _entry(row: Mapping[str, str], ids: Mapping[str, str]) -> dict[str, Any]:
    name, place, kind = row["name"], row["place"], row["type"]
    if kind not in _OTHER_NAMES:
        raise DataError(f"{FILE}: {name} has the type {kind!r}.")
    names = [name, *(pattern.format(place=place) for pattern in _OTHER_NAMES[kind])]
    entry: dict[str, Any] = {
        "id": ids[name],
        "type": "authority",
        "kind": f"council ({kind})",
        "area": place,
        "source": SOURCE,
        "names": [{"text": it, "case": "exact"} for it in dict.fromkeys(names)],
    }
    for key in ("from", "to"):
        if row[key]:
            try:
                entry[key] = date.fromisoformat(row[key])
            except ValueError as error:
                raise DataError(f"{FILE}: {name} has the date {row[key]!r}.") from error
    successors = [it.strip() for it in row["successor"].split(";") if it.strip()]
    unknown = [it for it in successors if it not in ids]
    if unknown:
        raise DataError(f"{FILE}: {name} is followed by {unknown[0]}, which is not in the file.")
    if successors:
        entry["successors"] = [{"id": ids[it]} for it in successors]
    return entry
