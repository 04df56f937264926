"""The part of the page about versions of one text: shifts, matrices, every change, life lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from collabnlp.reporting.page_charts import version_names
from collabnlp.reporting.page_controls import controls
from collabnlp.reporting.page_parts import Report, SourceFile
from collabnlp.reporting.page_rows import Differ, change_row, line_row
from collabnlp.reporting.page_tables import CountTable, matrix_table, shift_table
from collabnlp.reporting.selections import CHANGES, LINES, FacetTable, shown_changes
from collabnlp.schema import Change, Comparison


def versions_part(
    report: Report,
    facets: Sequence[FacetTable],
    links: Mapping[str, SourceFile],
    differ: Differ,
) -> dict[str, Any]:
    """The parts of the page about versions; all None without a comparison."""
    comparison = report.comparison
    if comparison is None:
        return {"comparison": None, "changes": None, "lines": None}
    sources = [links.get(info.id) for info in comparison.documents]
    names = version_names(comparison)
    chain = comparison.is_chain
    changes = shown_changes(comparison.changes)
    tables: list[CountTable] = []
    for step in range(1, len(names)):
        between = f"{names[step - 1]} → {names[step]}" if chain else "older → newer"
        of_step = [it for it in changes if (it.step or 1) == step]
        shifts = dict.fromkeys(("strengthened", "weakened", "gained", "dropped"), 0)
        shifts |= Counter(it.shift for it in of_step if it.shift)
        tables.append(shift_table(shifts, step=step, title=f"Shifts of passages, {between}"))
        tables.append(_levels(comparison, of_step, step, title=f"Levels, {between}"))
    return {
        "comparison": {
            "names": names,
            "versions": [report.titles.get(it.id, it.title) for it in comparison.documents],
            "tables": tables,
        },
        "changes": {
            "rows": [
                change_row(at, it, sources, differ, chain=chain)
                for at, it in enumerate(changes, start=1)
            ],
            "controls": controls(facets[1], {}),
            "probable": False,
        },
        "lines": {
            "rows": [
                line_row(place, it, sources) for place, it in enumerate(comparison.life_lines, 1)
            ],
            "controls": controls(facets[2], {}, names),
            "probable": False,
        }
        if chain
        else None,
    }


def _levels(
    comparison: Comparison, changes: Sequence[Change], step: int, *, title: str
) -> CountTable:
    """The numbers behind the chart of shifts: passages of a pair, life lines of a chain."""
    if not comparison.is_chain:
        return matrix_table(
            Counter((it.old_level, it.new_level) for it in changes),
            lambda old, new: (CHANGES, {"step": str(step), "old": str(old), "new": str(new)}),
            title=title,
        )
    return matrix_table(
        Counter(
            (line.stages[step - 1].level, line.stages[step].level) for line in comparison.life_lines
        ),
        lambda old, new: (LINES, {f"v{step}": str(old), f"v{step + 1}": str(new)}),
        title=f"{title}, of each commitment’s life line",
    )
