"""The manifest: which documents the corpus is made of, and where each can be had."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import urlsplit

from collabnlp.errors import DataError

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


class DocumentRole(StrEnum):
    """What a document is for.

    A TEST document is the measure of the whole: it is never labelled or trained on. PARITY
    documents are one text in several formats. A WANTED one has not been seen yet.
    """

    TRAIN = "train"
    TEST = "test"
    UNLABELLED = "unlabelled"
    PARITY = "parity"
    WANTED = "wanted"


class TestDocument(DataError):
    """A reading of a test document was about to be kept or used."""

    __test__ = False  # not a test case, whatever its name
    advice = "Test documents are neither labelled nor trained on; leave this one out."


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestEntry:
    """One document of the manifest.

    file     name under which it is kept
    kind     "white paper", "bill", … as the extraction calls it
    date     as far as known: year, month, day, or empty
    family   versions of one text, and texts that answer it, share a family
    url      address of the very file; page: where a person finds it. Empty where not known.
    sha256, bytes  of the file as seen; empty and 0 before it was
    """

    id: str
    file: str
    title: str
    publisher: str
    kind: str
    date: str
    stage: str
    family: str
    licence: str
    role: DocumentRole
    url: str = ""
    page: str = ""
    sha256: str = ""
    bytes: int = 0

    def __post_init__(self) -> None:
        checks = {
            "id": bool(_ID.match(self.id)),
            "family": bool(_ID.match(self.family)),
            "file": bool(self.file) and PurePath(self.file).name == self.file,
            "title": bool(self.title),
            "licence": bool(self.licence),
            "date": not self.date or bool(_DATE.match(self.date)),
            "sha256": not self.sha256 or bool(_SHA256.match(self.sha256)),
            "bytes": self.bytes >= 0 and bool(self.bytes) == bool(self.sha256),
            "url": not self.url or _is_address(self.url),
            "page": not self.page or _is_address(self.page),
        }
        for name, right in checks.items():
            if not right:
                raise ValueError(f"{name} is wrong: {getattr(self, name)!r}")

    @property
    def seen(self) -> bool:
        """True where the file's digest is known."""
        return bool(self.sha256)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The documents in the order of the file; ids, file names and digests are unique."""

    entries: tuple[ManifestEntry, ...]

    def __post_init__(self) -> None:
        for name in ("id", "file", "sha256"):
            values = [value for it in self.entries if (value := getattr(it, name))]
            double = {value for value in values if values.count(value) > 1}
            if double:
                raise ValueError(f"{name} stands twice: {', '.join(sorted(double))}")
        tests = {it.family for it in self.entries if it.role is DocumentRole.TEST}
        for it in self.entries:
            if it.family in tests and it.role is DocumentRole.TRAIN:
                raise ValueError(f"{it.id} is of a test document's family, but is for training")

    def __getitem__(self, document: str) -> ManifestEntry:
        """The entry of an id. Raises DataError where there is none."""
        for entry in self.entries:
            if entry.id == document:
                return entry
        raise DataError(
            f"The manifest has no document {document}.", advice="Add it to corpus/manifest.toml."
        )

    def labelled(self, document: str) -> ManifestEntry:
        """The entry of a document whose readings may be kept. Raises TestDocument, DataError."""
        entry = self[document]
        if entry.role is DocumentRole.TEST:
            raise TestDocument(f"{document} is a test document.")
        return entry


def read_manifest(path: Path) -> Manifest:
    """Read ``manifest.toml``. Raises DataError where it is missing or an entry is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"The manifest {path.name} cannot be read: {error}.",
            advice="Name the corpus folder with --corpus, or correct the file.",
        ) from error
    try:
        return Manifest(tuple(_entries(table.get("document", []))))
    except ValueError as error:
        raise DataError(f"{path.name}: {error}.", advice="Correct the entry.") from error


def _entries(rows: Iterable[dict[str, Any]]) -> Iterable[ManifestEntry]:
    known = {field.name for field in fields(ManifestEntry)}
    for row in rows:
        name = row.get("id", "a document without id")
        unknown = sorted(set(row) - known)
        if unknown:
            raise ValueError(f"{name} has unknown keys: {', '.join(unknown)}")
        try:
            yield ManifestEntry(**{**row, "role": DocumentRole(row.get("role", ""))})
        except (TypeError, ValueError) as error:
            raise ValueError(f"{name}: {error}") from error


def with_digest(text: str, document: str, sha256: str, size: int) -> str:
    """The manifest's text with a document's digest and size put in; the rest stays as written.

    Raises DataError where the text has no such document.
    """
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    heads = [at for at, line in enumerate(lines) if line.strip() == "[[document]]"]
    for head, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        table = range(head + 1, end)
        keys = {lines[at].split("=", 1)[0].strip(): at for at in table if "=" in lines[at]}
        if "id" not in keys or lines[keys["id"]].split("=", 1)[1].strip() != f'"{document}"':
            continue
        new = {"sha256": f'sha256 = "{sha256}"\n', "bytes": f"bytes = {size}\n"}
        for name, line in new.items():
            if name in keys:
                lines[keys[name]] = line
        missing = [line for name, line in new.items() if name not in keys]
        last = max(keys.values())
        return "".join([*lines[: last + 1], *missing, *lines[last + 1 :]])
    raise DataError(f"The manifest has no document {document}.")


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text
