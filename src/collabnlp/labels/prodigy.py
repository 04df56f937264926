"""Readings as tasks of Prodigy's ``choice`` interface, one JSON line each, there and back.

The level is the choice. Everything else of the reading travels in the task's own ``collabnlp``,
which Prodigy keeps as it is. Shape: prodi.gy/docs/api-interfaces#choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from collabnlp.data.palette import palette
from collabnlp.labels.carried import carried_of, carrying
from collabnlp.labels.export_lines import ExportLine
from collabnlp.labels.fields import Form, words
from collabnlp.labels.returning import Problem, Returned, page_name
from collabnlp.schema import Level

_ANSWERS = {"accept", "reject", "ignore"}


def task(line: ExportLine) -> dict[str, Any]:
    """One reading as a task that was answered."""
    record, unit = line.entry.annotation, line.unit
    meta = {
        "document": line.title or record.document,
        "page": page_name(unit) if unit else "",
        "provision": (unit.provision or "") if unit else "",
        "headings": " > ".join(unit.headings) if unit else "",
    }
    row: dict[str, Any] = {
        "text": line.text,
        "options": [
            {"id": str(level), "text": f"{swatch.label}: {swatch.meaning}"}
            for level, swatch in palette().items()
        ],
        "accept": [str(record.level)],
        "answer": "accept",
        "note": record.note,
        "meta": {name: said for name, said in meta.items() if said},
    }
    if line.suggestion is not None and line.suggestion.cues:
        row["spans"] = [
            {"start": start, "end": end, "label": "cue"} for start, end in line.suggestion.cues
        ]
    row |= {"_view_id": "choice", "_annotator_id": record.reader, "_session_id": record.reader}
    if line.entry.time:
        row["_timestamp"] = int(datetime.fromisoformat(line.entry.time).timestamp())
    row["collabnlp"] = carrying(line)
    return row


def is_task(row: dict[str, Any]) -> bool:
    """True where a line is a task of the ``choice`` interface, ours or another's."""
    return "text" in row and ("answer" in row or "options" in row or "accept" in row)


def returned_tasks(
    lines: Iterable[tuple[int, dict[str, Any]]],
) -> tuple[list[Returned], int]:
    """What answered tasks say, and how many were left without a label (ignored, rejected, or not
    answered)."""
    found: list[Returned] = []
    unanswered = 0
    for number, row in lines:
        where = f"line {number}"
        answer = row.get("answer")
        if answer != "accept":
            unanswered += 1
            if answer is not None and answer not in _ANSWERS:
                problem = Problem(where, "answer", f"{answer!r} is no answer of Prodigy")
                found.append(Returned(where=where, fields={}, problems=(problem,)))
            continue
        found.append(_returned(where, row))
    return found, unanswered


def _returned(where: str, row: dict[str, Any]) -> Returned:
    carried, problem = carried_of(row.get("collabnlp"), where)
    accepted = row.get("accept")
    problems = [problem] if problem else []
    if not isinstance(accepted, list) or len(accepted) != 1:
        problems.append(Problem(where, "accept", "not one level"))
        accepted = ["none"]
    level, note = str(accepted[0]), row.get("note")
    entry = carried.entry if carried else None
    if entry is not None:
        fields = words(entry.annotation)
        if level == "none" and entry.annotation.level is not Level.NONE:
            # The interface has no place to take these back.
            fields |= dict.fromkeys(("partners", "departments", "dept_basis", "actor_tier"), "")
        fields["level"] = level
    else:
        fields = {"level": level}
    if isinstance(note, str):
        fields["note"] = note
    person = str(row.get("_annotator_id") or row.get("_session_id") or "")
    return Returned(
        where=where,
        id=carried.id if carried else "",
        fields=fields,
        text=str(row.get("text", "")),
        carried=entry,
        fresh=entry is not None and person not in ("", entry.annotation.reader),
        person=person,
        time=_time(row.get("_timestamp"), entry.time if entry else ""),
        document=carried.document if carried else "",
        unit=carried.unit if carried and entry is None else None,
        form=Form(exact=True),
        problems=tuple(problems),
    )


def _time(stamp: Any, exported: str) -> str:
    """When it was answered, in UTC; empty where that is not told, or is still what was exported."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float):
        return ""
    try:
        time = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, OSError, ValueError):
        return ""
    return "" if time == exported else time
