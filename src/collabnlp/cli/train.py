"""``collabnlp train``: fit the level model anew, where something changed."""

from __future__ import annotations

from pathlib import Path

import click

from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option


@click.command("train")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/models/level"),
    show_default=True,
    help="The model's folder; `classify --model FOLDER` uses it.",
)
@click.option("--name", default="level-2026.11", show_default=True, help="What records will carry.")
@mirror_option
@corpus_option
def command(output: Path, name: str, mirror: Path | None, corpus: Path) -> int:
    """Rebuild the corpus and fit the level model on it; does nothing where nothing changed.

    Without a mirror, and with nothing fetched or built before, it learns from the sentences
    written for the project alone. The model that comes with the program stays as it is, unless
    -o names its folder.
    """
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.retrain import train_model

    there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
    done = train_model(
        Corpus(corpus),
        output,
        mirror=there,
        name=name,
        told=lambda words: click.echo(words, err=True),
    )
    state = "nothing to do: " if done.idle else ""
    click.echo(
        f"{state}{done.name} in {output}: {done.units} units ({done.written} written), "
        f"{done.commitments} commitments, {done.documents} documents",
        err=True,
    )
    return 0
