"""Reading tasks: units given out to be read blind, and the sample that they were drawn by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json, digest
from collabnlp.labels.exchange import json_lines
from collabnlp.schema import Unit

TASK_PREFIX = "task-"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTask:
    """One unit to read, with what may be read to understand it, and without anybody's label.

    task      id of the task; tells nothing of the unit
    kind, date, title, publisher  of the document
    previous, following  the units before and after; empty at the ends
    """

    task: str
    document: str
    title: str
    publisher: str
    kind: str
    date: str
    headings: tuple[str, ...]
    provision: str | None
    region: str
    previous: str
    text: str
    following: str
    sha256: str
    unit_hash: str
    occurrence: int

    @classmethod
    def of(
        cls,
        about: dict[str, str],
        units: Sequence[Unit],
        at: int,
        key: tuple[str, int],
    ) -> Self:
        """The task of reading ``units[at]``; ``about`` has the fields of its document."""
        unit = units[at]
        return cls(
            task=TASK_PREFIX + digest([about["document"], *key])[:12],
            **about,
            headings=unit.headings,
            provision=unit.provision,
            region=str(unit.region),
            previous=units[at - 1].text if at else "",
            text=unit.text,
            following=units[at + 1].text if at + 1 < len(units) else "",
            unit_hash=key[0],
            occurrence=key[1],
        )

    def line(self) -> bytes:
        """The task as a line of a task file; the fields in order, the text where it is read."""
        import json

        return json.dumps(asdict(self), ensure_ascii=False).encode() + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A unit of a sample: why it is in (``stratum``) and how probable that was (0..1]."""

    sample: str
    document: str
    unit_hash: str
    occurrence: int
    stratum: str
    probability: float

    def line(self) -> bytes:
        return canonical_json(asdict(self)) + b"\n"


def draw(
    candidates: Sequence[tuple[ReadingTask, str]], *, random: int, seed: int, sample: str
) -> list[tuple[ReadingTask, Drawn]]:
    """All candidates of the strata but "random", and ``random`` of that one.

    The random ones are spread over the documents by their share. Which are drawn depends on the
    seed and the unit alone, so that a unit that comes or goes leaves the others as they are.
    The order of the candidates is kept.
    """
    pools: dict[str, list[ReadingTask]] = {}
    for task, stratum in candidates:
        if stratum == "random":
            pools.setdefault(task.document, []).append(task)
    quota = _shares({name: len(pool) for name, pool in pools.items()}, random)
    chosen = {
        task.task
        for name, pool in pools.items()
        for task in sorted(pool, key=lambda it: digest([seed, it.task]))[: quota[name]]
    }
    drawn = []
    for task, stratum in candidates:
        if stratum == "random" and task.task not in chosen:
            continue
        probability = 1.0
        if stratum == "random":
            probability = quota[task.document] / len(pools[task.document])
        record = Drawn(
            sample=sample,
            document=task.document,
            unit_hash=task.unit_hash,
            occurrence=task.occurrence,
            stratum=stratum,
            probability=round(probability, 6),
        )
        drawn.append((task, record))
    return drawn


def _shares(sizes: dict[str, int], total: int) -> dict[str, int]:
    """``total`` shared out in proportion to the sizes, by largest remainders."""
    everything = sum(sizes.values())
    if total >= everything:
        return dict(sizes)
    exact = {name: total * size / everything for name, size in sizes.items()}
    shares = {name: int(value) for name, value in exact.items()}
    rest = total - sum(shares.values())
    for name in sorted(exact, key=lambda it: (shares[it] - exact[it], it))[:rest]:
        shares[name] += 1
    return shares


def read_tasks(path: Path) -> list[ReadingTask]:
    """The tasks of a file; what a line has besides is left. Raises DataError where one is none."""
    tasks = []
    names = [field.name for field in fields(ReadingTask)]
    for number, row in json_lines(path):
        try:
            task = {name: row[name] for name in names}
            tasks.append(ReadingTask(**{**task, "headings": tuple(row["headings"])}))
        except (KeyError, TypeError) as error:
            raise DataError(f"{path.name}, line {number}: no reading task ({error}).") from error
    double = [task for task, count in Counter(it.task for it in tasks).items() if count > 1]
    if double:
        raise DataError(f"{path.name} has {double[0]} twice.")
    return tasks


def read_sample(path: Path) -> list[Drawn]:
    """The units of a sample file. Raises DataError where a line is none."""
    drawn = []
    for number, row in json_lines(path):
        try:
            drawn.append(Drawn(**_checked(row)))
        except (TypeError, ValueError) as error:
            raise DataError(f"{path.name}, line {number}: {error}.") from error
    return drawn


def _checked(row: dict[str, Any]) -> dict[str, Any]:
    if not 0 < row.get("probability", 0) <= 1:
        raise ValueError(f"a probability of {row.get('probability')}")
    return row


def weights(samples: Iterable[Drawn]) -> dict[tuple[str, str, int], float]:
    """What each unit of a sample counts for: one over its probability of being in."""
    return {(it.document, it.unit_hash, it.occurrence): 1 / it.probability for it in samples}
