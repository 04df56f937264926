"""A classified document as a spaCy Doc, for pipelines that go on from here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from collabnlp.data.palette import palette
from collabnlp.schema import LADDER, Document, Level, TaggedUnit

if TYPE_CHECKING:
    from spacy.tokens import Doc

# spaCy's tokenizer takes time quadratic in the length of a run without blanks ("((((…").
_LONGEST_RUN = 200


def to_doc(document: Document, tagged: Sequence[TaggedUnit]) -> Doc:
    """Tokenize block by block and lay the units over the tokens as span groups.

    ``doc.text`` is ``document.text``; ``doc.spans["units"]`` has each unit (id = unit_id),
    ``doc.spans["commitments"]`` the commitments (label = level, id = unit_id),
    ``doc.spans["sc"]`` the same (displaCy and spaCy's span categorizer look there) and
    ``doc.spans["blocks"]`` the blocks (label = kind).
    """
    import spacy
    from spacy.tokens import Doc

    nlp = spacy.blank("en")
    words: list[str] = []
    spaces: list[bool] = []
    for block in document.blocks:
        for piece in _pieces(block.text):
            tokens = nlp.make_doc(piece)
            words += [token.text for token in tokens]
            spaces += [bool(token.whitespace_) for token in tokens]
        words.append("\n")
        spaces.append(False)
    doc = Doc(nlp.vocab, words=words, spaces=spaces)
    units, commitments = [], []
    for one in tagged:
        unit = one.unit
        span = doc.char_span(
            unit.start, unit.end, label="unit", span_id=unit.unit_id, alignment_mode="expand"
        )
        if span is None:
            continue
        units.append(span)
        if one.tag.level is not Level.NONE:
            commitments.append(
                doc.char_span(
                    unit.start,
                    unit.end,
                    label=str(one.tag.level),
                    span_id=unit.unit_id,
                    alignment_mode="expand",
                )
            )
    blocks = (
        doc.char_span(block.start, block.end, label=str(block.kind), alignment_mode="expand")
        for block in document.blocks
    )
    doc.spans["units"] = units
    doc.spans["commitments"] = [span for span in commitments if span is not None]
    doc.spans["sc"] = list(doc.spans["commitments"])
    doc.spans["blocks"] = [span for span in blocks if span is not None]
    doc.user_data["document"] = document.info.as_dict()
    return doc


def displacy_options() -> dict[str, Any]:
    """Options for ``displacy.render(doc, style="span", options=…)``: commitments in the colours
    of their levels, as every other output has them."""
    return {
        "spans_key": "commitments",
        "colors": {str(level): palette()[level].colour for level in LADDER},
    }


def _pieces(text: str) -> list[str]:
    """The text in pieces that the tokenizer can take: runs without blanks are cut, and so is
    text beyond its limit of a million characters."""
    pieces, at, run = [], 0, 0
    for index, character in enumerate(text):
        run = 0 if character == " " else run + 1
        if run >= _LONGEST_RUN or index - at >= 100_000:
            pieces.append(text[at : index + 1])
            at, run = index + 1, 0
    pieces.append(text[at:])
    return [piece for piece in pieces if piece]
