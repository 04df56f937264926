"""Commitments, changes and life lines as the rows of the page's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from collabnlp.data.palette import palette
from collabnlp.identifiers import folded
from collabnlp.register import load_register
from collabnlp.reporting.page_parts import Commitment, Report, SourceFile
from collabnlp.schema import (
    LADDER,
    Change,
    ComparedUnit,
    Level,
    LifeLine,
    TaggedUnit,
    Unit,
)

Pieces = list[tuple[str, Any]]
Differ = Callable[[str, str], Iterable[tuple[str, str]]]
"""Pieces of an old and a new text in order, each "equal", "delete" or "insert"."""
# Below this, a level's probability is no news.
_LEAST_SHARE = 0.01
_EXAMPLES_A_LEVEL = 2
_EXAMPLE_LENGTHS = range(50, 420)


def readable(value: str) -> str:
    """A value of the schema in words: "civil_society" is "civil society"."""
    return value.replace("_", " ")


def place_of(unit: Unit) -> str:
    """Where a unit stands: "p. 19 (17)", "12(3)(a)"; "" where the document has neither."""
    if unit.provision:
        return unit.provision
    if unit.page is None:
        return ""
    return f"p. {unit.page}" + (f" ({unit.page_label})" if unit.page_label else "")


def link_to(unit: Unit, source: SourceFile | None) -> str | None:
    """The address of a unit's page in its file: PDFs alone have pages that a browser opens."""
    if source is None or source.link is None or source.format != "pdf" or unit.page is None:
        return None
    return f"{source.link}#page={unit.page}"


def department_name(code: str) -> str:
    """A department's full name, or its code where the register lacks it."""
    register = load_register()
    return register[code].title if code in register else code


def pieces(one: TaggedUnit) -> Pieces:
    """A commitment's text in pieces, each with whether it is a cue."""
    text, marks = one.unit.text, []
    for cue in one.tag.cues:
        for segment in one.unit.segments:
            start, end = max(cue.start, segment.start), min(cue.end, segment.end)
            if start < end:
                shift = segment.text_start - segment.start
                marks.append((start + shift, end + shift))
    found: Pieces = []
    at = 0
    for start, end in sorted(marks):
        if start < at:
            continue
        found += [(text[at:start], False), (text[start:end], True)]
        at = end
    found.append((text[at:], False))
    return [piece for piece in found if piece[0]]


def commitment_row(
    number: int,
    commitment: Commitment,
    sources: Mapping[str, SourceFile],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """One commitment, as the page's table shows it; ``number`` is its place, from 1."""
    one = commitment.tagged
    unit, tag = one.unit, one.tag
    ranked = sorted(zip(tag.level_probabilities, LADDER, strict=True), reverse=True)
    names = dict.fromkeys(mention.name for mention in tag.partner_mentions)
    return {
        "anchor": f"c{number}",
        "id": unit.unit_id,
        "level": str(tag.level),
        "rung": LADDER.index(tag.level),
        "title": titles.get(one.document.id, one.document.title),
        "pieces": pieces(one),
        "path": " › ".join(unit.headings[-2:]),
        "place": place_of(unit),
        "link": link_to(unit, sources.get(one.document.id)),
        "departments": [
            (it.code, department_name(it.code), str(it.basis)) for it in tag.departments
        ],
        "partners": ", ".join(readable(partner) for partner in tag.partners),
        "mentions": "; ".join(names),
        "tier": readable(tag.actor_tier),
        "force": readable(tag.force),
        "p": f"{tag.commitment_probability:.4f}",
        "percent": f"{tag.commitment_probability:.0%}",
        "shares": [
            (str(level), f"{share:.0%}") for share, level in ranked if share >= _LEAST_SHARE
        ],
        "review": tag.needs_review,
    }


def examples(report: Report) -> list[int]:
    """Indexes of the commitments to show beside the pyramid: of each level, highest first, the
    most probable ones, of different documents where there are several."""
    inside = any(one.pyramid for one in report.commitments)
    chosen = []
    for level in reversed(LADDER):
        fitting = [
            (index, one)
            for index, one in enumerate(report.commitments)
            if one.tagged.tag.level is level
            and (one.pyramid or not inside)
            and len(one.tagged.unit.text) in _EXAMPLE_LENGTHS
        ]
        fitting.sort(key=lambda it: (-_sureness(it[1].tagged, level), it[0]))
        documents: set[str] = set()
        texts: set[str] = set()
        best: list[int] = []
        for again in (False, True):
            for index, one in fitting:
                fresh = one.tagged.document.id not in documents
                text = folded(one.tagged.unit.text)
                if len(best) < _EXAMPLES_A_LEVEL and (fresh or again) and text not in texts:
                    best.append(index)
                    texts.add(text)
                    documents.add(one.tagged.document.id)
        chosen += best
    return chosen


def _sureness(one: TaggedUnit, level: Level) -> float:
    share = one.tag.level_probabilities[LADDER.index(level)]
    return one.tag.commitment_probability * share


def change_row(
    number: int,
    change: Change,
    sources: Sequence[SourceFile | None],
    differ: Differ,
    *,
    chain: bool,
) -> dict[str, Any]:
    """One change, with its word changes where each side has one unit; ``sources`` are those of
    the versions in order."""
    step = change.step or 1
    old_pieces: list[Pieces] = [[("equal", one.unit.text)] for one in change.old]
    new_pieces: list[Pieces] = [[("equal", one.unit.text)] for one in change.new]
    if len(change.old) == len(change.new) == 1:
        redline = list(differ(change.old[0].unit.text, change.new[0].unit.text))
        old_pieces = [[piece for piece in redline if piece[0] != "insert"]]
        new_pieces = [[piece for piece in redline if piece[0] != "delete"]]
    departments = []
    if change.department_change is not None:
        departments = [f"+{code}" for code in change.department_change.added]
        departments += [f"−{code}" for code in change.department_change.removed]
    return {
        "anchor": f"d{number}",
        "shift": change.shift,
        "kinds": ", ".join(str(kind) for kind in change.kinds),
        "step": step if chain else None,
        "departments": " ".join(departments),
        "old": _side(change.old, old_pieces, sources[step - 1]),
        "new": _side(change.new, new_pieces, sources[step]),
    }


def _side(
    units: Sequence[ComparedUnit], texts: Sequence[Pieces], source: SourceFile | None
) -> list[dict[str, Any]]:
    return [
        {
            "level": str(one.level),
            "place": place_of(one.unit),
            "link": link_to(one.unit, source),
            "pieces": written,
        }
        for one, written in zip(units, texts, strict=True)
    ]


def line_row(number: int, line: LifeLine, sources: Sequence[SourceFile | None]) -> dict[str, Any]:
    """One commitment's life line: a stage a version, and its latest words."""
    latest = next(stage for stage in reversed(line.stages) if stage.units)
    return {
        "anchor": f"l{number}",
        "text": " ".join(one.unit.text for one in latest.units),
        "stages": [
            {
                "present": bool(stage.units),
                "level": str(stage.level),
                "place": place_of(stage.units[0].unit) if stage.units else "",
                "link": link_to(stage.units[0].unit, source) if stage.units else None,
            }
            for stage, source in zip(line.stages, sources, strict=True)
        ],
    }


def label_of(level: Level | str) -> str:
    """A level's name for people."""
    return palette()[Level(level)].label
