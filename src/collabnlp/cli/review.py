"""``collabnlp review``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collabnlp.cli.corpus import corpus_option
from collabnlp.cli.main import PARTLY
from collabnlp.errors import UsageError
from collabnlp.settings import DEFAULT_MODEL, label_store

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase
    from collabnlp.workflows.queue_documents import AddedDocument

_PORT = 8765


@click.command("review")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The label store. Default: COLLABNLP_LABELS, or the user's own.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=_PORT,
    show_default=True,
    help="Port on this machine; 0 takes any that is free.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--reviewer", default="", metavar="NAME", help="Who reviews; asked for otherwise.")
@click.option("--blind", is_flag=True, help="Show nothing of what the model or others say.")
@click.option("--adjudicate", is_flag=True, help="Decide between readings that differ.")
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="Whose suggestions are shown, as `collabnlp model list` names it, or a model's folder.",
)
@corpus_option
def command(
    paths: tuple[str, ...],
    store: Path | None,
    port: int,
    no_browser: bool,
    reviewer: str,
    blind: bool,
    adjudicate: bool,
    model: str,
    corpus: Path,
) -> int:
    """Open the page on which people check labels; only this machine can reach it.

    Documents named are read and put into the queue. Without any, the queue is what `collabnlp
    labels queue --review` or an earlier review left. Stop it with Ctrl+C: every label is kept.
    """
    if blind and adjudicate:
        raise UsageError("--blind and --adjudicate exclude each other.", advice="Choose one.")
    from collabnlp.labels import database as labels
    from collabnlp.review.decisions import WrongForm, read_name
    from collabnlp.workflows.reviewing import prepare

    if reviewer:
        try:
            reviewer = read_name(reviewer)
        except WrongForm as error:
            raise UsageError(error.message, advice="Name yourself otherwise.") from error
    database = labels.LabelDatabase(store or label_store())
    ready = prepare(database, paths, model=model, corpus=corpus, on_done=_tell)
    if ready.loaded:
        click.echo(f"{ready.loaded:,} readings of {corpus} are new in the store", err=True)
    if paths:
        click.echo(f"{ready.queued:,} units put into the queue, {ready.waiting:,} in it", err=True)
    if not ready.waiting and not adjudicate:
        raise UsageError(
            "There is nothing to review: the queue is empty.",
            advice="Name documents (`collabnlp review paper.pdf`), or fill the queue with "
            "`collabnlp labels queue --review`.",
        )
    mode = "adjudicate" if adjudicate else "blind" if blind else "suggestions"
    _serve(database, port=port, browser=not no_browser, reviewer=reviewer, mode=mode)
    refused = any(it.error is not None or it.partial for it in ready.documents)
    return PARTLY if refused else 0


def _tell(one: AddedDocument) -> None:
    if one.error is not None:
        click.echo(f"refused: {one.path}: {one.error.name}: {one.error}", err=True)
        return
    how = "kept from before" if one.kept else "partly read" if one.partial else "read"
    click.echo(f"{how}: {one.path}: {one.units:,} units", err=True)


def _serve(database: LabelDatabase, *, port: int, browser: bool, reviewer: str, mode: str) -> None:
    import secrets
    import threading
    import webbrowser

    from collabnlp.review.server import HOST, listening, serve
    from collabnlp.workflows.reviewing import review_app

    opened = listening(port)
    port = opened.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = review_app(database, port=port, token=token, reader=reviewer, mode=mode)
    address = f"http://{HOST}:{port}/?token={token}"
    click.echo(f"Labels are kept in {database.path}", err=True)
    click.echo("Stop with Ctrl+C. The page is at", err=True)
    click.echo(address)
    if browser:
        # Some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    with suppress(KeyboardInterrupt):
        serve(app, opened)
    click.echo("stopped; every label is kept", err=True)
