"""Key word in context, with counts per document and chapter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from collabnlp.errors import UsageError
from collabnlp.schema import BlockKind, Concordance, Count, Document, Occurrence

_WORD = re.compile(r"\w+(?:['’\-‑]\w+)*")
# Contents lines repeat headings; counting both would count a heading twice.
_LEFT_OUT = frozenset({BlockKind.CONTENTS})


@lru_cache(maxsize=64)
def term_pattern(term: str) -> re.Pattern[str]:
    """A term as people write it: "collaborat*", "have regard to", "co-?design*".

    ``*`` stands for any letters (also none), ``?`` for at most one letter or hyphen; case, kinds of
    quotation mark, hyphen and blank make no difference. Raises UsageError for a term without
    letters.
    """
    words = unicodedata.normalize("NFKC", term).split()
    if not any(character.isalnum() for character in term):
        raise UsageError(
            f"The term {term!r} has no letters.", advice="Give a word, a phrase, or a stem with *."
        )
    kinds = {"'": "['‘’]", "’": "['‘’]", '"': '["“”]', "-": "[-‐‑–]"}
    parts = []
    for word in words:
        signs = []
        for sign in word:
            if sign == "*":
                signs.append(r"[\w'’\-‑]*")
            elif sign == "?":
                signs.append(r"[\w\-‑]?")
            else:
                signs.append(kinds.get(sign, re.escape(sign)))
        parts.append("".join(signs))
    return re.compile(r"(?<!\w)" + r"\s+".join(parts) + r"(?!\w)", re.IGNORECASE)


def concordance(
    document: Document,
    term: str,
    *,
    chapters: Sequence[str],
    width: int = 60,
) -> Concordance:
    """Find ``term`` in a document's text: headings, paragraphs, items, cells, notes, captions.

    ``chapters`` gives for each block the highest heading above it ("" before the first).
    ``width`` is the number of characters of context to either side.
    """
    pattern = term_pattern(term)
    labels = {page.number: page.label for page in document.pages}
    occurrences: list[Occurrence] = []
    hits: dict[str, int] = {}
    words: dict[str, int] = {}
    for block, chapter in zip(document.blocks, chapters, strict=True):
        if block.kind in _LEFT_OUT:
            continue
        hits.setdefault(chapter, 0)
        words[chapter] = words.get(chapter, 0) + sum(1 for _ in _WORD.finditer(block.text))
        for found in pattern.finditer(block.text):
            at, to = found.span()
            page = next(
                (
                    line.page
                    for line in block.lines
                    if line.start - block.start <= at < line.end - block.start
                ),
                block.page,
            )
            hits[chapter] += 1
            occurrences.append(
                Occurrence(
                    document=document.info.id,
                    page=page,
                    page_label=labels.get(page) if page else None,
                    chapter=chapter,
                    kind=block.kind,
                    before=block.text[max(0, at - width) : at],
                    match=found.group(),
                    after=block.text[to : to + width],
                    start=block.start + at,
                    end=block.start + to,
                )
            )
    return Concordance(
        document=document.info.id,
        title=document.info.title,
        total=Count(name=document.info.title, hits=sum(hits.values()), words=sum(words.values())),
        chapters=tuple(Count(name=name, hits=hits[name], words=words[name]) for name in hits),
        occurrences=tuple(occurrences),
    )
