"""Inserted provisions that a numbered act's text form runs together in one paragraph.

Numbers stand in the line between wide gaps ("insert—     15A     1     An authority may—     a").
Here they are parted and become quoted drafts: section, subsection, paragraph, sub-paragraph.
"""

from __future__ import annotations

import re

from collabnlp.extraction.markers import from_roman
from collabnlp.extraction.numbered_lines import mend
from collabnlp.schema import BlockDraft, BlockKind, Region

# Two letters number an inserted paragraph ("ba"), unless they are a word.
_WORDS = r"an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we"
_TOKEN = rf"(?:\d{{1,3}}[A-Z]{{0,3}}|(?!(?:{_WORDS})\b)[a-z]{{1,2}}|[ivx]{{1,5}}|[A-Z])"
_BETWEEN_GAPS = re.compile(rf"(?<!\s)\s{{5,}}{_TOKEN}(?=\s{{5}})")
_GAP = re.compile(r"\s{5,}")
_LINE_END = re.compile(rf"(?<=\x1f)(?![A-Z]\n)({_TOKEN})\n")  # "A" begins a sentence there
_LINE_START = re.compile(rf"\n({_TOKEN})(?=\x1f)")
_NUMBER = re.compile(rf"{_TOKEN}\Z")
_ROMAN = re.compile(r"[ivx]+\Z")
_FEWEST = 3
_HEADING_LENGTH = 160


def is_run_on(paragraph: str) -> bool:
    """Whether numbered provisions stand run together in a paragraph."""
    return len(_BETWEEN_GAPS.findall(paragraph)) >= _FEWEST


def run_on_parts(paragraph: str) -> list[tuple[str | None, str]]:
    """Number (None where there is none) and text of each part, in order."""
    text = re.sub(r"(?<=[—;])\s*\n", "\x1f", paragraph.strip())
    text = _GAP.sub("\x1f", text)
    text = _LINE_START.sub("\x1f\\1", _LINE_END.sub("\\1\x1f", text))
    parts: list[tuple[str | None, str]] = []
    waiting: list[str] = []
    for piece in text.split("\x1f"):
        if _NUMBER.match(piece.strip()):
            waiting.append(piece.strip())
        elif mended := mend(piece):
            parts += [(number, "") for number in waiting[:-1]]
            parts.append((waiting[-1] if waiting else None, mended))
            waiting = []
    return parts


def run_on_drafts(parts: list[tuple[str | None, str]], provision: str | None) -> list[BlockDraft]:
    """Drafts of quoted text with numbers, depth and opening words; all have ``provision``."""
    drafts: list[BlockDraft] = []
    ranks: dict[int, BlockDraft] = {}
    romans = ""  # the Roman numeral that stood last, "" outside such a list
    pending: list[str] = []
    for number, text in parts:
        if number is None and _is_heading(text):
            draft = BlockDraft(
                kind=BlockKind.HEADING,
                text=text,
                region=Region.QUOTED,
                level=8,
                provision=provision,
            )
            drafts.append(draft)
            ranks, romans, pending = {}, "", []
            continue
        rank = 2
        if number is not None:
            after_heading = bool(drafts) and drafts[-1].kind is BlockKind.HEADING
            if after_heading and not pending and drafts[-1].number is None and number[0].isdigit():
                drafts[-1].number = number
                if not text:
                    continue
                number = None
                rank = 1
            else:
                rank = _rank(number, romans, ranks)
                romans = number if rank == 4 else romans if rank > 4 else ""
        if number is not None and not text:
            pending.append(f"({number})")
            continue
        lead_in = next((ranks[at] for at in range(rank - 1, 0, -1) if at in ranks), None)
        if lead_in is not None and lead_in.text[-1] in ".;":
            lead_in = None
        last = drafts[-1] if drafts else None
        closing = False
        if number is None and text[:1].islower() and last is not None:
            if last.text.endswith("—"):
                lead_in, rank = last, (last.level or 1) + 1
            elif last.number is None and last.lead_in is not None and not last.closing:
                lead_in, rank = last.lead_in, last.level or 1
            elif ranks:
                rank = min(ranks)
                lead_in, closing = ranks[rank], True
        draft = BlockDraft(
            kind=BlockKind.PROVISION,
            text=text,
            region=Region.QUOTED,
            level=rank,
            number=" ".join([*pending, f"({number})"]) if number else None,
            provision=provision,
            lead_in=lead_in,
            closing=closing,
        )
        pending = []
        drafts.append(draft)
        if number is not None or not text[:1].islower():
            ranks = {at: it for at, it in ranks.items() if at < rank} | {rank: draft}
    return drafts


def _is_heading(text: str) -> bool:
    return text[:1].isupper() and len(text) <= _HEADING_LENGTH and text[-1] not in ".;:,—”"


def _rank(number: str, romans: str, ranks: dict[int, BlockDraft]) -> int:
    """1 section, 2 subsection, 3 paragraph, 4 sub-paragraph, 5 capital letter."""
    if number[0].isdigit():
        return 2
    if number.isupper():
        return 5
    if _ROMAN.match(number) and 3 in ranks:
        value = from_roman(number)
        if (romans and value == from_roman(romans) + 1) or (not romans and value == 1):
            before = (ranks[3].number or "").strip("()")
            return 3 if before == "h" and number == "i" else 4
    return 3
