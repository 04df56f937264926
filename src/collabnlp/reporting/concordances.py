"""Concordances as text for people and as rows for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import IO

from collabnlp.cells import defused
from collabnlp.reporting.rows import Row, json_line
from collabnlp.reporting.tables import console, text_of
from collabnlp.schema import Concordance, Occurrence

_COLUMNS = (
    "document",
    "page",
    "page_label",
    "chapter",
    "kind",
    "before",
    "match",
    "after",
    "start",
    "end",
)


def _row(hit: Occurrence) -> Row:
    return {name: getattr(hit, name) for name in _COLUMNS} | {"kind": str(hit.kind)}


def write_hits(found: Sequence[Concordance], stream: IO[bytes], *, format: str) -> None:
    """One row a hit, as JSON lines or CSV."""
    hits = (hit for one in found for hit in one.occurrences)
    if format == "jsonl":
        for hit in hits:
            stream.write(json_line(_row(hit)).encode() + b"\n")
        return
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for hit in hits:
        writer.writerow({name: defused(value) for name, value in _row(hit).items()})
    text.detach()


def concordance_table(found: Sequence[Concordance], *, colour: bool = False) -> str:
    """For each document the lines in context, then the counts by chapter; totals at the end."""
    from rich.table import Table
    from rich.text import Text

    page = console(width=140, colour=colour)
    for one in found:
        page.print(Text(one.title, style="bold"))
        lines = Table(box=None, pad_edge=False, show_header=False)
        lines.add_column(no_wrap=True)
        lines.add_column(justify="right", no_wrap=True)
        lines.add_column(no_wrap=True)
        lines.add_column(no_wrap=True)
        for hit in one.occurrences:
            lines.add_row(
                f"p. {hit.page}" if hit.page else "",
                Text(hit.before.lstrip()),
                Text(hit.match, style="bold red"),
                Text(hit.after.rstrip()),
            )
        page.print(lines)
        page.print()
        counts = Table(box=None, pad_edge=False, header_style="bold")
        counts.add_column("chapter")
        for name in ("hits", "words", "per 10,000 words"):
            counts.add_column(name, justify="right")
        for count in one.chapters:
            if count.hits:
                counts.add_row(
                    Text(count.name or "(before the first heading)"),
                    f"{count.hits}",
                    f"{count.words:,}",
                    f"{count.per_10_000:.1f}",
                )
        total = one.total
        counts.add_row(
            Text("whole document"), f"{total.hits}", f"{total.words:,}", f"{total.per_10_000:.1f}"
        )
        page.print(counts)
        page.print()
    return text_of(page)
