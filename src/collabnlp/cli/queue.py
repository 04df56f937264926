"""``collabnlp labels queue``: what is to be read next, for reading tasks or for the review page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option
from collabnlp.errors import UsageError
from collabnlp.labels.queue import RANDOM_SHARE, SIZE
from collabnlp.settings import DEFAULT_MODEL, label_store

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.labels.queue_state import LikelyError
    from collabnlp.workflows.queue_documents import AddedDocument
    from collabnlp.workflows.queueing import QueueReport

_LEVELS = ["none", "explore", "support", "have_regard", "co_create", "lead"]
_ROLES = ["first", "second", "adjudicated"]
# As `Reason` has them, in words that a shell takes without quotation marks.
_REASONS = {
    "least-certain": "LEAST_CERTAIN",
    "disagreeing": "DISAGREEING",
    "unlike": "UNLIKE",
    "likely-error": "LIKELY_ERROR",
    "diverse": "DIVERSE",
    "disputed": "DISPUTED",
    "random": "RANDOM",
}
_REVIEW_ONLY = ("size", "random_share", "reasons", "store", "model", "replace", "again", "jobs")
_TASKS_ONLY = ("levels", "random", "unread", "heading", "skip_role", "sample", "output")


@click.command("queue")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--review", is_flag=True, help="Fill the queue of `collabnlp review`.")
@click.option(
    "--document", "documents", multiple=True, metavar="ID", help="Default: all with readings."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--level", "levels", multiple=True, type=click.Choice([*_LEVELS, "commitment"]))
@click.option("--random", type=click.IntRange(0), default=0, help="Nones drawn at random besides.")
@click.option("--unread", is_flag=True, help="Units without a first reading instead.")
@click.option("--heading", default="", metavar="TEXT", help="Only below a heading that holds it.")
@click.option("--skip", "skip_role", type=click.Choice(_ROLES), help="Leave out units read so.")
@click.option(
    "--sample", metavar="NAME", help="Keep what was drawn, and how, in corpus/samples/NAME.jsonl."
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Task file.")
@click.option(
    "--size",
    type=click.IntRange(1),
    default=SIZE,
    show_default=True,
    help="With --review: so many units shall wait in the queue.",
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice(list(_REASONS)),
    help="With --review: for this reason alone; may be repeated.",
)
@click.option(
    "--random-share",
    type=click.FloatRange(0, 1),
    default=RANDOM_SHARE,
    show_default=True,
    help="With --review: share drawn by chance, before all else.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --review: the label store. Default: the one that `review` uses.",
)
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="With --review: the model whose doubts and suggestions are shown.",
)
@click.option("--replace", is_flag=True, help="With --review: empty the queue first.")
@click.option("--again", is_flag=True, help="With --review: read documents anew that are there.")
@click.option("--jobs", type=click.IntRange(1), default=1, help="Documents read at once.")
@mirror_option
@corpus_option
@click.pass_context
def command(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    review: bool,
    mirror: Path | None,
    corpus: Path,
    **given: Any,
) -> int:
    """Say what is to be read next.

    Without --review: write reading tasks, units with headings and neighbours and without anybody's
    label.

    With --review: put units into the queue of `collabnlp review`, each with the reason why it is
    shown. The units are those of PATH…, or of the manifest's documents in the mirror and of what is
    in the label store already.
    """
    default = click.core.ParameterSource.DEFAULT
    set_ = {it for it in given if context.get_parameter_source(it) is not default}
    wrong = sorted(set_ & set(_TASKS_ONLY if review else _REVIEW_ONLY))
    if wrong or (paths and not review):
        name = "PATH" if not wrong else "--" + _option_of(context, wrong[0])
        raise UsageError(
            f"{name} is for a queue {'without' if review else 'with'} --review.",
            advice="See `collabnlp labels queue --help`.",
        )
    if review:
        kept = {it: given[it] for it in (*_REVIEW_ONLY, "documents", "seed")}
        return _fill(paths, mirror, corpus, **kept)
    return _tasks(mirror, corpus, **{it: given[it] for it in (*_TASKS_ONLY, "documents", "seed")})


def _option_of(context: click.Context, parameter: str) -> str:
    """The name under which a parameter is given."""
    found = next(it for it in context.command.params if it.name == parameter)
    return max(found.opts, key=len).lstrip("-")


def _tasks(
    mirror: Path | None,
    corpus: Path,
    *,
    documents: tuple[str, ...],
    levels: tuple[str, ...],
    skip_role: str | None,
    sample: str | None,
    output: Path | None,
    **given: Any,
) -> int:
    """Write reading tasks."""
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


def _fill(
    paths: tuple[str, ...],
    mirror: Path | None,
    corpus: Path,
    *,
    documents: tuple[str, ...],
    reasons: tuple[str, ...],
    store: Path | None,
    model: str,
    again: bool,
    jobs: int,
    **given: Any,
) -> int:
    """Fill the review queue."""
    from collabnlp.cli.main import NOTHING, PARTLY
    from collabnlp.labels.corpus_files import load_records
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.schema import Reason
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.queueing import add_documents, add_manifest_documents, fill_queue

    where = Corpus(corpus)
    manifest = where.manifest() if where.manifest_file.exists() else None
    wanted = {Reason[_REASONS[it]] for it in reasons}
    database = LabelDatabase(store or label_store())
    added: list[AddedDocument] = []
    if paths:
        added = add_documents(
            database, paths, model=model, manifest=manifest, jobs=jobs, again=again, on_done=_tell
        )
        documents = (*documents, *dict.fromkeys(it.document for it in added if it.document))
        if not documents:
            return NOTHING
    elif manifest is not None and (mirror is not None or CACHE.is_dir()):
        added, absent = add_manifest_documents(
            database,
            manifest,
            mirror_of(mirror),
            documents=documents,
            model=model,
            jobs=jobs,
            again=again,
            on_done=_tell,
        )
        if absent:
            click.echo(f"not in the mirror: {', '.join(absent)}", err=True)
    elif manifest is not None:
        for name in documents:
            manifest.labelled(name)
    if where.store.documents():
        loaded = load_records(database, where.store)
        if loaded.added or loaded.corrected:
            count = loaded.added + loaded.corrected
            click.echo(f"{count:,} readings of {corpus} are new in the store", err=True)
    errors = _errors(database, wanted) if not wanted or Reason.LIKELY_ERROR in wanted else []
    report = fill_queue(
        database, model=model, reasons=wanted, documents=documents, errors=errors, **given
    )
    _show(report)
    return PARTLY if any(it.error is not None or it.partial for it in added) else 0


def _errors(database: LabelDatabase, wanted: set[Any]) -> list[LikelyError]:
    """Likely label errors of the built corpus; none, with a remark, where they cannot be had."""
    from collabnlp.errors import DataError
    from collabnlp.workflows.likely_errors import find_likely_errors

    if not database.sequence:
        return []
    try:
        return find_likely_errors(told=lambda line: click.echo(line, err=True))
    except (DataError, ImportError) as error:
        if wanted:
            raise
        click.echo(f"likely label errors are left out: {error}", err=True)
        return []


def _tell(one: AddedDocument) -> None:
    if one.error is not None:
        click.echo(f"refused: {one.path}: {one.error.name}: {one.error}", err=True)
    elif not one.kept:
        part = " (read in part)" if one.partial else ""
        told = f"{one.units:,} units, {one.suggested:,} suggested as commitments{part}"
        click.echo(f"{one.document}: {told}", err=True)


def _show(report: QueueReport) -> None:
    """A table of what was put in: a line a reason, then the documents."""
    if not report.texts:
        click.echo(
            "There is nothing to queue: the store has no such documents. Name PATHs or --mirror."
        )
        return
    if not report.total:
        click.echo(f"Nothing was added: {report.waiting} units wait already, or none are left.")
        return
    click.echo(f"{'reason':28} {'units':>5}  documents")
    for reason, by_document in report.added.items():
        most = sorted(by_document.items(), key=lambda it: (-it[1], it[0]))
        told = ", ".join(f"{name} {count}" for name, count in most[:3])
        more = f", {len(most) - 3} more" if len(most) > 3 else ""
        click.echo(f"{reason!s:28} {sum(by_document.values()):5}  {told}{more}")
    documents = {name for them in report.added.values() for name in them}
    click.echo(f"{'all':28} {report.total:5}  {len(documents)} documents")
    for reason in report.without:
        click.echo(f"{reason!s:28} {'none':>5}")
    drawn, population = report.drawn
    if drawn:
        click.echo(f"By chance: {drawn} of {population:,} different texts.")
    click.echo(f"{report.waiting} units wait; `collabnlp review` shows them.")
