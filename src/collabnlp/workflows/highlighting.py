"""A PDF and its tagged units to the PDF with its commitments highlighted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from collabnlp.errors import DamagedFile, NotAPdf
from collabnlp.extraction import read_bytes
from collabnlp.extraction.formats import Format, sniff
from collabnlp.extraction.pdf_printed import printed_lines
from collabnlp.reporting.highlight import Mark, MarkedPdf, mark_pdf
from collabnlp.reporting.pdf_update import PdfUpdate
from collabnlp.schema import Document, Level, TaggedUnit
from collabnlp.workflows.inputs import Source

Chosen = Callable[[TaggedUnit], bool]


class MarkablePdf:
    """A PDF that may be marked: checked before the long work of reading it begins.

    Raises what reading a file raises, NotAPdf, EncryptedPdf, LockedPdf, SignedPdf (unless
    ``signed`` allows it), DamagedFile.
    """

    def __init__(self, source: Source, *, signed: bool = False) -> None:
        self.data = source.data if source.data is not None else read_bytes(source.path)
        name = source.path.name
        if sniff(self.data, name=name) is not Format.PDF:
            raise NotAPdf(f"{name} is not a PDF.")
        self.source = Source(source.path, self.data)
        self._update = PdfUpdate(self.data, name=name, signed=signed)

    def marked(
        self,
        document: Document,
        tagged: Sequence[TaggedUnit],
        *,
        chosen: Chosen | None = None,
        legend: bool = True,
    ) -> MarkedPdf:
        """The file with the commitments of ``document`` (those that ``chosen`` takes) highlighted.

        Raises DamagedFile.
        """
        if hashlib.sha256(self.data).hexdigest() != document.info.sha256:
            raise ValueError("the document was read from another file")
        if document.pages and len(document.pages) != self._update.page_count:
            raise DamagedFile(f"{self.source.path.name} has pages that cannot be told apart.")
        units = [
            one
            for one in tagged
            if one.tag.level is not Level.NONE and (chosen is None or chosen(one))
        ]
        spans = [(one.unit.block, one.unit.start, one.unit.end) for one in units]
        places = printed_lines(document, spans, self.data)
        marks = [Mark(one, boxes) for one, boxes in zip(units, places, strict=True)]
        return mark_pdf(self._update, marks, legend=legend)


def highlight_pdf(path: str | Path, document: Document, tagged: Sequence[TaggedUnit]) -> bytes:
    """The PDF at ``path``, from which ``document`` was read, with its commitments highlighted.

    Raises as `MarkablePdf` does.
    """
    return MarkablePdf(Source(Path(path))).marked(document, tagged).data
