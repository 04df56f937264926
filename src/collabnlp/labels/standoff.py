"""Makes stand-off records of what was read, whichever way the units were cut when it was."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from collabnlp.errors import DataError
from collabnlp.identifiers import folded, folded_hash, occurrences
from collabnlp.labels.exchange import ReadingRow
from collabnlp.labels.matching import Matched, match_readings
from collabnlp.schema import LADDER, Annotation, Block, Judgement, Level, Match, Role, Unit

# A none holds for a unit if so much of the unit's own words was read.
_READ_ENOUGH = 0.75
_LEADS_ADDED = "read without its lead-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where readings come from: what every record of them says."""

    document: str
    sha256: str
    reader: str
    role: Role
    date: str
    codebook: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A reading that no unit could be found for, and why; ``level`` tells commitments."""

    document: str
    source: str
    level: Level
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of one document's readings.

    matched  how each reading was matched, in their order; None where it was not
    """

    annotations: tuple[Annotation, ...]
    unmatched: tuple[Unmatched, ...]
    matched: tuple[Match | None, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class _Claim:
    """One reading's say on one unit."""

    row: ReadingRow
    how: Match
    share: float


def bring_home(
    rows: Sequence[ReadingRow], units: Sequence[Unit], blocks: Sequence[Block], origin: Origin
) -> Imported:
    """Match one document's readings to its units and make their records.

    Where a reading of a commitment covers several units, the unit that carries the words of the
    relationship gets it, and the others get nothing. Where several readings fall on one unit, a
    commitment wins over ``none`` and the higher level over the lower; the record notes it.
    ``blocks`` serve to say why a reading found no unit.
    """
    by_reading = {it.reading: it for it in match_readings([row.text for row in rows], units)}
    claims: dict[int, list[_Claim]] = defaultdict(list)
    unmatched = []
    for index, row in enumerate(rows):
        match = by_reading.get(index)
        if match is None:
            reason = _why_not(row.text, blocks)
            unmatched.append(Unmatched(origin.document, row.id, row.judgement.level, reason))
            continue
        for unit, share in _carriers(row, match, units):
            claims[unit].append(_Claim(row, match.how, share))
    keys = list(occurrences(unit.text for unit in units))
    annotations = []
    for at, found in sorted(claims.items()):
        record = _record(found, units[at], keys[at], origin)
        if record is not None:
            annotations.append(record)
    hows = tuple(
        by_reading[index].how if index in by_reading else None for index in range(len(rows))
    )
    return Imported(
        annotations=tuple(annotations),
        unmatched=tuple(unmatched),
        matched=hows,
        levels=tuple(row.judgement.level for row in rows),
    )


def _carriers(
    row: ReadingRow, match: Matched, units: Sequence[Unit]
) -> Iterable[tuple[int, float]]:
    pairs = list(zip(match.units, match.shares, strict=True))
    if row.judgement.level is Level.NONE or len(pairs) == 1:
        return pairs
    return [
        max(
            pairs,
            key=lambda it: (relationship_words(units[it[0]].own_text), len(units[it[0]].own_text)),
        )
    ]


def _record(
    claims: Sequence[_Claim], unit: Unit, key: tuple[str, int], origin: Origin
) -> Annotation | None:
    commitments = [it for it in claims if it.row.judgement.level is not Level.NONE]
    order = list(Match)
    notes: list[str] = []
    if commitments:
        best = max(
            commitments,
            key=lambda it: (
                LADDER.index(it.row.judgement.level),
                -order.index(it.how),
                it.row.id,
            ),
        )
        judgement = best.row.judgement
        others = sorted(it.row.id for it in commitments if it is not best)
        nones = sorted(it.row.id for it in claims if it not in commitments)
        if others:
            notes.append("a lower level stood on " + ", ".join(others))
        if nones:
            notes.append("a none stood on " + ", ".join(nones))
        how, sure = best.how, best.row.sure
        sure = sure and how not in (Match.OVERLAP, Match.JOINED)
    else:
        if sum(it.share for it in claims) < _READ_ENOUGH:
            return None
        judgement = Judgement(level=Level.NONE)
        how = min((it.how for it in claims), key=order.index)
        sure = all(it.row.sure for it in claims)
    if how is Match.OWN and unit.lead_in and relationship_words(unit.lead_in) > 0:
        # The words that were not read may well state the relationship.
        sure = False
        notes.append(_LEADS_ADDED)
    notes += sorted({it.row.note for it in claims if it.row.note})
    return Annotation(
        document=origin.document,
        sha256=origin.sha256,
        unit_hash=key[0],
        occurrence=key[1],
        folded=folded_hash(unit.text),
        judgement=judgement,
        reader=origin.reader,
        role=origin.role,
        date=origin.date,
        codebook=origin.codebook,
        sure=sure,
        match=how,
        sources=tuple(sorted(it.row.id for it in claims)),
        note="; ".join(notes),
    )


def relationship_words(text: str) -> int:
    """How many words of a text state a relationship (stems of ``relationship_words.toml``)."""
    return len(_relationship_pattern().findall(text))


@cache
def _relationship_pattern() -> re.Pattern[str]:
    path = files("collabnlp.labels") / "data" / "relationship_words.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    stems = table.get("stems")
    if not isinstance(stems, list) or not all(isinstance(stem, str) and stem for stem in stems):
        raise DataError("relationship_words.toml has no list of stems.")
    return re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(stems))) + ")", re.IGNORECASE)


def _why_not(text: str, blocks: Sequence[Block]) -> str:
    """One sentence on why a reading has no unit: what its words were read as, if they are there."""
    wanted = folded(text)
    if len(wanted) < 3:
        return "no words"
    for block in blocks:
        there = folded(block.text)
        if wanted == there or (len(wanted) >= 20 and wanted in there):
            return f"its words stand in a {str(block.kind).replace('_', ' ')}"
    for block in blocks:
        there = folded(block.text)
        if len(there) >= 20 and there in wanted:
            return f"a part of it stands in a {str(block.kind).replace('_', ' ')}"
    return "its words are not in the text as extracted"
