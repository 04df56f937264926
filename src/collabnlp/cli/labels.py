"""``collabnlp labels``: the label store from the shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from collabnlp.cli import agreement
from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option

_LEVELS = ["none", "explore", "support", "have_regard", "co_create", "lead"]
_ROLES = ["first", "second", "adjudicated"]


@click.group("labels")
def command() -> None:
    """Bring readings in and out of the corpus' label store, and measure how they agree."""


command.add_command(agreement.command)


@command.command("import")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE|FOLDER")
@click.option("--reader", required=True, help="Who read, for example reader-1.")
@click.option("--role", type=click.Choice(_ROLES), default="first", show_default=True)
@click.option("--date", required=True, metavar="YYYY-MM[-DD]", help="When it was read.")
@click.option("--codebook", default="1.2", show_default=True, help="The version read by.")
@click.option(
    "--tasks",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The task file that FILE answers (from `labels queue`).",
)
@click.option("--replace", is_flag=True, help="Replace this reader's readings of these documents.")
@click.option("--rest-is-none", is_flag=True, help="Tasks without an answer were read: none.")
@mirror_option
@corpus_option
def import_(
    path: Path,
    tasks: Path | None,
    rest_is_none: bool,
    mirror: Path | None,
    corpus: Path,
    **given: Any,
) -> int:
    """Import readings: answers to reading tasks, or files DOCUMENT.jsonl with the texts read.

    Texts are matched to the units of the documents, which must be in the mirror or have been
    fetched; what no unit is found for is listed in corpus/labels/unmatched.csv.
    """
    from collabnlp.errors import UsageError
    from collabnlp.schema import Role
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.labelling import import_readings, import_task_readings

    given["role"] = Role(given["role"])
    if tasks is not None:
        where = Corpus(corpus)
        there = mirror_of(mirror) if mirror or CACHE.is_dir() else None
        _show_import(
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
    _show_import(reports)
    return 0


def _show_import(reports: list[Any]) -> None:
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


@command.command("queue")
@click.option(
    "--document", "documents", multiple=True, metavar="ID", help="Default: all with readings."
)
@click.option("--level", "levels", multiple=True, type=click.Choice([*_LEVELS, "commitment"]))
@click.option("--random", type=click.IntRange(0), default=0, help="Nones drawn at random besides.")
@click.option("--unread", is_flag=True, help="Units without a first reading instead.")
@click.option("--heading", default="", metavar="TEXT", help="Only below a heading that holds it.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--skip", "skip_role", type=click.Choice(_ROLES), help="Leave out units read so.")
@click.option(
    "--sample", metavar="NAME", help="Keep what was drawn, and how, in corpus/samples/NAME.jsonl."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Task file.")
@mirror_option
@corpus_option
def queue(
    documents: tuple[str, ...],
    levels: tuple[str, ...],
    skip_role: str | None,
    sample: str | None,
    output: Path | None,
    mirror: Path | None,
    corpus: Path,
    **given: Any,
) -> int:
    """Write reading tasks: units with headings and neighbours, and without anybody's label."""
    from collabnlp.cli.documents import output_stream
    from collabnlp.schema import LADDER, Level, Role
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.reading_tasks import TaskRequest, keep_sample, make_tasks

    wanted = {Level(name) for name in levels if name != "commitment"}
    if "commitment" in levels:
        wanted |= set(LADDER)
    request = TaskRequest(
        documents=documents,
        levels=frozenset(wanted),
        skip_role=Role(skip_role) if skip_role else None,
        **given,
    )
    store = Corpus(corpus)
    drawn = make_tasks(store, request, mirror_of(mirror), sample=sample or "")
    if sample:
        keep_sample(store, sample, [record for _, record in drawn])
    with output_stream(output, binary=False) as stream:
        for task, _ in drawn:
            stream.write(task.line())
    click.echo(f"{len(drawn)} reading tasks", err=True)
    return 0


@command.command("adjudicate")
@click.option("--everything", is_flag=True, help="Also where only partners or departments differ.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Task file.")
@mirror_option
@corpus_option
def adjudicate(everything: bool, output: Path | None, mirror: Path | None, corpus: Path) -> int:
    """Write the units on which readings differ as tasks for a third reader.

    Each has the readings as `a` and `b`, in an order that does not tell whose they are. Bring the
    decisions back with `labels import FILE --role adjudicated --tasks TASKS`.
    """
    import json
    from dataclasses import asdict

    from collabnlp.cli.documents import output_stream
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.reading_tasks import disputed_tasks

    disputed = disputed_tasks(Corpus(corpus), mirror_of(mirror), in_everything=everything)
    with output_stream(output, binary=False) as stream:
        for task, readings in disputed:
            told = [it.judgement.as_dict() for it in readings[:2]]
            if int(task.unit_hash, 16) % 2:
                told.reverse()
            row = {**asdict(task), "a": told[0], "b": told[1]}
            stream.write(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    click.echo(f"{len(disputed)} disputed units", err=True)
    return 0


@command.command("export")
@click.option("--resolved", is_flag=True, help="One judgement a unit instead of every reading.")
@click.option("--document", "documents", multiple=True, metavar="ID")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@corpus_option
def export(resolved: bool, documents: tuple[str, ...], output: Path | None, corpus: Path) -> int:
    """Write readings as JSON lines, without texts (`corpus build` joins them with the texts)."""
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
