"""The words that decide what a full stop means, from ``data/abbreviations.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class StopWords:
    """The lists of ``data/abbreviations.toml``."""

    titles: frozenset[str]
    inner: frozenset[str]
    before_number: frozenset[str]
    whole_words: frozenset[str]
    either: frozenset[str]
    companies: frozenset[str]
    name_ends: frozenset[str]
    counties: frozenset[str]
    offices: frozenset[str]
    units: frozenset[str]
    closing: frozenset[str]
    going_on: frozenset[str]
    months: frozenset[str]
    lettered: frozenset[str]
    starters: frozenset[str]
    title_starters: frozenset[str]
    describing: frozenset[str]
    strong_starters: frozenset[str]
    going_on_in_capitals: frozenset[str]
    verbs: frozenset[str]
    saying: frozenset[str]
    prepositions: frozenset[str]
    determiners: frozenset[str]
    numbered_labels: frozenset[str]
    lower_case_starts: tuple[str, ...]
    abbreviations: frozenset[str] = frozenset()


@cache
def stop_words() -> StopWords:
    """The lists, read once; ValueError or TypeError where the file is not as it should be."""
    source = files("collabnlp.segmentation").joinpath("data/abbreviations.toml")
    lists = tomllib.loads(source.read_text(encoding="utf-8"))
    starts = tuple(sorted(lists.pop("lower_case_starts")))
    sets = {name: frozenset(words) for name, words in lists.items()}
    names = ("titles", "inner", "before_number", "either", "name_ends", "units", "closing")
    known = frozenset().union(*(sets[name] for name in names))
    return StopWords(lower_case_starts=starts, abbreviations=known, **sets)
