"""From the paths a user gives to the documents that they mean, in a fixed order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from collabnlp.errors import CollabnlpError, EmptyFile, MissingPath, UnreadablePath

# Endings of files that a folder is searched for; a file named by itself may have any ending.
_ENDINGS = frozenset({".pdf", ".html", ".htm", ".xml", ".docx", ".md", ".markdown", ".txt"})


@dataclass(frozen=True, slots=True)
class Source:
    """One document to read: its path as given, or its bytes where it came by standard input."""

    path: Path
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A path that gives no document, and why."""

    path: Path
    error: CollabnlpError


def _in_folder(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent, name)
            # A folder's README tells of the folder; it is no document of it.
            if name.startswith(".") or path.stem.upper() == "README":
                continue
            if path.suffix.lower() in _ENDINGS:
                yield path


def find_sources(
    paths: Iterable[str], *, standard_input: bytes | None = None
) -> list[Source | Refusal]:
    """The documents that ``paths`` name: files as given, folders walked in sorted order.

    ``-`` stands for ``standard_input``. A path named twice is read once. A path that does not
    exist, an unreadable folder, or one without documents gives a `Refusal` in its place.
    """
    found: list[Source | Refusal] = []
    seen: set[Path] = set()
    for given in paths:
        if given == "-":
            found.append(Source(Path("standard-input"), standard_input or b""))
            continue
        path = Path(given)
        if path.is_dir():
            if not os.access(path, os.R_OK | os.X_OK):
                found.append(Refusal(path, UnreadablePath(f"The folder {path} cannot be opened.")))
                continue
            inside = list(_in_folder(path))
            if not inside:
                advice = "It is searched for " + ", ".join(sorted(_ENDINGS)) + "."
                found.append(
                    Refusal(
                        path, EmptyFile(f"The folder {path} holds no documents.", advice=advice)
                    )
                )
        elif path.exists():
            inside = [path]
        else:
            found.append(Refusal(path, MissingPath(f"There is no file or folder {path}.")))
            continue
        for one in inside:
            real = one.resolve()
            if real not in seen:
                seen.add(real)
                found.append(Source(one))
    return found
