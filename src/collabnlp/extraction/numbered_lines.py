"""The lines of an act in numbered text form: header, paragraphs, stray blanks, run-on lists."""

from __future__ import annotations

import re

NUMBER = re.compile(r"\d[0-9A-Z]{0,6}(?:\.[0-9A-Za-z]{1,8}){0,9}\Z")
HEADER = re.compile(r"(Title|Date|Description|Publisher|Identifier|Creator|Subject):\s*(.*)\Z")
_GAP = re.compile(r"\s{5,}|(?<=;)\s{2,}(?=“)")
_TERM_LINE = re.compile(r"(?<=[;—])\n(?=“)")
_RUN_ON_LINE = re.compile(r"(?<=[;—])\s*\n")
_YEAR = re.compile(r"(?:1[6-9]|20)\d\d\Z")
_TOKEN = r"(?:\d{1,3}[A-Z]{0,3}|[a-z]{1,2}|[ivxl]{1,5})"
_MENDS = (
    (re.compile(r"\bB e it enacted\b"), "Be it enacted"),
    (re.compile(r"(?<=[“‘(\[]) "), ""),
    (re.compile(r"(?<=[^\s.—–-]) (?=[”’)\],;:])"), ""),
    (re.compile(r"(?<=[\w”’)]) (?=\.(?!\s?\.))"), ""),
    (re.compile(rf"(?<=\)) (?=\({_TOKEN}\))"), ""),
    (re.compile(r"(?<=[\w)”]) —"), "—"),
)
_SPLIT_NUMBER = re.compile(rf"\b([A-Z]{{0,3}}\d[0-9A-Z]{{0,5}}) (?=\({_TOKEN}\))")


def pieces_of(paragraph: str) -> list[str]:
    """The texts of one paragraph: wide gaps and lines that begin a definition part them."""
    stripped = paragraph.strip()
    run_on = paragraph.startswith("    ") or _GAP.search(stripped) is not None
    lines = _RUN_ON_LINE if run_on else _TERM_LINE
    parts = [piece for part in lines.split(stripped) for piece in _GAP.split(part)]
    return [mend(part) for part in parts]


def mend(text: str) -> str:
    """One line: lines joined (a hyphen at a line's end stays), stray blanks of links out.

    "under  subsections (3)  and\\n(4) ," becomes "under subsections (3) and (4),", and
    "section  49 (1)" becomes "section 49(1)".
    """
    text = re.sub(r"(?<=\w-)\n\s*(?=[a-z])", "", text)
    text = re.sub(r"\s+", " ", text).strip()
    for pattern, replacement in _MENDS:
        text = pattern.sub(replacement, text)
    return _SPLIT_NUMBER.sub(lambda it: it[0] if _YEAR.match(it[1]) else it[1], text)


def paragraphs_of(text: str) -> tuple[dict[str, str], list[str]]:
    """The header's fields, and the paragraphs: blank lines and headings part them."""
    header: dict[str, str] = {}
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at < len(lines) and (match := HEADER.match(lines[at])):
        header[match[1]] = match[2].strip()
        at += 1
    paragraphs: list[str] = []
    current: list[str] = []
    for line in [*lines[at:], ""]:
        if line.strip() and not line.startswith("#"):
            current.append(line.rstrip())
            continue
        if current:
            paragraphs.append("\n".join(current))
            current = []
        if line.startswith("#"):
            paragraphs.append(line.rstrip())
    return header, paragraphs


def following_numbers(paragraphs: list[str]) -> list[tuple[tuple[str, ...], str]]:
    """For each paragraph the path of the next number, () where a heading comes before it, and the
    next number itself, headings or not."""
    following: list[tuple[tuple[str, ...], str]] = []
    path: tuple[str, ...] = ()
    number = ""
    for paragraph in reversed(paragraphs):
        following.append((path, number))
        if NUMBER.match(paragraph):
            number, path = paragraph, tuple(paragraph.split("."))
        elif paragraph.startswith("##"):
            path = ()
    return following[::-1]
