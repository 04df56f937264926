"""What changed inside a reworded passage, word by word."""

from __future__ import annotations

import re
from typing import Literal

from collabnlp.identifiers import normalised

# A word with the blanks behind it; each mark of punctuation for itself.
_PIECE = re.compile(r"[\w’'-]+\s*|[^\w\s]\s*|\s+")
What = Literal["equal", "delete", "insert"]


def word_diff(old: str, new: str) -> list[tuple[What, str]]:
    """The pieces of both texts in order: equal ones as the new text has them, deleted ones of the
    old, inserted ones of the new. Joined without the inserted they are the old text but for case,
    quotation marks and blanks; joined without the deleted they are the new text exactly.
    """
    from rapidfuzz.distance import Indel

    a, b = _PIECE.findall(old), _PIECE.findall(new)
    keys = [[normalised(piece) or " " for piece in pieces] for pieces in (a, b)]
    found: list[tuple[What, str]] = []

    def put(what: What, pieces: list[str]) -> None:
        text = "".join(pieces)
        if not text:
            return
        if found and found[-1][0] == what:
            found[-1] = (what, found[-1][1] + text)
        else:
            found.append((what, text))

    for step in Indel.opcodes(keys[0], keys[1]):
        if step.tag == "equal":
            put("equal", b[step.dest_start : step.dest_end])
        else:
            put("delete", a[step.src_start : step.src_end])
            put("insert", b[step.dest_start : step.dest_end])
    return _deletions_first(found)


def _deletions_first(pieces: list[tuple[What, str]]) -> list[tuple[What, str]]:
    """Between two equal stretches one deletion, then one insertion, as people read a redline."""
    ordered: list[tuple[What, str]] = []
    deleted = inserted = ""
    for what, text in [*pieces, ("equal", "")]:
        if what == "delete":
            deleted += text
        elif what == "insert":
            inserted += text
        else:
            if deleted:
                ordered.append(("delete", deleted))
            if inserted:
                ordered.append(("insert", inserted))
            deleted = inserted = ""
            if text:
                ordered.append(("equal", text))
    return ordered
