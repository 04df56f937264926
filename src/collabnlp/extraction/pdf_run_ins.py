"""Parts bold run-in headings from their paragraphs, where the tags call both one heading.

Typists give the style of a heading to whole paragraphs that begin with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from collabnlp.extraction.pdf_roles import TaggedPage
from collabnlp.extraction.pdf_targets import Fragment, Role, Target
from collabnlp.extraction.pdf_text import Run, visible

_MOST_WORDS = 10  # of a run-in heading
_FEWEST_WORDS = 5  # of the paragraph after it
_SENTENCE_ENDS = (".", ":", ";", "?", "!")


def part_run_ins(pages: Sequence[TaggedPage]) -> None:
    """Make two targets of each tagged heading that goes on as running text in another weight."""
    for page in pages:
        page.targets = [part for target in page.targets for part in _parted(target)]


def _parted(target: Target) -> list[Target]:
    if target.role is not Role.HEADING or not target.rank or not target.fragments:
        return [target]
    first, *others = target.fragments
    at = first.line.lead
    if not at:
        return [target]
    bold, rest = _cut(first, at)
    heading = _words(bold)
    text = " ".join(_words(it) for it in (rest, *others))
    lettered = any(letter.isalpha() for letter in heading)
    if not lettered or len(heading.split()) > _MOST_WORDS or len(text.split()) < _FEWEST_WORDS:
        return [target]
    ended = heading.endswith(_SENTENCE_ENDS) and text.endswith(_SENTENCE_ENDS)
    sentences = text.endswith(_SENTENCE_ENDS) and ". " in text
    if not ended and not sentences:
        return [target]
    paragraph = replace(
        target, role=Role.PARAGRAPH, rank=0, fragments=[rest, *others], label=[],
        label_fragments=[],
    )  # fmt: skip
    target.fragments, target.run_in = [bold], True
    return [target, paragraph]


def _words(fragment: Fragment) -> str:
    return "".join(run.text for run in fragment.runs).strip()


def _cut(fragment: Fragment, at: int) -> tuple[Fragment, Fragment]:
    """The runs of a line before and after an index; a run that spans it is cut in proportion."""
    before: list[Run] = []
    after: list[Run] = []
    for run in fragment.runs:
        if run.start < at < run.end:
            share = (at - run.start) / (run.end - run.start)
            middle = run.x0 + share * (run.x1 - run.x0)
            before.append(replace(run, text=run.text[: at - run.start], end=at, x1=middle))
            after.append(replace(run, text=run.text[at - run.start :], start=at, x0=middle))
        else:
            (before if run.end <= at else after).append(run)
    parts = [
        Fragment(fragment.page, fragment.line, runs, sum(visible(run.text) for run in runs))
        for runs in (before, after)
    ]
    return parts[0], parts[1]
