"""All that the page of one unit shows, made from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collabnlp.identifiers import digest
from collabnlp.review.decisions import Fields
from collabnlp.review.desk import Desk
from collabnlp.review.showing import Department, Piece, Said, departments, pieces, place, said, why
from collabnlp.schema import Entry, Level, Role, Shown, StoredUnit, Suggestion

ROLES = {"": Role.REVIEWED, "repeat": Role.REPEAT, "adjudicate": Role.ADJUDICATED}
NAMES = {role: name for name, role in ROLES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is chosen in the form, as its fields have it."""

    level: str = ""
    partners: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    basis: str = ""
    tier: str = ""
    unsure: bool = False
    note: str = ""

    @classmethod
    def of_entry(cls, entry: Entry) -> Choice:
        """As a reading has it."""
        row = entry.annotation.judgement.as_dict()
        return cls._of(row, unsure=not entry.annotation.sure, note=entry.annotation.note)

    @classmethod
    def of_suggestion(cls, suggestion: Suggestion) -> Choice:
        """As a model has it."""
        return cls._of(suggestion.judgement.as_dict())

    @classmethod
    def of_form(cls, form: Fields) -> Choice:
        """As it was posted, right or wrong."""
        return cls(
            level=form.get("level", ""),
            partners=tuple(form.getlist("partner")),
            departments=tuple(form.getlist("department")),
            basis=form.get("basis", ""),
            tier=form.get("tier", ""),
            unsure=bool(form.get("unsure")),
            note=form.get("note", ""),
        )

    def same_judgement(self, other: Choice) -> bool:
        """True where both say the same of the unit, whatever the comment and the doubt."""
        return self._said() == other._said()

    def _said(self) -> tuple[object, ...]:
        """What the judgement says: a unit of level None says no more than that."""
        if self.level == "none":
            return (self.level,)
        basis = self.basis if self.departments else ""
        return self.level, {*self.partners}, {*self.departments}, basis, self.tier

    @classmethod
    def _of(cls, row: Mapping[str, Any], *, unsure: bool = False, note: str = "") -> Choice:
        basis = row.get("dept_basis") or ""
        return cls(
            level=row["level"],
            partners=tuple(row.get("partners", ())),
            departments=tuple(row.get("departments", ())),
            basis="" if basis == "none" else basis,
            tier=row.get("actor_tier") or "",
            unsure=unsure,
            note=note,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One of the readings to decide between: a letter, what it says, and its choice."""

    letter: str
    said: Said
    choice: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPage:
    """One unit before a reviewer.

    own, seen    ids that the form sends back (see `decisions.Decision`)
    shown        what of others' judgements the page shows
    hidden       how many readings of others there are to be shown if asked
    accepts      True where what stands chosen is what the model suggests, and nobody chose it
    probabilities  the model's, by level; empty where it is not shown
    pages        pages of the PDF that the unit stands on
    """

    unit: StoredUnit
    title: str
    date: str | None
    role: Role
    blind: bool
    before: tuple[StoredUnit, ...]
    after: tuple[StoredUnit, ...]
    pieces: tuple[Piece, ...]
    place: str
    why: str
    choice: Choice
    own: str
    own_words: Said | None
    seen: str
    shown: Shown
    model: str
    model_name: str
    accepts: bool
    probabilities: Mapping[Level, float]
    others: tuple[Said, ...]
    hidden: int
    readings: tuple[Reading, ...]
    disputed: bool
    departments: tuple[Department, ...]
    pages: tuple[int, ...]

    @property
    def role_name(self) -> str:
        """As the address has it."""
        return NAMES[self.role]

    @property
    def fills(self) -> list[dict[str, Any]]:
        """The choices of the readings, for the keys that take one."""
        return [
            {
                "level": it.choice.level,
                "partner": it.choice.partners,
                "department": it.choice.departments,
                "basis": it.choice.basis,
                "tier": it.choice.tier,
            }
            for it in self.readings
        ]


def unit_page(
    desk: Desk,
    unit: StoredUnit,
    *,
    reader: str,
    role: Role,
    blind: bool,
    chosen: str = "",
    form: Fields | None = None,
    show_readings: bool = False,
) -> UnitPage:
    """The page of a unit for a reader.

    chosen         id of an entry whose choice is shown again (after an undo)
    form           what was posted, where it is shown again with what was wrong
    show_readings  True where the reader asked for the readings of others
    """
    blind = blind or role is Role.REPEAT
    info = desk.units.documents()[unit.sha256]
    before, after = desk.units.around(unit.key)
    standing = desk.standing(unit)
    own = desk.own(unit, reader, role)
    theirs = [it for it in standing if it.annotation.reader != reader]
    told = (
        not blind and role is Role.REVIEWED and bool(theirs) and (show_readings or own is not None)
    )
    suggestion = desk.units.suggestion(unit.key)
    if blind or role is Role.ADJUDICATED:
        suggestion = None
    readings = _readings(unit, standing) if role is Role.ADJUDICATED else ()
    choice = _choice(desk, unit, reader, role, own, suggestion, chosen, form)
    if role is Role.ADJUDICATED or told:
        shown = Shown.READINGS
    else:
        shown = Shown.SUGGESTION if suggestion is not None else Shown.BLIND
    probabilities = suggestion.probabilities if suggestion is not None else ()
    return UnitPage(
        unit=unit,
        title=info["title"],
        date=info["date"],
        role=role,
        blind=blind,
        before=tuple(before),
        after=tuple(after),
        pieces=tuple(pieces(unit, suggestion.cues if suggestion is not None else ())),
        place=place(unit),
        why=why(desk.queued(unit.key), role, blind=blind),
        choice=choice,
        own=own.id if own is not None else "",
        own_words=said(own) if own is not None else None,
        seen=",".join(sorted(it.id for it in standing)),
        shown=shown,
        model=suggestion.model if suggestion is not None and shown is Shown.SUGGESTION else "",
        model_name=suggestion.name if suggestion is not None else "",
        accepts=suggestion is not None
        and shown is Shown.SUGGESTION
        and own is None
        and not chosen
        and choice.same_judgement(Choice.of_suggestion(suggestion)),
        probabilities=dict(zip(Level, probabilities, strict=False)),
        others=tuple(map(said, theirs)) if told else (),
        hidden=0 if blind or told or role is not Role.REVIEWED else len(theirs),
        readings=readings,
        disputed=told and desk.is_disputed(unit),
        departments=tuple(departments(info["date"], choice.departments)),
        pages=tuple(dict.fromkeys(box.page for box in unit.boxes)),
    )


def _readings(unit: StoredUnit, standing: Sequence[Entry]) -> tuple[Reading, ...]:
    """The readings to decide between, in an order that does not tell whose they are."""
    them = [it for it in standing if it.annotation.role is not Role.ADJUDICATED]
    people = [it for it in them if it.annotation.role is Role.REVIEWED]
    # Where people reviewed the unit, what was read before gives way to them.
    if len({it.annotation.level for it in people}) > 1:
        them = people
    them.sort(key=lambda it: digest({"unit": unit.unit_hash, "entry": it.id}))
    return tuple(
        Reading(letter=chr(ord("A") + at), said=said(it), choice=Choice.of_entry(it))
        for at, it in enumerate(them)
    )


def _choice(
    desk: Desk,
    unit: StoredUnit,
    reader: str,
    role: Role,
    own: Entry | None,
    suggestion: Suggestion | None,
    chosen: str,
    form: Fields | None,
) -> Choice:
    if form is not None:
        return Choice.of_form(form)
    if chosen:
        entry = desk.database.entry(chosen)
        # Another's only where it was shown, to be decided on.
        open_to = role is Role.ADJUDICATED or (entry and entry.annotation.reader == reader)
        if entry is not None and open_to:
            there = entry.annotation.document, *entry.annotation.unit
            if there == (unit.document, unit.unit_hash, unit.occurrence):
                return Choice.of_entry(entry)
    if own is not None:
        return Choice.of_entry(own)
    return Choice.of_suggestion(suggestion) if suggestion is not None else Choice()
