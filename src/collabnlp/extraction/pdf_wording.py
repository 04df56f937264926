"""The words of a block out of its fragments: note marks taken out, lines joined, places kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collabnlp.extraction.mending import Vocabulary, clean, join_lines
from collabnlp.extraction.pdf_targets import Fragment
from collabnlp.extraction.pdf_text import Run, visible
from collabnlp.schema import Box, DraftLine

_UNIT = re.compile(r"(?:^|[\s\d(/])(?:k?m|cm|mm|ft|CO|s|h)\Z")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_CLOSING = frozenset(".,;:!?)]’”")  # no blank stands between a note mark and these
_LABELS = re.compile(r"[\s,;]+")


@dataclass(slots=True)
class Wording:
    """A block's text with its lines and note marks (offsets into ``text``).

    label       a raised mark at the very beginning: a footnote's own number
    size, bold, italic, font   of most of its letters
    kept, dropped   visible characters by page: in the text, and taken out as note marks
    """

    text: str
    lines: list[DraftLine]
    marks: list[tuple[int, str]]
    label: str | None
    size: float
    bold: bool
    italic: bool
    font: str
    kept: dict[int, int] = field(default_factory=dict)
    dropped: dict[int, int] = field(default_factory=dict)


def word(fragments: list[Fragment], words: Vocabulary) -> Wording:
    """The wording of a block. ``words`` is the document's vocabulary, which mends hyphens."""
    texts: list[str] = []
    marks: list[tuple[int, int, str]] = []
    label: str | None = None
    kept: dict[int, int] = {}
    dropped: dict[int, int] = {}
    for number, fragment in enumerate(fragments):
        runs, page = fragment.runs, fragment.page
        if len(runs) == 1 and not runs[0].raised:
            kept[page] = kept.get(page, 0) + fragment.seen
            texts.append(runs[0].text)
            continue
        text, blank, gone = "", False, 0
        for run in runs:
            if run.raised:
                printed = clean(run.text)
                before = clean(text) if text else ""
                if _UNIT.search(before) and printed.isdigit():
                    text = text.rstrip() + run.text.translate(_SUPERSCRIPTS)
                    continue
                gone += visible(run.text)
                if not before and number == 0 and label is None:
                    label = printed
                    continue
                if not before and texts:
                    # A mark that begins a line stands after the last word of the line before.
                    at, where = len(clean(texts[-1])), number - 1
                else:
                    at, where = len(before), number
                marks += [(where, at, part) for part in _LABELS.split(printed) if part]
                text, blank = text.rstrip(), run.text[-1:].isspace()
            else:
                if blank and run.text[:1] not in _CLOSING:
                    text += " "
                text, blank = text + run.text, False
        kept[page] = kept.get(page, 0) + fragment.seen - gone
        dropped[page] = dropped.get(page, 0) + gone
        texts.append(text)
    text, starts = join_lines(texts, words)
    lines = []
    for number, fragment in enumerate(fragments):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        if end > starts[number] and text[end - 1] == " ":
            end -= 1
        lines.append(
            DraftLine(start=starts[number], end=end, page=fragment.page, box=_box(fragment))
        )
    widest = fragments[0].line
    letters = bold = longest = 0
    for fragment in fragments:
        length = fragment.line.end - fragment.line.start
        letters += length
        bold += length if fragment.line.bold else 0
        if length > longest:
            longest, widest = length, fragment.line
    return Wording(
        text,
        lines,
        [(min(len(text), starts[where] + at), name) for where, at, name in marks],
        label,
        widest.size,
        bold * 10 > letters * 9,
        widest.italic,
        widest.font,
        kept,
        dropped,
    )


def label_text(runs: list[Run]) -> str | None:
    """An item's label as printed ("•", "(a)"), None where it has none."""
    return clean("".join(run.text for run in runs)) or None


def _box(fragment: Fragment) -> Box:
    runs = fragment.runs
    if len(runs) == 1:
        run = runs[0]
        return Box(fragment.page, run.x0, run.top, run.x1, run.bottom)
    body = [run for run in runs if not run.raised] or runs
    return Box(
        fragment.page,
        min([run.x0 for run in body]),
        min([run.top for run in body]),
        max([run.x1 for run in body]),
        max([run.bottom for run in body]),
    )
