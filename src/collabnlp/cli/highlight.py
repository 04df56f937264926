"""``collabnlp highlight``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collabnlp.cli.documents import Session, output_stream
from collabnlp.errors import DocumentError, UsageError
from collabnlp.schema import LADDER
from collabnlp.settings import DEFAULT_LIMITS, DEFAULT_MODEL, Limits

if TYPE_CHECKING:
    from collabnlp.reporting.highlight import MarkedPdf
    from collabnlp.schema import TaggedUnit
    from collabnlp.workflows.inputs import Source


@click.command("highlight")
@click.argument("file", metavar="FILE.pdf")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="PDF to write; never FILE.pdf itself.",
)
@click.option(
    "--level",
    "levels",
    type=click.Choice([str(level) for level in LADDER]),
    multiple=True,
    help="Highlight commitments of this level alone; may be given again.",
)
@click.option("--no-legend", is_flag=True, help="Leave the legend off the first page.")
@click.option(
    "--signed",
    is_flag=True,
    help="Mark a digitally signed PDF too; its signature will no longer vouch for all it shows.",
)
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="As `collabnlp model list` names it, or a model's folder.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_LIMITS.seconds,
    show_default=True,
    help="Seconds that reading the document may take.",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(64),
    default=DEFAULT_LIMITS.megabytes,
    help="Megabytes that reading the document may take (Linux, macOS).",
)
def command(
    file: str,
    output: Path | None,
    levels: tuple[str, ...],
    no_legend: bool,
    signed: bool,
    model: str,
    time_limit: float,
    memory_limit: int | None,
) -> int:
    """Write the PDF with each commitment highlighted in its level's colour.

    The file's own content stays as it is, to the byte; highlights, with a note each, are added
    behind it. FILE.pdf may be - for standard input.
    """
    source = _source(file, output)
    if output is None and sys.stdout.isatty():
        raise UsageError("A PDF is not text.", advice="Name a file with -o.")
    from collabnlp.workflows.highlighting import MarkablePdf
    from collabnlp.workflows.reading import lasting

    model = lasting(model)
    limits = Limits(seconds=time_limit, megabytes=memory_limit)
    work = Session(
        paths=(file,), jobs=1, backend="local", scheduler=None, limits=limits, model=model
    )
    try:
        pdf = MarkablePdf(source, signed=signed)
    except DocumentError as error:
        return _refused(work, source, error)
    (outcome,) = work.read([pdf.source])
    if outcome.document is None or outcome.tagged is None:
        work.score(outcome)
        return work.finish()

    def chosen(one: TaggedUnit) -> bool:
        return not levels or str(one.tag.level) in levels

    try:
        marked = pdf.marked(outcome.document, outcome.tagged, chosen=chosen, legend=not no_legend)
    except DocumentError as error:
        return _refused(work, source, error)
    work.score(outcome)
    if marked.unplaced and not outcome.partial:
        work.done, work.partial = work.done - 1, work.partial + 1
    with output_stream(output, binary=True) as stream:
        stream.write(marked.data)
    _tell(work, marked)
    return work.finish()


def _source(file: str, output: Path | None) -> Source:
    from collabnlp.workflows.inputs import Source

    if file == "-":
        return Source(Path("standard-input"), sys.stdin.buffer.read())
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", advice="Name one PDF.")
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise UsageError(
            "The output is the input; it is never overwritten.", advice="Choose another name."
        )
    return Source(path)


def _refused(work: Session, source: Source, error: DocumentError) -> int:
    work.refused += 1
    work.say(f"refused: {source.path}: {error.name}: {error}")
    return work.finish()


def _tell(work: Session, marked: MarkedPdf) -> None:
    total = sum(marked.counts.values())
    if marked.unplaced:
        work.say(
            f"{len(marked.unplaced)} not highlighted, their place on the page is unknown: "
            + ", ".join(marked.unplaced)
        )
    if not total:
        work.say("no commitments found: the PDF is written as it is")
        return
    each = ", ".join(f"{level} {count}" for level, count in marked.counts.items() if count)
    work.say(f"highlighted {total}: {each}")
