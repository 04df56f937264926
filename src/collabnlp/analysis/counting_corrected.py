"""A cell's corrected count: the model's errors taken into account, and what people read as known.

A cell of a department, a partner, … gets the part of its level's corrected count that it has of
the level's units found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collabnlp.analysis.counting_figures import combined, wilson
from collabnlp.analysis.counting_reviewed import Rest
from collabnlp.analysis.counting_versions import text_title
from collabnlp.schema import LADDER, Corrected, Figure, Level, TaggedUnit

if TYPE_CHECKING:
    from collabnlp.analysis.counting import CountedDocument
    from collabnlp.analysis.prevalence import Estimate, Integers

LEAST_FOUND = 5
"""Cells of which fewer were found are too small to correct."""


def row_of(one: TaggedUnit) -> tuple[str, str]:
    """What names a commitment: document id and unit id."""
    return one.document.id, one.unit.unit_id


@dataclass(frozen=True)
class Scope:
    """The documents that a cell's denominators are of, and what correction says of them.

    ``found`` counts unread commitments; ``read`` has the units read (document, unit id), and
    ``rest`` what is said of the others where there are such.
    """

    documents: tuple[CountedDocument, ...]
    units: int
    words: int
    view: tuple[TaggedUnit, ...]
    found: Counter[Level]
    estimate: Estimate | None
    why_not: str
    read: frozenset[tuple[str, str]] = frozenset()
    rest: Rest | None = None


def corrected_cell(
    scope: Scope,
    rows: Sequence[TaggedUnit],
    levels: tuple[Level, ...],
    *,
    undivided: bool,
) -> tuple[Corrected | None, str]:
    """A cell's corrected figures, or None and why.

    ``levels`` is its level, or empty for all; ``undivided`` is True where cells have all
    commitments of their documents, or all of a level.
    """
    if scope.rest is not None:
        return _reviewed(scope, scope.rest, rows, levels, undivided=undivided)
    if scope.estimate is None:
        return None, scope.why_not
    if len(rows) < LEAST_FOUND:
        return None, f"too few to correct (under {LEAST_FOUND} found)"
    figures = scope.estimate
    at = LADDER.index(levels[0]) if levels else len(LADDER)
    whole = float(figures.figures[at])
    if whole <= 0:
        return None, "fewer found than false alarms expected"
    # What the level has in all, parted as its units found are.
    here = Counter(one.tag.level for one in rows)
    seen = Counter(one.tag.level for one in scope.view)
    shares = dict(zip(LADDER, (float(it) for it in figures.figures), strict=False))
    value = _parted(here, scope.found, shares)
    all_in_view = _parted(seen, scope.found, shares)
    units = Figure(whole, float(figures.low[at]), float(figures.high[at]))
    found = sum(scope.found[it] for it in levels or LADDER)
    part = wilson(len(rows), found)
    if len(rows) == found:
        part = Figure(1.0, 1.0, 1.0)
    share = combined(value, units, part)
    share = Figure(value, share.low, min(1.0, share.high))
    return Corrected(
        share.times(scope.units),
        share.times(1000),
        _share(value / all_in_view, figures, scope, rows, levels),
    ), ""


def _reviewed(
    scope: Scope,
    rest: Rest,
    rows: Sequence[TaggedUnit],
    levels: tuple[Level, ...],
    *,
    undivided: bool,
) -> tuple[Corrected | None, str]:
    """The cell where people read some units: those are known, the rest is added."""
    unread = [one for one in rows if row_of(one) not in scope.read]
    known = len(rows) - len(unread)
    known_in_view = sum(row_of(one) in scope.read for one in scope.view)
    if len(scope.read) == scope.units:
        share = known / known_in_view if known_in_view else 0.0
        exact = Figure(known, known, known), Figure(share, share, share)
        return _corrected(*exact, scope.units), ""
    if rest.estimate is None:
        return None, rest.why_not
    figures = rest.estimate
    shares = dict(zip(LADDER, map(float, figures.figures), strict=False))
    at = LADDER.index(levels[0]) if levels else len(LADDER)
    more = Figure(*(float(it[at]) for it in (figures.figures, figures.low, figures.high)))
    here = Counter(one.tag.level for one in unread)
    if not undivided or not rest.alone:
        if len(unread) < LEAST_FOUND:
            return None, f"too few to correct (under {LEAST_FOUND} found unread)"
        found = sum(scope.found[it] for it in levels or LADDER)
        part = wilson(len(unread), found)
        if len(unread) == found:
            part = Figure(1.0, 1.0, 1.0)
        value = _parted(here, scope.found, shares)
        more = combined(value, more, part)
        left = scope.units - len(scope.read)
        more = Figure(value, more.low, max(value, min(float(left), more.high)))
    seen = Counter(one.tag.level for one in scope.view if row_of(one) not in scope.read)
    part_seen = _parted(seen, scope.found, shares)
    whole = Figure(*(float(it[len(LADDER)]) for it in (figures.figures, figures.low, figures.high)))
    if not undivided or not rest.alone:
        whole = whole.times(part_seen / whole.value if whole.value else 0.0)
    from collabnlp.analysis.reviewed import level_share

    return _corrected(
        Figure(known + more.value, known + more.low, known + more.high),
        level_share(more, whole, known=(known, known_in_view)),
        scope.units,
    ), ""


def _share(
    value: float,
    figures: Estimate,
    scope: Scope,
    rows: Sequence[TaggedUnit],
    levels: tuple[Level, ...],
) -> Figure:
    """The corrected share of the commitments in view with its interval."""
    raw = wilson(len(rows), len(scope.view))
    if not levels:
        # Levels among the commitments move it little: what is left is chance.
        found = combined(value, raw, Figure(1.0, 1.0, 1.0))
    else:
        at = len(LADDER) + 1 + LADDER.index(levels[0])
        mix = Figure(*(float(it[at]) for it in (figures.figures, figures.low, figures.high)))
        of_level = sum(one.tag.level is levels[0] for one in scope.view)
        part = wilson(len(rows), of_level)
        whole = len(rows) == of_level == scope.found[levels[0]]
        found = combined(value, mix, Figure(1.0, 1.0, 1.0) if whole else part)
    return Figure(min(1.0, value), min(found.low, 1.0), min(1.0, found.high))


def _corrected(count: Figure, share: Figure, units: int) -> Corrected:
    return Corrected(count, count.times(1000 / units), share)


def _parted(
    here: Mapping[Level, int], found: Mapping[Level, int], shares: Mapping[Level, float]
) -> float:
    return sum(shares[it] * here[it] / found[it] for it in LADDER if found[it] and here.get(it, 0))


def columns_of_texts(documents: Sequence[CountedDocument]) -> Integers:
    """Counts of columns (see `prevalence`), a row for every text: its versions err alike."""
    import numpy as np

    from collabnlp.analysis.prevalence import column_counts

    order = [Level.NONE, *LADDER]
    texts: dict[str, list[TaggedUnit]] = {}
    for document in documents:
        texts.setdefault(text_title(document.info.title), []).extend(document.tagged)
    return np.stack(
        [
            column_counts(
                np.array([one.tag.commitment_probability for one in tagged], dtype=np.float64),
                np.array([order.index(one.tag.level) for one in tagged], dtype=np.int64),
            )
            for tagged in texts.values()
        ]
    )
