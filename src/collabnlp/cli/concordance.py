"""``collabnlp concordance``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session

_ENDINGS = {".txt": "table", ".jsonl": "jsonl", ".csv": "csv"}


@click.command("concordance")
@click.argument("term")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "jsonl", "csv"]),
    help="Default: by the ending of FILE, else a table.",
)
@click.option(
    "--width",
    type=click.IntRange(10, 500),
    default=50,
    show_default=True,
    help="Characters of context to either side.",
)
@document_options
def command(term: str, output: Path | None, format_: str | None, width: int, **options: Any) -> int:
    """Show TERM in context, with counts per document, chapter and 10,000 words.

    TERM is a word or a phrase; * stands for any letters ("collaborat*"), ? for at most one letter
    or hyphen ("co?design"). Case and kinds of quotation mark make no difference.
    """
    format_ = chosen_format(format_, output, _ENDINGS, "table")
    from collabnlp.analysis.concordance import term_pattern
    from collabnlp.reporting.concordances import concordance_table, write_hits
    from collabnlp.workflows.searching import search

    term_pattern(term)  # a bad term is wrong usage, before any document is read
    work = session(options)
    found = [
        search(outcome.document, term, width=width)
        for outcome in work.outcomes()
        if outcome.document is not None
    ]
    with output_stream(output, binary=False) as stream:
        if format_ == "table":
            colour = output is None and sys.stdout.isatty()
            stream.write(concordance_table(found, colour=colour).encode("utf-8"))
        else:
            write_hits(found, stream, format=format_)
    return work.finish()
