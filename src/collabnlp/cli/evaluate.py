"""``collabnlp evaluate``: measure the level model on documents held out in turn."""

from __future__ import annotations

from pathlib import Path

import click

from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option


@click.command("evaluate")
@click.option("--full", is_flag=True, help="Also other ways of deciding, and the studies (slow).")
@click.option("--worst", type=click.IntRange(0), default=0, help="Also this many of the errors.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@mirror_option
@corpus_option
def command(full: bool, worst: int, output: Path | None, mirror: Path | None, corpus: Path) -> int:
    """Fit and measure the level model, one family of documents held out at a time.

    Prints tables in Markdown, beside them baselines and how far two readings agree, and keeps them
    in build/evaluation; where nothing changed since, prints what it kept. Without a
    mirror the sentences written for the project are held out, which says less.
    """
    from collabnlp.cli.documents import output_stream
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.measuring import kept_evaluation

    there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
    report = kept_evaluation(
        Corpus(corpus),
        mirror=there,
        full=full,
        worst=worst,
        told=lambda words: click.echo(words, err=True),
    )
    with output_stream(output, binary=False) as stream:
        stream.write(report.text.encode())
    state = "nothing changed: measured before, " if report.idle else "kept in "
    click.echo(f"{state}{report.file}", err=True)
    return 0
