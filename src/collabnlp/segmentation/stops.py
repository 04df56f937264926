"""What a stop means: a sentence's end, or part of an abbreviation, a number or an address."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_REACH = 48
_CLOSERS = "\"'”’»)]"
_OPENERS = "\"'“‘«([{"
_BULLETS = "•▪‣◦●○■□➢✓❖·∙⁃\uf0b7"

# One run of end marks, what closes with it, and a footnote's mark that got stuck to it. Looking
# behind and giving nothing back keeps the search linear on "......"; what follows must be a blank,
# the end, or the beginning of a sentence whose blank is missing. A group that must give nothing
# back is captured by a lookahead and repeated: possessive groups match wrongly in Python 3.11.2
# (python/cpython#106052), which Debian 12 has.
CLOSING_MARKS = re.compile(
    r"[.!?…](?<![.!?…][.!?…])[.!?…]*+(?=(?P<dots>(?:\s\.){0,3}))(?P=dots)"
    r"(?=(?P<closers>(?:[\"'”’»)\]]|(?<=[.!?…])\s(?=[”»]))*))(?P=closers)"
    r"(?P<note>(?:\[(?:n(?:ote)?\.?\s?)?[0-9a-z]{1,3}\](?:,\s(?=\[))?){1,9}|\^\d{1,3}"
    r"|\d{1,3}(?:[,–-]\s?\d{1,3}){0,5}(?=[\"'”’)\]]{0,3}(?:\s|$))|\s?+[¹²³⁰⁴-⁹]++|[*†‡]++|)"
    r"(?=(?P<after>(?:(?<=\d)[\"'”’)\]]{1,3})?))(?P=after)"
    r"(?=\s|$|[A-Z“‘\"(\[£•▪●])"
)
_ENUMERATOR = re.compile(
    r"[\"'“‘(\[]*(?:\d{1,3}(?:\.\d{1,3})*[A-Z]?|[A-Z]{1,3}\d{1,3}|[A-Za-z]|[ivxlIVXL]{1,6})\Z"
)
_ROMAN = re.compile(r"[IVXL]+\Z")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]\Z|(?:[A-Z][a-z]?\.-?)+[A-Z]\Z|(?:[a-z]\.)+[a-z]\Z")
_NUMBER_FOLLOWS = re.compile(
    r"(?![AI]\s[a-z])[(\[£€$]?(?:\d|[A-Z]{0,2}\d|[A-Z](?=[\s,;.)]|$)|[IVXLivxl]+(?=[\s,;.)]|$))"
)
_INITIAL_FOLLOWS = re.compile(r"[A-Z]\.")
_ADDRESS = re.compile(r"@|://|/|www\.|\.(?:uk|com|org|net|pdf|html?)\b", re.IGNORECASE)
# "v1.0 will", "s. 5 deals", "www.", "stats.gov.uk", "eVisas are", "ii. The", "b) A"
_SMALL_START = re.compile(
    r"v\d|www\.|https?://"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:uk|com|org|net|eu|int|io|wales|scot)\b"
    r"|[a-z]{1,5}[A-Z]|o\s[A-Z]|(?:[ivx]{1,5}|[a-z])[.)]\s+[“‘\"']?[A-Z]"
)
_REFERENCE = re.compile(r"(?P<word>[a-z]{1,6})\.\s?\d")
_SPACED_END = re.compile(r"[a-z]\.\s")
_SPACED = re.compile(r"(?<![^\s(])([a-z])\.\s+\Z")
_DASHED_START = re.compile(r"[–—-]\s+[A-Z“‘]")
_DEFINITION = re.compile(
    r"[“\"‘][^”\"’]{1,80}[”\"’](?:\s\([^)]{0,60}\)|,[^,.]{0,80},)?\s"
    r"(?:means?|includes?|excludes?|ha[sv]e?|refers?|is|are|do(?:es)?|shall|must|may|covers?"
    r"|denotes?|applies|in relation to)\b"
)
_LOWER_ITEM = re.compile(r"\([a-z0-9]{1,4}\)\s[a-z]")
_VOWELLESS = re.compile(r"[B-DF-HJ-NP-TV-XZb-df-hj-np-tv-xz][b-df-hj-np-tv-xz]+\Z")
_FORMULA = re.compile(r"[A-Z]{2,}|[A-Z][a-z]?\d|\d[\d,.]*\s?(?:oz|ins?|mins?|secs?|ft|lbs?)\b")
_YEAR_FOLLOWS = re.compile(r"\d{4}\b")
_DATE_FOLLOWS = re.compile(r"\d{1,2}\s[A-Z][a-z]{2}")
_YEAR = re.compile(r"(?:19|20|21)\d\d\Z")
_GLUED_START = re.compile(r"[“‘\"(\[•▪●]?\s?(?:[A-Z][a-z]|[AI]\s)|£\d|\(\w{1,3}\)\s[A-Z]")
_GLUED_NUMBER = re.compile(r"(?:[A-Za-z]{1,5}\.)?[£€$]?\d[\d,.A-Za-z()]{0,12}%?\Z")
_WORD = re.compile(r"[^\s,;:.!?)\]”’\"']+")
_SPEAKER = re.compile(r"(?:[A-Z][\w.’'-]*\s){1,4}(?P<verb>[a-z]+)[.,;]")


@dataclass(frozen=True, slots=True)
class _Words:
    """The lists of ``data/abbreviations.toml``."""

    titles: frozenset[str]
    inner: frozenset[str]
    before_number: frozenset[str]
    whole_words: frozenset[str]
    either: frozenset[str]
    companies: frozenset[str]
    counties: frozenset[str]
    units: frozenset[str]
    closing: frozenset[str]
    going_on: frozenset[str]
    months: frozenset[str]
    lettered: frozenset[str]
    starters: frozenset[str]
    title_starters: frozenset[str]
    strong_starters: frozenset[str]
    verbs: frozenset[str]
    saying: frozenset[str]
    prepositions: frozenset[str]
    determiners: frozenset[str]
    numbered_labels: frozenset[str]
    lower_case_starts: tuple[str, ...]
    abbreviations: frozenset[str] = frozenset()


@cache
def _words() -> _Words:
    source = files("collabnlp.segmentation").joinpath("data/abbreviations.toml")
    lists = tomllib.loads(source.read_text(encoding="utf-8"))
    starts = tuple(sorted(lists.pop("lower_case_starts")))
    sets = {name: frozenset(words) for name, words in lists.items()}
    names = ("titles", "inner", "before_number", "either", "units", "closing")
    known = frozenset().union(*(sets[name] for name in names))
    return _Words(lower_case_starts=starts, abbreviations=known, **sets)


def ends_sentence(text: str, start: int, stop: int, mark: re.Match[str]) -> bool:
    """True where a match of `CLOSING_MARKS` ends the sentence that began at ``start``.

    ``stop`` is the end of the text that may be looked at; the mark ends before it.
    """
    at, after = mark.start(), mark.end()
    if at == start:
        return False  # "… and so on": the marks open the sentence
    following = after
    while following < stop and text[following].isspace():
        following += 1
    if not _may_start(text, following, stop):
        return False
    before = _word_before(text, start, at)
    if following == after:
        return _blank_missing(text, start, before, mark)
    tail = text[following : min(stop, following + _REACH)]
    marks, closers, note = text[at : mark.start("closers")], mark["closers"], mark["note"]
    if "…" in marks or (len(marks) > 1 and set(marks) <= {".", " "}):
        if closers[:1] in ("]", ")") and text[at - 1] in "[(":
            return False  # "[…]" stands for words left out, not for an end
        return not text[at - 1].isspace() or _starter(tail)
    if marks != ".":
        return _mark_ends(text, start, at, before, closers, marks, following, tail)
    if note[:1].isdigit():
        earlier = text[max(start, at - _REACH) : max(start, at - len(before))].split()[-1:]
        long_tail = text[following : following + 200]
        return _noted_stop_ends(before, closers, long_tail, earlier[0] if earlier else "")
    if closers and closers not in (")", "]"):
        return True  # a quotation's end: abbreviations don't matter
    return _stop_ends(text, start, at, before, tail)


def _may_start(text: str, at: int, stop: int) -> bool:
    """True where a sentence can begin at ``at``."""
    first = text[at]
    if first.isupper() or first.isdigit() or first in "£€$§#@%<+~±≥≤≈→*†‡" or first in _BULLETS:
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
        if word.startswith(_words().lower_case_starts) or _SMALL_START.match(word):
            return True
        reference = _REFERENCE.match(word)  # "s. 5 deals with costs"
        return reference is not None and reference["word"] in _words().before_number
    if first in "–—-":
        return bool(_DASHED_START.match(text, at, at + 8))
    return first in "…." and at + 1 < stop


def _word_before(text: str, start: int, at: int) -> str:
    """The word that ends at ``at`` (a stray blank aside), without what opens before it."""
    words = text[max(start, at - _REACH) : at].split()
    return words[-1].lstrip(_OPENERS) if words else ""


def _mark_ends(
    text: str, start: int, at: int, before: str, closers: str, marks: str, following: int, tail: str
) -> bool:
    """The rules for question and exclamation marks."""
    if _LOWER_ITEM.match(text, following):
        return False  # "(1) who should lead? (2) who should pay?"
    if closers:
        speaker = _SPEAKER.match(tail)  # "“Why?” Mr Bell asked."
        return speaker is None or speaker["verb"] not in _words().saying
    # The mark of a name ("The Move It! Programme") ends nothing.
    named = marks == "!" and before[:1].isupper() and at - len(before) > start
    return not named or _starter(tail, verbs=True)


def _noted_stop_ends(before: str, closers: str, tail: str, earlier: str) -> bool:
    """ "policy.12 The": a note's mark, unless the stop belongs to a number or an abbreviation."""
    if closers or before[-1:] in _CLOSERS or before[-1:] == "%":
        return True
    lists = _words()
    if before[-1:].isdigit():
        if _YEAR.match(before) or _DEFINITION.match(tail):
            return True
        # "rose by 40.3 It then fell", but "section 4.2 The Funding Formula"
        label = earlier.strip(_OPENERS + ".").lower()
        strong = tail.split(" ", 1)[0] in lists.strong_starters
        return bool(label) and strong and label not in lists.numbered_labels | lists.before_number
    word = re.split(r"[–—/-]", before.lower())[-1]
    return (
        len(before) > 1
        and before[-1:].isalpha()
        and word not in lists.before_number
        and word not in lists.inner
    )


