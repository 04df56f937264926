"""A document's own abbreviations count in it."""

from __future__ import annotations

from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, assemble
from collabnlp.segmentation.units import make_units
from collabnlp.tagging.tagger import load_tagger

LINES = (
    "The Maritime and Coastguard Agency (MCA) looks after the coast.",
    "The MCA will work with harbour authorities and councils to design a new warning service.",
)


def test_an_abbreviation_counts_where_the_document_introduces_it() -> None:
    info = DocumentInfo(id="coast", title="Coast", sha256="0" * 64, date="2025-05-01")
    tagger = load_tagger("level")
    for lines, expected in ((LINES, "explicit"), (LINES[1:], "inferred")):
        drafts = [BlockDraft(kind=BlockKind.PARAGRAPH, text=line) for line in lines]
        document = assemble(info, drafts, format="text")
        tag = tagger.tag(document, make_units(document))[-1].tag
        bases = {(it.code, str(it.basis)) for it in tag.departments}
        assert (("DFT", "explicit") in bases) == (expected == "explicit"), bases
