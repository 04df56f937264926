"""Joining an item to the words that open its list or provision.

Conventions:

* The opening words are the last sentence of the opening block, if it is unfinished: it ends in a
  colon or a dash, or without a stop in a word that needs another ("We will", "including"). An item
  after a finished sentence stands alone.
* Openings chain: an item of an inner list carries the outer opening, the inner opening, then its
  own words.
* In policy text the colon or dash is dropped where the opening needs the item's words to be a
  sentence ("We will:" + "Require …" = "We will require …") and kept where it is whole without them
  ("Two things follow:" + "The plan …" = "Two things follow: the plan …"). The item's first letter
  is lowered unless it begins a name, an acronym or "I".
* In statute both parts stay as printed, the dash included ("The authority must—" + "(a) consult …"
  = "The authority must— consult …"), and so do "; and" and "; or" at the end.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

_DASHES = "—–―-"
_OPENING_END = re.compile(r"[:—–―]\s*\Z|\s-\s*\Z|:\s?-+\s*\Z")
_LAST_WORD = re.compile(r"([A-Za-z]+)[\s:—–―-]*\Z")
_FIRST_WORD = re.compile(r"[“‘\"'(\[]*(?P<word>[^\s,;:.()\[\]“”‘\"]+)")
_FOLLOWING = re.compile(r" ([A-Z][a-z]+)\b")
_INNER_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    source = files("collabnlp.segmentation").joinpath("data/lead_in_words.toml")
    lists = tomllib.loads(source.read_text(encoding="utf-8"))
    return frozenset(lists["open_endings"]), frozenset(lists["common_starts"])


def ends_openly(sentence: str) -> bool:
    """True where a sentence ends in a word that needs another, colon and dash aside."""
    last = _LAST_WORD.search(sentence)
    return last is not None and last.group(1).lower() in _words()[0]


def opens_list(sentence: str) -> bool:
    """True where a sentence opens a list: a colon or dash at its end, or an unfinished phrase."""
    return bool(_OPENING_END.search(sentence)) or ends_openly(sentence)


def opens_provision(sentence: str) -> bool:
    """True where a provision's opening words are unfinished: no stop ends them."""
    return sentence.rstrip(" ”’\"')]")[-1:] not in (".", "?", "!", ";")


def without_mark(sentence: str) -> str:
    """A policy opening as joined: the mark is dropped where the words are open, else kept."""
    return sentence.rstrip(" :" + _DASHES) if ends_openly(sentence) else sentence


EVIDENCE = 150_000


@dataclass(slots=True)
class Casing:
    """Tells names from ordinary words by how a document writes them within sentences.

    The first `EVIDENCE` characters show a document's habits; reading all of a long one would take
    as long as cutting it up.
    """

    text: str = field(repr=False)
    _capitals: Counter[str] | None = None
    _names: dict[str, bool] = field(default_factory=dict)

    def lowered(self, item: str) -> str:
        """``item`` with its first letter lowered, unless it begins a name, an acronym or "I"."""
        first = _FIRST_WORD.match(item)
        if first is None:
            return item
        word, at = first["word"], first.start("word")
        if not word[0].isupper() or self._is_name(word, item[first.end() :]):
            return item
        return item[:at] + item[at].lower() + item[at + 1 :]

    def _is_name(self, word: str, rest: str) -> bool:
        plain = re.sub(r"[’'].*", "", word)
        if plain.lower() in _words()[1]:
            return False
        if plain == "I" or any(it.isupper() or it.isdigit() for it in plain[1:]) or len(plain) == 1:
            return True
        if self._capitals is None:
            self._capitals = Counter(_INNER_CAPITAL.findall(self.text))
        capitals = self._capitals[plain]
        follow = _FOLLOWING.match(rest)
        if follow and self.text.count(f"{plain} {follow[1]}") > 1:
            return f" {plain.lower()} {follow[1]}" not in self.text  # "Traffic Management Act"
        if capitals:
            if plain not in self._names:
                self._names[plain] = capitals > self.text.count(f" {plain.lower()} ")
            return self._names[plain]
        return rest[1:2].isupper() and f" {plain.lower()} " not in self.text
