"""Phrases of word lists found in a text, whatever their case.

The lists are read into a tree of words, so that a text is gone through once however long the lists
are; nothing needs to be loaded before the first text (a PhraseMatcher would cost half a second).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from collabnlp.tagging.word_lists import plural

# As in `mentions`: letters and digits stay together, every other sign is a word of its own.
_WORDS = re.compile(r"[^\W_]+|[^\w\s]|_")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "‑": "-", "–": "-", "\u00a0": " "})
_END = ""  # key of a tree's node at which a phrase ends; no word is empty


class Phrases:
    """Lists of phrases under a key each. A phrase in two lists belongs to the first."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._tree: dict[str, Any] = {}
        for key, phrases in lists.items():
            for phrase in phrases:
                node = self._tree
                for word in _WORDS.findall(phrase.translate(_PLAIN).lower()):
                    node = node.setdefault(word, {})
                node.setdefault(_END, key)

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """(start, end, key) in text order; of phrases that overlap only the longest, the earlier
        of two that are equally long."""
        matches = list(_WORDS.finditer(text.translate(_PLAIN).lower()))
        words = [match.group() for match in matches]
        found: list[tuple[int, int, str]] = []
        for first in range(len(words)):
            node, at = self._tree, first
            while at < len(words) and words[at] in node:
                node = node[words[at]]
                at += 1
                if _END in node:
                    found.append((first, at, node[_END]))
        taken = bytearray(len(words))
        kept: list[tuple[int, int, str]] = []
        for start, end, key in sorted(found, key=lambda it: (it[0] - it[1], it[0])):
            if not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                kept.append((matches[start].start(), matches[end - 1].end(), key))
        return sorted(kept)


def phrases_of(table: Mapping[str, Any]) -> list[str]:
    """A table's phrases: its nouns, their plurals, and its exact wordings."""
    nouns = table.get("nouns", ())
    return [*nouns, *(plural(noun) for noun in nouns), *table.get("exact", ())]
