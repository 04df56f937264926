"""``collabnlp report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collabnlp.cli.documents import chosen_format, document_options, output_stream, session
from collabnlp.errors import UsageError
from collabnlp.settings import DEFAULT_MODEL

if TYPE_CHECKING:
    from collabnlp.reporting.page_parts import Report

_ENDINGS = {".html": "html", ".htm": "html", ".xlsx": "xlsx"}


@click.command("report")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .html is one page, .xlsx a workbook with one sheet a table.",
)
@click.option(
    "--charts",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write each chart as SVG and PNG into this folder.",
)
@click.option(
    "--compare/--no-compare",
    default=None,
    help="Compare the documents as versions of one text, in the order given. Default: where "
    "exactly two are given and their titles differ in nothing but the version.",
)
@click.option(
    "--all",
    "all_",
    is_flag=True,
    help="Figures of all commitments, not of the published pyramid (national actor, "
    "subnational or devolved partner).",
)
@click.option("--title", help="Title of the report.")
@click.option(
    "--model",
    metavar="NAME",
    default=DEFAULT_MODEL,
    show_default=True,
    help="As `collabnlp model list` names it, or a model's folder.",
)
@document_options
def command(
    output: Path,
    charts: Path | None,
    compare: bool | None,
    all_: bool,
    title: str | None,
    model: str,
    **options: Any,
) -> int:
    """Make one page of the commitments in documents: levels, departments, changes, every row.

    The page is one file that asks the network for nothing; every number in it opens the rows that
    it counts.
    """
    format_ = chosen_format(None, output, _ENDINGS, "html")
    from collabnlp.workflows.assembling import assemble_report
    from collabnlp.workflows.reading import lasting

    model = lasting(model)
    work = session(options, model=model)
    outcomes = list(work.outcomes())
    if all(outcome.document is None for outcome in outcomes):
        return work.finish()
    report = assemble_report(
        outcomes,
        model=model,
        beside=output.parent,
        pyramid=not all_,
        compare=compare,
        title=title,
    )
    if compare and report.comparison is None:
        work.say("not compared: fewer than two different documents could be read")
    with output_stream(output, binary=True) as stream:
        if format_ == "xlsx":
            from collabnlp.reporting.page_sheets import write_report

            write_report(report, stream)
        else:
            from collabnlp.analysis.word_diff import word_diff
            from collabnlp.reporting.page import report_page

            stream.write(report_page(report, word_diff))
    if charts is not None:
        _write_charts(report, charts)
    return work.finish()


def _write_charts(report: Report, folder: Path) -> None:
    from collabnlp.reporting.page_charts import report_charts
    from collabnlp.reporting.writers import replacing

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise UsageError(
            f"{folder} cannot be made ({failure.strerror}).", advice="Choose another folder."
        ) from failure
    for chart in report_charts(report):
        for ending, data in (("svg", chart.svg()), ("png", chart.png())):
            with replacing(folder / f"{chart.name}.{ending}") as stream:
                stream.write(data)
