"""The register of departments, bodies, authorities and forums, each as of a date.

Four data files of one shape (``data/departments.toml``, ``bodies.toml``, ``authorities.toml``,
``forums.toml``) hold entries ``[[entry]]``; ``departments.toml`` also holds the lines of
succession ``[[line]]`` by which a sponsor can be named once for all years ("housing": ODPM, DCLG,
MHCLG, DLUHC, MHCLG). Spans are half open: ``from`` is the first day, ``to`` the first day on which
a thing no longer holds; either may be missing. Nothing heavy is imported here.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from collabnlp.errors import DataError
from collabnlp.schema import Partner

# Writers go on using a former name for a while; so long it still finds its entry.
HABIT = timedelta(days=365)


class EntryType(StrEnum):
    """What an entry is. GOVERNMENT is a devolved government, ASSOCIATION one of councils, of
    officers or of other bodies outside central government."""

    DEPARTMENT = "department"
    BODY = "body"
    AUTHORITY = "authority"
    FORUM = "forum"
    GOVERNMENT = "government"
    ASSOCIATION = "association"


class Form(StrEnum):
    """How a name stands for its entry. MINISTER is the title of whoever heads it, OFFICE that of
    another office holder (a mayor, a chief officer)."""

    NAME = "name"
    ABBREVIATION = "abbreviation"
    MINISTER = "minister"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` up to but without ``end``; None is open."""

    start: date | None = None
    end: date | None = None

    def holds(self, day: date, *, before: timedelta = timedelta(0)) -> bool:
        """True on a day of the span, or up to ``before`` after its end."""
        return (self.start is None or self.start <= day) and (
            self.end is None or day < self.end + before
        )

    def meets(self, other: Span) -> bool:
        """True where the two have a day in common."""
        return (self.start is None or other.end is None or self.start < other.end) and (
            other.start is None or self.end is None or other.start < self.end
        )

    def common(self, other: Span) -> Span | None:
        """The days of both; None where there are none."""
        if not self.meets(other):
            return None
        starts = [it for it in (self.start, other.start) if it is not None]
        ends = [it for it in (self.end, other.end) if it is not None]
        return Span(max(starts, default=None), min(ends, default=None))


@dataclass(frozen=True, slots=True)
class Name:
    """One way of writing an entry, and when it was right.

    any_case    False: only as written (abbreviations, names of one or two common words)
    introduced  an abbreviation of many things (MCA, HRA): it counts only in a document that
                introduces it behind the full name
    """

    text: str
    form: Form
    span: Span
    any_case: bool
    introduced: bool = False


