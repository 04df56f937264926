"""Counts as the tables of the page: every number a link to the rows that it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from collabnlp.data.palette import palette
from collabnlp.reporting.page_rows import department_name, label_of, readable
from collabnlp.reporting.selections import COMMITMENTS, IN_PYRAMID, VIEW, address
from collabnlp.schema import (
    LADDER,
    CountCell,
    CountKey,
    Counts,
    Figure,
    Level,
)

_BODIES_SHOWN = 25


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row: its head and its cells, as they are written."""

    head: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTable:
    """A table of the page: ``foot`` holds the totals; ``notes`` stand under it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[TableRow, ...]
    foot: TableRow | None = None
    notes: tuple[str, ...] = ()
    name: str = ""


def selection(counts: Counts, cell: CountCell) -> dict[str, str]:
    """What a cell counts, as a selection of the table of commitments."""
    chosen = {VIEW: IN_PYRAMID} if counts.pyramid else {}
    keys = counts.by if cell.values else ()
    return chosen | {str(key): value for key, value in zip(keys, cell.values, strict=True)}


def number(count: int, table: str, chosen: Mapping[str, str], what: str) -> Markup:
    """A count as a link to its rows; ``what`` says in words what is counted. 0 is no link."""
    if not count:
        return Markup("0")
    return Markup('<a href="{}" aria-label="{}: {}">{}</a>').format(
        address(table, chosen), f"{count:,}", what, f"{count:,}"
    )


def counted(counts: Counts, cell: CountCell, what: str) -> Markup:
    """A cell's count as a link."""
    return number(cell.count, COMMITMENTS, selection(counts, cell), what)


def level_mark(level: Level) -> Markup:
    """A level's name on its colour."""
    return Markup('<span class="level {}">{}</span>').format(str(level), label_of(level))


def value_label(key: CountKey, value: str, titles: Mapping[str, str]) -> str:
    """A value of a key for people; ``titles`` are those of the documents by id."""
    if key is CountKey.LEVEL:
        return label_of(value)
    if key is CountKey.DOCUMENT:
        return titles.get(value, value)
    if key is CountKey.DEPARTMENT and value != "none":
        return f"{value} ({department_name(value)})"
    if key is CountKey.BODY and value != "none":
        return department_name(value)
    return readable(value)


def percent(figure: Figure | None) -> str:
    """A share with its interval."""
    if figure is None:
        return ""
    return f"{figure.value:.0%} ({figure.low:.0%}–{figure.high:.0%})"


def decimal(figure: Figure | None) -> str:
    """A rate or a count with its interval: one digit after the point below ten."""
    if figure is None:
        return ""
    digits = 1 if figure.value < 9.95 else 0
    return f"{figure.value:,.{digits}f} ({figure.low:,.{digits}f}–{figure.high:,.{digits}f})"


def level_table(view: Counts, everything: Counts) -> CountTable:
    """The pyramid: found, share, rate and corrected count in the view, and found in all."""
    all_cells = {cell.values: cell for cell in everything.cells}
    rows: list[TableRow] = []
    notes: dict[str, list[str]] = {}
    for cell in reversed(view.cells):
        level = Level(cell.values[0])
        whole = all_cells[cell.values]
        cells: tuple[str, ...] = (
            counted(view, cell, f"{label_of(level)}{_inside(view)}"),
            percent(cell.share),
            decimal(cell.rate),
            _corrected(cell),
        )
        if view.pyramid:
            cells += (counted(everything, whole, f"{label_of(level)}, all"),)
        if cell.note and cell.count:
            notes.setdefault(cell.note, []).append(label_of(level))
        rows.append(TableRow(level_mark(level), cells))
    total = view.total
    foot: tuple[str, ...] = (
        counted(view, total, f"all levels{_inside(view)}"),
        "",
        decimal(total.rate),
        _corrected(total),
    )
    heads: tuple[str, ...] = (
        "Level",
        "Found",
        "Share (95%)",
        "Per 1,000 units (95%)",
        "Corrected (95%)",
    )
    if view.pyramid:
        heads += ("All, also outside",)
        foot += (counted(everything, everything.total, "all commitments"),)
    remarks = [f"Not corrected: {', '.join(levels)}: {note}." for note, levels in notes.items()]
    return CountTable(
        title="Commitments by level" + (", published pyramid" if view.pyramid else ""),
        heads=heads,
        rows=tuple(rows),
        foot=TableRow("All levels", foot),
        notes=(
            f"Of {total.units:,} units with {total.words:,} words.",
            *remarks,
            *without_options(view.notes),
        ),
    )


def _corrected(cell: CountCell) -> str:
    return decimal(cell.corrected.count) if cell.corrected is not None else "–"


def without_options(notes: Iterable[str]) -> list[str]:
    """Notes of a count without what only the command line has."""
    return [note.replace(" (--all counts them)", "") for note in notes]


def _inside(counts: Counts) -> str:
    return ", in the pyramid" if counts.pyramid else ""


