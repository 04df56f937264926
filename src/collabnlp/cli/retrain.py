"""``collabnlp retrain``: learn from the labels as they are now, if that makes nothing worse."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collabnlp.cli.corpus import CACHE, corpus_option, mirror_of, mirror_option

if TYPE_CHECKING:
    from collabnlp.workflows.retraining import RetrainReport


@click.command("retrain")
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The label store. Default: the one that `review` uses.",
)
@click.option(
    "--since",
    default="",
    metavar="SNAPSHOT|FOLDER",
    help="The labels that the current model learnt from, where it does not name them: a snapshot "
    "of the store, or a folder like corpus/labels.",
)
@click.option("--dry-run", is_flag=True, help="Measure and say; fit, write and promote nothing.")
@click.option("--name", help="What records will carry. Default: with the snapshot's digits.")
@mirror_option
@corpus_option
def command(
    store: Path | None,
    since: str,
    dry_run: bool,
    name: str | None,
    mirror: Path | None,
    corpus: Path,
) -> int:
    """Train on the labels as they are now, and use the new model if it is not worse.

    The labels that the current model learnt from and those of now are tried on the frozen units of
    families held out. The new model is promoted if macro-F1 is not worse (95% interval of the
    difference not below -1 point) and no level loses more than 3 points of F1. Otherwise it says
    why, and the current model stays. `collabnlp model rollback` takes a promotion back.

    Exit status: 0 promoted, or nothing to do; 2 refused; 1 wrong usage, or documents are missing.
    """
    from collabnlp.settings import label_store
    from collabnlp.tagging.model_store import load_model
    from collabnlp.tagging.promoted import PromotedModels
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.label_states import label_states
    from collabnlp.workflows.own_documents import own_documents
    from collabnlp.workflows.retraining import retrain

    models = PromotedModels()
    metadata = load_model(models.find(models.current())).metadata
    there = Corpus(corpus)
    old, new = label_states(
        there, store or label_store(), learnt_from=metadata.get("snapshot", ""), since=since
    )
    report = retrain(
        there,
        old,
        new,
        mirror=mirror_of(mirror) if mirror or CACHE.is_dir() else None,
        name=name,
        dry_run=dry_run,
        own=own_documents(there.manifest(), store or label_store()),
        told=lambda words: click.echo(words, err=True),
    )
    return _show(report)


def _show(report: RetrainReport) -> int:
    from collabnlp.cli.main import PARTLY
    from collabnlp.workflows.model_card import figure_lines, label_lines

    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    if report.changes is not None and report.verdict is not None:
        for line in (*label_lines(report.changes), "", *figure_lines(report.verdict), ""):
            click.echo(line)
        for reason in report.verdict.reasons:
            click.echo(f"- {reason}")
    name, before, folder = report.name, report.before, report.folder
    said = {
        "nothing": "nothing to do: as far as can be seen here, no label has changed"
        if report.notes
        else f"nothing to do: no label has changed since {before} learnt",
        "promoted": f"promoted: {name} takes the place of {before}; what changed: "
        f"{folder}/card.md; `collabnlp model rollback` returns to {before}",
        "refused": f"refused: {before} stays, for the reasons above; "
        f"the new model lies in {folder}",
        "rolled back": f"refused: {name} passes, but was promoted before and taken back; "
        f"`collabnlp model promote {folder}` uses it all the same",
        "would promote": f"dry run: {name} would take the place of {before}",
        "would refuse": f"dry run: {before} would stay, for the reasons above",
    }
    click.echo(said[report.outcome], err=True)
    return PARTLY if report.refused else 0
