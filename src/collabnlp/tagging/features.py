"""What the level model sees of a unit: its word runs, its cues with their setting, and its place.

Training and run time call the same functions, so a model's features mean the same in both.
``PROTOCOL`` changes whenever a feature's meaning does; a model of another protocol is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from collabnlp.schema import LADDER, BlockKind, Document, Region, Unit
from collabnlp.tagging.cues import CueBook, CueType, Hit, Tokens, tokenise
from collabnlp.tagging.predicates import PredicateReader

PROTOCOL = 2

_MARKS = frozenset('.,;:?!—–()"“”')
_HEADING_WORD = re.compile(r"[^\W\d_]+")
_BOUNDS = frozenset(".;:?!")
_STATUTORY = frozenset(
    {"act", "bill", "order", "regulations", "statutory instrument", "amendment", "measure"}
)
_SIZES = (4, 8, 15, 30, 60)  # words
_DEFINES = frozenset({"mean", "means", "includes", "refers"})
_DEFINED_BY = 16  # words within which a definition says that it is one
_REACH = 16  # words before a cue in which its auxiliary is looked for
_AFTER = 12  # words after a cue in which its partner is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """The part of a unit and its surroundings that the model reads.

    headings  path, outermost first
    kind      kind of document, lower case ("white paper", "bill"); "" where unknown
    previous, following  texts of the neighbours, "" at the ends
    """

    text: str
    headings: tuple[str, ...] = ()
    kind: str = ""
    block: BlockKind = BlockKind.PARAGRAPH
    region: Region = Region.BODY
    previous: str = ""
    following: str = ""

    @property
    def statutory(self) -> bool:
        return self.kind in _STATUTORY


def views_of(document: Document, units: Sequence[Unit]) -> list[UnitView]:
    """The views of a document's units, in their order."""
    kind = (document.info.kind or "").lower()
    texts = ["", *(unit.text for unit in units), ""]
    return [
        UnitView(
            text=unit.text,
            headings=unit.headings,
            kind=kind,
            block=unit.kind,
            region=unit.region,
            previous=texts[index],
            following=texts[index + 2],
        )
        for index, unit in enumerate(units)
    ]


@dataclass(frozen=True, slots=True)
class CueFound:
    """A cue in its setting.

    tense    "will", "must", "may", "should", "present", "perfect", "past", "bare", "ing", "plain"
    hedged   stands under a verb that only looks at a possibility
    negated  stands under a negation
    partner  somebody is named within the words that follow, or just before
    """

    cue: CueType
    hit: Hit
    tense: str
    hedged: bool
    negated: bool
    partner: bool

    @property
    def counts(self) -> bool:
        """Forward-looking or binding, and neither hedged nor negated (cue rules alone)."""
        return not (self.hedged or self.negated) and self.tense not in {"past", "perfect", "plain"}


@dataclass(frozen=True, slots=True)
class UnitFeatures:
    """``runs``: word runs, repeated as often as they occur. ``flags``: features that hold."""

    tokens: Tokens
    found: tuple[CueFound, ...]
    runs: tuple[str, ...]
    flags: tuple[str, ...]


