"""``collabnlp corpus``: bring the manifest's documents, rebuild the corpus, say what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collabnlp.sources.mirror import Mirror

_Command = TypeVar("_Command", bound=Callable[..., Any])
CACHE = Path(".cache/corpus")


def corpus_option(command: _Command) -> _Command:
    """``--corpus``: the folder with the manifest and the labels."""
    return click.option(
        "--corpus",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("corpus"),
        show_default=True,
        help="The folder with manifest.toml and labels/.",
    )(command)


def mirror_option(command: _Command) -> _Command:
    """``--mirror``: where the documents are."""
    return click.option(
        "--mirror",
        type=click.Path(file_okay=False, path_type=Path),
        help=f"A folder that holds the documents. Default: {CACHE}, where `fetch` keeps them.",
    )(command)


def mirror_of(folder: Path | None) -> Mirror:
    """The mirror named, or the folder of what was fetched. Raises UsageError without either."""
    from collabnlp.sources.mirror import Mirror

    return Mirror(folder or CACHE)


@click.group("corpus")
def command() -> None:
    """Bring the manifest's documents, rebuild the corpus, say what is there."""
