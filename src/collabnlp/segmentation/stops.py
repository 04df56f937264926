"""What a stop means: a sentence's end, or part of an abbreviation, a number or an address."""

from __future__ import annotations

import re

from collabnlp.segmentation.abbreviations import stop_words

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
    r"(?P<note>(?:\[(?:(?:n(?:ote)?|fn|footnote|ref)\.?\s?)?[0-9a-z]{1,3}\](?:,?\s(?=\[\d))?){1,9}"
    r"|\^\d{1,3}|\d{1,3}(?:[,–-]\s?\d{1,3}){0,5}(?:\s\d{1,3}(?=\s[A-Z][a-z])){0,2}"
    r"(?=[\"'”’)\]]{0,3}(?:\s|$)|[A-Z][a-z]*+\s)"
    r"|\s?+[¹²³⁰⁴-⁹]++(?:[,⁻˒–-]?\s?[¹²³⁰⁴-⁹]{1,3}){0,9}|[*†‡]++|[§¶]{1,3}(?=\s)|)"
    r"(?=(?P<after>(?:(?<=\d)[\"'”’)\]]{1,3})?))(?P=after)"
    r"(?=\s|$|[A-Z“‘\"(\[£•▪●])"
)
_ENUMERATOR = re.compile(
    r"[\"'“‘(\[]*(?:\d{1,3}(?:\.\d{1,3})*[A-Z]?|[A-Z]{1,3}\d{1,3}|[A-Za-z]|[ivxlIVXL]{1,6})\Z"
)
_ROMAN = re.compile(r"[IVXL]+\Z")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]\Z|(?:[A-Z][a-z]?\.-?)+[A-Z]\Z|(?:[a-z]\.)+[a-z]\Z")
_NUMBER_FOLLOWS = re.compile(
    r"(?![AI]\s[a-z])[(\[£€$]?(?:\d|[A-Z]{0,2}\d|[A-Z](?=[\s,;.)]|$)"
    r"|[A-Z][A-Za-z]{0,5}(?:[/-][A-Z]{1,6}){0,3}[/-]\d|[IVXLivxl]+(?=[\s,;.)]|$))"
)
_INITIAL_FOLLOWS = re.compile(r"[A-Z]\.")
_ADDRESS = re.compile(r"@|://|/|www\.|\.(?:uk|com|org|net|pdf|html?)\b", re.IGNORECASE)
_ADDRESS_ENDS = re.compile(r"\.(?:uk|com|org|net|eu|int|wales|scot|cymru|pdf|html?)\Z")
# "v1.0 will", "www.", "stats.gov.uk", "help@gov.uk", "eVisas are", "e-bikes", "ii. The", "b) A"
_SMALL_START = re.compile(
    r"v\d|www\.|https?://"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:uk|com|org|net|eu|int|io|info|wales|scot|cymru)\b"
    r"|[a-z0-9._+-]+@[a-z0-9]|[a-z]{1,5}[A-Z]|[egkmptux]-[a-z]{3}"
    r"|(?:o|de|du|van|von|ap|bin|al)[\s-][A-Z]|(?:[ivx]{1,5}|[a-z])[.)]\s+[“‘\"']?[A-Z]"
)
_REFERENCE = re.compile(r"(?P<word>[a-z]{1,7})\.\s?(?:\(?\d|\([a-z]{1,4}\))")
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
_TALLY = re.compile(r"(?:[A-Z][a-z]+|[A-Z]+)(?:\s[a-z]+){0,2}:\s")  # "For: 12. Against: 4."
_SUBJECT = re.compile(r"(?:[A-Z][\w’'-]*\s){1,4}(?P<next>[a-z]+)\b")
_ACRONYM_STARTS = re.compile(r"(?!UK|EU|US|NET|JS|COM|ORG|PDF|TV)[A-Z]{2,6}s?\s[a-z]")
_DATE_FOLLOWS = re.compile(r"\d{1,2}\s[A-Z][a-z]{2}")
_YEAR = re.compile(r"(?:19|20|21)\d\d\Z")
_GLUED_START = re.compile(r"[“‘\"(\[•▪●]?\s?(?:[A-Z][a-z]|[AI]\s)|£\d|\(\w{1,3}\)\s[A-Z]")
_GLUED_NUMBER = re.compile(r"(?:[A-Za-z]{1,5}\.)?[£€$]?\d[\d,.A-Za-z()]{0,12}%?\Z")
_WORD = re.compile(r"[^\s,;:.!?)\]”’\"']+")
_SPEAKER = re.compile(r"(?:[A-Z][\w.’'-]*\s){1,4}(?P<verb>[a-z]+)[.,;]")


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
        word = text[at : at + 64]
        if word.startswith(stop_words().lower_case_starts) or _SMALL_START.match(word):
            return True
        reference = _REFERENCE.match(word)  # "s. 5 deals with costs"
        return reference is not None and reference["word"] in stop_words().before_number
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
        return speaker is None or speaker["verb"] not in stop_words().saying
    # The mark of a name ("The Move It! Programme") ends nothing.
    named = marks == "!" and before[:1].isupper() and at - len(before) > start
    return not named or _starter(tail, verbs=True)


