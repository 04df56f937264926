"""Mending of printed text: ligatures, odd blanks, and words that a line end broke in two.

PDFium marks every hyphen at a line end with U+FFFE, whether a typesetter put it in ("govern-ment")
or an author wrote it ("public-sector"). Which of the two it was, the document itself tells: its own
unbroken words are the dictionary that is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

LINE_END_HYPHEN = "\ufffe"
"""What PDFium gives for a hyphen at the end of a line, soft or real."""

_SUBSTITUTES = {
    # Blanks. A hair space inside an acronym ("U K" set apart) is no word space.
    0x200A: "",
    **dict.fromkeys((0x00A0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200A)), " "),
    # What is not seen.
    **dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x0002), ""),
    # Ligatures.
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
    # Bullets of symbol fonts, which lie in the private use area.
    **dict.fromkeys((0xF0B7, 0xF0A7, 0xF0D8, 0xF0FC, 0xF076, 0xF0A8, 0xF06E), "•"),
    0x2011: "-",
}
# Those of them that `str.isprintable` takes for letters and signs.
_PRINTABLE = re.compile(f"[{''.join(chr(it) for it in _SUBSTITUTES if chr(it).isprintable())}]")
_BLANKS = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")
_LAST_WORD = re.compile(r"((?:[^\W\d_]+-)*)([^\W\d_]+)\Z")
_FIRST_WORD = re.compile(r"([^\W\d_]+)")
_SIGNS = ".,;:!?()[]\"“”‘’'"  # what stands around words
_ENDINGS = ("s", "d", "ed", "es", "ing", "ly")
_SUSPENDED = re.compile(r"(?:and|or|to)\b(?!-)")  # "short- and medium-term"
_HYPHENS = ("-", LINE_END_HYPHEN, "\u2010")
_JOINING = (*_HYPHENS, "/")  # ends of lines that `join` has to look at


def clean(text: str) -> str:
    """Text with ligatures taken apart, invisible characters dropped and blanks made single.

    Signs with a meaning of their own (½, ², …) stay as printed.
    """
    ascii_only = text.isascii()
    if text.isprintable() and "  " not in text and (ascii_only or not _PRINTABLE.search(text)):
        return text.strip()
    if not ascii_only:
        text = text.translate(_SUBSTITUTES)
    return _BLANKS.sub(" ", text).strip()


class Vocabulary:
    """The words that a document prints unbroken, with their counts: how broken ones are mended."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._words: Counter[str] = Counter()
        self.add("\n".join(texts))

    def add(self, text: str) -> None:
        """Count the unbroken words of a text; words next to a broken line end don't count."""
        # Token by token, each unlike one once: a document repeats itself, and no word has blanks.
        words = self._words
        for token, count in Counter(_unbroken(text)).items():
            bare = token.strip(_SIGNS).lower()
            if bare.isalpha():
                words[bare] = words.get(bare, 0) + count
                continue
            for word in _WORD.findall(bare):
                words[word] += count
                if "-" in word:
                    for part in word.split("-"):
                        words[part] += count

    def __contains__(self, word: str) -> bool:
        return word.lower() in self._words

    def count(self, word: str) -> int:
        """How often the document prints the word unbroken, in any case."""
        return self._words[word.lower()]

    def hyphenated(self, left: str, right: str) -> bool:
        """Whether the hyphen between two halves, parted by a line end, is part of the word.

        ``left`` ends before the hyphen, ``right`` begins the next line.
        """
        last, first = _LAST_WORD.search(left), _FIRST_WORD.match(right)
        if last is None or first is None:
            return True  # next to a digit or a sign a hyphen is never a typesetter's
        head, half, rest = last.group(1), last.group(2), first.group(1)
        if head or right[first.end() : first.end() + 1] == "-":
            # "no-user-in|charge": a compound already, unless the last part is itself broken.
            return not (self.count(half + rest) and not self.count(rest))
        if rest[0].isupper() or (half.isupper() and len(half) > 1):
            return not (half.isupper() and rest.isupper() and self.count(half + rest))
        joined, parted = self.count(half + rest), self.count(f"{half}-{rest}")
        if joined != parted:
            return parted > joined
        if self._stems(half + rest):
            return False
        return bool(self.count(half) and self.count(rest) and len(half) > 1 and len(rest) > 2)

    def _stems(self, word: str) -> bool:
        """Whether the word stands in the document with another ending."""
        word = word.lower()
        bare = next((word[: -len(end)] for end in _ENDINGS if word.endswith(end)), "")
        if len(bare) > 4 and (bare in self._words or bare + "e" in self._words):
            return True
        return any(word + end in self._words for end in _ENDINGS)


def _unbroken(text: str) -> list[str]:
    """A text's tokens, without those on either side of a hyphen at a line end."""
    if LINE_END_HYPHEN not in text:
        return text.split()
    tokens: list[str] = []
    parts = text.split(LINE_END_HYPHEN)
    for number, part in enumerate(parts):
        found = part.split()
        if found and number < len(parts) - 1 and not part[-1].isspace():
            del found[-1]
        tokens += found[1:] if number else found
    return tokens


def join(left: str, right: str, words: Vocabulary) -> str:
    """Two neighbouring lines of one paragraph as one text; ``left`` may end with a hyphen."""
    left, right = left.rstrip(), right.lstrip()
    if not left or not right:
        return left + right
    if left[-1] in _HYPHENS and len(left) > 1 and left[-2].isalnum():
        bare = left[:-1]
        if _SUSPENDED.match(right):
            return f"{bare}- {right}"
        return f"{bare}-{right}" if words.hyphenated(bare, right) else bare + right
    if left[-1] == LINE_END_HYPHEN:
        left = left[:-1] + "-"
    # A line that ends in a slash or a long dash without a blank is one word with the next.
    if left.endswith("/") and not left.endswith(" /"):
        return left + right
    return f"{left} {right}"


def join_lines(lines: Iterable[str], words: Vocabulary) -> tuple[str, list[int]]:
    """One text of several printed lines, and the offset at which each line begins in it.

    Blanks are single; an empty line begins where the next one does.
    """
    text = ""
    starts: list[int] = []
    for line in lines:
        piece = clean(line)
        if text and piece and text[-1] not in _JOINING:
            starts.append(len(text) + 1)
            text = f"{text} {piece}"
        elif text and piece:
            joined = join(text, piece, words)
            starts.append(len(joined) - len(piece))
            text = joined
        else:
            starts.append(len(text))
            text += piece
    if text.endswith(LINE_END_HYPHEN):
        text = text[:-1] + "-"
    return text.replace(LINE_END_HYPHEN, "-"), starts
