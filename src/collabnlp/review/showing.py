"""A unit as the page shows it: its words in pieces, its place, why it is shown, who said what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from collabnlp.data.palette import palette
from collabnlp.identifiers import folded
from collabnlp.register import EntryType, load_register
from collabnlp.schema import Entry, Judgement, Level, Partner, QueuedUnit, Reason, Role, StoredUnit

PARTNER_KEYS = {
    Partner.SUBNATIONAL: ("s", "Subnational", "mayors, councils, local leaders"),
    Partner.DEVOLVED: ("d", "Devolved", "Scottish, Welsh, NI government"),
    Partner.PUBLIC_BODY: ("p", "Public body", "NHS, regulators, another department"),
    Partner.BUSINESS: ("b", "Business", "industry, employers, providers"),
    Partner.CIVIL_SOCIETY: ("c", "Civil society", "charities, communities, universities"),
    Partner.INTERNATIONAL: ("i", "International", "foreign governments and bodies"),
}
TIER_KEYS = {
    "national": ("n", "National"),
    "subnational": ("l", "Subnational (local)"),
    "other": ("o", "Other"),
}
_REASONS = {
    Reason.LEAST_CERTAIN: "The model is least certain here.",
    Reason.DISAGREEING: "Models disagree here.",
    Reason.UNLIKE: "It is unlike what the model has learned from.",
    Reason.LIKELY_ERROR: "Its earlier label is likely to be wrong.",
    Reason.DIVERSE: "It is unlike the others in the queue.",
    Reason.RANDOM: "Drawn by chance: such units measure the counts.",
    Reason.DISPUTED: "Readings of it differ.",
    Reason.REPEAT: "You read this one before. Now and then one comes a second time, with nothing "
    "beside it, to see how far you agree with yourself.",
    Reason.ASKED: "Asked for by whoever started this review.",
}
# What says nothing of any label: the rest would tell a blind reader what to expect.
_TELL_NOTHING = {Reason.RANDOM, Reason.REPEAT, Reason.ASKED, Reason.DIVERSE}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the unit's words; ``kind`` is "", "lead" (opening words) or "cue"."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """A department that may be chosen: code, name, and whether it stood on the document's day."""

    code: str
    name: str
    standing: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A reading as shown to people; ``rest`` are its words without the level's name."""

    id: str
    who: str
    role: str
    level: Level
    words: str
    rest: str
    note: str
    sure: bool


def pieces(unit: StoredUnit, cues: Sequence[tuple[int, int]]) -> list[Piece]:
    """The unit's text, opening words and the model's cues marked; joined again it is the text."""
    text = unit.text
    kinds = [""] * len(text)
    for at in range(_lead_in_end(unit)):
        kinds[at] = "lead"
    for start, end in cues:
        for at in range(max(0, start), min(end, len(text))):
            kinds[at] = "cue"
    found: list[Piece] = []
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or kinds[at] != kinds[start]:
            found.append(Piece(text[start:at], kinds[start]))
            start = at
    return found


def _lead_in_end(unit: StoredUnit) -> int:
    """Where the opening words end in the text: as many letters as they and the text share."""
    if not unit.lead_in:
        return 0
    lead, at = folded(unit.lead_in), 0
    for index, character in enumerate(unit.text):
        letters = folded(character)
        if not letters:
            continue
        if lead[at : at + len(letters)] != letters:
            return 0
        at += len(letters)
        if at >= len(lead):
            return index + 1
    return 0


def why(queued: QueuedUnit | None, role: Role, *, blind: bool) -> str:
    """Why the unit is shown, in plain words; nothing that tells where the page is blind."""
    if role is Role.REPEAT:
        return _REASONS[Reason.REPEAT]
    if role is Role.ADJUDICATED:
        return "Readings of it differ: decide which stands."
    if queued is None:
        return "You came here by search or by a link; it is not in the queue."
    if blind and queued.reason not in _TELL_NOTHING:
        return "It is in the queue."
    detail = "" if blind else queued.detail.strip()
    return f"{_REASONS[queued.reason]} {detail}".strip()


def place(unit: StoredUnit) -> str:
    """Page and provision, as far as known."""
    found = []
    if unit.page is not None:
        printed = unit.page_label
        differs = printed is not None and printed != str(unit.page)
        found.append(f"page {unit.page}" + (f" (printed {printed})" if differs else ""))
    if unit.provision:
        found.append(f"provision {unit.provision}")
    return ", ".join(found)


def departments(day: str | None, chosen: Sequence[str] = ()) -> list[Department]:
    """Departments of a document's day by code, then those chosen that did not stand then; all
    that the register has where no day is known."""
    register = load_register()
    on = _day(day)
    found = []
    for entry in register.entries.values():
        if entry.type is not EntryType.DEPARTMENT:
            continue
        standing = on is None or entry.exists(on)
        if standing or entry.id in chosen:
            found.append(Department(entry.id, entry.title, standing))
    return sorted(found, key=lambda it: (not it.standing, it.code))


def department_codes() -> frozenset[str]:
    """Every department's code of the register."""
    register = load_register()
    return frozenset(it.id for it in register.entries.values() if it.type is EntryType.DEPARTMENT)


def _day(text: str | None) -> date | None:
    parts = [int(it) for it in text.split("-")] if text else []
    if not parts:
        return None
    year, month, day = (*parts, 12, 28)[:3] if len(parts) == 1 else (*parts, 28)[:3]
    return date(year, month, day)


def said(entry: Entry) -> Said:
    """A reading for the page."""
    it = entry.annotation
    return Said(
        id=entry.id,
        who=it.reader,
        role=str(it.role),
        level=it.level,
        words=in_words(it.judgement),
        rest="; ".join(_beside_level(it.judgement)),
        note=it.note,
        sure=it.sure,
    )


def in_words(judgement: Judgement) -> str:
    """A judgement in one line: "Support; subnational; DFT (inferred); national"."""
    return "; ".join([palette()[judgement.level].label, *_beside_level(judgement)])


def _beside_level(judgement: Judgement) -> list[str]:
    found = []
    if judgement.partners:
        found.append(", ".join(PARTNER_KEYS[it][1].lower() for it in judgement.partners))
    if judgement.departments:
        basis = f" ({judgement.dept_basis})" if judgement.dept_basis else ""
        found.append(", ".join(judgement.departments) + basis)
    if judgement.actor_tier:
        found.append(f"{judgement.actor_tier} actor")
    return found
