"""``collabnlp classify``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session
from collabnlp.settings import DEFAULT_MODEL

_ENDINGS = {
    ".txt": "table",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}


@click.command("classify")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "jsonl", "csv", "xlsx", "parquet"]),
    help="Default: by the ending of FILE, else a table.",
)
@click.option("--all-units", is_flag=True, help="Write every unit, not the commitments alone.")
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="As `collabnlp model list` names it, or a model's folder.",
)
@document_options
def command(
    output: Path | None, format_: str | None, all_units: bool, model: str, **options: Any
) -> int:
    """Tag the commitments in documents (files, folders, or - for standard input)."""
    format_ = chosen_format(format_, output, _ENDINGS, "table")
    from collabnlp.reporting.rows import Row, tagged_rows
    from collabnlp.reporting.writers import BINARY, WRITERS

    work = session(options, model=model)

    def rows() -> Iterator[Row]:
        for outcome in work.outcomes():
            if outcome.tagged is not None:
                yield from tagged_rows(outcome.tagged, all_units=all_units)

    with output_stream(output, binary=format_ in BINARY) as stream:
        if format_ == "table":
            from collabnlp.reporting.tables import commitments_table

            colour = output is None and sys.stdout.isatty()
            width = None
            if colour:
                import shutil

                width = shutil.get_terminal_size().columns
            for outcome in work.outcomes():
                if outcome.tagged is None or outcome.document is None:
                    continue
                found = list(tagged_rows(outcome.tagged, all_units=all_units))
                text = commitments_table(found, width=width, colour=colour)
                if not text:
                    text = f"{outcome.document.info.title}\nno commitments found\n"
                stream.write((text + "\n").encode("utf-8", "backslashreplace"))
                stream.flush()
        else:
            WRITERS[format_](rows(), stream)
    return work.finish()