@dataclass(frozen=True, slots=True)
class Sponsor:
    """A department that answers for a body: its code, or a line of succession."""

    code: str | None
    line: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Succession:
    """Another entry that came before or after, and what moved between them."""

    id: str
    moved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One department, body, authority, forum or government.

    id         a department's code ("DFT"), otherwise words joined by hyphens ("homes-england")
    kind       "executive agency", "combined authority", … as its source calls it
    partner    what it is when it stands on the other side of a commitment
    periods    when it existed, ascending
    announced  day from which documents speak of it as coming; None where that does not matter
    area       for authorities: the place, without "Combined Authority" and the like
    members    for authorities: ids or names of constituent councils
    source     public source of the facts; ``certain`` False where it was not beyond doubt
    """

    id: str
    type: EntryType
    kind: str
    partner: Partner
    names: tuple[Name, ...]
    periods: tuple[Span, ...]
    source: str
    announced: date | None = None
    sponsors: tuple[Sponsor, ...] = ()
    predecessors: tuple[Succession, ...] = ()
    successors: tuple[Succession, ...] = ()
    area: str | None = None
    members: tuple[str, ...] = ()
    certain: bool = True
    note: str = ""

    @property
    def title(self) -> str:
        """Its latest full name."""
        names = [name for name in self.names if name.form is Form.NAME]
        return max(names, key=lambda name: name.span.end or date.max).text

    def exists(self, day: date) -> bool:
        """True where it existed on that day."""
        return any(span.holds(day) for span in self.periods)

    def known(self, day: date) -> bool:
        """True where it existed or had been announced, and had not ended for more than `HABIT`."""
        return any(span.holds(day, before=HABIT) for span in self.periods) or (
            self.announced is not None
            and self.announced <= day < (self.periods[0].start or date.min)
        )


@dataclass(frozen=True, slots=True)
class Reference:
    """A name together with the entry that it stands for."""

    name: Name
    entry: Entry


class Register:
    """Every entry, looked up by id or by name, as of a date.

    A date is a `datetime.date`; None means no date is known: any entry fits, the latest first.
    """

    def __init__(self, entries: Iterable[Entry], lines: Mapping[str, tuple[Sponsor, ...]]) -> None:
        self.entries: dict[str, Entry] = {entry.id: entry for entry in entries}
        self.lines = dict(lines)
        self._by_name: dict[str, list[Reference]] = {}
        self._by_folded: dict[str, list[Reference]] = {}
        for entry in self.entries.values():
            for name in entry.names:
                reference = Reference(name, entry)
                self._by_name.setdefault(folded(name.text), []).append(reference)
                if name.any_case:
                    self._by_folded.setdefault(folded(name.text).lower(), []).append(reference)
        self._check()

    def __getitem__(self, id: str) -> Entry:
        return self.entries[id]

    def __contains__(self, id: object) -> bool:
        return id in self.entries

    def references(self) -> Iterator[Reference]:
        """Every name with its entry, in the order of the files."""
        for entry in self.entries.values():
            for name in entry.names:
                yield Reference(name, entry)

    def find(self, text: str, day: date | None = None) -> Reference | None:
        """What a name as written stood for on a day; None where nothing did.

        Right names come before those gone out of use within the year or not yet in use, entries
        that existed before those announced; without a day the latest comes first.
        """
        plain = folded(text)
        found = [*self._by_name.get(plain, ()), *self._by_folded.get(plain.lower(), ())]
        ranked = [(rank, it) for it in found if (rank := _rank(it, day)) is not None]
        return max(ranked, key=lambda pair: pair[0])[1] if ranked else None

    def departments(self, id: str, day: date | None = None) -> tuple[str, ...]:
        """Codes of the departments that answer for an entry on a day (its own, if it is one).

        A body announced but not yet set up has its first sponsors, one that has gone its last; a
        department that has gone gives those which took over all its work, if that was one alone.
        """
        entry = self.entries[id]
        day = day or _latest(entry)
        if entry.type is EntryType.DEPARTMENT:
            return self._standing(entry, day)
        codes = self._codes(entry.sponsors, day)
        if not codes and entry.sponsors:
            starts = [sponsor.span.start for sponsor in entry.sponsors if sponsor.span.start]
            ends = [sponsor.span.end for sponsor in entry.sponsors if sponsor.span.end]
            if starts and day < min(starts):
                codes = self._codes(entry.sponsors, min(starts))
                codes = tuple(it for code in codes for it in self._on(code, day))
            elif ends:
                codes = self._codes(entry.sponsors, max(ends) - timedelta(days=1))
                codes = tuple(it for code in codes for it in self._on(code, day))
        return tuple(dict.fromkeys(codes))

    def on_line(self, line: str, day: date) -> str | None:
        """The department that stood on a line of succession on a day."""
        for stage in self.lines[line]:
            if stage.span.holds(day):
                return stage.code
        return None

    def todays(self, code: str, day: date | None = None) -> tuple[str, ...]:
        """The department or departments to which a code's work had passed by a day (or by now).

        A code that stands on that day is its own answer; BEIS becomes DBT, DESNZ and DSIT. Of all
        that came after it, only those count that carry on one of its own lines, where it has any
        (DTI became part of BIS, but the universities of BIS were never DTI's). KeyError for an
        unknown code.
        """
        on = day or date.max
        later: dict[str, None] = {}
        self._follow(code, on, set(), later)
        heirs = {
            self.on_line(line, on)
            for line, stages in self.lines.items()
            if any(stage.code == code for stage in stages)
        }
        kept = tuple(it for it in later if it in heirs)
        return kept or tuple(later)

    def _follow(self, code: str, day: date, seen: set[str], later: dict[str, None]) -> None:
        if code in seen:  # MHCLG became DLUHC and DLUHC MHCLG
            return
        seen.add(code)
        entry = self.entries[code]
        if entry.exists(day):
            later[code] = None
            return
        for step in entry.successors:
            self._follow(step.id, day, seen, later)

    def _standing(self, entry: Entry, day: date) -> tuple[str, ...]:
        if entry.exists(day):
            return (entry.id,)
        later = self.todays(entry.id, day)
        return later if len(later) == 1 else ()

    def _on(self, code: str, day: date) -> tuple[str, ...]:
        return self._standing(self.entries[code], day)

    def _codes(self, sponsors: Sequence[Sponsor], day: date) -> tuple[str, ...]:
        codes: list[str] = []
        for sponsor in sponsors:
            if not sponsor.span.holds(day):
                continue
            code = sponsor.code or self.on_line(sponsor.line or "", day)
            if code is not None:
                codes.append(code)
        return tuple(dict.fromkeys(codes))

    def _check(self) -> None:
        for entry in self.entries.values():
            for step in (*entry.predecessors, *entry.successors):
                if step.id not in self.entries:
                    raise DataError(f"Register: {entry.id} is linked to {step.id}, not an entry.")
            for sponsor in entry.sponsors:
                if sponsor.line is not None and sponsor.line not in self.lines:
                    raise DataError(f"Register: {entry.id} names an unknown line {sponsor.line}.")
                self._check_code(sponsor.code, entry.id)
        for line, stages in self.lines.items():
            for stage in stages:
                self._check_code(stage.code, f"line {line}")
        for text, references in self._by_name.items():
            for index, one in enumerate(references):
                for other in references[index + 1 :]:
                    if one.entry is not other.entry and _clash(one, other):
                        ids = f"{one.entry.id} and {other.entry.id}"
                        raise DataError(f"Register: {text!r} stands for {ids} at one time.")

    def _check_code(self, code: str | None, where: str) -> None:
        if code is None:
            return
        entry = self.entries.get(code)
        if entry is None or entry.type is not EntryType.DEPARTMENT:
            raise DataError(f"Register: {where} names the department {code}, not an entry.")


_FOLD = str.maketrans({"’": "'", "‘": "'", "&": "and", "\u00a0": " ", "‑": "-", "–": "-"})


def folded(text: str) -> str:
    """A name as compared: plain apostrophes and dashes, "and" for "&", single blanks."""
    return " ".join(text.translate(_FOLD).split())


def _latest(entry: Entry) -> date:
    end = entry.periods[-1].end
    return end - timedelta(days=1) if end is not None else date.max


def _rank(reference: Reference, day: date | None) -> tuple[int, int, date] | None:
    """How well a reference fits a day, higher better; None where it does not."""
    name, entry = reference.name, reference.entry
    last = name.span.end or entry.periods[-1].end or date.max
    if day is None:
        return (0, 0, last)
    if not entry.known(day) or not name.span.holds(day, before=HABIT):
        if not (name.span.start and entry.announced and entry.announced <= day < name.span.start):
            return None
        return (0, int(entry.exists(day)), last)
    return (1 + name.span.holds(day), int(entry.exists(day)), last)


def _clash(one: Reference, other: Reference) -> bool:
    return any(a.meets(b) for a in _in_use(one) for b in _in_use(other))


def _in_use(reference: Reference) -> list[Span]:
    """The days on which a name stood for an entry that existed."""
    periods = (reference.name.span.common(period) for period in reference.entry.periods)
    return [period for period in periods if period is not None]


@cache
def load_register() -> Register:
    """The register that comes with the program. Raises DataError where a file is wrong."""
    from collabnlp.register.reading import read_register, shipped_tables

    # All that is made here stays; looking for garbage among it costs a quarter of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return read_register(shipped_tables())
    finally:
        if collecting:
            gc.enable()
