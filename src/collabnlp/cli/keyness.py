"""``collabnlp keyness``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session
from collabnlp.cli.main import NOTHING
from collabnlp.errors import UsageError

_ENDINGS = {".txt": "table", ".jsonl": "jsonl", ".csv": "csv", ".xlsx": "xlsx"}


@click.command("keyness")
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--measure",
    type=click.Choice(["lr", "chi2", "exact", "pmi"]),
    default="lr",
    show_default=True,
    help="Log-likelihood ratio, chi-square, Fisher's exact test, pointwise mutual information.",
)
@click.option(
    "--correction",
    type=click.Choice(["none", "yates", "williams"]),
    default="none",
    show_default=True,
    help="Of lr and chi2.",
)
@click.option(
    "--runs", type=click.IntRange(1, 5), default=1, show_default=True, help="Words in a row."
)
@click.option(
    "--least",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Compare words that are there so often, in A and B together.",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    default=None,
    help="Keywords of each set to write. Default: 20 in a table, else all.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "jsonl", "csv", "xlsx"]),
    help="Default: by the ending of FILE, else a table.",
)
@document_options
def command(
    first: str,
    second: str,
    measure: str,
    correction: str,
    runs: int,
    least: int,
    top: int | None,
    output: Path | None,
    format_: str | None,
    **options: Any,
) -> int:
    """Show the words that set the documents of A apart from those of B (files or folders)."""
    format_ = chosen_format(format_, output, _ENDINGS, "table")
    from collabnlp.reporting.counts_keyness import keyness_table, write_keywords
    from collabnlp.workflows.counting import compare_words, foremost

    if first == second:
        raise UsageError("A and B are the same.", advice="Name two files or folders.")
    work = session({**options, "paths": (first,)})
    one = [it.document for it in work.outcomes() if it.document is not None]
    work.paths = (second,)
    other = [it.document for it in work.outcomes() if it.document is not None]
    if not one or not other:
        return work.finish() or NOTHING
    found = compare_words(
        one,
        other,
        measure=measure,
        correction=correction,
        runs=runs,
        least=least,
    )
    keywords = foremost(found, 20 if top is None and format_ == "table" else top)
    with output_stream(output, binary=format_ == "xlsx") as stream:
        if format_ == "table":
            colour = output is None and sys.stdout.isatty()
            text = keyness_table(found, keywords, colour=colour)
            stream.write(text.encode("utf-8", "backslashreplace"))
        else:
            write_keywords(keywords, stream, format=format_)
    return work.finish()
