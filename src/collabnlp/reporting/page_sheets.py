"""The report as a workbook with one sheet a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, Any

from collabnlp.reporting.page_parts import Report
from collabnlp.reporting.page_rows import place_of
from collabnlp.reporting.page_words import method
from collabnlp.reporting.rows import COLUMNS, flat
from collabnlp.reporting.selections import shown_changes
from collabnlp.reporting.writers import write_sheets
from collabnlp.schema import Change, ComparedUnit, Counts, Figure, LifeLine

Sheet = tuple[Sequence[str], list[dict[str, Any]]]
_CHANGE = (
    "step",
    "kinds",
    "shift",
    "level_change",
    "similarity",
    "old_level",
    "old_place",
    "old_text",
    "new_level",
    "new_place",
    "new_text",
    "departments_added",
    "departments_removed",
    "partners_added",
    "partners_removed",
)
_SOURCE = (
    "file",
    "status",
    "document",
    "title",
    "kind",
    "date",
    "units",
    "pages",
    "reasons",
    "sha256",
)


def write_report(report: Report, stream: IO[bytes]) -> None:
    """Every table of the report, texts as texts; equal reports give equal bytes.

    Raises UsageError where a table has more rows than a sheet can hold.
    """
    sheets: dict[str, Sheet] = {
        "commitments": _commitments(report),
        "levels": _counts(report.by_level),
        "levels, all": _counts(report.by_level_of_all),
        "departments": _counts(report.departments),
        "documents": _counts(report.documents),
    }
    for key, counts in report.single.items():
        sheets[f"{key}, all"] = _counts(counts)
    if report.comparison is not None:
        changes = shown_changes(report.comparison.changes)
        sheets["changes"] = (_CHANGE, [_change(it) for it in changes])
        if report.comparison.is_chain:
            sheets["life lines"] = _lines(report.comparison.life_lines)
    sheets["method"] = (
        ("what", "text"),
        [{"what": name, "text": text} for name, text in method(report)],
    )
    sheets["sources"] = (_SOURCE, _sources(report))
    write_sheets(sheets, stream)


def _commitments(report: Report) -> Sheet:
    names = [name for name, _ in COLUMNS if name != "boxes"]
    rows = []
    for one in report.commitments:
        row = flat(one.tagged.as_dict())
        rows.append(
            {**row, "needs_review": _yes(row["needs_review"]), "pyramid": _yes(one.pyramid)}
        )
    return [*names, "pyramid"], rows


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _counts(counts: Counts) -> Sheet:
    keys = [str(key) for key in counts.by]
    names = [*keys, "found", "units", "words", "commitments"]
    for figure in ("share", "per_1000_units", "corrected", "corrected_share"):
        names += [figure, f"{figure}_low", f"{figure}_high"]
    names.append("note")
    rows = []
    for cell in counts.cells:
        corrected = cell.corrected
        rows.append(
            {
                **dict(zip(keys, cell.values, strict=True)),
                "found": cell.count,
                "units": cell.units,
                "words": cell.words,
                "commitments": cell.commitments,
                **_figure("share", cell.share),
                **_figure("per_1000_units", cell.rate),
                **_figure("corrected", corrected.count if corrected else None),
                **_figure("corrected_share", corrected.share if corrected else None),
                "note": cell.note,
            }
        )
    return names, rows


def _figure(name: str, figure: Figure | None) -> dict[str, float]:
    if figure is None:
        return {}
    values = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: round(value, 4) for key, value in values.items()}


def _change(change: Change) -> dict[str, Any]:
    row: dict[str, Any] = {
        "step": change.step or 1,
        "kinds": "; ".join(map(str, change.kinds)),
        "shift": change.shift,
        "level_change": change.level_change,
        "similarity": round(change.similarity, 3),
        "old_level": str(change.old_level),
        "new_level": str(change.new_level),
        **_side("old", change.old),
        **_side("new", change.new),
    }
    for name, difference in (
        ("departments", change.department_change),
        ("partners", change.partner_change),
    ):
        if difference is not None:
            row[f"{name}_added"] = "; ".join(difference.added)
            row[f"{name}_removed"] = "; ".join(difference.removed)
    return row


def _side(name: str, units: Iterable[ComparedUnit]) -> Mapping[str, str]:
    return {
        f"{name}_place": "; ".join(place_of(one.unit) for one in units),
        f"{name}_text": "\n".join(one.unit.text for one in units),
    }


def _lines(lines: Sequence[LifeLine]) -> Sheet:
    names: dict[str, None] = {}
    rows = []
    for line in lines:
        row: dict[str, Any] = {}
        for number, stage in enumerate(line.stages, start=1):
            row[f"level_{number}"] = str(stage.level) if stage.units else ""
            row[f"text_{number}"] = "\n".join(one.unit.text for one in stage.units)
        row["shifts"] = "; ".join(line.shifts)
        names |= dict.fromkeys(row)
        rows.append(row)
    return list(names) or ["shifts"], rows


def _sources(report: Report) -> list[dict[str, Any]]:
    rows = []
    for source in report.sources:
        info = source.info
        row: dict[str, Any] = {
            "file": source.name,
            "status": source.status,
            "units": source.units,
            "pages": source.pages,
            "reasons": source.refusal or "; ".join(source.reasons),
        }
        if source.same_as:
            row["reasons"] = f"the same document as {source.same_as}, counted once"
        if info is not None:
            row |= {
                "document": info.id,
                "title": info.title,
                "kind": info.kind,
                "date": info.date,
                "sha256": info.sha256,
            }
        rows.append(row)
    return rows
