"""The Python interface: load a model, classify a document, take the result where it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabnlp.schema import Document, Level, TaggedUnit, Unit
from collabnlp.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    import pandas as pd
    from spacy.tokens import Doc

    from collabnlp.tagging.tagger import Tagger


@dataclass(frozen=True, slots=True)
class Result:
    """A classified document: iterates over every unit with its tag, in reading order."""

    document: Document
    tagged: tuple[TaggedUnit, ...]

    def __iter__(self) -> Iterator[TaggedUnit]:
        return iter(self.tagged)

    def __len__(self) -> int:
        return len(self.tagged)

    @property
    def commitments(self) -> tuple[TaggedUnit, ...]:
        """The units whose level is not ``none``."""
        return tuple(one for one in self.tagged if one.tag.level is not Level.NONE)

    def to_pandas(self, *, all_units: bool = True) -> pd.DataFrame:
        """One row a unit, the columns of the CSV output."""
        from collabnlp.reporting.frames import to_frame
        from collabnlp.reporting.rows import tagged_rows

        return to_frame(tagged_rows(self.tagged, all_units=all_units))

    def to_doc(self) -> Doc:
        """A spaCy Doc of the whole text: units in ``doc.spans["units"]``, commitments by level in
        ``doc.spans["commitments"]`` (and in ``doc.spans["sc"]``, where displaCy looks), blocks in
        ``doc.spans["blocks"]``."""
        from collabnlp.reporting.spacy_doc import to_doc

        return to_doc(self.document, self.tagged)

    @staticmethod
    def displacy_options() -> dict[str, Any]:
        """Options for ``spacy.displacy.render(result.to_doc(), style="span", options=…)``: the
        commitments in their levels' colours."""
        from collabnlp.reporting.spacy_doc import displacy_options

        return displacy_options()


@dataclass(frozen=True, slots=True)
class Classifier:
    """A loaded model; safe to use for any number of documents."""

    tagger: Tagger

    def classify(self, path: str | Path, *, data: bytes | None = None) -> Result:
        """Read, segment and tag one document, in this process.

        ``data`` gives the bytes where they are in memory; ``path`` is then the name alone.
        Raises DocumentError (its subclasses name what is wrong with the file).
        """
        from collabnlp.extraction import open_document
        from collabnlp.segmentation.units import make_units

        document = open_document(Path(path), data=data)
        return Result(document, tuple(self.tagger.tag(document, make_units(document))))


def load(model: str = DEFAULT_MODEL) -> Classifier:
    """The current model (the one promoted last, or the one that comes with the program), or the
    one named. Raises ModelError where it is missing or damaged."""
    from collabnlp.workflows.reading import tagger_named

    return Classifier(tagger_named(model))


def extract(path: str | Path, *, data: bytes | None = None) -> tuple[Document, tuple[Unit, ...]]:
    """The document and its units, without a model. Raises DocumentError."""
    from collabnlp.extraction import open_document
    from collabnlp.segmentation.units import make_units

    document = open_document(Path(path), data=data)
    return document, make_units(document)
