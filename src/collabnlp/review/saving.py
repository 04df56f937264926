"""Keeping, skipping and taking back: every answer comes after the store has it on the disk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from collabnlp.errors import ConflictingEntry
from collabnlp.identifiers import folded_hash
from collabnlp.review.acts import UNDO, Act, Acts, Began, taken_back
from collabnlp.review.decisions import Decision, WrongForm
from collabnlp.review.desk import Desk, Key
from collabnlp.schema import Annotation, Entry, Reason, Role, Shown, StoredUnit

_UNDONE = 500


def utc_now() -> str:
    """The time as entries have it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class OwnChanged(Exception):
    """The reader's own entry is not the one that the page showed: made in another window.

    ``standing`` is the one in force now; None where there is none any more.
    """

    def __init__(self, standing: Entry | None) -> None:
        super().__init__("own entry changed")
        self.standing = standing


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the page: name, session, and when it began."""

    reader: str
    session: str
    began: Began


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of a save.

    entry      as it is in the store
    meanwhile  others' entries in force that the page did not know of
    disputed   True where the readings of the unit differ in level now
    """

    entry: Entry
    meanwhile: tuple[Entry, ...] = ()
    disputed: bool = False


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Where the act that was taken back stands: the unit, its role, and the entry undone.

    ``stays``: the label was changed in another session since, and stays as it is.
    """

    key: Key
    role: Role = Role.REVIEWED
    entry: str = ""
    stays: bool = False


class Saver:
    """Writes what reviewers decide. ``clock`` gives the UTC time."""

    def __init__(self, desk: Desk, *, clock: Callable[[], str] = utc_now) -> None:
        self.desk = desk
        self.acts = Acts(desk)
        self.clock = clock
        self._lock = threading.Lock()
        self._undone: OrderedDict[str, TakenBack] = OrderedDict()

    def save(self, unit: StoredUnit, decision: Decision, person: Person, role: Role) -> Saved:
        """Keep a decision. The same request again gives what the first one gave.

        Raises OwnChanged, WrongForm, StoreUnwritable.
        """
        kept = self.desk.database.by_request(decision.request)
        if kept is None:
            own = self.desk.own(unit, person.reader, role)
            if (own.id if own else "") == decision.own:
                entry = self._entry(unit, decision, person, role)
                # On a conflict what stands is looked at below.
                with suppress(ConflictingEntry):
                    self.desk.database.append([entry])
            # The same request, sent again by a page that did not wait, may have been faster.
            kept = self.desk.database.by_request(decision.request)
            if kept is None:
                raise OwnChanged(self.desk.own(unit, person.reader, role))
        annotation = kept.annotation if kept is not None else None
        if kept is None or annotation is None or not _of(annotation, unit, person):
            raise WrongForm("The form's number was used before: load the page again.", "request")
        self.acts.add(
            person.session, person.reader, person.began, Act(decision.request, entry=kept.id)
        )
        them = self.desk.standing(unit)
        meanwhile = tuple(
            it
            for it in them
            if it.annotation.reader != person.reader and it.id not in decision.seen
        )
        return Saved(kept, meanwhile, self.desk.is_disputed(unit))

    def _entry(self, unit: StoredUnit, decision: Decision, person: Person, role: Role) -> Entry:
        time = self.clock()
        queued = self.desk.queued(unit.key)
        reason, probability = (queued.reason, queued.probability) if queued else (None, None)
        shown = decision.shown
        if role is not Role.REVIEWED:
            reason = Reason.REPEAT if role is Role.REPEAT else Reason.DISPUTED
            shown = Shown.BLIND if role is Role.REPEAT else Shown.READINGS
            probability = None
        return Entry(
            annotation=Annotation(
                document=unit.document,
                sha256=unit.sha256,
                unit_hash=unit.unit_hash,
                occurrence=unit.occurrence,
                folded=folded_hash(unit.text),
                judgement=decision.judgement,
                reader=person.reader,
                role=role,
                date=time[:10],
                codebook=self.desk.codebook,
                sure=decision.sure,
                note=decision.note,
                shown=shown,
            ),
            text=unit.text,
            time=time,
            seconds=decision.seconds,
            model=decision.model if shown is Shown.SUGGESTION else "",
            reason=reason,
            probability=probability,
            supersedes=decision.own,
            request=decision.request,
        )

    def skip(self, unit: StoredUnit, person: Person, *, request: str, note: str) -> None:
        """Note that the reader passed the unit by. Raises StoreUnwritable."""
        self.desk.units.skip(
            unit.key, reader=person.reader, time=self.clock(), note=note, request=request
        )
        self.acts.add(person.session, person.reader, person.began, Act(request, skipped=unit.key))

    def undo(self, person: Person, *, request: str) -> TakenBack | None:
        """Take the session's last act back; None where there is nothing left to take back.

        A label is withdrawn, or the one before it put in its place: both are kept. Raises
        StoreUnwritable.
        """
        with self._lock:
            if request in self._undone:
                return self._undone[request]
            kept = self.desk.database.by_request(UNDO + request)
            if kept is not None:
                undone = self.desk.database.entry(kept.supersedes)
                return _place(undone) if undone else None
            skipped = self.desk.unskipped(request)
            if skipped is not None:
                return TakenBack(skipped)
            act = self.acts.last(person.session, person.reader, person.began)
            if act is None:
                return None
            if act.skipped is not None:
                self.desk.unskip(act.request, undo=request)
                found = TakenBack(act.skipped)
            else:
                found = self._take_back(act, request)
            self.acts.remove(person.session, person.reader, person.began, act)
            self._undone[request] = found
            while len(self._undone) > _UNDONE:
                self._undone.popitem(last=False)
            return found

    def _take_back(self, act: Act, request: str) -> TakenBack:
        database = self.desk.database
        last = database.entry(act.entry)
        assert last is not None, "entries are never deleted"
        it = last.annotation
        heads = database.in_force(document=it.document, unit=it.unit, reader=it.reader)
        head = next((one for one in heads if one.annotation.key == it.key), None)
        # What stands is the entry itself, or what a later step back put there again.
        restored = head is not None and taken_back(head) and head.annotation == it
        if head is None or (head.id != last.id and not restored):
            return _place(last, stays=True)
        before = database.entry(last.supersedes) if last.supersedes else None
        again = before is not None and not before.withdrawn
        entry = replace(
            before if before is not None and again else last,
            time=self.clock(),
            supersedes=head.id,
            request=UNDO + request,
            withdrawn=not again,
        )
        try:
            database.append([entry])
        except ConflictingEntry:
            return _place(last, stays=True)
        return _place(last)


def _of(annotation: Annotation, unit: StoredUnit, person: Person) -> bool:
    return annotation.reader == person.reader and (annotation.document, *annotation.unit) == (
        unit.document,
        unit.unit_hash,
        unit.occurrence,
    )


def _place(entry: Entry, *, stays: bool = False) -> TakenBack:
    it = entry.annotation
    return TakenBack((it.sha256, *it.unit), it.role, "" if stays else entry.id, stays)