def _blank_missing(text: str, start: int, before: str, mark: re.Match[str]) -> bool:
    """True for "end.The" and "end.”The"; False for "gov.UK", "U.K." and addresses."""
    following = mark.end()
    tail = text[following : following + _REACH]
    note, closers = mark["note"], mark["closers"]
    if note[:1].isdigit() and not closers:
        return False
    if _ADDRESS.search(before) or _ADDRESS.search(tail.split(" ", 1)[0]):
        return False
    shouted = before.isupper() and len(before) > 2 and tail[:2].isupper() and _starter(tail)
    if not _GLUED_START.match(tail):
        return shouted
    if closers or note:
        return True
    word = before.rstrip(_CLOSERS)
    if mark.start() - len(before) == start and _ENUMERATOR.match(word):
        return False
    lists, lower = _words(), word.lower()
    if not word.isalpha():
        glued = lower in lists.closing or (_INITIALS.match(word) and _starter(tail))
        return bool(glued or _GLUED_NUMBER.match(word))
    if lower in lists.titles or lower in lists.inner or lower in lists.before_number:
        return False
    if word[-2:].islower() and (len(word) > 2 or word.islower()):
        return text[mark.start()] != "!" or word.islower() or _starter(tail)
    return len(word) > 2 and _starter(tail)