def grid(
    counts: Counts, by_level: Counts, titles: Mapping[str, str], *, title: str, rates: bool = False
) -> CountTable:
    """A count by some key and level: a row a value, a column a level; the fullest rows first for
    departments, documents as given. ``rates`` adds units and the rate per 1,000 of them."""
    key = counts.by[0]
    rows = []
    for value in ordered_values(counts):
        cells = {cell.values[1]: cell for cell in counts.cells if cell.values[0] == value}
        label = value_label(key, value, titles)
        written: list[str] = []
        for level in LADDER:
            cell = cells.get(str(level))
            what = f"{label}, {label_of(level)}{_inside(counts)}"
            written.append(counted(counts, cell, what) if cell is not None else "0")
        chosen = {VIEW: IN_PYRAMID} if counts.pyramid else {}
        whole = sum(cell.count for cell in cells.values())
        what = f"{label}, all levels{_inside(counts)}"
        written.append(number(whole, COMMITMENTS, {**chosen, str(key): value}, what))
        if rates:
            units = next(iter(cells.values())).units
            written += [f"{units:,}", f"{1000 * whole / units:.1f}" if units else ""]
        head = Markup('<abbr title="{}">{}</abbr>').format(department_name(value), value)
        rows.append(TableRow(head if key is CountKey.DEPARTMENT else escape(label), tuple(written)))
    foot: list[str] = []
    for cell in by_level.cells:
        what = f"{label_of(cell.values[0])}{_inside(by_level)}"
        foot.append(counted(by_level, cell, what))
    foot.append(counted(by_level, by_level.total, f"all levels{_inside(by_level)}"))
    if rates:
        total = by_level.total
        foot += [
            f"{total.units:,}",
            f"{1000 * total.count / total.units:.1f}" if total.units else "",
        ]
    heads = (key.value.capitalize(), *(label_of(level) for level in LADDER), "All levels")
    return CountTable(
        title=title,
        heads=(*heads, "Units", "Per 1,000 units") if rates else heads,
        rows=tuple(rows),
        foot=TableRow("Commitments", tuple(foot)),
        notes=tuple(note for note in without_options(counts.notes) if "more than one" in note),
    )


def ordered_values(counts: Counts) -> list[str]:
    """The first key's values: documents as given, others by how often they are found."""
    totals: dict[str, int] = {}
    for cell in counts.cells:
        totals[cell.values[0]] = totals.get(cell.values[0], 0) + cell.count
    if counts.by[0] is CountKey.DOCUMENT:
        return list(totals)
    return sorted(totals, key=lambda value: (value == "none", -totals[value], value))


def single_table(counts: Counts, titles: Mapping[str, str], *, name: str) -> CountTable:
    """A count by one key: found and share, the fullest first."""
    cells = sorted(counts.cells, key=lambda it: (it.values[0] == "none", -it.count, it.values))
    left_out = 0
    if counts.by[0] is CountKey.BODY:
        named = [cell for cell in cells if cell.values[0] != "none"]
        cells, left_out = named[:_BODIES_SHOWN], max(0, len(named) - _BODIES_SHOWN)
    rows = []
    for cell in cells:
        label = value_label(counts.by[0], cell.values[0], titles)
        rows.append(TableRow(escape(label), (counted(counts, cell, label), percent(cell.share))))
    notes = [note for note in without_options(counts.notes) if "more than one" in note]
    if left_out:
        notes.append(f"{left_out} more are named less often; the filter below lists them all.")
    return CountTable(
        title=f"All commitments by {name.lower()}",
        heads=(name, "Found", "Share (95%)"),
        rows=tuple(rows),
        notes=tuple(notes),
        name=name,
    )


def matrix_table(
    matrix: Mapping[tuple[Level, Level], int],
    addressed: Callable[[Level, Level], tuple[str, dict[str, str]]],
    *,
    title: str,
) -> CountTable:
    """Old level × new level of one step; ``addressed`` says in which table, and by which
    selection, the rows of a number are found."""
    order = (Level.NONE, *LADDER)
    rows = []
    for old in order:
        cells: list[str] = []
        for new in order:
            table, chosen = addressed(old, new)
            what = f"{label_of(old)} to {label_of(new)}"
            count = matrix.get((old, new), 0)
            nothing = old is new is Level.NONE
            cells.append("" if nothing else number(count, table, chosen, what))
        rows.append(TableRow(level_mark(old), tuple(cells)))
    return CountTable(
        title=title,
        heads=("Older ↓  newer →", *(label_of(level) for level in order)),
        rows=tuple(rows),
    )


def shift_table(counts: Mapping[str, int], *, step: int, title: str) -> CountTable:
    """How many commitments were strengthened, weakened, gained and dropped in one step."""
    rows = tuple(
        TableRow(
            escape(shift),
            (number(count, "changes", {"step": str(step), "shift": shift}, shift),),
        )
        for shift, count in counts.items()
    )
    return CountTable(title=title, heads=("Shift", "Passages"), rows=rows)


def swatches() -> list[Any]:
    """The palette in order, for the style sheet."""
    return list(palette().values())
