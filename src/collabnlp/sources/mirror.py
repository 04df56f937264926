"""A folder that holds the manifest's documents: a mirror, or what was fetched before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from collabnlp.errors import UsageError
from collabnlp.sources.manifest import ManifestEntry

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A document's file; ``changed`` where its digest is not the one of the manifest."""

    path: Path
    sha256: str
    size: int
    changed: bool


class Mirror:
    """Looks documents up by digest first, then by name. Sub-folders count."""

    def __init__(self, folder: Path) -> None:
        """Raises UsageError where there is no such folder."""
        if not folder.is_dir():
            raise UsageError(f"There is no folder {folder}.", advice="Name the mirror's folder.")
        self.folder = folder
        self._digests: dict[Path, str] = {}

    def find(self, entry: ManifestEntry) -> Found | None:
        """The file of an entry, or None. A file of the right name but another digest is found
        too, as changed; the manifest's version of it is preferred under whatever name."""
        named = [path for path in self._files if path.name == entry.file]
        sized = [path for path in self._files if path.stat().st_size == entry.bytes]
        if entry.seen:
            for path in dict.fromkeys([*named, *sized]):
                if self._digest(path) == entry.sha256:
                    return Found(path, entry.sha256, path.stat().st_size, changed=False)
        if not named and entry.seen:
            place = Path(entry.file)
            named = [path for path in self._files if path.match(f"{place.stem}@*{place.suffix}")]
        if not named:
            return None
        path = named[0]
        return Found(path, self._digest(path), path.stat().st_size, changed=entry.seen)

    @cached_property
    def _files(self) -> list[Path]:
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        )

    def _digest(self, path: Path) -> str:
        if path not in self._digests:
            self._digests[path] = file_digest(path)
        return self._digests[path]


def variant_name(name: str, digest: str) -> str:
    """The name under which another version than the manifest's is kept: ``paper@1a2b3c4d.pdf``."""
    place = Path(name)
    return f"{place.stem}@{digest[:8]}{place.suffix}"


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    state = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            state.update(piece)
    return state.hexdigest()
