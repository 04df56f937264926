"""A comparison for people, on a terminal or in a text file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from collabnlp.reporting.tables import COLOURS, console, place_of, text_of
from collabnlp.schema import Change, CommitmentChange, ComparedUnit, Comparison, LifeLine

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH = 140


def comparison_table(comparison: Comparison, *, colour: bool = False) -> str:
    """What happened to the commitments: those that changed, one a row; the matrix of levels; in a
    chain also each commitment's life line. Passages without a commitment are only counted."""
    from rich.table import Table
    from rich.text import Text

    page = console(width=_WIDTH, colour=colour)
    for number, document in enumerate(comparison.documents, start=1):
        facts = ", ".join(fact for fact in (document.kind, document.date) if fact)
        page.print(Text(f"{number}  {document.title}" + (f" ({facts})" if facts else "")))
    if note := kinds_note(comparison):
        page.print(Text(f"Note: {note}."))
    page.print()
    table = Table(box=None, pad_edge=False, header_style="bold")
    if comparison.is_chain:
        table.add_column("step", no_wrap=True)
    for name in ("old", "new", "level", "change"):
        table.add_column(name, no_wrap=name != "change", max_width=18)
    table.add_column("commitment", ratio=1)
    shown = [change for change in comparison if _is_told(change)]
    for change in shown:
        cells = [place_of_side(change.old), place_of_side(change.new)]
        level = Text(str(change.old_level), style=COLOURS.get(change.old_level, ""))
        if change.new_level is not change.old_level:
            level.append(" → ", style="")
            level.append(str(change.new_level), style=COLOURS.get(change.new_level, ""))
        text = Text(text_of_side(change.new or change.old))
        row: list[str | Text] = [*cells, level, what_happened(change), text]
        if comparison.is_chain:
            row.insert(0, f"{change.step}→{(change.step or 0) + 1}")
        table.add_row(*row)
    if shown:
        page.print(table)
    else:
        page.print("No commitment changed.")
    page.print()
    _print_matrix(comparison, page)
    if comparison.life_lines:
        page.print()
        _print_life_lines(comparison.life_lines, page)
    page.print()
    page.print(counts_line(comparison))
    return text_of(page)


def kinds_note(comparison: Comparison) -> str:
    """What to bear in mind where the versions are of different kinds; "" where they are not."""
    kinds = list(dict.fromkeys(one.kind for one in comparison.documents if one.kind))
    if len(kinds) < 2:
        return ""
    return (
        f"documents of different kinds ({', '.join(kinds)}): few passages are carried over word "
        "for word, so that much is told as added and removed that may be said in other words"
    )


def _is_told(change: Change) -> bool:
    if change.commitment_change is CommitmentChange.NONE:
        return False
    altered = change.department_change is not None or change.partner_change is not None
    return bool(change.shift) or altered or "reworded" in change.kinds or "moved" in change.kinds


def what_happened(change: Change) -> str:
    """ "reworded, moved; strengthened +2; departments +DFT −HO"."""
    parts = [", ".join(change.kinds)]
    if change.shift:
        steps = f" {change.level_change:+d}" if change.level_change else ""
        parts.append(change.shift + steps)
    for name, difference in (
        ("departments", change.department_change),
        ("partners", change.partner_change),
    ):
        if difference is not None:
            marks = [f"+{one}" for one in difference.added] + [
                f"−{one}" for one in difference.removed
            ]
            parts.append(f"{name} " + " ".join(mark.replace("_", " ") for mark in marks))
    return "; ".join(parts)


def place_of_side(units: Sequence[ComparedUnit]) -> str:
    """Where a side's units stand: the first's place (its number in the document, where the format
    has neither pages nor provisions), and how many more there are."""
    if not units:
        return "–"
    rows = [one.as_dict() for one in units]
    more = f" +{len(rows) - 1}" if len(rows) > 1 else ""
    return (place_of(rows[0]) or f"no. {rows[0]['index'] + 1}") + more


def text_of_side(units: Sequence[ComparedUnit]) -> str:
    """The side's text: of one unit as read, of several the first with its lead-in."""
    first, *rest = units
    return " ".join([first.unit.text, *(one.unit.own_text for one in rest)])


def _print_matrix(comparison: Comparison, page: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    matrix = comparison.summary()["matrix"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("old level ↓  new level →")
    for level in matrix:
        table.add_column(level, justify="right")
    for level, row in matrix.items():
        cells = [f"{count:,}" if count else "·" for count in row.values()]
        table.add_row(Text(level, style=COLOURS.get(level, "")), *cells)
    page.print(table)


def _print_life_lines(lines: tuple[LifeLine, ...], page: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("life line", no_wrap=True)
    table.add_column("commitment", ratio=1)
    for line in lines:
        path = Text()
        for number, stage in enumerate(line.stages):
            path.append(" → " if number else "")
            name = str(stage.level) if stage.units else "–"
            path.append(name, style=COLOURS.get(stage.level, ""))
        last = [stage.units for stage in line.stages if stage.level != "none"][-1]
        table.add_row(path, Text(text_of_side(last)))
    page.print(table)


def counts_line(comparison: Comparison) -> str:
    """ "412 passages: 300 kept, …; commitments: 3 gained, 1 dropped, …"."""
    summary = comparison.summary()
    kinds = ", ".join(f"{count} {name}" for name, count in summary["kinds"].items() if count)
    shifts = ", ".join(f"{count} {name}" for name, count in summary["shifts"].items() if count)
    kept = summary["commitment_changes"]["kept"]
    return (
        f"{summary['changes']:,} passages: {kinds}. "
        f"Commitments: {kept} kept{', ' if shifts else ''}{shifts}."
    )
