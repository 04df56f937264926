"""From readings to agreement: by reader, by pair of readers, over all, and with oneself.

Which readings are compared: each reader's own. One made with others' readings in view (an
adjudication, a correction) says nothing of how independent readers agree, so it is left out; a
repeat is compared with its reader's own reading alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from collabnlp.errors import UsageError
from collabnlp.labels.agreement import LEVELS, Agreement, ReadPair, agreement
from collabnlp.labels.coefficients import Floats, Measure, alpha, coincidences, resample
from collabnlp.schema import Annotation, Role, Shown

UnitKey = tuple[str, str, int]  # document, unit hash, occurrence
_BY_UNIT = dict[UnitKey, list[Annotation]]
# A person's later reading stands for their earlier one.
_INDEPENDENT = (Role.FIRST, Role.SECOND, Role.REVIEWED)
_SIZE = len(LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderCount:
    """One reader's part: units read, how many of them blind, how many with the model's suggestion
    in view (of the rest it is not known), and repeats."""

    reader: str
    units: int
    blind: int
    suggestion: int
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement:
    """Two readers (or roles), or one reader twice; ``suggestion`` counts the units where either had
    the model's suggestion in view."""

    first: str
    second: str
    agreement: Agreement
    suggestion: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """All readers at once: Krippendorff's alphas, over how many readings of how many units of how
    many documents that at least two read; ``over`` as in `Agreement`."""

    measures: tuple[Measure, ...]
    readings: int
    units: int
    documents: int
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The agreement of readers.

    readers      everyone whose readings count, with their numbers
    dependent    readings left out for being made with others' in view
    suggestion   readings left out, on demand, for being made with a suggestion in view
    weighed      whether units count for as many as they stand for
    together     None where no unit has two readings; so is pooled
    pooled       all pairs of all units as one: the earlier role first, then by reader's name
    pairs        each pair of readers that have units in common, in the order of names
    repeats      each reader against themselves
    """

    readers: tuple[ReaderCount, ...]
    dependent: int
    suggestion: int
    weighed: bool
    together: Together | None
    pooled: Agreement | None
    pairs: tuple[PairAgreement, ...]
    repeats: tuple[PairAgreement, ...]


def agreement_of(
    records: Iterable[Annotation],
    *,
    between: tuple[Role, Role] | None = None,
    weights: Mapping[UnitKey, float] | None = None,
    blind_only: bool = False,
    replicates: int = 2000,
    seed: int = 0,
) -> Reliability:
    """Measure how readers agree.

    between     two roles to compare as if each were one reader, in that order, instead of readers
    weights     the units that count, and for how many each stands; all count once without it
    blind_only  leave out readings made with a suggestion in view; those of which nothing is known
                stay

    Raises UsageError where no unit was read twice.
    """
    kept = list(records)
    if weights is not None:
        kept = [it for it in kept if _key(it) in weights]
    dependent = [] if between else [it for it in kept if _depends(it)]
    suggested = [it for it in kept if blind_only and it.shown is Shown.SUGGESTION]
    left_out = {it.key for it in [*dependent, *suggested]}
    kept = [it for it in kept if it.key not in left_out]
    roles: Sequence[Role] = between or _INDEPENDENT
    own: _BY_UNIT = defaultdict(list)
    again: _BY_UNIT = defaultdict(list)
    for record in sorted(kept, key=lambda it: (it.date, it.codebook)):
        if record.role in roles:
            own[_key(record)].append(record)
        elif record.role is Role.REPEAT and between is None:
            again[_key(record)].append(record)
    voice: Callable[[Annotation], str] = _role_of if between else _reader_of
    in_force = {
        key: _in_force(found, roles, voice, first=between is not None)
        for key, found in sorted(own.items())
    }
    measure = _Measurer(weights=weights, replicates=replicates, seed=seed)
    pooled: list[tuple[Annotation, Annotation]] = []
    by_pair: dict[tuple[str, str], list[tuple[Annotation, Annotation]]] = defaultdict(list)
    for found in in_force.values():
        for one, other in combinations(found, 2):
            pooled.append((one, other))
            if between is None and voice(one) > voice(other):
                one, other = other, one
            by_pair[voice(one), voice(other)].append((one, other))
    repeats: dict[str, list[tuple[Annotation, Annotation]]] = defaultdict(list)
    for key, found in sorted(again.items()):
        said = {it.reader: it for it in in_force.get(key, ())}
        for repeat in found:
            if repeat.reader in said:
                repeats[repeat.reader].append((said[repeat.reader], repeat))
    if not pooled and not repeats:
        raise UsageError(
            "No unit has two readings to compare.", advice="Import a second reading first."
        )
    return Reliability(
        readers=_readers(in_force, again),
        dependent=len(dependent),
        suggestion=len(suggested),
        weighed=weights is not None,
        together=measure.together(in_force) if pooled else None,
        pooled=measure.pairs(pooled) if pooled else None,
        pairs=tuple(measure.pair(*names, by_pair[names]) for names in sorted(by_pair)),
        repeats=tuple(measure.pair(name, name, repeats[name]) for name in sorted(repeats)),
    )


def _key(record: Annotation) -> UnitKey:
    return record.document, record.unit_hash, record.occurrence


def _depends(record: Annotation) -> bool:
    return record.role is Role.ADJUDICATED or record.shown is Shown.READINGS


def _reader_of(record: Annotation) -> str:
    return record.reader


def _role_of(record: Annotation) -> str:
    return str(record.role)


def _in_force(
    found: Sequence[Annotation],
    roles: Sequence[Role],
    voice: Callable[[Annotation], str],
    *,
    first: bool,
) -> list[Annotation]:
    """One reading of a unit for each voice, in the order of roles, then of names.

    A reader's latest role counts, and in it the latest reading; of a role that several have, the
    reader whose name comes first (``first``).
    """
    said: dict[str, Annotation] = {}
    if first:
        found = sorted(found, key=lambda it: it.reader, reverse=True)
    for record in sorted(found, key=lambda it: roles.index(it.role)):
        said[voice(record)] = record
    return sorted(said.values(), key=lambda it: (roles.index(it.role), it.reader))


def _readers(
    in_force: Mapping[UnitKey, Sequence[Annotation]], again: _BY_UNIT
) -> tuple[ReaderCount, ...]:
    read: dict[str, list[Annotation]] = defaultdict(list)
    repeated: dict[str, int] = defaultdict(int)
    for found in in_force.values():
        for record in found:
            read[record.reader].append(record)
    for found in again.values():
        for record in found:
            repeated[record.reader] += 1
    return tuple(
        ReaderCount(
            reader=name,
            units=len(read[name]),
            blind=sum(it.shown is Shown.BLIND for it in read[name]),
            suggestion=sum(it.shown is Shown.SUGGESTION for it in read[name]),
            repeats=repeated[name],
        )
        for name in sorted({*read, *repeated})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measurer:
    """What all comparisons of one call share."""

    weights: Mapping[UnitKey, float] | None
    replicates: int
    seed: int

    def weight(self, key: UnitKey) -> float:
        return 1.0 if self.weights is None else self.weights[key]

    def pairs(self, found: Sequence[tuple[Annotation, Annotation]]) -> Agreement:
        return agreement(
            [
                ReadPair(
                    document=one.document,
                    first=one.judgement,
                    second=other.judgement,
                    weight=self.weight(_key(one)),
                    today=(
                        todays_codes(one.judgement.departments),
                        todays_codes(other.judgement.departments),
                    ),
                    unit=one.unit,
                )
                for one, other in found
            ],
            replicates=self.replicates,
            seed=self.seed,
        )

    def pair(
        self, first: str, second: str, found: Sequence[tuple[Annotation, Annotation]]
    ) -> PairAgreement:
        return PairAgreement(
            first=first,
            second=second,
            agreement=self.pairs(found),
            suggestion=sum(Shown.SUGGESTION in (one.shown, other.shown) for one, other in found),
        )

    def together(self, in_force: Mapping[UnitKey, Sequence[Annotation]]) -> Together:
        """Alphas over the units that at least two read."""
        import numpy as np

        shared = {key: found for key, found in in_force.items() if len(found) > 1}
        counts = np.zeros((len(shared), _SIZE))
        for at, found in enumerate(shared.values()):
            for record in found:
                counts[at, LEVELS.index(record.level)] += 1
        weights = np.array([self.weight(key) for key in shared])
        whole = coincidences(counts, weights)
        # Where a level is asked for, a none is a missing value.
        stepped = coincidences(counts[:, 1:], weights)
        cells = [table.reshape(len(shared), -1) for table in (whole, stepped)]
        sums = resample(
            np.hstack(cells),
            [key[0] for key in shared],
            shared,
            replicates=self.replicates,
            seed=self.seed,
        )
        commitments = int((counts[:, 1:].sum(axis=1) > 1).sum())
        return Together(
            measures=tuple(
                sums.measure(key, name, compute, units=commitments if of_both else len(shared))
                for key, name, compute, of_both in _TOGETHER
            ),
            readings=int(counts.sum()),
            units=len(shared),
            documents=len({key[0] for key in shared}),
            over=sums.over,
        )


def _whole(sums: Floats) -> Floats:
    return sums[..., : _SIZE**2].reshape(*sums.shape[:-1], _SIZE, _SIZE)


def _commitment_alpha(sums: Floats) -> Floats:
    import numpy as np

    fold = np.zeros((_SIZE, 2))
    fold[0, 0] = 1
    fold[1:, 1] = 1
    return alpha(fold.T @ _whole(sums) @ fold)


def _level_alpha(sums: Floats) -> Floats:
    steps = sums[..., _SIZE**2 :].reshape(*sums.shape[:-1], _SIZE - 1, _SIZE - 1)
    return alpha(steps, "ordinal")


_TOGETHER: tuple[tuple[str, str, Callable[[Floats], Floats], bool], ...] = (
    ("commitment_alpha", "commitment or none: nominal alpha", _commitment_alpha, False),
    (
        "level_alpha",
        "level, where at least two call it a commitment: ordinal alpha",
        _level_alpha,
        True,
    ),
    ("scale_alpha", "whole scale: ordinal alpha", lambda it: alpha(_whole(it), "ordinal"), False),
    ("scale_nominal", "whole scale: nominal alpha", lambda it: alpha(_whole(it)), False),
)


@cache
def todays_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Department codes of whatever day as today's, so that another name is no other department.

    A code that the register does not know stays as it is.
    """
    from collabnlp.register import load_register

    register = load_register()
    found: set[str] = set()
    for code in codes:
        try:
            found.update(register.todays(code) or (code,))
        except KeyError:
            found.add(code)
    return tuple(sorted(found))
