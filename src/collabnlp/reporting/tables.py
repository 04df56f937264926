"""Tables for people, on a terminal or in a text file."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from collabnlp.reporting.rows import Row
from collabnlp.schema import LADDER

if TYPE_CHECKING:
    from rich.console import Console

COLOURS = {
    "explore": "cyan",
    "support": "green",
    "have_regard": "yellow",
    "co_create": "magenta",
    "lead": "red",
}


def console(*, width: int | None, colour: bool) -> Console:
    """A rich console that writes to memory; `text_of` takes what it wrote."""
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        width=width or 120,
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        emoji=False,
        markup=False,
    )


def text_of(page: Console) -> str:
    """What was printed on a `console`."""
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue()


def place_of(row: Row) -> str:
    """Where a unit stands, as an analyst cites it: "p. 19", "cl. 12(3)", or "" where unknown."""
    if row["provision"]:
        return str(row["provision"])
    if row["page"] is None:
        return ""
    label = row["page_label"]
    return f"p. {row['page']}" + (f" ({label})" if label else "")


def commitments_table(
    rows: Sequence[Row], *, width: int | None = None, colour: bool = False
) -> str:
    """Commitments of one document: place, level, departments, partners, text; then the counts."""
    from rich.table import Table
    from rich.text import Text

    page = console(width=width, colour=colour)
    if not rows:
        return ""
    document = rows[0]["document"]
    facts = ", ".join(fact for fact in (document["kind"], document["date"]) if fact)
    page.print(Text(document["title"] + (f" ({facts})" if facts else ""), style="bold"))
    table = Table(show_lines=False, pad_edge=False, box=None, header_style="bold")
    table.add_column("place", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("departments", max_width=12)
    table.add_column("partners", max_width=13)
    table.add_column("commitment", ratio=1)
    for row in rows:
        level = row["level"]
        # "?" after a level: the model is unsure, and a person should look at it
        table.add_row(
            place_of(row),
            Text(level + ("?" if row["needs_review"] else ""), style=COLOURS.get(level, "")),
            ", ".join(department["code"] for department in row["departments"]),
            ", ".join(partner.replace("_", " ") for partner in row["partners"]),
            Text(row["text"]),
        )
    page.print(table)
    page.print()
    page.print(counts_line(rows))
    return text_of(page)


def counts_line(rows: Sequence[Row]) -> str:
    """ "286 commitments: explore 40, support 150, …"."""
    by_level = Counter(row["level"] for row in rows)
    found = ", ".join(f"{level} {by_level[level]}" for level in LADDER if by_level[level])
    total = sum(by_level[level] for level in LADDER)
    noun = "commitment" if total == 1 else "commitments"
    return f"{total} {noun}" + (f": {found}" if found else "")