class FeatureReader:
    """Turns views into features; holds the word classes of the cue file."""

    def __init__(self, cues: CueBook) -> None:
        self.cues = cues
        words = cues.words
        self._partner, self._we = words("partner"), words("we")
        self._negative, self._relative = words("negative"), words("relative")
        self._base, self._ing = cues.forms("b"), cues.forms("g")
        self._past = cues.forms("p")
        tenses = {
            "will": words("future"),
            "must": words("bound") | words("requiring"),
            "may": frozenset({"may", "can", "could", "might", "would"}),
            "should": frozenset({"should"}),
            "perfect": words("perfect_aux"),
            "past": words("past_aux"),
            "present": words("present_aux"),
        }
        self._tense = {word: name for name, group in tenses.items() for word in group}
        classes = {
            "<we>": "we",
            "<local>": "subnational",
            "<devolved>": "devolved",
            "<body>": "public_body",
            "<business>": "business",
            "<civil>": "civil",
            "<abroad>": "international",
            "<plan>": "plan",
        }
        self._class: dict[str, str] = {}
        for label, name in classes.items():
            for word in words(name):
                self._class.setdefault(word, label)
        self._predicates = PredicateReader(cues, self._tense, self._class)

    def read(self, views: Sequence[UnitView]) -> list[UnitFeatures]:
        """The features of each view."""
        known: dict[str, Tokens] = {}

        def tokens_of(text: str) -> Tokens:
            # A neighbour is a unit of its own, and a heading stands above many.
            tokens = known.get(text)
            if tokens is None:
                tokens = known[text] = tokenise(text)
            return tokens

        return [
            self._read(
                view,
                tokens_of(view.text),
                tokens_of(view.previous).words,
                tokens_of(view.following).words,
            )
            for view in views
        ]

    def _read(
        self, view: UnitView, tokens: Tokens, previous: Sequence[str], following: Sequence[str]
    ) -> UnitFeatures:
        words = tokens.words
        hits = self.cues.scan(words)
        found = tuple(self._settings(words, hits))
        plain = [word for word in words if word not in _MARKS]
        flags = {*self._flags(view, words, found), *self._frame(view, words, plain)}
        flags.update(self._place(view, previous, following))
        flags.update(self._predicates.read(words))
        return UnitFeatures(tokens, found, tuple(_runs(plain)), tuple(sorted(flags)))

    def _settings(self, words: Sequence[str], hits: Sequence[Hit]) -> Iterator[CueFound]:
        cues = self.cues.cues
        hedges = [hit for hit in hits if cues[hit.cue].kind == "hedge"]
        for hit in hits:
            cue = cues[hit.cue]
            bound = hit.start
            while bound > 0 and words[bound - 1] not in _BOUNDS:
                bound -= 1
            hedged = cue.kind == "phrase" and any(
                bound <= hedge.start < hit.start and hit.start - hedge.start <= 14
                for hedge in hedges
            )
            before = words[max(bound, hit.start - 4) : hit.start]
            after = words[hit.start : hit.end + _AFTER]
            yield CueFound(
                cue,
                hit,
                self._tense_of(words, hit, bound),
                hedged,
                any(word in self._negative for word in before),
                any(word in self._partner for word in after),
            )

    def _tense_of(self, words: Sequence[str], hit: Hit, bound: int) -> str:
        """By the auxiliary in the cue, else the nearest before it, else by how the clause opens."""
        inside = range(hit.start, min(hit.end, hit.start + 3))
        before = range(hit.start - 1, max(bound, hit.start - _REACH) - 1, -1)
        for at in (*inside, *before):
            tense = self._tense.get(words[at])
            if tense is None or (tense == "present" and words[at] in {"be", "been", "being"}):
                continue
            if tense == "perfect" and not self._perfect(words, at):
                continue
            return tense
        first = words[hit.start]
        opening = next((word for word in words[bound : hit.start + 1] if word not in _MARKS), first)
        if opening in self._base:
            return "bare"
        if opening in self._ing:
            return "ing"
        return "past" if first in self._past and first not in self._base else "plain"

    def _perfect(self, words: Sequence[str], at: int) -> bool:
        """True where "have" is an auxiliary ("have worked"), not a verb ("have regard to")."""
        after = words[at + 1 : at + 4]
        return any(word == "been" or word in self._past for word in after)

    def _flags(
        self, view: UnitView, words: Sequence[str], found: Sequence[CueFound]
    ) -> Iterator[str]:
        kind = "law" if view.statutory else "policy"
        # Where a list's item begins: what its opening words say is said of every item.
        item = max((at for at, word in enumerate(words[:-1]) if word in "—:"), default=-1)
        strongest = -1
        for one in found:
            name = one.cue.name
            yield f"cue={name}"
            if one.cue.kind in {"frame", "context"}:
                yield f"cue={name}|{kind}"
                continue
            yield f"cue={name}|{one.tense}"
            yield f"cue={name}|{kind}"
            if item >= 0:
                yield f"cue={name}|{'item' if one.hit.start > item else 'opening'}"
            if one.partner:
                yield f"cue={name}|partner"
            if one.hedged:
                yield f"cue={name}|hedged"
            if one.negated:
                yield f"cue={name}|negated"
            level = one.cue.level
            yield f"level={level}|{one.tense}"
            yield f"level={level}|{one.tense}|{'partner' if one.partner else 'nobody'}"
            yield f"level={level}|{kind}"
            if one.counts:
                yield f"counts={level}"
                if one.partner:
                    yield f"counts={level}|partner"
                if level is not None and one.cue.kind == "phrase":
                    strongest = max(strongest, LADDER.index(level))
            if one.hedged or one.cue.kind == "hedge":
                yield "hedge"
        top = LADDER[strongest] if strongest >= 0 else "nothing"
        yield f"top={top}|{kind}"
        if strongest >= 0 and any(one.hedged for one in found):
            yield "top&hedge"

    def _frame(self, view: UnitView, words: Sequence[str], plain: Sequence[str]) -> Iterator[str]:
        """Who speaks, by which auxiliary: the first finite verb and the words before it."""
        if not plain:
            yield "frame=empty"
            return
        first = plain[0]
        if first in self._base:
            yield "opens=base"
        elif first in self._ing:
            yield "opens=ing"
        tense, at = next(
            ((self._tense[word], at) for at, word in enumerate(plain) if word in self._tense),
            ("none", len(plain)),
        )
        subject = "other"
        for word in reversed(plain[max(0, at - 4) : at]):
            if word in {"we", "government", "secretary", "minister"}:
                subject = "government"
            elif word in self._class:
                subject = self._class[word]
            else:
                continue
            break
        if at == 0:
            subject = "nobody"
        yield f"frame={tense}"
        yield f"frame={subject}|{tense}"
        for modal in ("will", "must", "may", "should"):
            if any(self._tense.get(word) == modal for word in plain):
                yield f"modal={modal}"
        if any(word in self._partner for word in plain):
            yield "partner"
        for word in plain:
            label = self._class.get(word)
            if label is not None:
                yield f"class={label}"
        if "we" in plain or "our" in plain:
            yield "we"
        size = next((str(top) for top in _SIZES if len(plain) <= top), "more")
        yield f"size={size}"
        last = words[-1]
        yield f"ends={last if last in _MARKS else 'word'}"
        if "?" in words:
            yield "question"
        if words[0] in {'"', "“"} and any(word in _DEFINES for word in words[:_DEFINED_BY]):
            yield "definition"
        if not any(char.islower() for char in view.text):
            yield "capitals"

    def _place(
        self, view: UnitView, previous: Sequence[str], following: Sequence[str]
    ) -> Iterator[str]:
        """Where the unit stands: kind of text, heading, neighbours."""
        if view.statutory:
            yield "statutory"
        if view.kind:
            yield f"kind={view.kind}"
        yield f"region={view.region}"
        if view.block is BlockKind.TABLE_CELL:
            yield "cell"
        for heading in view.headings[-1:]:
            for found in _HEADING_WORD.findall(heading.lower()):
                yield f"heading={found}"
        if previous and previous[-1] == ":":
            yield "after-colon"
        for name, words in (("previous", previous), ("following", following)):
            first = next((word for word in words if word not in _MARKS), "")
            if first in self._base:
                yield f"{name}=base"
            elif first in self._ing:
                yield f"{name}=ing"
            if "will" in words:
                yield f"{name}=will"


def _runs(words: Sequence[str]) -> Iterator[str]:
    """Single words and pairs."""
    yield from words
    yield from map(" ".join, pairwise(words))
