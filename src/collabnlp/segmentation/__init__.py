"""From a document's blocks to sentences and units."""

from __future__ import annotations

from collabnlp.segmentation.sentences import split_sentences
from collabnlp.segmentation.units import make_units

__all__ = ["make_units", "split_sentences"]