def _as_written(word: str) -> str:
    """A word as it is listed: those all in capitals with one capital."""
    return word.capitalize() if word.isupper() and len(word) > 1 else word


def _stop_ends(text: str, start: int, at: int, before: str, tail: str) -> bool:
    """The rules for a single full stop after which something stands that may begin a sentence."""
    lists = _words()
    if not before or (len(before) > 4 and before.islower() and before not in lists.abbreviations):
        return True
    from_start = text[start : max(start, at - len(before))] if at - start <= _REACH else None
    opens = from_start is not None and not from_start.strip(_OPENERS + _BULLETS + " ")
    if _ENUMERATOR.match(before) and (opens or _after_colon(text, at - len(before))):
        return False  # "12. The" at the beginning, or "We will: 1. Plan"
    if from_start and _is_label(from_start, before):
        return False  # "Table 4.1. Grants by region"
    if before[-1].isdigit() or len(before) > 12:
        return True
    last = re.split(r"[–—/-]", before)[-1].lstrip(_OPENERS)
    if last.lower() in lists.before_number or last.lower() in lists.titles:
        before = last  # "sub-para. 4", "Lt.-Gen. Bell"
    lower = before.lower()
    if lower in lists.titles or lower in lists.inner:
        return False
    if len(before) == 1 and before.islower():
        if tail[:1].isdigit() or _SPACED_END.match(tail):
            return False  # "(b. 1931)", the first stop of "e. g. the"
        spaced = _SPACED.search(text, max(start, at - 6), at - 1)
        if spaced:
            before = lower = f"{spaced[1]}.{before}"  # "e. g. the"
            if lower in lists.inner:
                return False
    if len(before) == 1 and before.isupper():
        return _initial_ends(text[max(start, at - 30) : at - 1], tail)
    if tail[:1].islower() and (
        lower in lists.abbreviations or _INITIALS.match(before) or _ROMAN.match(before)
    ):
        return False
    phrase = from_start is not None and _is_phrase(from_start)
    if lower in lists.units:
        earlier = text[max(start, at - 12) : max(start, at - len(before))].rstrip()
        measured = earlier[-1:].isdigit() or earlier.endswith(("sq.", "cu."))
        modern = _VOWELLESS.match(before) and lower not in lists.either | lists.before_number
        if measured or modern:
            return not _FORMULA.match(tail)
    if lower in lists.before_number:
        whole = lower in lists.whole_words
        if opens or (_NUMBER_FOLLOWS.match(tail) and not (whole and _INITIAL_FOLLOWS.match(tail))):
            return False
        return whole or _starter(tail)
    if _as_written(before) in lists.months:
        named = text[max(start, at - _REACH) : max(start, at - len(before))].split()[-1:]
        goes_on = phrase or (named and named[0].lower() in lists.determiners)
        if tail[:1].isdigit():  # "30 Sept. 12 bids came", but "30 Sept. 2031" and "Sept. 30"
            return bool(named) and named[0].isdigit() and not _YEAR_FOLLOWS.match(tail)
        return not goes_on or _starter(tail)
    if lower in lists.closing:
        if phrase or tail[:1] == "(" or (before.isupper() and tail[:2].isupper()):
            return _starter(tail) or tail[:1] == "["
        if _DATE_FOLLOWS.match(tail):
            return False  # "at 5 p.m. 4 Feb."
        follow = _WORD.match(tail)
        return follow is None or follow.group() not in lists.going_on
    if (
        lower in lists.either
        or _as_written(before) in lists.counties
        or _INITIALS.match(before)
        or _VOWELLESS.match(before)
    ):
        if opens:
            return False
        if tail.split(" ", 1)[0] in lists.title_starters or tail[:1] in "“‘" + _BULLETS:
            return True
        company = lower in lists.companies
        return _starter(tail, verbs=company) or (company and tail[:1].isdigit())
    return True


