"""A comparison as one self-contained page: both versions side by side, changes marked word by word.

All text of documents is escaped by the template; styles and the script stand in the page, which
asks the network for nothing (its Content-Security-Policy forbids it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from collabnlp.data.palette import palette
from collabnlp.reporting.comparison_table import (
    counts_line,
    kinds_note,
    place_of_side,
    text_of_side,
    what_happened,
)
from collabnlp.schema import Change, ChangeKind, CommitmentChange, ComparedUnit, Comparison, Level

# (old text, new text) -> pieces with what happened to each: "equal", "delete", "insert"
Differ = Callable[[str, str], Sequence[tuple[str, str]]]

_TEMPLATES = files("collabnlp.reporting") / "templates"
# What the filters offer, in order; a passage has every word of its `_marks`.
_CLOSING = tuple(".,;:!?)")
_SHIFTS = ("strengthened", "weakened", "gained", "dropped")


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a passage: its place, chapter, level and pieces of text to be marked."""

    place: str
    headings: str
    level: str
    label: str
    departments: tuple[str, ...]
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    number: int
    step: int
    marks: tuple[str, ...]
    changed: bool
    told: str
    old: _Side | None
    new: _Side | None
    old_level: str
    new_level: str


def comparison_page(comparison: Comparison, differ: Differ) -> str:
    """The page's HTML; ``differ`` marks what changed inside a passage (`analysis.word_diff`).
    Equal comparisons give equal pages."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    swatches = palette()
    passages = list(_passages(comparison, differ))
    summary = comparison.summary()
    return environment.from_string(_text("comparison.html")).render(
        documents=comparison.documents,
        model=comparison.model,
        counts=counts_line(comparison),
        note=kinds_note(comparison),
        kinds=[str(kind) for kind in ChangeKind],
        shifts=_SHIFTS,
        tallies={**summary["kinds"], **summary["shifts"]},
        levels=[(str(level), swatches[level]) for level in Level],
        matrix=summary["matrix"],
        passages=passages,
        changed=sum(one.changed for one in passages),
        life_lines=[
            {
                "stages": [
                    (str(stage.level) if stage.units else "", bool(stage.units))
                    for stage in line.stages
                ],
                "text": text_of_side(_last_commitment(line.stages)),
                "places": [
                    place_of_side(stage.units) if stage.units else "–" for stage in line.stages
                ],
            }
            for line in comparison.life_lines
        ],
        style=_text("comparison.css"),
        script=_text("comparison.js"),
    )


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _last_commitment(stages: Sequence[Any]) -> tuple[ComparedUnit, ...]:
    units: tuple[ComparedUnit, ...] = [
        stage.units for stage in stages if stage.level is not Level.NONE
    ][-1]
    return units


def _passages(comparison: Comparison, differ: Differ) -> Iterator[_Passage]:
    for number, change in enumerate(comparison, start=1):
        old, new = _sides(change, differ)
        marks = [str(kind) for kind in change.kinds]
        if change.commitment_change is not CommitmentChange.NONE:
            marks.append("commitment")
        if change.shift:
            marks.append(change.shift)
        yield _Passage(
            number=number,
            step=change.step or 1,
            marks=tuple(marks),
            changed=change.kinds != (ChangeKind.KEPT,) or bool(change.shift),
            told=what_happened(change),
            old=old,
            new=new,
            old_level=str(change.old_level),
            new_level=str(change.new_level),
        )


def _sides(change: Change, differ: Differ) -> tuple[_Side | None, _Side | None]:
    before = text_of_side(change.old) if change.old else ""
    after = text_of_side(change.new) if change.new else ""
    if before and after and ChangeKind.KEPT not in change.kinds:
        pieces = differ(before, after)
        olds = _closed_up([(what, text) for what, text in pieces if what != "insert"])
        news = tuple((what, text) for what, text in pieces if what != "delete")
    else:
        olds, news = (("equal", before),), (("equal", after),)
    return _side(change.old, change.old_level, olds), _side(change.new, change.new_level, news)


def _closed_up(pieces: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Without the blanks that the newer text has before words that are not in the older one."""
    nexts = [text[:1] for _, text in pieces[1:]] + [""]
    return tuple(
        (what, text.rstrip() if after in _CLOSING else text)
        for (what, text), after in zip(pieces, nexts, strict=True)
    )


def _side(
    units: Sequence[ComparedUnit], level: Level, pieces: tuple[tuple[str, str], ...]
) -> _Side | None:
    if not units:
        return None
    departments = {tag.code for one in units for tag in one.departments}
    return _Side(
        place=place_of_side(units),
        headings=" › ".join(units[0].unit.headings),
        level=str(level),
        label=palette()[level].label,
        departments=tuple(sorted(departments)) if level is not Level.NONE else (),
        pieces=pieces,
    )
