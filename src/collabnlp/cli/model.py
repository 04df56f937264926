"""``collabnlp model``: which models there are, and what one was made from."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("model")
def command() -> None:
    """Say which level models there are, and what one was made from."""


@command.command("list")
def list_() -> int:
    """List the models that come with the program, and those trained here."""
    from collabnlp.errors import ModelError
    from collabnlp.tagging.model_store import find_model, load_model, model_names
    from collabnlp.workflows.retrain import MODELS

    trained = sorted(str(path.parent) for path in MODELS.glob("*/model.json"))
    click.echo(f"{'model':24} {'name':20} {'documents':>9} {'real':>7} {'written':>7}")
    for where in [*model_names(), *trained]:
        try:
            model = load_model(find_model(where))
        except ModelError as error:
            click.echo(f"{where:24} {error}")
            continue
        units = model.metadata["units"]
        real, written = (sum(units[it].values()) for it in ("real", "written"))
        documents = len(model.metadata["documents"]) if real else 0
        click.echo(f"{where:24} {model.name:20} {documents:9} {real:7} {written:7}")
    return 0


@command.command("show")
@click.argument("model", default="level")
def show(model: str) -> int:
    """Show one MODEL (a name or a folder): labels, settings, calibration, size, digests."""
    from collabnlp.tagging.model_store import describe_model, find_model

    folder: Path = find_model(model)
    for name, value in describe_model(folder):
        click.echo(f"{name:28} {value}")
    return 0