def _after_colon(text: str, at: int) -> bool:
    """True where the character before ``at``, blanks aside, is a colon or semicolon."""
    return text[max(0, at - 3) : at].rstrip()[-1:] in (":", ";")


def _is_label(from_start: str, before: str) -> bool:
    """True for a number after nothing but a label: "Recommendation 4", "Fig. 2", "Part II"."""
    if not (
        before[0].isdigit() or before[-1].isdigit() or len(before) == 1 or _ROMAN.match(before)
    ):
        return False
    words = [word.strip("." + _OPENERS) for word in from_start.lower().split()]
    return _words().numbered_labels.issuperset(words)


def _is_phrase(from_start: str) -> bool:
    """True where the words so far are the beginning of "By Jan. Councils must have …"."""
    words = from_start.lower().split()
    return 0 < len(words) <= 3 and words[0] in _words().prepositions


def _initial_ends(earlier: str, tail: str) -> bool:
    """True where a single capital ends a sentence ("see Annex A. The"), False for an initial."""
    if _INITIAL_FOLLOWS.match(tail):
        return False
    words = [word.strip(_OPENERS + ",") for word in earlier.split()]
    if words and words[-1].lower() in _words().lettered:
        return True
    if len(words) > 1 and words[-1] in ("and", "or") and len(words[-2]) == 1:
        return True
    return _starter(tail)


def _starter(tail: str, *, verbs: bool = False) -> bool:
    """True where ``tail`` begins as sentences do: a usual first word, or a subject and a verb."""
    lists = _words()
    words = tail.lstrip(_OPENERS).split()
    if not words:
        return False
    first = words[0].rstrip(",;:")
    if len(first) > 1 and first.isupper():
        return first.capitalize() in lists.strong_starters
    return first in lists.starters or (verbs and len(words) > 1 and words[1] in lists.verbs)
