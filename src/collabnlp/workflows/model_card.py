"""The card of a retrained model: what changed since the one before. All of it stands in model.json,
so that it travels with the model; there is no clock in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collabnlp.labels.changes import LabelChanges

CHANGE = "change"
"""Where a model's metadata keep what changed."""

_SHORT = 12


def card(model: Any) -> str:
    """Markdown on a retrained model; empty for one that no retraining made."""
    change = model.metadata.get(CHANGE)
    if change is None:
        return ""
    return "".join(f"{line}\n" for line in _lines(model, change))


def _lines(model: Any, change: Mapping[str, Any]) -> Iterator[str]:
    from collabnlp.training.gate import Verdict

    verdict = Verdict.from_dict(change["verdict"])
    changes = LabelChanges.from_dict(change["labels"])
    before = change["before"]
    yield f"# {model.name}"
    yield ""
    yield (
        f"Retrained after {before['name']}; the gate "
        f"{'let it pass' if verdict.promoted else 'refused it'}."
    )
    if verdict.reasons:
        yield ""
        yield from (f"- {it}" for it in verdict.reasons)
    if change["notes"]:
        yield ""
        yield from (f"Note: {it}" for it in change["notes"])
    yield ""
    yield "## Labels"
    yield ""
    yield from label_lines(changes)
    yield ""
    yield "## Figures"
    yield ""
    yield from figure_lines(verdict)
    yield ""
    yield "## Made from"
    yield ""
    yield f"- labels: snapshot {model.metadata['snapshot']}"
    yield f"- labels before: snapshot {before['snapshot']}"
    shipped = before["model"] if len(before["model"]) == 64 else f"{before['model']} (shipped)"
    yield f"- model before: {shipped}"
    yield f"- frozen labels: {change['frozen']}"
    for source, counts in model.metadata["units"].items():
        levels = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        yield f"- units, {source}: {sum(counts.values())} ({levels})"
    settings = sorted(model.metadata["settings"].items())
    yield f"- settings: {', '.join(f'{name} {value}' for name, value in settings)}"


def label_lines(changes: LabelChanges) -> Iterator[str]:
    """Tables in Markdown of what became of the labels."""
    yield (
        f"{sum(changes.added.values())} units added, {changes.changed} with another level, "
        f"{sum(changes.withdrawn.values())} withdrawn, {changes.kept} as before."
    )
    for title, counts in (("added", changes.added), ("withdrawn", changes.withdrawn)):
        if counts:
            yield ""
            yield f"{title}: {', '.join(f'{name} {count}' for name, count in counts.items())}"
    if changes.moved:
        names = sorted({*changes.moved, *(to for it in changes.moved.values() for to in it)})
        yield ""
        yield from _table(
            ["level before \\ now", *names],
            [
                [one, *(str(changes.moved.get(one, {}).get(to, "")) for to in names)]
                for one in names
            ],
        )
    if changes.documents:
        yield ""
        yield from _table(
            ["document", "added", "changed", "withdrawn"],
            [[name, *map(str, counts)] for name, counts in changes.documents.items()],
        )
    if changes.readings:
        yield ""
        yield from _table(
            ["reading, reader", "came", "went"],
            [[name, *map(str, counts)] for name, counts in changes.readings.items()],
        )


def figure_lines(verdict: Any) -> Iterator[str]:
    """Tables in Markdown of old and new figures, in points."""
    from collabnlp.training.gate import counted, points, signed

    def by(interval: Any) -> list[str]:
        return [signed(interval.value), f"{signed(interval.low)} to {signed(interval.high)}"]

    times = f"{verdict.partitions} times over, the families parted anew; " * (
        verdict.partitions > 1
    )
    yield (
        f"On {verdict.units} frozen units of {verdict.families} families, of which neither model "
        f"saw any; {times}{verdict.moved} of them are decided otherwise than before. Points; 95% "
        "intervals over families."
    )
    yield ""
    yield from _table(
        ["figure", "before", "now", "difference", "interval"],
        [[it.name, points(it.old), points(it.new), *by(it.by)] for it in verdict.figures],
    )
    yield ""
    yield from _table(
        [
            *(
                "level",
                "units",
                "families",
                "found before",
                "found now",
                "false before",
                "false now",
            ),
            *("F1 before", "F1 now", "difference", "interval"),
        ],
        [
            [
                it.name,
                *map(str, (it.units, it.families)),
                *map(counted, (it.old_found, it.new_found, it.old_false, it.new_false)),
                *(points(it.old), points(it.new), *by(it.by)),
            ]
            if it.judged
            else [it.name, "0", "0", *[""] * 7, "not judged: no frozen unit has it"]
            for it in verdict.levels
        ],
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |"
