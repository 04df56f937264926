"""Brings documents into a folder: from the network, politely, or from a mirror."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from collabnlp.atomic import whole_file
from collabnlp.errors import CollabnlpError
from collabnlp.sources.manifest import ManifestEntry
from collabnlp.sources.mirror import Mirror, variant_name

if TYPE_CHECKING:
    from http.client import HTTPResponse

_PIECE = 1 << 16
_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 60.0


class Got(StrEnum):
    """What became of one document."""

    PRESENT = "present"  # it was there already
    COPIED = "copied"  # taken from the mirror
    DOWNLOADED = "downloaded"
    CHANGED = "changed"  # what was found is another version than the manifest's; both are kept
    MISSING = "missing"  # the mirror has no such file, or no address is known
    FAILED = "failed"  # the network did not give it


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One document's fetching: where it lies now, its digest, and what a person should know."""

    entry: ManifestEntry
    got: Got
    path: Path | None = None
    sha256: str = ""
    size: int = 0
    message: str = ""

    @property
    def there(self) -> bool:
        return self.path is not None


class _Refused(CollabnlpError):
    """The network gave no document; ``again`` where another try may help."""

    def __init__(self, message: str, *, again: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.again = again
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the network is used.

    pause     seconds between two requests to one host
    attempts  tries a document; between them the pause doubles, or is what the server asks for
    timeout   seconds without an answer after which a try is given up
    limit     largest file, in bytes
    """

    pause: float = 1.0
    attempts: int = 4
    timeout: float = 30.0
    limit: int = 256 * 1024 * 1024


class Fetcher:
    """Keeps documents under their manifest names in a folder.

    A file that has another digest than the manifest says is kept beside, with the beginning of
    its digest in its name; the manifest's version is never overwritten.
    """

    def __init__(
        self,
        folder: Path,
        *,
        mirror: Mirror | None = None,
        manners: Manners | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.mirror = mirror
        self.manners = manners or Manners()
        self._sleep = sleep
        self._clock = clock
        self._last: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def fetch(self, entry: ManifestEntry) -> Fetched:
        """Bring one document; never raises for what a server or a mirror does."""
        there = Mirror(self.folder).find(entry)
        if there is not None and not there.changed:
            return Fetched(
                entry=entry,
                got=Got.PRESENT,
                path=there.path,
                sha256=there.sha256,
                size=there.size,
            )
        if self.mirror is not None:
            return self._from_mirror(entry, self.mirror)
        if not entry.url:
            where = f" Get it from {entry.page} by hand" if entry.page else " Get it by hand"
            hint = f"no address is known.{where}, and put it there as {entry.file}."
            return Fetched(entry=entry, got=Got.MISSING, message=hint)
        return self._download(entry)

    def _from_mirror(self, entry: ManifestEntry, mirror: Mirror) -> Fetched:
        found = mirror.find(entry)
        if found is None:
            return Fetched(entry=entry, got=Got.MISSING, message="not in the mirror.")
        target = self.folder / self._name(entry, found.sha256)
        with found.path.open("rb") as source, whole_file(target) as stream:
            while piece := source.read(_PIECE):
                stream.write(piece)
        return self._kept(entry, target, found.sha256, found.size, Got.COPIED)

    def _download(self, entry: ManifestEntry) -> Fetched:
        wait = self.manners.pause
        for attempt in range(1, self.manners.attempts + 1):
            try:
                return self._try(entry)
            except _Refused as refused:
                if not refused.again or attempt == self.manners.attempts:
                    tries = f" ({attempt} tries)" if attempt > 1 else ""
                    return Fetched(entry=entry, got=Got.FAILED, message=f"{refused.message}{tries}")
                self._sleep(min(max(wait, refused.wait), _LONGEST_WAIT))
                wait *= 2
        raise AssertionError("at least one try is made")

    def _try(self, entry: ManifestEntry) -> Fetched:
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError

        self._wait_for_turn(urlsplit(entry.url).netloc)
        try:
            with self._open(entry.url) as answer:
                return self._receive(entry, answer)
        except HTTPError as error:
            with error:
                raise _Refused(
                    f"the server answered {error.code} {error.reason}",
                    again=error.code in _RETRY,
                    wait=_seconds(error.headers.get("Retry-After")),
                ) from error
        except URLError as error:
            raise _Refused(f"no connection ({error.reason})", again=True) from error
        except (TimeoutError, HTTPException, ConnectionError) as error:
            raise _Refused(f"the connection broke ({type(error).__name__})", again=True) from error

    def _open(self, url: str) -> HTTPResponse:
        from urllib.request import (
            HTTPDefaultErrorHandler,
            HTTPErrorProcessor,
            HTTPHandler,
            HTTPRedirectHandler,
            HTTPSHandler,
            OpenerDirector,
            ProxyHandler,
            Request,
        )

        from collabnlp import __version__

        # Only http and https: an address must not lead to a local file, nor a redirect.
        opener = OpenerDirector()
        for handler in (
            ProxyHandler(),
            HTTPHandler(),
            HTTPSHandler(),
            HTTPRedirectHandler(),
            HTTPErrorProcessor(),
            HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        agent = f"collabnlp/{__version__} (research corpus; one request a second)"
        request = Request(url, headers={"User-Agent": agent})
        answer = opener.open(request, timeout=self.manners.timeout)
        if answer is None:
            raise _Refused(f"{urlsplit(url).scheme} addresses are not followed")
        return answer  # type: ignore[no-any-return]

    def _receive(self, entry: ManifestEntry, answer: HTTPResponse) -> Fetched:
        length = answer.headers.get("Content-Length", "")
        expected = int(length) if length.isdigit() else None
        if expected is not None and expected > self.manners.limit:
            raise _Refused(f"it has {expected:,} bytes; the limit is {self.manners.limit:,}")
        state = hashlib.sha256()
        size = 0
        partial = self.folder / f".{entry.file}.part"
        try:
            with partial.open("wb") as stream:
                while piece := answer.read(_PIECE):
                    size += len(piece)
                    if size > self.manners.limit:
                        raise _Refused(f"it is larger than {self.manners.limit:,} bytes")
                    state.update(piece)
                    stream.write(piece)
            if expected is not None and size < expected:
                raise _Refused(f"only {size:,} of {expected:,} bytes came", again=True)
            if not size:
                raise _Refused("an empty file came", again=True)
            digest = state.hexdigest()
            target = self.folder / self._name(entry, digest)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
        return self._kept(entry, target, digest, size, Got.DOWNLOADED)

    def _name(self, entry: ManifestEntry, digest: str) -> str:
        """The name to keep a version under: the manifest's own has the manifest's name."""
        if not entry.seen or digest == entry.sha256:
            return entry.file
        return variant_name(entry.file, digest)

    def _kept(self, entry: ManifestEntry, path: Path, digest: str, size: int, got: Got) -> Fetched:
        message = ""
        if entry.seen and digest != entry.sha256:
            got = Got.CHANGED
            message = (
                f"it is not the version of the manifest (sha256 {digest[:12]}… instead of "
                f"{entry.sha256[:12]}…); kept as {path.name}."
            )
        return Fetched(entry=entry, got=got, path=path, sha256=digest, size=size, message=message)

    def _wait_for_turn(self, host: str) -> None:
        last = self._last.get(host)
        if last is not None:
            left = self.manners.pause - (self._clock() - last)
            if left > 0:
                self._sleep(left)
        self._last[host] = self._clock()


def _seconds(header: str | None) -> float:
    """A Retry-After header in seconds; dates count as none."""
    return float(header) if header and header.strip().isdigit() else 0.0
