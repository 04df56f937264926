"""The aligner's weights: their file, and which of its two sets a pair of versions gets."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from collabnlp.analysis.alignment_context import NEIGHBOUR_EVIDENCE
from collabnlp.analysis.alignment_evidence import WORD_EVIDENCE, Side, kept_share
from collabnlp.analysis.alignment_groups import GROUP_EVIDENCE
from collabnlp.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The aligner's figures, from ``data/alignment.toml``, for one kind of versions.

    alone, placed, left, grown  weights of logistic models: of pairs without and with the links near
                   them, of what both leave over, and of units that join a link beside them; a
                   constant, then one a column of evidence
    draft, in_place, moved, left_over, join  least probabilities: of the first chain, of the last,
                   of pairs beside it, of what is left over, of a unit that joins a link
    common         least cosine of telling words, of the units' own or of all, for any pair
    """

    alone: tuple[float, ...]
    placed: tuple[float, ...]
    left: tuple[float, ...]
    grown: tuple[float, ...]
    draft: float
    in_place: float
    moved: float
    left_over: float
    join: float
    common: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Weights for a text that was amended, and for one that was written anew.

    rewritten_below  a version that keeps a smaller share of the shorter one's units word for word
                     counts as written anew
    """

    amended: Weights
    rewritten: Weights
    rewritten_below: float

    def of(self, old: Side, new: Side) -> Weights:
        """Those for this pair of versions."""
        share = kept_share(old, new)
        return self.rewritten if share < self.rewritten_below else self.amended


@cache
def shipped_weights() -> Kinds:
    """The weights that come with the program. Raises DataError where their file is damaged."""
    path = files("collabnlp.analysis") / "data" / "alignment.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    try:
        return Kinds(
            amended=_weights(table["amended"]),
            rewritten=_weights(table["rewritten"]),
            rewritten_below=float(table["rewritten_below"]),
        )
    except (KeyError, TypeError, ValueError) as wrong:
        raise DataError(f"alignment.toml: {wrong!r}.") from wrong


def _weights(table: dict[str, Any]) -> Weights:
    names = ("draft", "in_place", "moved", "left_over", "join", "common")
    return Weights(
        alone=_column(table["alone"], WORD_EVIDENCE),
        placed=_column(table["placed"], WORD_EVIDENCE + NEIGHBOUR_EVIDENCE),
        left=_column(table["left"], WORD_EVIDENCE + NEIGHBOUR_EVIDENCE),
        grown=_column(table["grown"], GROUP_EVIDENCE),
        **{name: float(table["thresholds"][name]) for name in names},
    )


def _column(table: dict[str, float], names: Sequence[str]) -> tuple[float, ...]:
    if set(table) != {"constant", *names}:
        raise ValueError(f"weights for {sorted(table)}, wanted {sorted(names)}")
    return tuple(float(table[name]) for name in ("constant", *names))
