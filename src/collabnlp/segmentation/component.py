"""The sentence splitter as a spaCy component, for pipelines that work on spaCy documents.

    nlp = spacy.blank("en")
    nlp.add_pipe("collabnlp_sentences")
    doc = make_doc(nlp, text)

`make_doc` is the safe way to a `Doc`: spaCy's tokenizer takes quadratic time on long runs without a
blank ("((((…") and refuses texts of more than a million characters.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np
from spacy.language import Language

from collabnlp.segmentation.sentences import split_sentences

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST_WORD = 200
LONGEST_TEXT = 1_000_000

_LONG_RUN = re.compile(rf"\S{{{LONGEST_WORD + 1}}}")
_RUN = re.compile(r"\S+")


@Language.factory(
    "collabnlp_sentences",
    default_config={"line_breaks": False},
    assigns=["token.is_sent_start", "doc.sents"],
)
def create_component(nlp: Language, name: str, line_breaks: bool) -> SentenceStarts:
    """The factory that spaCy finds by its entry point; see `SentenceStarts`."""
    return SentenceStarts(line_breaks=line_breaks)


class SentenceStarts:
    """Sets ``token.is_sent_start`` on every token by `split_sentences`.

    ``line_breaks``: every line break ends a sentence, as in `Document.text`. A token that reaches
    over a boundary ("end.The") belongs to the sentence in which it begins.
    """

    def __init__(self, *, line_breaks: bool = False) -> None:
        self.line_breaks = line_breaks

    def __call__(self, doc: Doc) -> Doc:
        from spacy.attrs import SENT_START

        # As one array: setting token by token looks through the whole document each time.
        offsets = [token.idx for token in doc]
        marks = np.full((len(offsets), 1), -1, dtype=np.int64)
        marks[:1] = 1
        for start, _ in split_sentences(doc.text, line_breaks=self.line_breaks):
            at = bisect_left(offsets, start)
            if at < len(offsets):
                marks[at] = 1
        values: Any = marks.astype(np.uint64)
        return doc.from_array([SENT_START], values)


def make_doc(nlp: Language, text: str) -> Doc:
    """A `Doc` of ``text`` run through ``nlp``, whatever the text is.

    Runs without a blank of more than `LONGEST_WORD` characters become tokens of that length
    without asking the tokenizer; a text longer than ``nlp.max_length`` is tokenized in pieces cut
    at blanks. ``doc.text`` equals ``text`` in every case.
    """
    from spacy.tokens import Doc

    limit = min(LONGEST_TEXT, nlp.max_length)
    if len(text) <= limit and _LONG_RUN.search(text) is None:
        return nlp(text)
    words: list[str] = []
    spaces: list[bool] = []
    for piece, tame in _pieces(text, limit):
        if tame:
            for token in nlp.tokenizer(piece):
                words.append(token.text)
                spaces.append(bool(token.whitespace_))
        else:
            words.append(piece)
            spaces.append(False)
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    for _, component in nlp.pipeline:
        doc = component(doc)
    return doc


def _pieces(text: str, limit: int) -> list[tuple[str, bool]]:
    """Cut ``text`` into pieces for the tokenizer (True) and slices of pathological runs (False)."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for run in _RUN.finditer(text):
        if run.end() - run.start() <= LONGEST_WORD:
            if run.end() - at > limit:
                pieces.append((text[at : run.start()], True))
                at = run.start()
            continue
        if run.start() > at:
            pieces.append((text[at : run.start()], True))
        pieces.extend(
            (text[cut : min(cut + LONGEST_WORD, run.end())], False)
            for cut in range(run.start(), run.end(), LONGEST_WORD)
        )
        at = run.end()
    if at < len(text):
        pieces.append((text[at:], True))
    return pieces
