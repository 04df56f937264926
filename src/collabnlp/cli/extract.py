"""``collabnlp extract``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session


@click.command("extract")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "text"]),
    help="Default: by the ending of FILE, else jsonl.",
)
@document_options
def command(output: Path | None, format_: str | None, **options: Any) -> int:
    """Write the units (sentences, list items, provisions) of documents; no model is used."""
    format_ = chosen_format(format_, output, {".jsonl": "jsonl", ".txt": "text"}, "jsonl")
    from collabnlp.reporting.rows import unit_rows
    from collabnlp.reporting.text import units_text
    from collabnlp.reporting.writers import write_jsonl

    work = session(options)
    with output_stream(output, binary=False) as stream:
        for outcome in work.outcomes():
            if outcome.document is None:
                continue
            if format_ == "jsonl":
                write_jsonl(unit_rows(outcome.document.info, outcome.units), stream)
            else:
                stream.write(units_text(outcome.document, outcome.units).encode())
            stream.flush()
    return work.finish()
