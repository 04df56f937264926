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


@command.command("fetch")
@click.argument("documents", nargs=-1, metavar="[ID]…")
@click.option("--wanted", is_flag=True, help="Also the documents that were not seen yet.")
@click.option("--pin", is_flag=True, help="Put the digests of those into the manifest.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=CACHE,
    show_default=True,
    help="Where to keep them.",
)
@click.option(
    "--mirror",
    type=click.Path(file_okay=False, path_type=Path),
    help="Take them from this folder, by digest or name; the network is not used.",
)
@corpus_option
def fetch(
    documents: tuple[str, ...],
    wanted: bool,
    pin: bool,
    folder: Path,
    mirror: Path | None,
    corpus: Path,
) -> int:
    """Bring the manifest's documents (or those named by ID) from the network or a mirror.

    Digests are checked; where a document has changed since, both versions are kept.
    """
    from collabnlp.cli.main import NOTHING, PARTLY
    from collabnlp.sources.fetch import Fetcher, Got
    from collabnlp.sources.manifest import DocumentRole
    from collabnlp.sources.mirror import Mirror
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.pinning import pin_digests

    where = Corpus(corpus)
    manifest = where.manifest()
    entries = [manifest[it] for it in documents] or [
        it for it in manifest.entries if wanted or it.role is not DocumentRole.WANTED
    ]
    fetcher = Fetcher(folder, mirror=Mirror(mirror) if mirror else None)
    results = []
    for entry in entries:
        result = fetcher.fetch(entry)
        results.append(result)
        if result.got is not Got.PRESENT:
            click.echo(f"{result.got}: {entry.id}: {result.message}".rstrip(": "), err=True)
    if pin:
        pinned = pin_digests(where, results)
        click.echo(f"{pinned} digests put into {where.manifest_file.name}", err=True)
    counts = {got: sum(it.got is got for it in results) for got in Got}
    told = ", ".join(f"{count} {got}" for got, count in counts.items() if count)
    click.echo(f"{len(results)} documents: {told}", err=True)
    if not any(it.there for it in results):
        return NOTHING
    good = (Got.PRESENT, Got.COPIED, Got.DOWNLOADED)
    return 0 if all(it.got in good for it in results) else PARTLY


@command.command("build")
@click.option(
    "--to",
    "build",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/corpus"),
    show_default=True,
    help="Where the units and the table go.",
)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True)
@mirror_option
@corpus_option
def build_(build: Path, jobs: int, mirror: Path | None, corpus: Path) -> int:
    """Rebuild units and the joined training table, only what changed.

    Without a mirror, and with nothing fetched, the table has the written sentences alone.
    """
    from collabnlp.cli.main import PARTLY
    from collabnlp.workflows.corpus import build_corpus
    from collabnlp.workflows.corpus_folder import Corpus

    there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
    report = build_corpus(
        Corpus(corpus),
        build,
        mirror=there,
        jobs=jobs,
        on_read=lambda name: click.echo(f"read: {name}", err=True),
    )
    refused = 0
    for it in report.documents:
        if it.problem and not it.units:
            refused += 1
            click.echo(f"refused: {it.document}: {it.problem}", err=True)
        if it.changed:
            click.echo(f"changed: {it.document} is not the manifest's version", err=True)
        if it.lost or it.moved:
            click.echo(
                f"labels: {it.document}: {it.readings} readings found, {it.moved} of them by "
                f"letters and digits, {it.lost} no longer match a unit",
                err=True,
            )
    if report.absent:
        names = ", ".join(report.absent)
        click.echo(f"left out, for their documents are not here: {names}", err=True)
    done = "nothing to do: " if report.idle else ""
    click.echo(
        f"{done}{len(report.documents)} documents; table of {report.rows} rows "
        f"({report.written} written, {report.rows - report.usable} near-duplicates marked)",
        err=True,
    )
    return PARTLY if refused or (there is not None and report.absent) else 0


@command.command("status")
@click.option(
    "--to",
    "build",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/corpus"),
    show_default=True,
    help="Where `corpus build` wrote.",
)
@mirror_option
@corpus_option
def status(build: Path, mirror: Path | None, corpus: Path) -> int:
    """Say which documents are here, and how many readings of which level each has."""
    from collabnlp.schema import Level
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.corpus_status import corpus_status

    there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
    found = corpus_status(Corpus(corpus), build, mirror=there)
    levels = [str(level) for level in Level]
    head = f"{'document':40} {'role':10} {'file':8} {'units':>6} {'1st':>5} {'2nd':>5} {'adj':>4} "
    click.echo(
        head + " ".join(f"{level:>11}" for level in levels) + f" {'unmatched':>9} {'lost':>5}"
    )
    for it in [*found.documents, found.total]:
        cells = " ".join(f"{it.levels.get(level, 0):11}" for level in levels)
        roles = f"{it.first:5} {it.second:5} {it.adjudicated:4}"
        units = "-" if it.units is None else str(it.units)
        lost = "-" if it.lost is None else str(it.lost)
        click.echo(
            f"{it.document:40.40} {it.role:10} {it.file:8} {units:>6} {roles} {cells}"
            f" {it.unmatched:9} {lost:>5}"
        )
    return 0
