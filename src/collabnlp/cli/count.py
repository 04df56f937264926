"""``collabnlp count``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session
from collabnlp.errors import UsageError
from collabnlp.settings import DEFAULT_MODEL, label_store

_ENDINGS = {".txt": "table", ".jsonl": "jsonl", ".csv": "csv", ".xlsx": "xlsx"}


@click.command("count")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "--by",
    metavar="KEY,…",
    default="level",
    show_default=True,
    help="level, department, partner, body, tier, force, document, version, kind.",
)
@click.option(
    "--where",
    metavar="KEY=VALUE",
    multiple=True,
    help="Count these alone; a key given twice takes either value.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Count all commitments, not the pyramid alone (national actor, subnational or devolved "
    "partner).",
)
@click.option("--test", is_flag=True, help="Test for differences between the groups.")
@click.option("--today", is_flag=True, help="Count departments of the past under today's.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "jsonl", "csv", "xlsx"]),
    help="Default: by the ending of FILE, else a table.",
)
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="As `collabnlp model list` names it, or a model's folder.",
)
@click.option(
    "--errors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The model's errors, to correct by; default: those of the model that comes along.",
)
@click.option(
    "--reviewed",
    is_flag=True,
    help="People's labels of the label store in place of the model's; corrected counts learn from "
    "them.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --reviewed: the label store's file; default: yours.",
)
@document_options
def command(
    by: str,
    where: tuple[str, ...],
    everything: bool,
    test: bool,
    today: bool,
    output: Path | None,
    format_: str | None,
    model: str,
    errors: Path | None,
    reviewed: bool,
    store: Path | None,
    **options: Any,
) -> int:
    """Count commitments: raw and corrected for the model's errors, with rates and intervals.

    Rates are per 1,000 units of the documents, shares of their commitments in view. A unit with
    several departments (partners, bodies) counts for each.
    """
    format_ = chosen_format(format_, output, _ENDINGS, "table")
    from collabnlp.reporting.counts import counts_table, write_counts
    from collabnlp.workflows.counting import (
        corrector_of,
        count_documents,
        counted,
        read_keys,
        read_where,
    )
    from collabnlp.workflows.reading import lasting

    if store is not None and not reviewed:
        raise UsageError("--store is of use with --reviewed alone.")
    store = store or label_store()
    if reviewed:
        from collabnlp.workflows.reviewed import check_store

        check_store(store)  # before the documents are read
    keys, filters = read_keys(by), read_where(where)
    model = lasting(model)  # one model for tags and errors, whatever is promoted meanwhile
    corrector, remark = corrector_of(model, errors)
    work = session(options, model=model)
    documents = counted(work.outcomes(), work.say)
    remarks = [remark] if remark else []
    if reviewed:
        from collabnlp.workflows.reviewed import with_readings

        found = with_readings(documents, store)
        documents = found.documents
        remarks += found.remarks
    counts = count_documents(
        documents,
        by=keys,
        where=filters,
        pyramid=not everything,
        test=test,
        today=today,
        corrector=corrector,
        remarks=remarks,
    )
    with output_stream(output, binary=format_ == "xlsx") as stream:
        if format_ == "table":
            colour = output is None and sys.stdout.isatty()
            text = counts_table(counts, colour=colour)
            stream.write(text.encode("utf-8", "backslashreplace"))
        else:
            write_counts(counts, stream, format=format_)
    return work.finish()
