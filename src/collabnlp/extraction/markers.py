"""Numbers and bullets typed at the beginning of a paragraph: what they are and what they count."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from collabnlp.extraction.provisions import join_provision

_BULLETS = "•●○◦▪■□‣⁃∙·\uf0b7\uf0a7\uf06f"
_BULLET = re.compile(rf"([{_BULLETS}]|[-–—*](?=[ \t]))\s*")
# "4.17 Text", "4.17. Text", "A.3 Text"
_DOTTED = re.compile(
    r"([A-Z]\d{1,3}\.|(?:[A-Z]|[A-Z]?\d{1,3})\.\d{1,3}(?:\.\d{1,3}){0,3}\.?)"
    r"\s+(?=[\"“‘'(\[]?[A-Z0-9“‘])"
)
_DECIMAL = re.compile(r"(\d{1,3}\.)\s+(?=\S)")
_BRACKETED = re.compile(r"(\(\d{1,3}[A-Z]{0,2}\)|\d{1,3}\))\s*(?=\S)")
_LETTERED = re.compile(
    r"(\([a-z]{1,4}\)|[a-z]{1,4}\)|[ivx]{1,5}\.(?=\s)|[a-h]\.(?=\s+[a-z]))\s*(?=\S)"
)
_CAPITAL = re.compile(r"(\([A-Z]\)|[A-Z]\))\s*(?=\S)")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_ROMAN = re.compile(r"(?=[ivxlc])(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,4})\Z")


class Style(StrEnum):
    """Kinds of marker; two markers of one style can count the same list."""

    BULLET = "bullet"
    DOTTED = "4.17"
    DECIMAL = "1."
    BRACKETED = "(1)"
    LETTER = "(a)"
    CAPITAL = "(A)"
    ROMAN = "(i)"


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker as printed, its possible readings ("(i)" is a letter or a Roman one) with the place
    in the count (from 1; 0 for bullets), and the length of marker and blanks in the text."""

    printed: str
    readings: tuple[tuple[Style, int], ...]
    length: int

    @property
    def style(self) -> Style:
        """The first reading's style."""
        return self.readings[0][0]


def parse_marker(text: str) -> Marker | None:
    """The marker that a paragraph begins with, or None. Text must follow it."""
    for pattern, style in (
        (_BULLET, Style.BULLET),
        (_DOTTED, Style.DOTTED),
        (_DECIMAL, Style.DECIMAL),
        (_BRACKETED, Style.BRACKETED),
        (_LETTERED, Style.LETTER),
        (_CAPITAL, Style.CAPITAL),
    ):
        match = pattern.match(text)
        if match and match.end() < len(text):
            printed = match[1]
            readings = _readings(printed, style)
            if readings:
                return Marker(printed, readings, match.end())
    return None


def _readings(printed: str, style: Style) -> tuple[tuple[Style, int], ...]:
    bare = printed.strip("().")
    if style is Style.BULLET:
        return ((style, 0),)
    if style is Style.DOTTED:
        return ((style, int(bare.rsplit(".", 1)[-1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)),)
    if style in (Style.DECIMAL, Style.BRACKETED):
        return ((style, int(re.match(r"\d+", bare)[0])),)  # type: ignore[index]
    if style is Style.CAPITAL:
        return ((style, ord(bare) - ord("A") + 1),)
    roman = (Style.ROMAN, from_roman(bare)) if _ROMAN.match(bare) else None
    letters = {len(bare): ord(bare[0]) - ord("a") + 1}
    letter: tuple[Style, int] | None = None
    if len(bare) == 1:
        letter = (Style.LETTER, letters[1])
    elif len(set(bare)) == 1 and len(bare) == 2:  # "(aa)" after "(z)" or inserted after "(a)"
        letter = (Style.LETTER, 26 + letters[2])
    if roman and bare in {"i", "v", "x"}:
        return (roman, letter) if letter else (roman,)
    return tuple(reading for reading in (letter, roman) if reading)


def from_roman(numeral: str) -> int:
    """Value of a Roman numeral in small letters, up to 100s."""
    values = [_ROMAN_DIGITS[digit] for digit in numeral]
    following = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, following, strict=True))


def to_roman(number: int) -> str:
    """Roman numeral in small letters of 1..399."""
    steps = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"),
             (4, "iv"), (1, "i"))  # fmt: skip
    numeral = ""
    for value, digits in steps:
        count, number = divmod(number, value)
        numeral += digits * count
    return numeral


def to_letters(number: int) -> str:
    """1 is "a", 26 "z", 27 "aa" (as Word and browsers count)."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def legal_number(parent: str | None, printed: str) -> str | None:
    """A provision's full number: "12" and "(3)" make "12(3)", "17" and "a)" make "17(a)".

    Bullets have none of their own: they keep their parent's.
    """
    bare = printed.strip("() .")
    if printed.endswith(")") and not printed.startswith("("):
        printed = f"({bare})"  # "a)" counts as "(a)"
    return join_provision(parent, printed)
