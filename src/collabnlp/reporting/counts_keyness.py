"""Keywords as a table for people and as rows for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import IO

from collabnlp.cells import defused
from collabnlp.reporting.rows import Row, json_line
from collabnlp.reporting.tables import console, text_of
from collabnlp.reporting.writers import write_sheets
from collabnlp.schema import Keyness, Keyword

_COLUMNS = (
    "word",
    "first",
    "second",
    "first_per_10000",
    "second_per_10000",
    "score",
    "p",
    "p_adjusted",
    "log_ratio",
    "log_ratio_low",
    "log_ratio_high",
    "difference_percent",
)


def keyword_row(one: Keyword) -> Row:
    """One keyword as plain values."""
    return {
        "word": one.word,
        "first": one.first,
        "second": one.second,
        "first_per_10000": round(one.per_10_000[0], 4),
        "second_per_10000": round(one.per_10_000[1], 4),
        # An odds ratio is infinite where the second set has none.
        "score": round(one.score, 4) if abs(one.score) != float("inf") else None,
        "p": float(f"{one.p:.6g}"),
        "p_adjusted": float(f"{one.adjusted:.6g}"),
        "log_ratio": round(one.log_ratio.value, 4),
        "log_ratio_low": round(one.log_ratio.low, 4),
        "log_ratio_high": round(one.log_ratio.high, 4),
        "difference_percent": None if one.difference is None else round(one.difference, 2),
    }


def write_keywords(keywords: Sequence[Keyword], stream: IO[bytes], *, format: str) -> None:
    """One row a keyword, as JSON lines, CSV or a workbook."""
    rows = [keyword_row(one) for one in keywords]
    if format == "jsonl":
        for row in rows:
            stream.write(json_line(row).encode() + b"\n")
    elif format == "xlsx":
        write_sheets({"keywords": (_COLUMNS, rows)}, stream)
    else:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.DictWriter(text, _COLUMNS, lineterminator="\r\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: defused(value) for name, value in row.items()})
        text.detach()


def keyness_table(found: Keyness, keywords: Sequence[Keyword], *, colour: bool = False) -> str:
    """The keywords of both sets, foremost first."""
    from rich.table import Table
    from rich.text import Text

    page = console(width=140, colour=colour)
    for title, words, names in zip("AB", found.words, found.documents, strict=True):
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        page.print(Text(f"{title}: {words:,} words of {shown}"))
    page.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("more in")
    table.add_column("word", no_wrap=True)
    for name in ("A", "B", "A per 10,000", "B per 10,000", found.measure, "p, corrected"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("log ratio", no_wrap=True)
    table.add_column("%DIFF", justify="right", no_wrap=True)
    for one in keywords:
        ratio = one.log_ratio
        table.add_row(
            "A" if one.per_10_000[0] > one.per_10_000[1] else "B",
            Text(one.word),
            str(one.first),
            str(one.second),
            f"{one.per_10_000[0]:.1f}",
            f"{one.per_10_000[1]:.1f}",
            f"{one.score:.2f}",
            "<.0001" if one.adjusted < 0.0001 else f"{one.adjusted:.4f}".removeprefix("0"),
            f"{ratio.value:.2f} [{ratio.low:.2f}, {ratio.high:.2f}]",
            "" if one.difference is None else f"{one.difference:+.0f}%",
        )
    page.print(table)
    page.print()
    page.print(
        Text(
            f"{found.compared:,} words compared; p values corrected for that many tests "
            "(Benjamini and Hochberg)."
        )
    )
    return text_of(page)
