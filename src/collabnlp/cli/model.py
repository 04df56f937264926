"""``collabnlp model``: which models there are, what one was made from, and which is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collabnlp.settings import CURRENT_MODEL, SHIPPED_MODEL

if TYPE_CHECKING:
    from collabnlp.tagging.promoted import PromotedModels, Step

_SHORT = 12


@click.group("model")
def command() -> None:
    """Say which level models there are and what one was made from; choose the one that is used."""


@command.command("list")
def list_() -> int:
    """List the models that come with the program, those promoted and those trained here.

    A star marks the current one, which is used where no --model is named.
    """
    from collabnlp.errors import ModelError
    from collabnlp.tagging.model_store import load_model, model_digest, model_names, models_folder
    from collabnlp.tagging.promoted import PromotedModels
    from collabnlp.workflows.retrain import MODELS

    store = PromotedModels()
    problem = None
    try:
        current = store.current()
    except ModelError as error:
        current, problem = "", error
    shipped = [(name, "shipped", models_folder() / name) for name in model_names()]
    promoted = [(it[:_SHORT], "promoted", store.place(it)) for it in store.digests()]
    trained = [(str(it), "trained", it) for it in _folders(MODELS)]
    click.echo(
        f"  {'model':24} {'from':9} {'digest':{_SHORT}} {'name':20} "
        f"{'documents':>9} {'real':>7} {'written':>7}"
    )
    for where, origin, folder in [*shipped, *promoted, *trained]:
        own = folder.name if origin == "promoted" else where
        star = "*" if origin != "trained" and own == current else " "
        try:
            model, digest = load_model(folder), model_digest(folder)
        except ModelError as error:
            click.echo(f"{star} {where:24} {origin:9} {error.message}")
            continue
        units = model.metadata["units"]
        real, written = (sum(units[it].values()) for it in ("real", "written"))
        documents = len(model.metadata["documents"]) if real else 0
        click.echo(
            f"{star} {where:24} {origin:9} {digest[:_SHORT]} {model.name:20} "
            f"{documents:9} {real:7} {written:7}"
        )
    if problem is not None:
        raise problem
    steps = store.steps()
    for number, step in enumerate(steps, 1):
        click.echo(f"{'' if number > 1 else chr(10)}{number}. {_told(step)}")
    return 0


def _folders(models: Path) -> list[Path]:
    return sorted(path.parent for path in models.glob("*/model.json"))


@command.command("show")
@click.argument("model", default=CURRENT_MODEL)
def show(model: str) -> int:
    """Show one MODEL (a name, the digest of a promoted one, or a folder): labels, settings,
    calibration, size, digests, and of a retrained one what changed. Default: the current one."""
    from collabnlp.tagging.model_store import describe_model, load_model
    from collabnlp.tagging.promoted import choose_model
    from collabnlp.workflows.model_card import card

    folder = choose_model(model)
    for name, value in describe_model(folder):
        click.echo(f"{name:28} {value}")
    told = card(load_model(folder))
    if told:
        click.echo(f"\n{told}", nl=False)
    return 0


@command.command("promote")
@click.argument("model", metavar="FOLDER")
def promote(model: str) -> int:
    """Make the model in FOLDER the current one, which is used where no --model is named.

    It is checked, and a copy of it kept under its digest, so FOLDER may go. The digest of a model
    that was promoted before works as well.
    """
    from collabnlp.tagging.promoted import PromotedModels, choose_model

    store = PromotedModels()
    step, changed = store.promote(choose_model(model))
    if not changed:
        click.echo(f"nothing to do: {step.name} ({step.model[:_SHORT]}) is current", err=True)
        return 0
    click.echo(_told(step), err=True)
    if _same_name(store, step):
        click.echo(
            f"note: the model before is named {step.name} too, so records cannot tell them apart; "
            "`collabnlp train --name` gives a name of its own",
            err=True,
        )
    return 0


@command.command("rollback")
@click.option("--shipped", is_flag=True, help="At once to the model that comes with the program.")
def rollback(shipped: bool) -> int:
    """Return to the model that was current before, in the end to the one that is shipped."""
    from collabnlp.tagging.promoted import PromotedModels

    store = PromotedModels()
    click.echo(_told(store.reset() if shipped else store.rollback()), err=True)
    return 0


def _same_name(store: PromotedModels, step: Step) -> bool:
    """True where the model replaced is another of the same name."""
    from collabnlp.errors import ModelError
    from collabnlp.tagging.model_store import load_model, model_digest

    try:
        replaced = store.find(step.replaced)
        return load_model(replaced).name == step.name and model_digest(replaced) != step.model
    except ModelError:
        return False


def _told(step: Step) -> str:
    def short(model: str) -> str:
        return "shipped" if model == SHIPPED_MODEL else model[:_SHORT]

    if step.model == step.replaced:
        return f"{step.action}: {step.name} ({short(step.model)})"
    return f"{step.action}: {step.name} ({short(step.model)}) for {short(step.replaced)}"
