"""``collabnlp labels export|import``: labels into other programs' files, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option
from collabnlp.cli.main import WRONG_USAGE

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.labels.returning import Plan
    from collabnlp.workflows.exchanging import ImportResult

_Command = TypeVar("_Command", bound=Callable[..., Any])
_ROLES = ["first", "second", "adjudicated"]
_LEVELS = ["none", "explore", "support", "have_regard", "co_create", "lead"]
_STORE_FORMATS = ["csv", "xlsx", "jsonl", "prodigy", "label-studio"]
_ENDINGS = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".json": "label-studio"}
# More would fill the screen, and whoever has more has made one mistake many times.
_PROBLEMS_SHOWN = 50


def store_option(command: _Command) -> _Command:
    """``--store``: the label store."""
    return click.option(
        "--store",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The label store. Default: the one that `review` uses.",
    )(command)


def opened(store: Path | None) -> LabelDatabase:
    """The store named, or the user's. Raises StoreError where there is none."""
    from collabnlp.settings import label_store
    from collabnlp.workflows.exchanging import open_store

    return open_store(store or label_store())


def now() -> str:
    """The present, as entries have it: UTC to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.command("export")
@click.option(
    "--format",
    "form",
    type=click.Choice([*_STORE_FORMATS, "records", "standoff"]),
    help="Default: by the ending of -o (.json is Label Studio's), else jsonl.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file.")
@store_option
@click.option("--document", "documents", multiple=True, metavar="ID", help="Default: all.")
@click.option("--reader", default="", metavar="NAME", help="Only what this reader said.")
@click.option("--resolved", is_flag=True, help="One reading a unit: the one that decides.")
@click.option(
    "--at",
    default="",
    metavar="DIGEST|TIME",
    help="As it was: a snapshot's digest (8 digits or more), or a UTC day or time.",
)
@click.option("--history", is_flag=True, help="All that was ever kept (jsonl).")
@corpus_option
@click.pass_context
def export(
    context: click.Context,
    form: str | None,
    output: Path | None,
    store: Path | None,
    documents: tuple[str, ...],
    reader: str,
    resolved: bool,
    at: str,
    history: bool,
    corpus: Path,
) -> int:
    """Write labels into a file that other programs read; `labels import` brings it back.

    \b
    csv, xlsx     a row a reading, to be changed in a spreadsheet
    jsonl         whole entries; with --history the store can be built again from it
    prodigy       tasks of Prodigy's `choice` interface
    label-studio  tasks of Label Studio
    records       into the files of the corpus (--corpus), not into one file
    standoff      lines of the corpus' files (--corpus), without texts; not from the store
    """
    from collabnlp.cli.documents import chosen_format, output_stream
    from collabnlp.errors import UsageError
    from collabnlp.workflows.exchanging import export_labels, write_records

    source = context.get_parameter_source("corpus")
    if form is None and source is click.core.ParameterSource.COMMANDLINE:
        form = "standoff"
    if form in ("records", "standoff") and (at or reader or history):
        raise UsageError(f"--format {form} goes without --at, --reader and --history.")
    if form == "standoff":
        return _standoff(corpus, documents, output, resolved=resolved)
    if form == "records":
        from collabnlp.workflows.corpus_folder import Corpus

        changed = write_records(opened(store), Corpus(corpus), documents=documents)
        _show_changed(changed)
        return 0
    form = chosen_format("jsonl" if history and form is None else form, output, _ENDINGS, "jsonl")
    database = opened(store)
    with output_stream(output, binary=form == "xlsx") as stream:
        done = export_labels(
            database,
            stream,
            format=form,
            documents=documents,
            reader=reader,
            at=at,
            resolved=resolved,
            history=history,
        )
    click.echo(f"{done.readings:,} {'entries' if history else 'readings'} as {form}", err=True)
    if done.textless:
        click.echo(
            f"{done.textless:,} of them without their text: the store keeps no units of these "
            "documents (`labels queue` and `review` bring them in).",
            err=True,
        )
    return 0


def _show_changed(changed: dict[str, int]) -> None:
    for document, lines in changed.items():
        if lines:
            click.echo(f"{document}: {lines:,} lines changed", err=True)
    files = sum(1 for lines in changed.values() if lines)
    click.echo(f"{len(changed):,} files, {files:,} changed", err=True)


def _standoff(
    corpus: Path, documents: tuple[str, ...], output: Path | None, *, resolved: bool
) -> int:
    from collabnlp.cli.documents import output_stream
    from collabnlp.identifiers import canonical_json
    from collabnlp.labels.resolution import by_unit, resolve
    from collabnlp.workflows.corpus_folder import Corpus

    store = Corpus(corpus).store
    count = 0
    with output_stream(output, binary=False) as stream:
        for document in documents or store.documents():
            for unit, readings in by_unit(store.read(document)).items():
                rows = [it.as_dict() for it in readings]
                if resolved:
                    one = resolve(readings)
                    rows = [
                        {
                            "document": document,
                            "unit_hash": unit[0],
                            "occurrence": unit[1],
                            **one.judgement.as_dict(),
                            "standing": str(one.standing),
                            "sure": one.sure,
                            "readings": len(readings),
                        }
                    ]
                for row in rows:
                    stream.write(canonical_json(row) + b"\n")
                    count += 1
    click.echo(f"{count} lines", err=True)
    return 0


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@click.option(
    "--format",
    "form",
    type=click.Choice([*_STORE_FORMATS, "readings"]),
    help="Default: by the file's ending and first line.",
)
@click.option("--reader", default="", help="Who read or changed it, for example reader-1.")
@click.option("--codebook", default="1.2", show_default=True, help="The version read by.")
@store_option
@click.option("--dry-run", is_flag=True, help="Store: say what would be done, and do nothing.")
@click.option(
    "--person",
    "people",
    multiple=True,
    metavar="USER=NAME",
    help="Store: what a tool calls a user (3, ann@example.org), and the reader's name.",
)
@click.option("--role", type=click.Choice(_ROLES), help="Readings: default first.")
@click.option("--date", metavar="YYYY-MM[-DD]", help="Readings: when it was read.")
@click.option(
    "--tasks",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Readings: the task file that FILE answers (from `labels queue`).",
)
@click.option("--replace", is_flag=True, help="Readings: replace this reader's of these documents.")
@click.option(
    "--rest-is-none", is_flag=True, help="Readings: tasks without an answer were read: none."
)
@mirror_option
@corpus_option
def import_(
    path: Path,
    form: str | None,
    store: Path | None,
    dry_run: bool,
    people: tuple[str, ...],
    **given: Any,
) -> int:
    """Bring labels in: a changed export into the store, or readings into the corpus.

    STORE. A file of `labels export` (CSV, Excel, JSON lines, Prodigy, Label Studio). What is as it
    was changes nothing. What was changed becomes a reading of --reader, beside what others read.
    Rows that were removed change nothing. A new row without an id is a new reading. Where anything
    is wrong, all of it is listed and nothing is imported.

    READINGS. Answers to reading tasks (--tasks), or files DOCUMENT.jsonl with the texts read, into
    corpus/labels; --reader and --date are needed. Texts are matched to the units of the documents,
    which must be in the mirror or have been fetched; what no unit is found for is listed in
    corpus/labels/unmatched.csv.
    """
    from collabnlp.errors import UsageError
    from collabnlp.workflows.exchanging import READINGS, file_format

    of_readings = [name for name in ("tasks", "date", "role") if given[name]]
    of_readings += [name for name in ("replace", "rest_is_none") if given[name]]
    if form is None:
        form = READINGS if of_readings else file_format(path)
    if form == READINGS:
        return _import_readings(path, **given)
    if of_readings:
        option = of_readings[0].replace("_", "-")
        raise UsageError(f"--{option} is for readings; {path.name} is {form}, for the store.")
    return _import_labels(path, form, store, dry_run=dry_run, people=people, **given)


def _import_readings(
    path: Path,
    *,
    tasks: Path | None,
    rest_is_none: bool,
    mirror: Path | None,
    corpus: Path,
    **given: Any,
) -> int:
    from collabnlp.errors import UsageError
    from collabnlp.schema import Role
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.labelling import import_readings, import_task_readings

    for name in ("reader", "date"):
        if not given[name]:
            raise UsageError(f"Readings need --{name}.", advice="See `labels import --help`.")
    given["role"] = Role(given["role"] or "first")
    if tasks is not None:
        where = Corpus(corpus)
        there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
        _show_readings(
            import_task_readings(
                where, path, tasks, mirror=there, rest_is_none=rest_is_none, **given
            )
        )
        return 0
    if rest_is_none:
        raise UsageError("--rest-is-none needs --tasks.")
    reports = []
    for report in import_readings(Corpus(corpus), path, mirror=mirror_of(mirror), **given):
        reports.append(report)
        click.echo(f"{report.document}: {report.records} records", err=True)
    _show_readings(reports)
    return 0


def _show_readings(reports: list[Any]) -> None:
    ways = ["exact", "folded", "own", "fuzzy", "part", "joined", "overlap", "unmatched"]
    head = f"{'document':32} {'kind':10} {'read':>6} " + " ".join(f"{way:>9}" for way in ways)
    click.echo(head)
    total: dict[tuple[str, str], int] = {}
    sums = {"commitment": 0, "none": 0}

    def line(name: str, side: str, read: int, counts: dict[tuple[str, str], int]) -> None:
        cells = " ".join(f"{counts.get((side, way), 0):9}" for way in ways)
        click.echo(f"{name:32.32} {side:10} {read:6} {cells}")

    for report in reports:
        for side, read in report.readings.items():
            line(report.document, side, read, report.ways)
            sums[side] += read
        for key, count in report.ways.items():
            total[key] = total.get(key, 0) + count
    for side, read in sums.items():
        line("all", side, read, total)
    for side, read in sums.items():
        lost = total.get((side, "unmatched"), 0)
        if read:
            click.echo(f"{side}: {read - lost} of {read} matched ({(read - lost) / read:.1%})")


def _import_labels(
    path: Path,
    form: str,
    store: Path | None,
    *,
    reader: str,
    codebook: str,
    dry_run: bool,
    people: tuple[str, ...],
    **_readings: Any,
) -> int:
    from collabnlp.errors import UsageError
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.settings import label_store
    from collabnlp.workflows.exchanging import import_labels

    named = {}
    for pair in people:
        user, is_pair, name = pair.partition("=")
        if not (is_pair and user.strip() and name.strip()):
            raise UsageError(f"--person {pair} is not USER=NAME.")
        named[user.strip()] = name.strip()
    # A history is what a store is made of where there is none.
    database = LabelDatabase(store or label_store()) if form == "jsonl" else opened(store)
    result = import_labels(
        database,
        path,
        format=form,
        reader=reader.strip(),
        people=named,
        codebook=codebook,
        time=now(),
        dry_run=dry_run,
    )
    if result.plan.problems:
        _show_problems(path, result.plan)
        return WRONG_USAGE
    _show_result(result, dry_run=dry_run)
    return 0


def _show_problems(path: Path, plan: Plan) -> None:
    problems = plan.problems
    for problem in problems[:_PROBLEMS_SHOWN]:
        click.echo(str(problem), err=True)
    if len(problems) > _PROBLEMS_SHOWN:
        click.echo(f"… and {len(problems) - _PROBLEMS_SHOWN:,} more", err=True)
    noun = "problem" if len(problems) == 1 else "problems"
    click.echo(f"{path.name}: {len(problems):,} {noun}; nothing was imported.", err=True)


def _show_result(result: ImportResult, *, dry_run: bool) -> None:
    plan = result.plan
    click.echo(f"{plan.unchanged:,} unchanged")
    told = "would be " if dry_run else ""
    for what, people in (
        ("corrected", plan.corrected),
        ("confirmed", plan.confirmed),
        ("newly read", plan.added),
    ):
        for person, count in sorted(people.items()):
            click.echo(f"{count:,} {told}{what} by {person}")
    if plan.restored:
        click.echo(f"{plan.restored:,} {told}added as they are")
    if plan.already:
        click.echo(f"{plan.already:,} already said by the same person")
    if result.unlabelled:
        click.echo(f"{result.unlabelled:,} without an answer: no labels")
    if any(result.snapshots):
        kept, lost = result.snapshots
        click.echo(f"{kept:,} snapshots kept, {lost:,} not to be had again")
    if plan.bare:
        click.echo(f"{plan.bare:,} of these commitments have no partners")
    if any(before != after for before, after in plan.moves):
        _show_moves(plan)
    if dry_run:
        click.echo("Nothing was imported (--dry-run).")


def _show_moves(plan: Plan) -> None:
    """Levels before (rows) and after (columns) of what was corrected."""
    before = [level for level in _LEVELS if any(one == level for one, _ in plan.moves)]
    after = [level for level in _LEVELS if any(other == level for _, other in plan.moves)]
    click.echo(f"\n{'was, is now':12} " + " ".join(f"{level:>11}" for level in after))
    for one in before:
        cells = (plan.moves.get((one, other), 0) for other in after)
        click.echo(f"{one:12} " + " ".join(f"{count or '·':>11}" for count in cells))
