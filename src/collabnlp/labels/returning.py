"""From a file that comes back to what is added to the label store: all of it, or its problems.

What is as it was changes nothing. What was changed becomes a reading of the person who changed it,
beside what others read; only that person's own earlier review gives way to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from collabnlp.identifiers import folded_hash, unit_hash
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.export_lines import LineMaker
from collabnlp.labels.fields import (
    Form,
    Unreadable,
    changed_fields,
    text_stands,
    value,
    with_changes,
)
from collabnlp.schema import (
    Annotation,
    Entry,
    Judgement,
    Level,
    Match,
    Role,
    Shown,
    StoredUnit,
)

# What annotation tools write where nobody gave a name: a number, or the time of the session.
_NOBODY = re.compile(r"\d*\Z|.*\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2}\Z")
_EMPTY = Judgement(level=Level.NONE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is not imported: where ("row 12"), the column if there is one, what is wrong."""

    where: str
    column: str
    what: str

    def __str__(self) -> str:
        where = f"{self.where}, {self.column}" if self.column else self.where
        return f"{where}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What a file says of one reading.

    id        of the entry that was exported; empty for a new reading
    fields    those of `fields.FIELDS` that the file has, as cells
    text      as the file has it; None where it has none
    carried   the entry as it was exported, where the format carries it
    fresh     True where it is an answer of its own, even if it says the same
    person    by whom, as the file says it; empty where it does not
    document, page, unit  where a new reading belongs, as far as the file says; ``unit`` is a
              file's sha256, unit hash and occurrence
    problems  what was wrong already when it was read
    """

    where: str
    id: str = ""
    fields: Mapping[str, str]
    text: str | None = None
    carried: Entry | None = None
    fresh: bool = False
    person: str = ""
    time: str = ""
    seconds: float | None = None
    document: str = ""
    page: str = ""
    unit: tuple[str, str, int] | None = None
    form: Form = field(default_factory=Form)
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True, kw_only=True)
class Plan:
    """What an import does; nothing where there are problems.

    entries    to be added, in order
    unchanged  readings that are as they were
    already    answers that the person has in force in the store
    restored   entries that this store did not have
    corrected, confirmed, added   readings by person: other than the one exported, the same, new
    moves      corrections by the level before and after
    bare       commitments that came without partners
    """

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchanged: int = 0
    already: int = 0
    restored: int = 0
    corrected: Counter[str] = field(default_factory=Counter)
    confirmed: Counter[str] = field(default_factory=Counter)
    added: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    bare: int = 0


def plan(
    returned: Iterable[Returned],
    database: LabelDatabase,
    *,
    reader: str = "",
    people: Mapping[str, str] | None = None,
    codebook: str,
    time: str,
    departments: frozenset[str],
) -> Plan:
    """What the file's rows come to.

    ``reader`` is who changed them; ``people`` gives names for what a tool calls its users;
    ``time`` (UTC) is when they came back; ``departments`` are the codes that may be given.
    """
    planner = _Planner(database, reader, dict(people or {}), codebook, time, departments)
    for row in returned:
        planner.take(row)
    planner.finish()
    return planner.plan


class _Planner:
    def __init__(
        self,
        database: LabelDatabase,
        reader: str,
        people: dict[str, str],
        codebook: str,
        time: str,
        departments: frozenset[str],
    ) -> None:
        self.database = database
        self.reader, self.people, self.codebook, self.time = reader, people, codebook, time
        self.departments = departments
        self.plan = Plan()
        self.lines = LineMaker(database)
        self.heads = {entry.annotation.key: entry for entry in database.in_force()}
        self.known: dict[str, Entry] = {}  # of this file, not yet in the store
        self.seen: dict[str, str] = {}
        self.answers: dict[tuple[str, str, int, str], tuple[str, Annotation]] = {}
        self.unnamed: dict[str, str] = {}

    def take(self, row: Returned) -> None:
        """Plan one row, or list what is wrong with it."""
        if row.problems:
            self.plan.problems.extend(row.problems)
            return
        try:
            if row.id or row.carried is not None:
                self._known(row)
            else:
                self._new(row)
        except Unreadable as error:
            self._wrong(row, error)

    def finish(self) -> None:
        """Problems of the file as a whole."""
        if self.reader and len(self.unnamed) > 1:
            people = ", ".join(sorted(self.unnamed))
            where = next(iter(self.unnamed.values()))
            self.plan.problems.append(
                Problem(where, "", f"answers of several people ({people}): name each by --person")
            )

    def _wrong(self, row: Returned, *errors: Unreadable) -> None:
        self.plan.problems += [Problem(row.where, it.column, it.why) for it in errors]

    # -- rows that were exported

    def _known(self, row: Returned) -> None:
        base = self._base(row)
        if base is None:
            return
        record = base.annotation
        # An answer of one's own does not make the row a second one.
        if not row.fresh:
            if row.id in self.seen:
                raise Unreadable("id", f"the same reading as in {self.seen[row.id]}")
            self.seen[row.id] = row.where
        if row.text is not None:
            written = self.lines.line(base).text
            if not text_stands(row.text, written, record.unit_hash, row.form):
                raise Unreadable("text", "the text was changed; labels hold for the text as read")
        changes, wrong = changed_fields(record, row.fields, row.form)
        wrong += self._register(changes)
        if wrong:
            self._wrong(row, *wrong)
            return
        if not changes and not (row.fresh and self._person(row)):
            self.plan.unchanged += 1
            return
        said = with_changes(record, changes)
        if not changes:
            self._give(row, base, said, self.plan.confirmed)
        elif said == record:
            self.plan.unchanged += 1
        else:
            self._give(row, base, said, self.plan.corrected)

    def _base(self, row: Returned) -> Entry | None:
        """The entry that a row is about; one of another store is planned to be added."""
        there = self.known.get(row.id) or self.database.entry(row.id)
        if row.carried is None:
            if there is None:
                raise Unreadable("id", "no reading of the store has this id")
            return there
        if row.carried.id != row.id:
            raise Unreadable("id", "the record that the file carries was changed")
        if there is not None:
            return there
        self._restore(row, row.carried)
        return row.carried

    def _restore(self, row: Returned, entry: Entry) -> None:
        key = entry.annotation.key
        head = self.heads.get(key)
        if (head.id if head else "") != entry.supersedes:
            if entry.supersedes and head is None:
                what = "the reading that it corrects is not in the store: export with --history"
            else:
                what = f"the store has another reading by {entry.annotation.reader} in force"
            raise Unreadable("id", what)
        self._add(entry)
        self.plan.restored += 1

    def _add(self, entry: Entry) -> None:
        self.plan.entries.append(entry)
        self.known[entry.id] = entry
        if entry.withdrawn:
            self.heads.pop(entry.annotation.key, None)
        else:
            self.heads[entry.annotation.key] = entry

    # -- rows that are new

    def _new(self, row: Returned) -> None:
        if not (row.text or "").strip() and row.unit is None:
            raise Unreadable("text", "neither an id nor a text")
        if "level" not in row.fields:
            raise Unreadable("level", "the level is empty")
        sha256, hashed, occurrence, document, text = self._place(row)
        said, wrong = {}, []
        for name, cell in row.fields.items():
            try:
                said[name] = cell.strip() if name == "note" else value(name, cell)
            except Unreadable as error:
                # A new row may leave out whether its reader was sure.
                if name != "sure" or cell.strip():
                    wrong.append(error)
        wrong += self._register(said)
        if wrong:
            self._wrong(row, *wrong)
            return
        blank = Annotation(
            document=document,
            sha256=sha256,
            unit_hash=hashed,
            occurrence=occurrence,
            folded=folded_hash(text),
            judgement=_EMPTY,
            reader="nobody",
            role=Role.REVIEWED,
            date=self.time[:10],
            codebook=self.codebook,
        )
        record = with_changes(blank, said)
        self._give(row, Entry(annotation=record, text=text), record, self.plan.added)

    def _place(self, row: Returned) -> tuple[str, str, int, str, str]:
        text = row.text or ""
        if row.unit is not None:
            sha256, hashed, occurrence = row.unit
            unit = self.lines.queue.unit(row.unit)
            if text and unit_hash(text) != hashed:
                raise Unreadable("text", "the text was changed; labels hold for the text as read")
            if unit is None and not (row.document and text):
                raise Unreadable("text", "its unit is not kept in the store")
            return sha256, hashed, occurrence, unit.document if unit else row.document, text
        found = self.lines.queue.with_text(unit_hash(text))
        if row.document:
            found = [unit for unit in found if unit.document == row.document]
        if len(found) > 1 and row.page:
            found = [unit for unit in found if row.page in page_names(unit)]
        if not found:
            where = f" of {row.document}" if row.document else ""
            raise Unreadable("text", f"no unit{where} that is kept in the store has this text")
        if len(found) > 1:
            places = ", ".join(f"{it.document} page {page_name(it) or '?'}" for it in found[:4])
            raise Unreadable("text", f"{len(found)} units have this text: {places}")
        unit = found[0]
        return unit.sha256, unit.unit_hash, unit.occurrence, unit.document, unit.text

    # -- answers

    def _register(self, said: Mapping[str, object]) -> list[Unreadable]:
        codes = said.get("departments") or ()
        assert isinstance(codes, tuple)
        unknown = [code for code in codes if code not in self.departments]
        named = ", ".join(map(repr, unknown))
        many = "are no departments" if len(unknown) > 1 else "is no department"
        return [Unreadable("departments", f"{named} {many} of the register")] if unknown else []

    def _person(self, row: Returned) -> str:
        """Who answered: named for the tool's user, else --reader, else as the tool says."""
        if row.person in self.people:
            return self.people[row.person]
        if self.reader:
            return self.reader
        return "" if _NOBODY.match(row.person) else row.person

    def _give(self, row: Returned, base: Entry, said: Annotation, kind: Counter[str]) -> None:
        """Plan a person's own reading, in the place of their last review of the unit."""
        person = self._person(row)
        if not person:
            hint = " (or --person)" if row.person else ""
            raise Unreadable("", f"something was changed: say by whom, with --reader{hint}")
        if self.reader and row.person and row.person not in self.people:
            self.unnamed.setdefault(row.person, row.where)
        new = row.carried is None and not row.id
        stamp = row.time or self.time
        record = replace(
            said,
            reader=person,
            role=Role.REVIEWED,
            date=stamp[:10],
            codebook=self.codebook,
            match=Match.EXACT,
            sources=(),
            shown=Shown.UNKNOWN if new else Shown.READINGS,
        )
        answer = (record.document, record.unit_hash, record.occurrence, person)
        earlier = self.answers.setdefault(answer, (row.where, record))
        if earlier[0] != row.where and _content(earlier[1]) != _content(record):
            raise Unreadable("level", f"{earlier[0]} says otherwise of the same unit")
        head = self.heads.get(record.key)
        if head is not None and _content(head.annotation) == _content(record):
            self.plan.already += 1
            return
        if not new and self._overtaken(base, person):
            raise Unreadable("id", "this reading was corrected since it was exported: export again")
        text = base.text or self.lines.line(base).text
        before = base.annotation.judgement
        self._add(
            Entry(
                annotation=record,
                text=text,
                time=stamp,
                seconds=row.seconds,
                supersedes=head.id if head else "",
            )
        )
        kind[person] += 1
        if not new:
            self.plan.moves[str(before.level), str(record.level)] += 1
        self.plan.bare += record.level is not Level.NONE and not record.judgement.partners

    def _overtaken(self, base: Entry, person: str) -> bool:
        """True where somebody gave another reading in the place of the one that was shown."""
        head = self.heads.get(base.annotation.key)
        return head is None or head.id != base.id


def _content(record: Annotation) -> tuple[Judgement, bool, str]:
    return record.judgement, record.sure, record.note


def page_name(unit: StoredUnit) -> str:
    """The page as printed, else its number; empty where there are no pages."""
    if unit.page_label:
        return unit.page_label
    return "" if unit.page is None else str(unit.page)


def page_names(unit: StoredUnit) -> set[str]:
    """All that a page may be called in a file."""
    return {page_name(unit), str(unit.page), f"{unit.page}.0"} - {"", "None", "None.0"}
