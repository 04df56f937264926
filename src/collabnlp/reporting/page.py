"""The report as one HTML page that asks the network for nothing.

All text of documents goes through jinja2's escaping; the data for the script is JSON in which no
"<" is left; the page's policy allows the one script and the one style sheet that it has, by hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from collabnlp.reporting.drawing import Chart
from collabnlp.reporting.page_charts import report_charts
from collabnlp.reporting.page_controls import controls
from collabnlp.reporting.page_parts import Report
from collabnlp.reporting.page_rows import Differ, commitment_row, examples, label_of
from collabnlp.reporting.page_tables import grid, level_table, single_table, swatches
from collabnlp.reporting.page_versions import versions_part
from collabnlp.reporting.page_words import (
    facts,
    method,
    parts,
    reading,
    source_row,
    subject,
    warnings,
)
from collabnlp.reporting.selections import (
    FacetTable,
    change_facets,
    commitment_facets,
    line_facets,
    shown_changes,
)
from collabnlp.schema import CountKey

_SINGLES = (
    (CountKey.PARTNER, "Partner"),
    (CountKey.BODY, "Named body, place or forum"),
    (CountKey.TIER, "Who acts"),
    (CountKey.FORCE, "Force"),
)


def report_page(report: Report, differ: Differ) -> bytes:
    """The whole page, UTF-8; equal reports give equal bytes. ``differ`` marks what changed inside
    a passage (`analysis.word_diff`)."""
    facets = _facet_tables(report)
    titles, links = report.titles, report.files
    rows = [
        commitment_row(place, one, links, titles)
        for place, one in enumerate(report.commitments, start=1)
    ]
    css = _environment().get_template("report.css").render(swatches=swatches()[1:])
    script = _text("report.js")
    charts = {chart.name: chart for chart in report_charts(report, linked=True)}
    view = report.by_level
    text: str = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            policy=_policy(css, script),
            css=Markup(css),
            script=Markup(script),
            facets=Markup(_data({table.name: table.as_data() for table in facets})),
            label=label_of,
            facts=facts(report),
            warnings=warnings(report),
            parts=parts(report),
            several=len(titles) > 1,
            pyramid={
                "subject": subject(report),
                "table": level_table(view, report.by_level_of_all),
            },
            examples=[rows[index] for index in examples(report)],
            departments={
                "subject": subject(report),
                "table": grid(report.departments, view, titles, title="Commitments by department"),
            },
            documents={
                "table": grid(
                    report.documents, view, titles, title="Commitments by document", rates=True
                ),
            },
            singles=[single_table(report.single[key], titles, name=name) for key, name in _SINGLES],
            commitments={
                "rows": rows,
                "controls": controls(facets[0], titles),
                "probable": True,
            },
            method=method(report),
            meanings=[(str(it.level), it.meaning) for it in reversed(swatches()[1:])],
            reading=reading(report),
            sources=[source_row(it) for it in report.sources],
            **versions_part(report, facets, links, differ),
            charts={name: _shown(chart) for name, chart in charts.items()},
        )
    )
    return text.encode("utf-8", "replace")


def _facet_tables(report: Report) -> list[FacetTable]:
    tables = [commitment_facets(report.commitments)]
    if report.comparison is not None:
        tables.append(change_facets(shown_changes(report.comparison.changes)))
        if report.comparison.is_chain:
            tables.append(line_facets(report.comparison.life_lines))
    return tables


def _shown(chart: Chart) -> dict[str, Any]:
    return {"title": chart.title, "inline": Markup(chart.inline_svg())}


def _text(name: str) -> str:
    return files("collabnlp.reporting").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    load: Callable[[str], str] = _text
    return Environment(loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined)


def _data(value: Any) -> str:
    """JSON that can stand in an HTML script element: no character that HTML reads is left."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(css: str, script: str) -> str:
    def hashed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; script-src {hashed(script)}; style-src {hashed(css)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
