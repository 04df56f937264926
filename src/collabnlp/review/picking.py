"""Which unit comes next: the queue in its order, no text twice, now and then one again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from collabnlp.identifiers import digest
from collabnlp.review.desk import Desk, Key
from collabnlp.schema import Role

ONE_IN = 20  # units that are a repeat
NOT_WITHIN = 10  # a repeat is none of the last so many read
ENOUGH_READERS = 2  # a text that so many reviewed is not shown again
_CLAIM_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Picked:
    """A unit to be shown, and as what: a review, a repeat of one, or an adjudication."""

    key: Key
    role: Role = Role.REVIEWED


class Claims:
    """Who has which text before them: kept in memory, forgotten after ten minutes.

    It only spares two reviewers the same unit; nothing is lost where it fails.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._claims: dict[str, tuple[str, float]] = {}

    def claim(self, text: str, who: str) -> None:
        """Note that ``who`` has a text before them, and no other."""
        with self._lock:
            now = self._clock()
            self._claims = {
                one: (by, at)
                for one, (by, at) in self._claims.items()
                if by != who and now - at < _CLAIM_SECONDS
            }
            self._claims[text] = (who, now)

    def of_others(self, who: str) -> set[str]:
        """The texts that others have before them."""
        with self._lock:
            now = self._clock()
            return {
                one
                for one, (by, at) in self._claims.items()
                if by != who and now - at < _CLAIM_SECONDS
            }


def pick(
    desk: Desk, claims: Claims, *, reader: str, document: str = "", skipped: bool = False
) -> Picked | None:
    """The next unit for a reader, or None where the queue holds nothing more for them.

    document  id of the only document wanted; empty for all
    skipped   True for those that the reader passed by, once the rest is done
    """
    again = repeat(desk, reader)
    if again is not None and not skipped:
        return Picked(again, Role.REPEAT)
    waiting = open_keys(desk, reader, document=document, skipped=skipped)
    taken = claims.of_others(reader)
    key = next((it for it in waiting if it[1] not in taken), waiting[0] if waiting else None)
    return Picked(key) if key is not None else None


def open_keys(desk: Desk, reader: str, *, document: str = "", skipped: bool = False) -> list[Key]:
    """What the queue still holds for a reader, in its order: texts that neither they nor two
    others reviewed, without (or only) those that they passed by."""
    readers = desk.readers_by_text()
    passed = desk.units.skipped(reader)
    ids = {sha: info["id"] for sha, info in desk.units.documents().items()} if document else {}
    found = []
    for it in desk.queue():
        by = readers.get(it.unit_hash, set())
        if reader in by or len(by) >= ENOUGH_READERS or (it.key in passed) is not skipped:
            continue
        if document and ids.get(it.sha256) != document:
            continue
        found.append(it.key)
    return found


def repeat(desk: Desk, reader: str) -> Key | None:
    """A unit that the reader reviewed a while ago, where it is time for one.

    Time and unit follow from the name and from how much was done, so that a page loaded again
    shows the same.
    """
    rows = desk.read_rows(reader)
    position = len(rows) + desk.skip_count(reader)
    drawn = int(digest({"reader": reader, "position": position})[:12], 16)
    if drawn % ONE_IN:
        return None
    repeated = {row.unit for row in rows if row.role is Role.REPEAT}
    recent = {row.unit for row in rows[-NOT_WITHIN:]}
    reviewed = [row for row in rows if row.role is Role.REVIEWED]
    candidates = [row for row in reviewed if row.unit not in repeated | recent]
    while candidates:
        row = candidates.pop(drawn // ONE_IN % len(candidates))
        unit = desk.kept_unit(row.document, (row.unit_hash, row.occurrence))
        if unit is not None:
            return unit.key
    return None
