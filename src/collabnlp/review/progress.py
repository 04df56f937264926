"""How far the review is, how fast, and how far its readings agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from collabnlp.review.desk import Desk, ReadRow
from collabnlp.review.picking import ENOUGH_READERS
from collabnlp.schema import Level, Role

FEWEST = 5  # with fewer pairs no agreement is shown
_LEVELS = list(Level)


@dataclass(frozen=True, slots=True)
class Agreed:
    """How far pairs of readings agree: ``same`` of ``pairs`` give the same level; ``kappa`` is
    quadratic-weighted over none and the ladder, None where it is undefined."""

    what: str
    pairs: int
    same: int
    kappa: float | None

    @property
    def enough(self) -> bool:
        return self.pairs >= FEWEST


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """Texts of one document in the queue, and how many of them are done for this reader."""

    id: str
    title: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Progress:
    """What the panel shows.

    done, left  texts of the queue
    session     labels since the page was opened
    seconds     median over the session's labels, None without one
    """

    done: int
    left: int
    skipped: int
    session: int
    seconds: float | None
    documents: tuple[DocumentProgress, ...]
    agreement: tuple[Agreed, ...]


def progress(desk: Desk, reader: str, *, since: int) -> Progress:
    """The panel's figures for a reader whose session began after entry ``since``."""
    rows = desk.read_rows()
    own = [row for row in rows if row.reader == reader]
    readers = desk.readers_by_text()
    passed = desk.units.skipped(reader)
    total: Counter[str] = Counter()
    done: Counter[str] = Counter()
    skipped = 0
    for it in desk.queue():
        by = readers.get(it.unit_hash, set())
        finished = reader in by or len(by) >= ENOUGH_READERS
        total[it.sha256] += 1
        done[it.sha256] += finished
        skipped += not finished and it.key in passed
    session = [row for row in own if row.sequence > since]
    spent = [row.seconds for row in session if row.seconds is not None]
    documents = desk.units.documents()
    return Progress(
        done=done.total(),
        left=total.total() - done.total(),
        skipped=skipped,
        session=len(session),
        seconds=median(spent) if spent else None,
        documents=tuple(
            DocumentProgress(info["id"], info["title"], done[sha], total[sha])
            for sha, info in documents.items()
            if total[sha]
        ),
        agreement=_agreement(desk, rows, own),
    )


def _agreement(desk: Desk, rows: list[ReadRow], own: list[ReadRow]) -> tuple[Agreed, ...]:
    mine = {row.unit: row.level for row in own if row.role is Role.REVIEWED}
    again = [
        (mine[row.unit], row.level) for row in own if row.role is Role.REPEAT and row.unit in mine
    ]
    others = (
        [
            (mine[row.unit], row.level)
            for row in rows
            if row.reader != own[0].reader and row.role is Role.REVIEWED and row.unit in mine
        ]
        if own
        else []
    )
    model = []
    suggested = desk.suggested_levels()
    for unit, level in mine.items():
        if unit in suggested:
            model.append((level, suggested[unit]))
    return (
        _agreed("yourself", again),
        _agreed("other reviewers", others),
        _agreed("the model", model),
    )


def _agreed(what: str, pairs: Iterable[tuple[Level, Level]]) -> Agreed:
    import numpy as np

    from collabnlp.labels.coefficients import kappa, one, quadratic

    table = np.zeros((len(_LEVELS), len(_LEVELS)))
    for first, second in pairs:
        table[_LEVELS.index(first), _LEVELS.index(second)] += 1
    number = int(table.sum())
    weighted = one(kappa(table, quadratic(len(_LEVELS)))) if number >= FEWEST else None
    return Agreed(what, number, int(np.trace(table)), weighted)
