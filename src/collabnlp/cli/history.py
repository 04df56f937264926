"""``collabnlp labels history|snapshot|check|backup|sync``: the past of the label store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collabnlp.cli.corpus import corpus_option
from collabnlp.cli.exchange import now, opened, store_option
from collabnlp.cli.main import WRONG_USAGE

if TYPE_CHECKING:
    from collabnlp.labels.history import Event


@click.command("history")
@click.option("--document", "documents", multiple=True, metavar="ID", help="Default: all.")
@click.option("--unit", default="", metavar="HASH", help="The unit's hash, or its beginning.")
@click.option("--reader", default="", metavar="NAME", help="Only what this reader did.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N.")
@store_option
def history(
    documents: tuple[str, ...], unit: str, reader: str, last: int | None, store: Path | None
) -> int:
    """Show what happened: who said what, when, and what it took the place of.

    A line an entry, oldest first; the first eight digits of a unit's hash stand in it, and are what
    --unit takes. Lines that begin with a text name the unit of the lines that follow.
    """
    from collabnlp.labels.history import events

    found = events(opened(store), documents=documents, unit=unit, reader=reader)
    shown = found[-last:] if last else found
    if len(shown) < len(found):
        click.echo(f"… {len(found) - len(shown):,} earlier")
    for event in shown:
        click.echo(_line(event))
    texts = {event.unit_hash: event.text for event in shown if event.text}
    if unit and len({event.unit_hash for event in shown}) == 1 and texts:
        click.echo(f"\n{next(iter(texts.values()))}")
    click.echo(f"{len(found):,} entries", err=True)
    return 0


def _line(event: Event) -> str:
    place = f"{event.document}:{event.unit_hash[:8]}"
    if event.occurrence > 1:
        place += f"-{event.occurrence}"
    line = f"{event.sequence:>6}  {event.when:20}  {place:34}  {event.reader} ({event.role}): "
    if event.withdrawn:
        return line + f"withdrew {event.said}"
    line += event.said
    if event.before:
        line += f", before {event.before}"
    if event.answers:
        line += f"; others: {', '.join(event.answers)}"
    if event.superseded:
        line += "  [superseded]"
    return line


@click.command("snapshot")
@click.option("--name", default="", help="What it is for.")
@click.option("--list", "listed", is_flag=True, help="Show those that were kept instead.")
@store_option
def snapshot(name: str, listed: bool, store: Path | None) -> int:
    """Keep the labels as they are now under a digest, and print it.

    `labels export --at DIGEST` gives them again, whatever happened since.
    """
    database = opened(store)
    if listed:
        for it in database.snapshots():
            click.echo(f"{it.digest}  {it.readings:>8,} readings  {it.time:20}  {it.name}".rstrip())
        return 0
    known = {it.digest for it in database.snapshots()}
    kept = database.snapshot(name=name, time=now())
    click.echo(kept.digest)
    was = f" as before, kept {kept.time} {kept.name}".rstrip() if kept.digest in known else ""
    click.echo(f"{kept.readings:,} readings{was}", err=True)
    return 0


@click.command("check")
@store_option
def check(store: Path | None) -> int:
    """Look whether the store is sound: the file, every entry, every chain, every snapshot.

    Exit status: 0 sound, 1 not.
    """
    database = opened(store)
    problems = database.problems()
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        click.echo(f"{len(problems):,} problems; do not write to it: use a backup.", err=True)
        return WRONG_USAGE
    click.echo(
        f"sound: {database.sequence:,} entries, {len(database.in_force()):,} in force, "
        f"{len(database.snapshots()):,} snapshots"
    )
    return 0


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@store_option
def backup(target: Path, store: Path | None) -> int:
    """Copy the whole store into FILE, as it is now; others may go on writing meanwhile.

    The copy is checked. A file that is there already is not overwritten.
    """
    from collabnlp.errors import UsageError
    from collabnlp.labels.database import LabelDatabase

    database = opened(store)
    if target.exists():
        raise UsageError(f"{target} exists already.", advice="Choose another name.")
    database.backup(target)
    problems = LabelDatabase(target).problems()
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{LabelDatabase(target).sequence:,} entries copied to {target}", err=True)
    return WRONG_USAGE if problems else 0


@click.command("sync")
@click.option("--no-write", is_flag=True, help="Only from the corpus into the store.")
@store_option
@corpus_option
def sync(no_write: bool, store: Path | None, corpus: Path) -> int:
    """Bring the corpus' files and the store together: files into store, then store into files.

    A reading that the store ever held is not brought in again, so what was corrected or withdrawn
    stays so. Files hold readings in force of documents that the manifest has for labelling. The
    store is made where there is none.
    """
    from collabnlp.labels.corpus_files import load_records
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.settings import label_store
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.exchanging import write_records

    database, folder = LabelDatabase(store or label_store()), Corpus(corpus)
    loaded = load_records(database, folder.store)
    click.echo(f"into the store: {loaded.added:,} new, {loaded.corrected:,} corrected")
    if no_write:
        return 0
    changed = {name: lines for name, lines in write_records(database, folder).items() if lines}
    for document, lines in changed.items():
        click.echo(f"{document}: {lines:,} lines changed")
    click.echo(f"into the files: {sum(changed.values()):,} lines in {len(changed):,} files")
    return 0
