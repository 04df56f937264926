"""What is promised by whom to whom: each auxiliary's subject, its verb and who comes after it.

``will|support``, ``government|will>subnational``: the frames of the codebook's section 3 (who
acts, which verb, towards whom), found by words alone, for every auxiliary of a unit and for units
that open with their verb.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from collabnlp.tagging.cues import CueBook

_BOUNDS = frozenset(".;:?!")
_MARKS = frozenset('.,;:?!—–()"“”')
_SUBJECT_REACH = 8  # words before an auxiliary in which its subject is looked for
_AGENT_REACH = 5  # words from "by" in which the agent is looked for
_OBJECT_REACH = 10  # words after a verb in which the other side is looked for
_ENDINGS = (
    *(("ations", ""), ("ation", ""), ("ies", "y"), ("ings", ""), ("ing", ""), ("ed", "")),
    *(("es", ""), ("s", ""), ("e", "")),
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its ending, so that forms of a verb fall together ("agreeing": "agre")."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + instead
    return word


class PredicateReader:
    """Finds predicates; holds the word classes of the cue file.

    tenses   auxiliary -> tense
    classes  word -> class of partner, ``<we>`` or ``<plan>``
    """

    def __init__(
        self, cues: CueBook, tenses: Mapping[str, str], classes: Mapping[str, str]
    ) -> None:
        self._tenses = tenses
        self._skipped = cues.words("predicate_skipped")
        self._base, self._ing = cues.forms("b"), cues.forms("g")
        subjects = {word: label for word, label in classes.items() if label != "<we>"}
        subjects |= dict.fromkeys(cues.words("pointing"), "pointing")
        subjects |= dict.fromkeys(cues.words("reporting"), "report")
        subjects |= {word: "government" for word, label in classes.items() if label == "<we>"}
        self._subjects = subjects
        self._objects = dict.fromkeys(cues.words("partner"), "<open>")
        self._objects |= {
            word: label for word, label in classes.items() if label not in {"<we>", "<plan>"}
        }

    def read(self, words: Sequence[str]) -> Iterator[str]:
        """The flags of one unit, from its words and marks."""
        where = "main"
        for at, word in enumerate(words):
            tense = self._tenses.get(word)
            if tense is None:
                continue
            verb = at + 1
            while verb < len(words) and words[verb] in self._skipped:
                verb += 1
            if verb >= len(words) or words[verb] in _MARKS:
                continue
            doer, done = self._subject(words, at), stem(words[verb])
            other = self._object(words, verb + 1)
            flags = (
                *(f"{done}|{tense}", f"{doer}|{tense}", f"{done}>{other}"),
                *(f"{doer}|{tense}>{other}", f"{doer}|{done}"),
            )
            for flag in flags:
                yield f"any={flag}"
                if where == "main":
                    yield f"main={flag}"
            where = "later"
        yield from self._opening(words)
        yield from self._agents(words)

    def _agents(self, words: Sequence[str]) -> Iterator[str]:
        """Who does what is said in the passive ("appointed by the mayors")."""
        for at in range(1, len(words)):
            if words[at] != "by" or not words[at - 1].endswith(("ed", "en", "ade", "et")):
                continue
            agent = next(
                (
                    self._subjects[word]
                    for word in words[at + 1 : at + _AGENT_REACH]
                    if word in self._subjects
                ),
                "other",
            )
            yield f"agent={agent}"
            yield f"agent={stem(words[at - 1])}|{agent}"

    def _opening(self, words: Sequence[str]) -> Iterator[str]:
        """A unit that begins with its verb ("Work with …", "Supporting …")."""
        at = next((at for at, word in enumerate(words) if word not in _MARKS), None)
        if at is None or words[at] not in self._base | self._ing:
            return
        form = "base" if words[at] in self._base else "ing"
        other, verb = self._object(words, at + 1), stem(words[at])
        yield from (f"open={form}>{other}", f"open={verb}>{other}", f"open={verb}")

    def _subject(self, words: Sequence[str], at: int) -> str:
        for before in range(at - 1, max(0, at - _SUBJECT_REACH) - 1, -1):
            word = words[before]
            if word in _BOUNDS:
                break
            if word in self._subjects:
                return self._subjects[word]
        return "other"

    def _object(self, words: Sequence[str], start: int) -> str:
        for word in words[start : start + _OBJECT_REACH]:
            if word in _BOUNDS:
                break
            if word in self._objects:
                return self._objects[word]
        return "nobody"
