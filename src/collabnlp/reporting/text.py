"""A document's units as text to read: headings above them, places before them."""

from __future__ import annotations

from collections.abc import Sequence

from collabnlp.reporting.tables import place_of
from collabnlp.schema import Document, Unit, unit_record


def units_text(document: Document, units: Sequence[Unit]) -> str:
    """Title, then each unit on a line of its own with its place; a changed heading path is
    printed before the units that stand under it."""
    lines = [f"# {document.info.title}", ""]
    path: tuple[str, ...] = ()
    for unit in units:
        if unit.headings != path:
            path = unit.headings
            lines += ["", "## " + " > ".join(path), ""]
        place = place_of(unit_record(document.info, unit))
        lines.append((f"[{place}] " if place else "") + unit.text)
    return "\n".join(lines) + "\n\n"
