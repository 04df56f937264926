"""``collabnlp compare``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session
from collabnlp.settings import DEFAULT_MODEL

_ENDINGS = {".html": "html", ".csv": "csv", ".json": "json", ".txt": "table"}


@click.command("compare")
@click.argument("paths", nargs=-1, required=True, metavar="OLD NEW [NEWER…]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; its ending (.html, .csv, .json, .txt) tells the format.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "html", "csv", "json"]),
    help="Default: by the ending of FILE, else a table.",
)
@click.option("--model", default=DEFAULT_MODEL, help="A model's name; default: the current one.")
@document_options
def command(
    paths: tuple[str, ...], output: Path | None, format_: str | None, model: str, **options: Any
) -> int:
    """Show what happened to every commitment between two versions, or along a chain of them.

    The oldest comes first. Passages are recognised where they were reworded, moved, renumbered,
    split or merged; commitments that became stronger or weaker, came or went are told apart.
    """
    from collabnlp.errors import UsageError

    format_ = chosen_format(format_, output, _ENDINGS, "table")
    if len(paths) < 2 or any(path != "-" and Path(path).is_dir() for path in paths):
        raise UsageError(
            "compare needs two documents or more, each by its own path.",
            advice="collabnlp compare OLD NEW",
        )
    from collabnlp.analysis.word_diff import word_diff
    from collabnlp.reporting.comparison_files import write_comparison
    from collabnlp.reporting.comparison_table import comparison_table, kinds_note
    from collabnlp.workflows.comparing import compare_outcomes, in_order

    work = session({**options, "paths": paths}, model=model)
    outcomes = list(work.outcomes())
    if any(outcome.error is not None for outcome in outcomes):
        # A chain with a gap would tell of changes that no step made.
        work.say("nothing was compared: a version could not be read")
        return max(2, work.finish())
    comparison = compare_outcomes(in_order(paths, outcomes))
    # The table tells it itself.
    if (note := kinds_note(comparison)) and format_ != "table":
        work.say(f"note: {note}")
    with output_stream(output, binary=False) as stream:
        if format_ == "table":
            colour = output is None and sys.stdout.isatty()
            stream.write(comparison_table(comparison, colour=colour).encode("utf-8"))
        else:
            write_comparison(comparison, stream, format=format_, differ=word_diff)
    return work.finish()