def _noted_stop_ends(before: str, closers: str, tail: str, earlier: str) -> bool:
    """ "policy.12 The": a note's mark, unless the stop belongs to a number or an abbreviation."""
    if closers or before[-1:] in _CLOSERS or before[-1:] == "%":
        return True
    lists = stop_words()
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
    lists = stop_words()
    if note[:1].isdigit() and not closers:  # "was signed.14The board"
        plain = before[-3:].islower() and before.isalpha() and len(before) > 2
        return plain and before.lower() not in lists.abbreviations
    if _ADDRESS.search(tail.split(" ", 1)[0]):
        return False
    if _ADDRESS.search(before):  # "on gov.uk.It opens"
        whole = tail.split(" ", 1)[0].isalpha() and re.split(r"[./]", before)[-1].islower()
        return whole and (_starter(tail, verbs=True) or bool(_ADDRESS_ENDS.search(before)))
    if before[-3:].islower() and before.isalpha() and _ACRONYM_STARTS.match(tail):
        return len(before) > 3 and before.lower() not in lists.abbreviations
    shouted = before.isupper() and len(before) > 2 and tail[:2].isupper() and _starter(tail)
    if not _GLUED_START.match(tail):
        return shouted
    if closers or note:
        return True
    word = before.rstrip(_CLOSERS)
    if mark.start() - len(before) == start and _ENUMERATOR.match(word):
        return False
    lower = word.lower()
    if word.isdigit() and _month_follows(tail):
        return False  # "on 4.Feb.2032"
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
    lists = stop_words()
    if not before or (len(before) > 4 and before.islower() and before not in lists.abbreviations):
        return True
    from_start = text[start : max(start, at - len(before))] if at - start <= _REACH else None
    opens = from_start is not None and not from_start.strip(_OPENERS + _BULLETS + " ")
    if _ENUMERATOR.match(before) and (opens or _after_colon(text, at - len(before))):
        # "12. The" at the beginning, or "We will: 1. Plan", but "For: 12. Against: 4."
        counted = before.isdigit() and (before != "1" or _TALLY.match(tail))
        return bool(counted and not opens and len((from_start or "").split()) in (1, 2, 3))
    if from_start and _is_label(from_start, before):
        return False  # "Table 4.1. Grants by region"
    if before[-1].isdigit() or len(before) > 12:
        return not (before.isdigit() and len(before) < 3 and _month_follows(tail))
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
    if (tail[:1].islower() or tail[:1] in "–—-") and (
        _as_written(before) in lists.months
        or lower in lists.abbreviations
        or _INITIALS.match(before)
        or _ROMAN.match(before)
    ):
        return False
    phrase = from_start is not None and _is_phrase(from_start)
    if _in_capitals(text, start, at, before, tail):
        single = (
            before[-2:-1].isdigit()
            or lower in lists.units
            or lower in lists.closing
            or lower in lists.either
        )
        if single or _as_written(before) in lists.months | lists.counties | lists.offices:
            return _starter(tail)
    if lower in lists.units and before != "St":
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
        if phrase:
            return tail.split(" ", 1)[0] in lists.strong_starters
        return not goes_on or _starter(tail)
    if lower in lists.closing:
        if phrase:  # "By 5 p.m. Councils must"
            return tail.split(" ", 1)[0] in lists.strong_starters or tail[:1] == "["
        if tail[:1] == "(" or (before.isupper() and tail[:2].isupper()):
            return _starter(tail) or tail[:1] == "["
        if lower in ("a.m", "p.m") and _is_attribute(text[max(start, at - _REACH) : at]):
            return _starter(tail)  # "the 9 a.m. Cabinet briefing"
        if _DATE_FOLLOWS.match(tail):
            return False  # "at 5 p.m. 4 Feb."
        follow = _WORD.match(tail)
        return follow is None or follow.group() not in lists.going_on
    if (
        lower in lists.either
        or lower in lists.name_ends
        or _as_written(before) in lists.counties
        or _as_written(before) in lists.offices
        or _INITIALS.match(before)
        or _VOWELLESS.match(before)
    ):
        if opens:
            return False
        if tail.split(" ", 1)[0] in lists.title_starters or tail[:1] in "“‘" + _BULLETS:
            return True
        ends_name = lower in lists.name_ends or (
            lower in ("co", "cos")
            and text[max(start, at - 8) : at].split()[-2:-1] in (["&"], ["and"])
        )
        if ends_name and (tail[:1].isdigit() or tail[:1] in "£€$" or _begins_clause(tail)):
            return lower not in ("al", "ed", "eds", "edn") or not tail[:1].isdigit()
        return _starter(tail, verbs=lower in lists.companies)
    return True


