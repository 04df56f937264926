"""Acts and orders as legislation.gov.uk shows them in HTML: numbered provisions by class name.

A section is a heading (``LegP1Container`` with number and title) followed by its subsections
(``LegP2Container``), paragraphs (``LegP3Container``) and so on, all of them siblings; text that
closes a list is a paragraph of the class of the level that it returns to (``LegP2Text``). Schedules
write ``LegSP…``; text to be inserted into another act ends its class names in ``Amend``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collabnlp.extraction.outline import Outline, Piece
from collabnlp.extraction.provisions import join_provision, schedule_provision
from collabnlp.schema import BlockDraft, BlockKind, Region

_AMEND = r"(?:C\d+|S\d+)*(?:Amend)?"
_PROVISION = re.compile(rf"Leg(S?)P(\d)Container(?:First)?{_AMEND}\Z")
_NUMBER = re.compile(
    rf"Leg(?:S?P\d|SN\d|Part|Chapter|Pblock|PsubBlock|Schedule|EU\w+?|Group)No(?:First)?{_AMEND}\Z"
)
_TEXT = re.compile(rf"Leg(S?)P(\d)(?:Para)?Text(?:Indent)?{_AMEND}\Z")
_GROUP_TITLE = re.compile(rf"Leg(S?)P1GroupTitle(?:First)?{_AMEND}\Z")
_HEADINGS = (
    (re.compile(rf"LegSchedules?(?:First|Title)?{_AMEND}\Z"), 1),
    (re.compile(rf"Leg(?:EU)?Part(?:First)?{_AMEND}\Z"), 1),
    (re.compile(rf"Leg(?:EU)?Chapter(?:First)?{_AMEND}\Z"), 2),
    (re.compile(rf"LegPblock(?:First|Title)?{_AMEND}\Z"), 3),
    (re.compile(rf"LegPsubBlock(?:First|Title)?{_AMEND}\Z"), 4),
)
SECTION_HEADING = 5
_SCHEDULE = re.compile(r"(?:the\s+)?(?:schedule|annex)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LegalRole:
    """What a class name says of its element.

    kind     "provision", "text" (closing or unnumbered text of a level), "heading" or "number"
    level    of a provision or text: 1 is a section
    heading  level of a heading, else 0
    """

    kind: str
    level: int = 0
    heading: int = 0
    schedule: bool = False
    quoted: bool = False

    @property
    def block(self) -> bool:
        return self.kind != "number"


def legal_role(classes: list[str]) -> LegalRole | None:
    """The role of an element with these classes; None for one that is not of this kind."""
    if not any(name.startswith("Leg") for name in classes):
        return None
    quoted = any(name.endswith("Amend") for name in classes)
    for name in classes:
        if _NUMBER.match(name):
            return LegalRole("number", quoted=quoted)
        if match := _PROVISION.match(name):
            level = int(match[2])
            return LegalRole("provision", level, 0, bool(match[1]), quoted)
    for name in classes:
        if _GROUP_TITLE.match(name) and "LegDS" not in classes:
            return LegalRole("heading", 0, SECTION_HEADING, quoted=quoted)
        if (match := _TEXT.match(name)) and "LegDS" not in classes:
            return LegalRole("text", int(match[2]), 0, bool(match[1]), quoted)
        for pattern, level in _HEADINGS:
            if pattern.match(name) and not name.endswith("Title"):
                return LegalRole("heading", 0, level, quoted=quoted)
    return None


class LegalOutline:
    """Keeps the provisions that are open, so that each finds its number and its opening words."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._roles: list[LegalRole] = []
        self._open: dict[int, BlockDraft] = {}
        self._quoted: dict[int, BlockDraft] = {}
        self._numbers: dict[int, str] = {}
        self._schedule: str | None = None

    @property
    def active(self) -> bool:
        """Whether we are inside a provision or its text."""
        return bool(self._roles) and self._roles[-1].kind in ("provision", "text")

    def enter(self, role: LegalRole) -> Region:
        """Begin an element; gives the region to hand back to ``leave``."""
        region = self._outline.region
        self._roles.append(role)
        if role.quoted:
            self._outline.region = Region.QUOTED
        else:
            self._quoted.clear()
        return region

    def leave(self, region: Region) -> None:
        self._roles.pop()
        self._outline.region = region

    def heading(self, piece: Piece, level: int, number: str | None) -> None:
        """A heading, of a provision (its number opens the provision) or of any other kind."""
        role = self._roles[-1] if self._roles else None
        draft = self._outline.heading(piece, level)
        if draft is not None and number:
            draft.number = number
        if role is None or role.quoted:
            return
        self._open.clear()
        if role.kind == "heading":
            self._numbers.clear()
            if level == 1:
                printed = number or piece.text
                self._schedule = schedule_provision(printed) if _SCHEDULE.match(printed) else None
        if number and role.kind == "provision":
            self._number(1, number)

    def text(self, piece: Piece, number: str | None) -> None:
        """A provision's words, or words that go on or close one of its level."""
        role = self._roles[-1]
        if number and number[0] in "“‘":  # the quotation's mark belongs to its words
            piece = Piece(number[0] + piece.text, [(at + 1, it) for at, it in piece.notes])
            number = number[1:].strip() or None
        held = self._quoted if role.quoted else self._open
        level = role.level
        if number is None and level in held and self._deeper(held, level):
            self._add(piece, None, level, held[level], closing=True)
            return
        if number is not None and not role.quoted:
            self._number(level, number)
        for deeper in [it for it in held if it >= level]:
            del held[deeper]
        opener = held[max(held)] if held else None
        if number is None and opener is None and level == 1 and not role.quoted:
            number = self._numbers.get(1)
        draft = self._add(piece, number, level, opener)
        if draft is not None:
            held[level] = draft

    def _deeper(self, held: dict[int, BlockDraft], level: int) -> bool:
        return any(it > level for it in held) or held[level] is not self._outline.drafts[-1]

    def _number(self, level: int, number: str) -> None:
        for deeper in [it for it in self._numbers if it >= level]:
            del self._numbers[deeper]
        above = self._numbers[max(self._numbers)] if self._numbers else None
        full = join_provision(above if level > 1 else self._schedule, number)
        if full:
            self._numbers[level] = full

    def _add(
        self,
        piece: Piece,
        number: str | None,
        level: int,
        opener: BlockDraft | None,
        *,
        closing: bool = False,
    ) -> BlockDraft | None:
        if not piece.text or not any(map(str.isalnum, piece.text)):
            return None  # dots stand for repealed words
        held = [it for it in self._numbers if it <= level]
        draft = BlockDraft(
            kind=BlockKind.PROVISION,
            text=piece.text,
            region=self._outline.region,
            level=level,
            number=number,
            provision=self._numbers[max(held)] if held else None,
            lead_in=opener,
            closing=closing,
            note_marks=piece.notes,
        )
        self._outline.drafts.append(draft)
        return draft
