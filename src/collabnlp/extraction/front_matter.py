"""Covers and imprints of documents without pages: what stands before the first heading."""

from __future__ import annotations

import re

from collabnlp.schema import BlockDraft, BlockKind, Region

_IMPRINT = re.compile(
    r"©|\bISBN\b|\bCrown copyright\b|\bPresented to (?:Parliament|the House)\b"
    r"|\bOpen Government Licen[cs]e\b|\bCommand Paper\b"
)
_MOST = 60  # blocks; what is longer is no cover
_CONTENTS_TITLE = re.compile(r"(?:table of )?contents(?: page)?\Z", re.IGNORECASE)
_CONTENTS_LINE = re.compile(r".*\D[\s.…]\d{1,3}\Z")


def has_imprint(text: str) -> bool:
    """Whether a text holds words of an imprint: copyright, ISBN, to whom it was presented."""
    return _IMPRINT.search(text) is not None


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
        _mark_contents(cover)


def _mark_contents(cover: list[BlockDraft]) -> None:
    """Lines after the word "Contents" that end in a page number."""
    inside = False
    for draft in cover:
        if _CONTENTS_TITLE.match(draft.text):
            inside = True
        elif inside and not _CONTENTS_LINE.match(draft.text):
            return
        if inside:
            draft.kind, draft.level, draft.lead_in = BlockKind.CONTENTS, None, None