def _in_capitals(text: str, start: int, at: int, before: str, tail: str) -> bool:
    """True where the sentence so far and the words that follow are in capitals."""
    if not before[-1:].isupper() or not tail[:2].isupper():
        return False
    sentence, following = text[max(start, at - _REACH) : at], " ".join(tail.split()[:2])
    return sentence.isupper() and following.isupper()


def _month_follows(tail: str) -> bool:
    """True for "Feb. 2032" and "Feb.2032", to which the number before belongs."""
    month = re.match(r"([A-Z][a-z]{2,3})\.?\s?\d{4}\b", tail)
    return month is not None and month[1] in stop_words().months


def _is_attribute(words: str) -> bool:
    """True for the time in "the 9 a.m. Council" and "Monday's 9 a.m. Council"."""
    earlier = words.split()[-3:-1]
    named = earlier[0].lower().lstrip(_OPENERS) if len(earlier) == 2 else ""
    return (
        earlier[-1:] != []
        and earlier[-1][:1].isdigit()
        and (named in stop_words().determiners or named.endswith(("’s", "'s")))
    )


def _begins_clause(tail: str) -> bool:
    """True for words that no name has: "Councils pay …", "Leeds City Council will …"."""
    subject = _SUBJECT.match(tail)
    if subject is None:
        return False
    one = " " not in tail[: subject.start("next")].rstrip()
    return subject["next"] in stop_words().verbs or (
        one and subject["next"].capitalize() not in stop_words().going_on_in_capitals
    )


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
    return stop_words().numbered_labels.issuperset(words)


def _is_phrase(from_start: str) -> bool:
    """True where the words so far are the beginning of "By Jan. Councils must have …"."""
    words = from_start.lower().split()
    return 0 < len(words) <= 3 and words[0] in stop_words().prepositions


def _initial_ends(earlier: str, tail: str) -> bool:
    """True where a single capital ends a sentence ("see Annex A. The"), False for an initial."""
    if _INITIAL_FOLLOWS.match(tail):
        return False
    words = [word.strip(_OPENERS + ",") for word in earlier.split()]
    if words and words[-1].lower() in stop_words().lettered:
        return True
    if len(words) > 1 and words[-1] in ("and", "or") and len(words[-2]) == 1:
        return True
    return _starter(tail)


def _starter(tail: str, *, verbs: bool = False) -> bool:
    """True where ``tail`` begins as sentences do: a usual first word, or a subject and a verb."""
    lists = stop_words()
    words = tail.lstrip(_OPENERS).split()
    if not words or (tail[:1] == "(" and words[0].endswith(")")):
        return False  # "Bell Ltd. (Leeds) was"
    first = words[0].rstrip(",;:")
    if len(first) > 1 and first.isupper():
        begins = first.capitalize() in lists.strong_starters
        if begins or not " ".join(words[:2]).isupper():
            return begins
        return first.capitalize() in lists.starters - lists.going_on_in_capitals
    if first in lists.describing:
        return len(words) > 1 and words[1][:1].islower() and words[1] not in ("and", "of", "or")
    return first in lists.starters or (verbs and len(words) > 1 and words[1] in lists.verbs)
