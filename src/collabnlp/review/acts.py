"""What each session did, last first, so that it can be taken back step by step.

The order is kept in memory. After a restart of the server it is read from the store again: the
entries and skips of the session's reader since the session began, without what was taken back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from collabnlp.review.desk import Desk, Key
from collabnlp.schema import Entry

UNDO = "undo:"  # the beginning of the request of an entry that takes another back
_SESSIONS = 200


@dataclass(frozen=True, slots=True)
class Act:
    """One act: a saved entry (by id), or a skipped unit (by key)."""

    request: str
    entry: str = ""
    skipped: Key | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """When a session's reader began: number of the last entry then, and the UTC time."""

    sequence: int
    time: str


class Acts:
    """The acts of every session that this server has seen; safe for several threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._logs: OrderedDict[tuple[str, str], list[Act]] = OrderedDict()

    def add(self, session: str, reader: str, began: Began, act: Act) -> None:
        """Note an act, once."""
        with self._lock:
            log = self._log(session, reader, began)
            if all(it.request != act.request for it in log):
                log.append(act)

    def last(self, session: str, reader: str, began: Began) -> Act | None:
        """The last act that was not taken back."""
        with self._lock:
            log = self._log(session, reader, began)
            return log[-1] if log else None

    def remove(self, session: str, reader: str, began: Began, act: Act) -> None:
        """Forget an act that was taken back."""
        with self._lock:
            log = self._log(session, reader, began)
            if act in log:
                log.remove(act)

    def count(self, session: str, reader: str, began: Began) -> int:
        """How many acts can be taken back."""
        with self._lock:
            return len(self._log(session, reader, began))

    def _log(self, session: str, reader: str, began: Began) -> list[Act]:
        name = (session, reader)
        if name not in self._logs:
            self._logs[name] = self._from_store(reader, began)
            while len(self._logs) > _SESSIONS:
                self._logs.popitem(last=False)
        self._logs.move_to_end(name)
        return self._logs[name]

    def _from_store(self, reader: str, began: Began) -> list[Act]:
        """The acts of a session's reader since it began, in their order."""
        placed: list[tuple[int, int, Act]] = []
        before: dict[str, str] = {}  # what each entry took the place of
        again: dict[str, str] = {}  # a step back that put an entry there again -> that entry
        for number, entry in self._desk.database.entries(after=began.sequence):
            if entry.annotation.reader != reader or not entry.request:
                continue
            before[entry.id] = again.get(entry.supersedes, entry.supersedes)
            if taken_back(entry):
                undone = before[entry.id]
                again[entry.id] = before.get(undone, "")
                placed = [it for it in placed if it[2].entry != undone]
            else:
                placed.append((number, 0, Act(entry.request, entry=entry.id)))
        for at, row in enumerate(self._desk.skips(reader, since=began.sequence), 1):
            key = (row["sha256"], row["unit_hash"], row["occurrence"])
            placed.append((row["after"], at, Act(row["request"] or "", skipped=key)))
        return [act for *_, act in sorted(placed, key=lambda it: it[:2])]


def taken_back(entry: Entry) -> bool:
    """True for an entry that took another back."""
    return entry.request.startswith(UNDO)
