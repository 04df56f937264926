"""Covers and imprints of documents without pages: what stands before the first heading."""

from __future__ import annotations

import re

from collabnlp.schema import BlockDraft, BlockKind, Region

_IMPRINT = re.compile(
    r"©|\bISBN\b|\bCrown copyright\b|\bPresented to (?:Parliament|the House)\b|\bOpen Government Licen[cs]e\b"
    r"|\bCommand Paper\b"
)
_MOST = 60  # blocks; what is longer is no cover


def mark_front(drafts: list[BlockDraft]) -> None:
    """Give region FRONT to all before the first heading, if an imprint is among it."""
    first = next(
        (
            index
            for index, draft in enumerate(drafts)
            if draft.kind is BlockKind.HEADING and draft.region is not Region.FRONT
        ),
        0,
    )
    cover = drafts[:first]
    if len(cover) <= _MOST and any(_IMPRINT.search(draft.text) for draft in cover):
        for draft in cover:
            draft.region = Region.FRONT
