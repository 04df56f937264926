"""Readings as tasks of Label Studio: one task a unit, one annotation a reading, there and back.

A model's suggestion is a prediction and never comes back as a label. Everything that has no place
in their shape travels in the task's ``data.collabnlp``; the ids of results, which Label Studio
keeps, tell which annotation is which reading. Shape: labelstud.io/guide/task_format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from collabnlp.labels.carried import Carried, carried_of, carrying, unit_of
from collabnlp.labels.export_lines import ExportLine
from collabnlp.labels.fields import Form
from collabnlp.labels.returning import Problem, Returned, page_name
from collabnlp.schema import Judgement

_CHOICES = ("level", "partners", "dept_basis", "actor_tier")
_ID_DIGITS = 24


def labelling_config() -> str:
    """The labelling configuration for a project that takes these tasks (XML)."""
    return files("collabnlp.labels.data").joinpath("label_studio.xml").read_text(encoding="utf-8")


def tasks(lines: Iterable[ExportLine]) -> Iterator[dict[str, Any]]:
    """One task a unit, in the order of the lines."""
    groups: dict[tuple[Any, ...], list[ExportLine]] = {}
    for line in lines:
        groups.setdefault(tuple(unit_of(line).values()), []).append(line)
    for group in groups.values():
        yield _task(group)


def _task(group: list[ExportLine]) -> dict[str, Any]:
    first = group[0]
    unit = first.unit
    return {
        "data": {
            "text": first.text,
            "document": first.title or first.entry.annotation.document,
            "page": page_name(unit) if unit else "",
            "provision": (unit.provision or "") if unit else "",
            "headings": " > ".join(unit.headings) if unit else "",
            "readers": "; ".join(
                f"{line.entry.annotation.reader} ({line.entry.annotation.role})" for line in group
            ),
            "collabnlp": {
                "unit": unit_of(first),
                "readings": [carrying(line) for line in group],
            },
        },
        "annotations": [_annotation(line) for line in group],
        "predictions": [_prediction(first)] if first.suggestion else [],
    }


def _annotation(line: ExportLine) -> dict[str, Any]:
    entry = line.entry
    record = entry.annotation
    row: dict[str, Any] = {
        "result": _results(entry.id[:_ID_DIGITS], record.judgement, record.sure, record.note),
        "was_cancelled": False,
        "ground_truth": False,
    }
    if entry.time:
        row["created_at"] = entry.time
    if entry.seconds is not None:
        row["lead_time"] = entry.seconds
    # Label Studio refuses tasks whose completed_by is nobody of its own; the reader is in `data`.
    return row


def _prediction(line: ExportLine) -> dict[str, Any]:
    suggestion = line.suggestion
    assert suggestion is not None
    return {
        "model_version": suggestion.name,
        "score": max(suggestion.probabilities),
        "result": _results(suggestion.model[:_ID_DIGITS], suggestion.judgement, True, ""),
    }


def _results(id: str, judgement: Judgement, sure: bool, note: str) -> list[dict[str, Any]]:
    """One result a control of the configuration; controls left empty have none."""
    choices: dict[str, list[str]] = {
        "level": [str(judgement.level)],
        "partners": [str(it) for it in judgement.partners],
        "dept_basis": [str(judgement.dept_basis)] if judgement.dept_basis else [],
        "actor_tier": [str(judgement.actor_tier)] if judgement.actor_tier else [],
        "sure": [] if sure else ["unsure"],
    }
    found = [
        _result(id, name, "choices", {"choices": chosen})
        for name, chosen in choices.items()
        if chosen
    ]
    if judgement.departments:
        paths = [[code] for code in judgement.departments]
        found.append(_result(id, "departments", "taxonomy", {"taxonomy": paths}))
    if note:
        found.append(_result(id, "note", "textarea", {"text": [note]}))
    return found


def _result(id: str, name: str, kind: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{id}-{name}",
        "from_name": name,
        "to_name": "text",
        "type": kind,
        "value": value,
    }


def returned_tasks(rows: Iterable[Any]) -> tuple[list[Returned], int]:
    """What the annotations of exported tasks say, and how many are no labels (cancelled)."""
    found: list[Returned] = []
    cancelled = 0
    for number, row in enumerate(rows, 1):
        where = f"task {number}"
        if not isinstance(row, dict) or not isinstance(row.get("data"), dict):
            problem = Problem(where, "", "no task with data: export as JSON, not as JSON-MIN")
            found.append(Returned(where=where, fields={}, problems=(problem,)))
            continue
        readings, unit, problems = _records(row["data"].get("collabnlp"), where)
        if problems:
            found.append(Returned(where=where, fields={}, problems=tuple(problems)))
            continue
        for at, annotation in enumerate(row.get("annotations") or (), 1):
            if annotation.get("was_cancelled"):
                cancelled += 1
                continue
            place = f"{where}, annotation {at}"
            found.append(_returned(place, annotation, row["data"], readings, unit))
    return found, cancelled


def _records(value: Any, where: str) -> tuple[dict[str, Carried], Carried | None, list[Problem]]:
    """The readings that a task carries, by the beginning of their ids, and its unit."""
    if value is None:
        return {}, None, []
    if not isinstance(value, dict):
        return {}, None, [Problem(where, "collabnlp", "not as it was exported")]
    unit, wrong = carried_of(value.get("unit"), where)
    problems = [wrong] if wrong else []
    readings = {}
    for one in value.get("readings") or ():
        carried, wrong = carried_of(one, where)
        if wrong:
            problems.append(wrong)
        elif carried:
            readings[carried.id[:_ID_DIGITS]] = carried
    return readings, unit, problems


def _returned(
    where: str,
    annotation: Mapping[str, Any],
    data: Mapping[str, Any],
    readings: Mapping[str, Carried],
    unit: Carried | None,
) -> Returned:
    results = [it for it in annotation.get("result") or () if isinstance(it, dict)]
    ids = (str(it.get("id", "")).partition("-")[0] for it in results)
    carried = next((readings[it] for it in ids if it in readings), None)
    fields, problems = _fields(results, where)
    entry = carried.entry if carried else None
    time = _time(annotation.get("updated_at") or annotation.get("created_at"))
    seconds: Any = annotation.get("lead_time")
    counted = isinstance(seconds, int | float) and seconds >= 0
    if entry is not None and seconds == entry.seconds:
        counted = False
    return Returned(
        where=where,
        id=carried.id if carried else "",
        fields=fields,
        text=str(data.get("text", "")),
        carried=entry,
        person=_person(annotation.get("updated_by") or annotation.get("completed_by")),
        # What still is as it was exported says nothing of the answer that came back.
        time="" if entry is not None and time == entry.time else time,
        seconds=float(seconds) if counted else None,
        document=unit.document if unit else "",
        unit=unit.unit if unit and carried is None else None,
        form=Form(exact=True),
        problems=tuple(problems),
    )


def _fields(results: list[dict[str, Any]], where: str) -> tuple[dict[str, str], list[Problem]]:
    fields = {
        **{"level": "", "partners": "", "departments": "", "dept_basis": "", "actor_tier": ""},
        **{"sure": "yes", "note": ""},
    }
    problems = []
    for it in results:
        name = it.get("from_name")
        value: Any = it.get("value")
        try:
            if name in _CHOICES:
                fields[name] = "; ".join(map(str, value["choices"]))
            elif name == "departments":
                said = value.get("taxonomy") or [[code] for code in value.get("choices", ())]
                fields[name] = "; ".join(str(path[-1]) for path in said)
            elif name == "sure":
                fields[name] = "no" if "unsure" in value["choices"] else "yes"
            elif name == "note":
                text = value["text"]
                fields[name] = text if isinstance(text, str) else "\n".join(map(str, text))
        except (AttributeError, IndexError, KeyError, TypeError):
            problems.append(Problem(where, str(name), "not what Label Studio writes"))
    return fields, problems


def _person(said: Any) -> str:
    """Who answered: an address where Label Studio gives one, else a number."""
    if isinstance(said, dict):
        said = said.get("email") or said.get("id")
    return "" if said is None else str(said)


def _time(said: Any) -> str:
    """A time of Label Studio in UTC to the second; empty where it is none."""
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
