"""Concordances over documents: joins the heading paths of segmentation to the search."""

from __future__ import annotations

from collabnlp.analysis.concordance import concordance
from collabnlp.schema import Concordance, Document
from collabnlp.segmentation.heading_paths import heading_paths


def search(document: Document, term: str, *, width: int = 50) -> Concordance:
    """Every occurrence of ``term`` with its chapter (the highest heading above it)."""
    chapters = [path[0] if path else "" for path in heading_paths(document.blocks)]
    return concordance(document, term, chapters=chapters, width=width)
