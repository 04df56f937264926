"""Which charts a report has, and what their colours link to."""

from __future__ import annotations

from collections import Counter

from collabnlp.reporting.charts import alluvial, heat_map, pyramid_chart, stacked_bars
from collabnlp.reporting.drawing import Chart
from collabnlp.reporting.page_parts import Report, levels_in
from collabnlp.reporting.page_tables import ordered_values, selection
from collabnlp.reporting.selections import CHANGES, COMMITMENTS, LINES, address
from collabnlp.schema import Comparison, Counts, Level


def report_charts(report: Report, *, linked: bool = False) -> list[Chart]:
    """The pyramid, the heat map of departments, documents by level, and the level shifts where
    versions were compared; ``linked`` with links into the page."""
    view = report.by_level
    titles = report.titles
    links = {Level(it.values[0]): address(COMMITMENTS, selection(view, it)) for it in view.cells}
    found = [
        pyramid_chart(
            levels_in(view),
            links if linked else {},
            subject="published pyramid" if view.pyramid else "all commitments",
        ),
        heat_map(
            ordered_values(report.departments),
            *_crossed(report.departments, linked),
            title="Departments by level",
        ),
        stacked_bars(
            [(it, titles.get(it, it)) for it in ordered_values(report.documents)],
            *_crossed(report.documents, linked),
            title="Documents by level",
        ),
    ]
    if report.comparison is not None:
        found.append(_shift_chart(report.comparison, linked))
    return found


def _crossed(
    counts: Counts, linked: bool
) -> tuple[dict[tuple[str, Level], int], dict[tuple[str, Level], str]]:
    keys = {it.values: (it.values[0], Level(it.values[1])) for it in counts.cells}
    numbers = {keys[it.values]: it.count for it in counts.cells}
    links = {keys[it.values]: address(COMMITMENTS, selection(counts, it)) for it in counts.cells}
    return numbers, links if linked else {}


def _shift_chart(comparison: Comparison, linked: bool) -> Chart:
    names = version_names(comparison)
    if comparison.is_chain:
        # Commitments along the chain: what leaves one step enters the next.
        steps: list[Counter[tuple[Level, Level]]] = []
        links = []
        for step in range(1, len(names)):
            flows = Counter(
                (line.stages[step - 1].level, line.stages[step].level)
                for line in comparison.life_lines
            )
            steps.append(flows)
            links.append(
                {
                    (old, new): address(LINES, {f"v{step}": str(old), f"v{step + 1}": str(new)})
                    for old, new in flows
                }
            )
    else:
        steps = [Counter((it.old_level, it.new_level) for it in comparison.changes)]
        links = [
            {
                (old, new): address(CHANGES, {"step": "1", "old": str(old), "new": str(new)})
                for old, new in steps[0]
            }
        ]
    return alluvial(steps, names, links if linked else [{} for _ in steps], title="Level shifts")


def version_names(comparison: Comparison) -> list[str]:
    """A short name a version: its date where all have one and no two the same, else its id."""
    dates = [it.date or "" for it in comparison.documents]
    if all(dates) and len(set(dates)) == len(dates):
        return dates
    return [it.id for it in comparison.documents]
