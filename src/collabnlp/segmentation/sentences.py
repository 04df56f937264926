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
from dataclasses import dataclass
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
    r"(?<![.!?…])[.!?…]++"
    r"(?P<closers>(?:[\"'”’»)\]]|(?<=[.!?…])\s(?=[”»]))*+)"
    r"(?P<note>(?:\[\d{1,3}\])++|\d{1,3}(?:,\s?\d{1,3}){0,5}(?=\s|$)|[¹²³⁰⁴-⁹]++|[*†‡]++|)"
    r"(?=\s|$|[A-Z“‘\"(\[£])"
)
_ENUMERATOR = re.compile(r"[\"'“‘(\[]*(?:\d{1,3}(?:\.\d{1,3})*[A-Z]?|[A-Za-z]|[ivxlIVXL]{1,6})\Z")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]\Z|(?:[A-Z][a-z]?\.-?)+[A-Z]\Z")
_NUMBER_FOLLOWS = re.compile(
    r"[(\[]?(?:\d|[A-Z]{0,2}\d|[A-Z](?=[\s,;.)]|$)|[IVXLivxl]+(?=[\s,;.)]|$))"
)
_ADDRESS = re.compile(r"@|://|/|www\.|\.(?:uk|com|org|net|pdf|html?)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;:.!?)\]”’\"']+")


@dataclass(frozen=True, slots=True)
class _Words:
    titles: frozenset[str]
    inner: frozenset[str]
    before_number: frozenset[str]
    either: frozenset[str]
    closing: frozenset[str]
    enactment: frozenset[str]
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
    counted, depth = start, 0
    bracketed = text.find("(", start, stop) >= 0
    for candidate in _CANDIDATE.finditer(text, start, stop):
        after = candidate.end()
        if after >= stop:
            break
        if bracketed:
            depth += text.count("(", counted, after) - text.count(")", counted, after)
            depth, counted = max(depth, 0), after
        if not _ends(text, start, candidate, stop):
            continue
        if depth and text[start] != "(" and text.find(")", after, after + _BRACKET_REACH) >= 0:
            continue
        _add(text, start, after, spans)
        while after < stop and text[after].isspace():
            after += 1
        start, depth = after, 0
    _add(text, start, stop, spans)


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
        return _blank_missing(text, before, candidate, following)
    if "…" in marks or (len(marks) > 1 and set(marks) == {"."}):
        # "[…]" stands for words left out, not for an end.
        return not (candidate["closers"][:1] in ("]", ")") and text[at - 1] in "[(")
    if marks != ".":
        return True
    if note and note[0].isdigit():
        # "policy.12 The": a note, unless the stop belongs to a number or an abbreviation.
        closed = bool(candidate["closers"]) or before[-1:] in _CLOSERS
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
        return not text[inside].islower()
    if first.islower():
        word = text[at : at + 24]
        return word.startswith(_words().lower_case_starts) or bool(
            re.match(r"[a-z]{1,2}[A-Z][a-z]", word)
        )
    return first in "…." and at + 1 < stop


def _word_before(text: str, start: int, at: int) -> str:
    """The word that ends at ``at``, without what opens before it."""
    left = max(start, at - _WORD_REACH)
    words = text[left:at].split()
    return words[-1].lstrip(_OPENERS) if words and not text[at - 1].isspace() else ""


def _takes_number(word: str) -> bool:
    lists = _words()
    word = re.split(r"[–—/-]", word.lower())[-1]
    return word in lists.before_number or word in lists.inner


def _blank_missing(text: str, before: str, candidate: re.Match[str], following: int) -> bool:
    """True for "end.The" and "end.”The"; False for "gov.UK", "U.K." and addresses."""
    tail = text[following : following + 24]
    if candidate["note"][:1].isdigit() and not candidate["closers"]:
        return False
    if _ADDRESS.search(before) or _ADDRESS.search(tail.split(" ", 1)[0]):
        return False
    begins = re.match(r"[“‘\"(]?(?:[A-Z][a-z]|[AI]\s)", tail)
    if not begins:
        return False
    if candidate["closers"]:
        return True
    return (
        len(before) > 2 and before[-2:].islower() and before.isalpha() and not _abbreviated(before)
    )


def _abbreviated(word: str) -> bool:
    lists, lower = _words(), word.lower()
    return lower in lists.titles or lower in lists.inner or word in lists.months


def _stop_ends(text: str, start: int, at: int, before: str, following: int, stop: int) -> bool:
    """The rules for a single full stop after which something stands that may begin a sentence."""
    if not before:
        return True
    opening = at - len(before) - start
    if (
        opening <= 4
        and _ENUMERATOR.match(before)
        and not text[start : start + opening].strip(_OPENERS)
    ):
        return False  # "12. The" at the beginning
    lists = _words()
    lower = before.lower()
    if lower[-1].isdigit() or len(lower) > 9:
        return True
    pieces = re.split(r"[–—/-]", before)
    if len(pieces) > 1 and pieces[-1]:
        before = pieces[-1].lstrip(_OPENERS)
        lower = before.lower()
    if lower in lists.titles or lower in lists.inner:
        return False
    tail = text[following : min(stop, following + 48)]
    single = len(before) == 1 and before.isupper()
    if lower in lists.before_number and not single:
        return not _NUMBER_FOLLOWS.match(tail)
    if before in lists.months:
        return not tail[:1].isdigit()
    if lower in lists.closing:
        follow = _WORD.match(tail.lstrip("( "))
        named = follow is not None and follow.group() in lists.enactment
        return not named and not tail.startswith(("(Scotland", "(Wales", "(Northern", "(England"))
    if single:
        earlier = text[max(start, at - 30) : at - 1].split()
        if earlier and earlier[-1].strip(_OPENERS).lower() in lists.lettered:
            return True
        return before != "I" and _starter(tail) and not _starter_is_name(tail)
    if _INITIALS.match(before) or lower in lists.either:
        return _starter(tail) or tail[:1] in "“‘•"
    return True


def _starter(tail: str) -> bool:
    """True where ``tail`` begins as sentences do: a usual first word, or a subject and a verb."""
    lists = _words()
    words = tail.lstrip(_OPENERS).split()
    if not words:
        return False
    first = words[0].rstrip(",;:")
    return first in lists.starters or (len(words) > 1 and words[1] in lists.verbs)


def _starter_is_name(tail: str) -> bool:
    """True for "J. A. Smith", where "A" is an initial and no article."""
    return bool(re.match(r"[A-Z]\.", tail))
