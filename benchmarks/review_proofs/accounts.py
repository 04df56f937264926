"""What clients were told, held against what the store has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collabnlp.labels.database import LabelDatabase
from collabnlp.review.acts import UNDO
from collabnlp.schema import Entry, Judgement
from review_proofs.clients import Client, Confirmed

Key = tuple[str, str, int]
State = tuple[Judgement, str]


@dataclass(slots=True)
class Account:
    """Confirmed steps and what became of them.

    labels, undone, skips  how many were confirmed
    lost     confirmed, and not in the store as it was sent
    doubled  requests that are in the store more than once, and entries that nobody asked for
    wrong    units whose reading in force is not the one that the steps lead to
    problems  what the store's own check finds
    """

    labels: int = 0
    undone: int = 0
    skips: int = 0
    entries: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """True where nothing is lost, doubled, wrong or damaged."""
        return not (self.lost or self.doubled or self.wrong or self.problems)


def account(store: Path, clients: Sequence[Client]) -> Account:
    """Hold every confirmed step of every client against the store."""
    database = LabelDatabase(store)
    entries = [entry for _, entry in database.entries()]
    by_id = {entry.id: entry for entry in entries}
    found = Account(entries=len(entries), problems=database.problems())
    times = Counter(entry.request for entry in entries)
    found.doubled += [f"{request}: {n} times" for request, n in times.items() if n > 1]
    known: set[str] = set()
    skips = Counter(row["request"] for row in database.reading("SELECT request FROM skips"))
    found.doubled += [f"skip {request}: {n} times" for request, n in skips.items() if n > 1]
    for client in clients:
        for step in client.confirmed:
            known |= {step.request, UNDO + step.request}
            _step(found, client.reader, step, by_id, times, skips)
        mine = [it for it in entries if it.annotation.reader == client.reader]
        _standing(found, client, mine)
        _order(found, client)
    found.doubled += [f"{it.request}: nobody was told" for it in entries if it.request not in known]
    database.close()
    return found


def _step(
    found: Account,
    reader: str,
    step: Confirmed,
    by_id: dict[str, Entry],
    times: Counter[str],
    skips: Counter[str],
) -> None:
    if step.kind == "skip":
        found.skips += 1
        if not skips[step.request]:
            found.lost.append(f"skip {step.request}")
    elif step.kind == "undo":
        found.undone += bool(step.entry)
        if step.entry and not times[UNDO + step.request]:
            found.lost.append(f"undo {step.request} of {step.entry[:8]}")
    else:
        found.labels += 1
        entry = by_id.get(step.entry)
        if entry is None or entry.request != step.request:
            found.lost.append(f"label {step.request}")
            return
        it = entry.annotation
        said = (it.judgement, it.note, it.reader, (it.sha256, *it.unit))
        if said != (step.judgement, step.note, reader, step.unit):
            found.wrong.append(f"{step.request} is not kept as it was sent")


def _standing(found: Account, client: Client, entries: Sequence[Entry]) -> None:
    expected = expected_states(client.confirmed, found, client.reader)
    gone = {it.supersedes for it in entries}
    actual: dict[Key, list[State]] = defaultdict(list)
    for entry in entries:
        if entry.id not in gone and not entry.withdrawn:
            it = entry.annotation
            actual[(it.sha256, *it.unit)].append((it.judgement, it.note))
    for key in sorted(expected.keys() | actual.keys()):
        should = [expected[key]] if key in expected else []
        if actual.get(key, []) != should:
            found.wrong.append(f"{client.reader}, {key[1][:8]}: {actual.get(key)} for {should}")


def expected_states(steps: Iterable[Confirmed], found: Account, reader: str) -> dict[Key, State]:
    """The reading that should be in force on each unit after some steps: labels are put on top,
    an undo takes the top one off."""
    stacks: dict[Key, list[tuple[str, State]]] = defaultdict(list)
    for step in steps:
        if step.kind == "label" and step.judgement is not None:
            stacks[step.unit].append((step.entry, (step.judgement, step.note)))
        elif step.kind == "undo" and step.entry:
            if not stacks[step.unit]:
                found.wrong.append(f"{reader} took back what was not there: {step.request}")
            else:
                stacks[step.unit].pop()
    return {key: stack[-1][1] for key, stack in stacks.items() if stack}


def _order(found: Account, client: Client) -> None:
    """Every undo took back the last act that still stood, after a restart as before it."""
    acts: list[Confirmed] = []
    for step in client.confirmed:
        if step.kind != "undo":
            acts.append(step)
        elif not acts:
            if step.unit[0]:
                found.wrong.append(f"{client.reader} took back what was not theirs: {step.request}")
        else:
            last = acts.pop()
            if (step.unit, step.entry) != (last.unit, last.entry):
                found.wrong.append(f"{client.reader} took another act back: {step.request}")
