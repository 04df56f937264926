"""Where sentences begin and end in British policy and statute, in plain Python.

Only a stop, a question or exclamation mark or an ellipsis can end a sentence; each such mark is
looked at once, with the word before it and the word after it, so the time is linear in the text.
The word lists are in ``data/abbreviations.toml``.

Conventions, which the boundary cases hold to:

* closing quotation marks and brackets, and a footnote's mark ("policy.12 The"), belong to the
  sentence before;
* a sentence goes on where the next word begins in lower case ("“Why?” she asked"), save names
  that are written so ("gov.uk");
* a stop within round brackets ends nothing when the brackets stand within a sentence;
* a number or letter that opens a sentence ("12. The", "(b) A") belongs to it;
* the sentences of a quotation are sentences.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

# A sentence longer than this is cut at a blank: no drafter wrote it, and what reads it afterwards
# need not be linear.
LONGEST_SENTENCE = 10_000

_WORD_REACH = 48
_BRACKET_REACH = 400
_CLOSERS = "\"'”’»)]"
_OPENERS = "\"'“‘«([{"

# One run of end marks, what closes with it, and a footnote's mark that got stuck to it. Looking
# behind keeps the search linear on "......"; what follows must be a blank, the end, or the capital
# or opening quotation mark of a sentence whose blank is missing.
_CANDIDATE = re.compile(
    r"(?<![.!?…])[.!?…]++(?:\s\.){0,3}+"
    r"(?P<closers>(?:[\"'”’»)\]]|(?<=[.!?…])\s(?=[”»]))*+)"
    r"(?P<note>(?:\[\d{1,3}\](?:,\s)?+)++(?<!\s)|\d{1,3}(?:,\s?\d{1,3}){0,5}(?=\s|$)|[¹²³⁰⁴-⁹]++|[*†‡]++|)"
    r"(?=\s|$|[A-Z“‘\"(\[£])"
)
_ENUMERATOR = re.compile(r"[\"'“‘(\[]*(?:\d{1,3}(?:\.\d{1,3})*[A-Z]?|[A-Za-z]|[ivxlIVXL]{1,6})\Z")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]\Z|(?:[A-Z][a-z]?\.-?)+[A-Z]\Z")
_NUMBER_FOLLOWS = re.compile(
    r"[(\[£€$]?(?:\d|[A-Z]{0,2}\d|[A-Z](?=[\s,;.)]|$)|[IVXLivxl]+(?=[\s,;.)]|$))"
)
_ADDRESS = re.compile(r"@|://|/|www\.|\.(?:uk|com|org|net|pdf|html?)\b", re.IGNORECASE)
# "v1.0 will", "s. 5 deals", "www.", "stats.gov.uk", "eVisas are", "ii. The", "b) A"
_SMALL_START = re.compile(
    r"v\d|(?:s|ss|para|paras|reg|regs|art|arts|cl|cls|p|pp)\.\s?\d|www\.|https?://"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:uk|com|org|net|eu|int|io|wales|scot)\b"
    r"|[a-z]{1,5}[A-Z][a-z]|(?:[ivx]{1,5}|[a-z])[.)]\s+[“‘\"']?[A-Z]"
)
_DEFINITION = re.compile(
    r"[“\"‘][^”\"’]{1,80}[”\"’](?:\s\([^)]{0,60}\)|,[^,.]{0,80},)?\s"
    r"(?:means?|includes?|has the|have the|refers?|is to be|does not include|is a|are)\b"
)
_GLUED_START = re.compile(r"[“‘\"(]?(?:[A-Z][a-z]|[AI]\s)")
_GLUED_NUMBER = re.compile(r"[£€$]?\d[\d,.]*(?:[kmt]|bn|%)?\Z")
_LOWER_ITEM = re.compile(r"\([a-z0-9]{1,4}\)\s[a-z]")
_VOWELLESS = re.compile(r"[B-DF-HJ-NP-TV-XZb-df-hj-np-tv-xz][b-df-hj-np-tv-xz]+\Z")
_FORMULA = re.compile(r"[A-Z]{2,}|[A-Z][a-z]?\d")
_YEAR = re.compile(r"(?:19|20|21)\d\d\Z")
_WORD = re.compile(r"[^\s,;:.!?)\]”’\"']+")


@dataclass(frozen=True, slots=True)
class _Words:
    titles: frozenset[str]
    inner: frozenset[str]
    before_number: frozenset[str]
    either: frozenset[str]
    closing: frozenset[str]
    going_on: frozenset[str]
    whole_words: frozenset[str]
    companies: frozenset[str]
    counties: frozenset[str]
    units: frozenset[str]
    numbered_labels: frozenset[str]
    months: frozenset[str]
    lettered: frozenset[str]
    starters: frozenset[str]
    verbs: frozenset[str]
    lower_case_starts: tuple[str, ...]


@cache
def _words() -> _Words:
    source = files("collabnlp.segmentation").joinpath("data/abbreviations.toml")
    lists = tomllib.loads(source.read_text(encoding="utf-8"))
    starts = tuple(sorted(lists.pop("lower_case_starts")))
    return _Words(
        lower_case_starts=starts, **{name: frozenset(words) for name, words in lists.items()}
    )


def split_sentences(text: str, *, line_breaks: bool = False) -> list[tuple[int, int]]:
    """Half-open offsets of the sentences of ``text``, in order, without the blanks between them.

    The spans do not overlap and together hold every character that is not white space. With
    ``line_breaks`` every line break ends a sentence too (`Document.text` has a block a line);
    without, an empty line does. Time is linear in the text; no sentence is longer than
    `LONGEST_SENTENCE`.
    """
    spans: list[tuple[int, int]] = []
    if "\n" in text:
        pieces = re.finditer(
            r"[^\n]+" if line_breaks else r"[^\n]+(?:\n(?![^\S\n]*\n)[^\n]*)*", text
        )
        for piece in pieces:
            _split(text, piece.start(), piece.end(), spans)
    else:
        _split(text, 0, len(text), spans)
    return spans


def _split(text: str, start: int, stop: int, spans: list[tuple[int, int]]) -> None:
    """Add the spans of ``text[start:stop]``."""
    while start < stop and text[start].isspace():
        start += 1
    while stop > start and text[stop - 1].isspace():
        stop -= 1
    if start == stop:
        return
    brackets = _Open(text, start, stop, "(", ")")
    quotes = _Open(text, start, stop, "“", "”")
    for candidate in _CANDIDATE.finditer(text, start, stop):
        after = candidate.end()
        if after >= stop:
            break
        brackets.read_to(after)
        quotes.read_to(after)
        if not _ends(text, start, candidate, stop):
            continue
        if brackets.depth and text[start] != "(" and brackets.closing(after) > 0:
            continue
        if quotes.depth and text[start] != "“":
            closed = quotes.closing(after) + 1
            if closed and text[closed : closed + 2].lstrip()[:1].islower():
                continue
        _add(text, start, after, spans)
        while after < stop and text[after].isspace():
            after += 1
        start = brackets.counted = quotes.counted = after
        brackets.depth = quotes.depth = 0
    _add(text, start, stop, spans)


@dataclass(slots=True)
class _Open:
    """How many brackets or quotation marks are open, counted once along the text."""

    text: str
    counted: int
    stop: int
    opener: str
    closer: str
    depth: int = 0
    any: bool = field(init=False)

    def __post_init__(self) -> None:
        self.any = self.text.find(self.opener, self.counted, self.stop) >= 0

    def read_to(self, at: int) -> None:
        if self.any:
            opened = self.text.count(self.opener, self.counted, at)
            closed = self.text.count(self.closer, self.counted, at)
            self.depth = max(self.depth + opened - closed, 0)
            self.counted = at

    def closing(self, at: int) -> int:
        """Where the next closing mark stands, or -1 where none is near."""
        return self.text.find(self.closer, at, min(at + _BRACKET_REACH, self.stop))


def _add(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    """Add one span, cut at blanks where it is longer than any sentence."""
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + LONGEST_SENTENCE
        left = text[start:cut].rstrip()
        if left:
            spans.append((start, start + len(left)))
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        spans.append((start, end))


def _ends(text: str, start: int, candidate: re.Match[str], stop: int) -> bool:
    """True where the marks of ``candidate`` end the sentence that began at ``start``."""
    at, after = candidate.start(), candidate.end()
    note = candidate["note"]
    marks = text[at : candidate.start("closers")]
    if at == start:
        return False  # "… and so on": the marks open the sentence
    following = after
    while following < stop and text[following].isspace():
        following += 1
    blank = following > after
    if not _may_start(text, following, stop):
        return False
    before = _word_before(text, start, at)
    if not blank:
        return _blank_missing(text, start, before, candidate)
    if "…" in marks or (len(marks) > 1 and set(marks) == {"."}):
        # "[…]" stands for words left out, not for an end.
        return not (candidate["closers"][:1] in ("]", ")") and text[at - 1] in "[(")
    if marks != ".":
        if _LOWER_ITEM.match(text, following):
            return False  # "(1) who should lead? (2) who should pay?"
        return not (
            marks == "!" and not candidate["closers"] and _is_title(text, start, at, before)
        ) or _starter(text[following : following + 48])
    if note and note[0].isdigit():
        # "policy.12 The": a note, unless the stop belongs to a number or an abbreviation.
        closed = bool(candidate["closers"]) or before[-1:] in _CLOSERS
        tail = text[following : following + 200]
        if before[-1:].isdigit():
            return bool(_YEAR.match(before) and _starter(tail)) or bool(_DEFINITION.match(tail))
        word = len(before) > 2 and before[-1:].isalpha() and not _takes_number(before)
        return closed or word
    if candidate["closers"] and candidate["closers"] not in (")", "]"):
        return True  # a quotation's end: abbreviations don't matter
    return _stop_ends(text, start, at, before, following, stop)


def _may_start(text: str, at: int, stop: int) -> bool:
    """True where a sentence can begin at ``at``."""
    first = text[at]
    if first.isupper() or first.isdigit() or first in "£€$•§#@%<":
        return True
    if first in _OPENERS:
        inside = at + 1
        while inside < stop and text[inside] in _OPENERS:
            inside += 1
        if inside >= stop:
            return False
        if first in "([":
            return text[inside].isalnum() or text[inside] in "…."
        return not text[inside].islower() or bool(_DEFINITION.match(text, at, at + 200))
    if first.islower():
        word = text[at : at + 24]
        return word.startswith(_words().lower_case_starts) or bool(_SMALL_START.match(word))
    return first in "…." and at + 1 < stop


def _word_before(text: str, start: int, at: int) -> str:
    """The word that ends at ``at``, without what opens before it."""
    left = max(start, at - _WORD_REACH)
    words = text[left:at].split()
    return words[-1].lstrip(_OPENERS) if words and not text[at - 1].isspace() else ""


def _is_title(text: str, start: int, at: int, before: str) -> bool:
    """True for the exclamation mark of a name ("The Move It! Programme")."""
    return before[:1].isupper() and at - len(before) > start


def _takes_number(word: str) -> bool:
    lists = _words()
    word = re.split(r"[–—/-]", word.lower())[-1]
    return word in lists.before_number or word in lists.inner


def _blank_missing(text: str, start: int, before: str, candidate: re.Match[str]) -> bool:
    """True for "end.The" and "end.”The"; False for "gov.UK", "U.K." and addresses."""
    following = candidate.end()
    tail = text[following : following + 24]
    if candidate["note"][:1].isdigit() and not candidate["closers"]:
        return False
    if _ADDRESS.search(before) or _ADDRESS.search(tail.split(" ", 1)[0]):
        return False
    if not _GLUED_START.match(tail):
        return False
    if candidate["closers"]:
        return True
    word = before.rstrip(_CLOSERS)
    if candidate.start() - len(before) == start and _ENUMERATOR.match(word):
        return False
    if word.isalpha():
        return len(word) > 2 and word[-2:].islower() and not _abbreviated(word)
    return bool(_GLUED_NUMBER.match(word))


def _abbreviated(word: str) -> bool:
    lists, lower = _words(), word.lower()
    known = lower in lists.titles or lower in lists.inner or word in lists.months
    return known or (lower in lists.before_number and lower not in lists.whole_words)


def _stop_ends(text: str, start: int, at: int, before: str, following: int, stop: int) -> bool:
    """The rules for a single full stop after which something stands that may begin a sentence."""
    if not before:
        return True
    lists = _words()
    tail = text[following : min(stop, following + 48)]
    opening = at - len(before) - start
    at_start = opening <= 4 and not text[start : start + opening].strip(_OPENERS)
    if at_start and _ENUMERATOR.match(before):
        return False  # "12. The" at the beginning
    if before[-1].isdigit():
        # "Table 4.1. Grants by region"
        label = text[start : start + opening].lower().split() if opening <= 20 else []
        return not label or not lists.numbered_labels.issuperset(label)
    if len(before) > 12:
        return True
    pieces = re.split(r"[–—/-]", before)
    if len(pieces) > 1 and pieces[-1]:
        before = pieces[-1].lstrip(_OPENERS) or before
    lower = before.lower()
    if lower in lists.titles or lower in lists.inner:
        return False
    if len(before) == 1 and before.isupper():
        return _initial_ends(text[max(start, at - 30) : at - 1], before, tail)
    if (
        lower in lists.units
        and text[max(start, at - 12) : at - len(before)].rstrip()[-1:].isdigit()
    ):
        return not _FORMULA.match(tail)
    if lower in lists.before_number:
        if _NUMBER_FOLLOWS.match(tail) or at_start:
            return False
        return lower in lists.whole_words or _starter(tail)
    if before in lists.months:
        return not tail[:1].isdigit()
    if lower in lists.closing:
        if before.isupper() and tail[:2].isupper():
            return _starter(tail)
        follow = _WORD.match(tail.lstrip("( "))
        return follow is None or follow.group() not in lists.going_on
    if (
        lower in lists.either
        or before in lists.counties
        or _INITIALS.match(before)
        or _VOWELLESS.match(before)
    ):
        if at_start:
            return False
        return _starter(tail, verbs=lower in lists.companies) or tail[:1] in "“‘•("
    return True


def _initial_ends(earlier: str, letter: str, tail: str) -> bool:
    """True where a single capital ends a sentence ("see Annex A. The"), False for an initial."""
    if re.match(r"[A-Z]\.", tail):
        return False
    words = [word.strip(_OPENERS + ",") for word in earlier.split()]
    if words and words[-1].lower() in _words().lettered:
        return True
    if len(words) > 1 and words[-1] in ("and", "or") and len(words[-2]) == 1:
        return True
    return letter != "I" and _starter(tail)


def _starter(tail: str, *, verbs: bool = False) -> bool:
    """True where ``tail`` begins as sentences do: a usual first word, or a subject and a verb."""
    lists = _words()
    words = tail.lstrip(_OPENERS).split()
    if not words:
        return False
    first = words[0].rstrip(",;:")
    if len(first) > 1 and first.isupper():
        first = first.capitalize()
    return first in lists.starters or (verbs and len(words) > 1 and words[1] in lists.verbs)
