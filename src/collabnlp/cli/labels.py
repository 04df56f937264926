"""``collabnlp labels``: the label store from the shell."""

from __future__ import annotations

from pathlib import Path

import click

from collabnlp.cli import agreement, exchange, history, queue
from collabnlp.cli.corpus import corpus_option, mirror_of, mirror_option

_ROLES = ["first", "second", "adjudicated"]


@click.group("labels")
def command() -> None:
    """Labels: bring them in and out, look at their history, give out and measure readings."""


command.add_command(agreement.command)
command.add_command(queue.command)
for _one in (exchange.import_, exchange.export):
    command.add_command(_one)
for _one in (history.history, history.snapshot, history.check, history.backup, history.sync):
    command.add_command(_one)


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
