"""Which department answers for a policy subject on a day, told by the words of a text.

The subjects, their words and all weights are data (``data/remits.toml``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from collabnlp.errors import DataError
from collabnlp.register import Register, Span, Sponsor, load_register

_WORD = re.compile(r"[\w&.]*[\w&]")
_STRENGTHS = ("strong", "usual", "weak")


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of ``[weights]``; `departments` says how they add up."""

    strong: float
    usual: float
    weak: float
    text: float
    heading: float
    higher: float
    title: float
    title_beside_publisher: float
    title_of_law: float
    publisher: float
    publisher_of_duty: float
    central_publisher: float
    central: tuple[str, ...]
    nobody: float
    least: float
    second: float
    second_in_law: float
    surest: float


@dataclass(frozen=True, slots=True)
class Remit:
    """A policy subject: who answers for it when, and its words with their weights."""

    subject: str
    answers: tuple[Sponsor, ...]
    words: Mapping[str, float]
    source: str


class Remits:
    """The subjects, searched for in texts. Raises DataError where a code or line is unknown."""

    def __init__(self, register: Register, weights: Weights, remits: tuple[Remit, ...]) -> None:
        self.register = register
        self.weights = weights
        self.remits = remits
        # First word of a wording → its further words, whether it ends openly, remit and weight.
        self._index: dict[str, list[tuple[tuple[str, ...], Remit, float]]] = {}
        self._open: dict[str, list[tuple[tuple[str, ...], Remit, float]]] = {}
        for remit in remits:
            for answer in remit.answers:
                if (answer.code or answer.line) not in {*register.entries, *register.lines}:
                    raise DataError(f"remits.toml: {remit.subject} names an unknown department.")
            for wording, weight in remit.words.items():
                first, *rest = (stem(word) for word in wording.split())
                index = self._open if not rest and first.endswith("*") else self._index
                key = first[:4] if index is self._open else first
                index.setdefault(key, []).append(((first, *rest), remit, weight))
        for rows in self._index.values():
            rows.sort(key=lambda row: (-len(row[0]), row[0]))

    def scores(self, text: str, day: date | None) -> dict[str, float]:
        """Weight of each department whose subjects the text names; each wording counts once."""
        words = [stem(match.group()) for match in _WORD.finditer(text.lower().replace("’", "'"))]
        scores: dict[str, float] = {}
        seen: set[tuple[str, ...]] = set()
        at = 0
        while at < len(words):
            row = self._longest(words, at)
            if row is None:
                at += 1
                continue
            wording, remit, weight = row
            at += len(wording)
            if wording in seen:
                continue
            seen.add(wording)
            for code in self.codes(remit, day):
                scores[code] = scores.get(code, 0.0) + weight
        return scores

    def codes(self, remit: Remit, day: date | None) -> tuple[str, ...]:
        """Who answers for a subject on a day (by now, without one)."""
        on = day or date.max
        codes: dict[str, None] = {}
        for answer in remit.answers:
            if answer.span.holds(on):
                code = answer.code or self.register.on_line(answer.line or "", on)
                if code is not None:
                    codes[code] = None
        return tuple(codes)

    def _longest(self, words: list[str], at: int) -> tuple[tuple[str, ...], Remit, float] | None:
        word = words[at]
        for row in self._index.get(word, ()):
            if _fits(row[0], words, at):
                return row
        for row in self._open.get(word[:4], ()):
            if word.startswith(row[0][0][:-1]):
                return row
        return None


def stem(word: str) -> str:
    """A word as compared: lower case, without the ending of a plural or a possessive."""
    word = word.lower().removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _fits(wording: tuple[str, ...], words: list[str], at: int) -> bool:
    if at + len(wording) > len(words):
        return False
    return all(
        written.startswith(wanted[:-1]) if wanted.endswith("*") else written == wanted
        for wanted, written in zip(wording, words[at:], strict=False)
    )


@cache
def load_remits() -> Remits:
    """The remits that come with the program."""
    text = files("collabnlp.data").joinpath("remits.toml").read_text(encoding="utf-8")
    try:
        return read_remits(tomllib.loads(text), load_register())
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"remits.toml cannot be read: {error!r}.") from error


def read_remits(table: Mapping[str, Any], register: Register) -> Remits:
    """Remits from a parsed file. Raises DataError."""
    raw = dict(table["weights"])
    weights = Weights(**{**raw, "central": tuple(raw["central"])})
    remits: list[Remit] = []
    taken: dict[str, str] = {}
    for row in table["remit"]:
        words: dict[str, float] = {}
        for strength in _STRENGTHS:
            for wording in row.get(strength, ()):
                if wording in taken:
                    where = f"{taken[wording]} and {row['subject']}"
                    raise DataError(f"remits.toml: {wording!r} stands under {where}.")
                taken[wording] = row["subject"]
                words[wording] = getattr(weights, strength)
        answers = tuple(
            Sponsor(it.get("code"), it.get("line"), Span(it.get("from"), it.get("to")))
            for it in row["answers"]
        )
        remits.append(Remit(row["subject"], answers, words, row["source"]))
    return Remits(register, weights, tuple(remits))
