"""Counts of commitments by any keys, each with its denominators, rate, share and intervals.

A unit with several departments (partners, bodies) counts once for each, so that shares over them
add up to more than all. What is corrected, and how, is in `prevalence`; a cell of a department, a
partner, … gets the part of its level's corrected count that it has of the level's units found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from collabnlp.analysis.counting_corrected import (
    Scope,
    columns_of_texts,
    corrected_cell,
    row_of,
)
from collabnlp.analysis.counting_figures import LEAST_UNITS, MOST_FOUND, poisson, wilson
from collabnlp.analysis.counting_reviewed import ReadUnit, Rest, rest_of, review_notes
from collabnlp.analysis.counting_versions import version_name
from collabnlp.errors import UsageError
from collabnlp.schema import (
    LADDER,
    ActorTier,
    CountCell,
    CountKey,
    Counts,
    DocumentInfo,
    Level,
    Partner,
    TaggedUnit,
)

if TYPE_CHECKING:
    from collabnlp.analysis.prevalence import Corrector
    from collabnlp.analysis.reviewed import Families

NOTHING = "none"
"""The value of a key that a commitment lacks: no department, no body named."""

OF_DOCUMENTS = (CountKey.DOCUMENT, CountKey.VERSION, CountKey.KIND)
MANY = (CountKey.DEPARTMENT, CountKey.PARTNER, CountKey.BODY)
PYRAMID = frozenset({Partner.SUBNATIONAL, Partner.DEVOLVED})

_WORD = re.compile(r"\w+(?:['’\-‑]\w+)*")
Successors = Callable[[str], Sequence[str]]
Where = Mapping[CountKey, frozenset[str]]


@dataclass(frozen=True)
class CountedDocument:
    """A document with all its units, tagged, as counting needs them.

    ``read`` has those that people read, by their place; ``tagged`` then has what people said.
    """

    info: DocumentInfo
    tagged: tuple[TaggedUnit, ...]
    read: Mapping[int, ReadUnit] = field(default_factory=dict)

    @property
    def commitments(self) -> list[TaggedUnit]:
        return [one for one in self.tagged if one.tag.level is not Level.NONE]

    @property
    def words(self) -> int:
        """Words of the units' own texts."""
        return sum(1 for one in self.tagged for _ in _WORD.finditer(one.unit.own_text))


def document_value(info: DocumentInfo, key: CountKey) -> str:
    """A document's value of a key of documents."""
    if key is CountKey.VERSION:
        return version_name(info)
    return info.id if key is CountKey.DOCUMENT else info.kind or NOTHING


def unit_values(
    one: TaggedUnit, key: CountKey, successors: Successors | None = None
) -> tuple[str, ...]:
    """A commitment's values of a key, at least one; ``successors`` gives the departments that have
    a department's work today."""
    tag = one.tag
    if key in OF_DOCUMENTS:
        return (document_value(one.document, key),)
    if key is CountKey.DEPARTMENT:
        codes = [it.code for it in tag.departments]
        if successors is not None:
            codes = [later for code in codes for later in successors(code)]
        found: Iterable[str] = codes
    elif key is CountKey.PARTNER:
        found = [str(it) for it in tag.partners]
    elif key is CountKey.BODY:
        found = [it.body for it in tag.partner_mentions if it.body is not None]
    else:
        found = [str({"level": tag.level, "tier": tag.actor_tier, "force": tag.force}[key])]
    return tuple(sorted(set(found))) or (NOTHING,)


def in_pyramid(one: TaggedUnit) -> bool:
    """True for what the published pyramid counts: a national actor, and among the partners one
    that is subnational or devolved."""
    return one.tag.actor_tier is ActorTier.NATIONAL and bool(PYRAMID & set(one.tag.partners))


def count(
    documents: Sequence[CountedDocument],
    *,
    by: Sequence[CountKey] = (CountKey.LEVEL,),
    where: Where | None = None,
    pyramid: bool = True,
    corrector: Corrector | None = None,
    successors: Successors | None = None,
) -> Counts:
    """Count the commitments of some documents.

    where      values that are counted, others being left out; of documents they also narrow the
               denominators. Raises UsageError for a value that no key can have.
    pyramid    count the published pyramid alone; every share is then one of the pyramid
    corrector  corrects counts for the model's errors; None gives raw counts alone
    """
    where = where or {}
    _check(by, where)
    kept = [
        it
        for it in documents
        if all(
            document_value(it.info, key) in values
            for key, values in where.items()
            if key in OF_DOCUMENTS
        )
    ]
    view = _View(kept, tuple(by), where, pyramid, corrector, successors)
    total = view.cell((), view.scope(()), view.chosen(kept), ())
    return Counts(
        by=tuple(by),
        where=tuple((str(key), value) for key in where for value in sorted(where[key])),
        pyramid=pyramid,
        cells=tuple(view.cells()),
        total=total,
        notes=tuple(view.notes()),
    )


_CLOSED: Mapping[CountKey, frozenset[str]] = {
    CountKey.LEVEL: frozenset(str(it) for it in LADDER),
    CountKey.TIER: frozenset(str(it) for it in ActorTier),
    CountKey.FORCE: frozenset({"statutory", "policy"}),
    CountKey.PARTNER: frozenset({NOTHING, *(str(it) for it in Partner)}),
}


def _check(by: Sequence[CountKey], where: Where) -> None:
    if len(set(by)) != len(by):
        raise UsageError("A key stands twice in --by.")
    for key, values in where.items():
        for value in sorted(values - _CLOSED.get(key, values)):
            known = ", ".join(sorted(_CLOSED[key]))
            raise UsageError(f"No {key} is called {value!r}.", advice=f"Known: {known}.")


class _View:
    """What one count sees: the documents kept, the commitments in view, scopes computed once."""

    def __init__(
        self,
        documents: Sequence[CountedDocument],
        by: tuple[CountKey, ...],
        where: Where,
        pyramid: bool,
        corrector: Corrector | None,
        successors: Successors | None,
    ) -> None:
        self.documents, self.by, self.where = documents, by, where
        self.pyramid, self.corrector, self.successors = pyramid, corrector, successors
        self.scope_keys = tuple(key for key in by if key in OF_DOCUMENTS)
        self._scopes: dict[tuple[str, ...], Scope] = {}

    def values(self, one: TaggedUnit, key: CountKey) -> tuple[str, ...]:
        """A commitment's values of a key, without those that ``where`` leaves out."""
        found = unit_values(one, key, self.successors)
        return tuple(it for it in found if key not in self.where or it in self.where[key])

    def chosen(self, documents: Iterable[CountedDocument]) -> list[TaggedUnit]:
        """The commitments in view that ``where`` lets through."""
        return [
            one
            for document in documents
            for one in document.commitments
            if (not self.pyramid or in_pyramid(one))
            and all(self.values(one, key) for key in self.where)
        ]

    def scope(self, values: tuple[str, ...]) -> Scope:
        """The documents with these values of the keys of documents."""
        if values not in self._scopes:
            self._scopes[values] = self._make_scope(
                tuple(it for it in self.documents if self._scope_values(it) == values or not values)
            )
        return self._scopes[values]

    def _scope_values(self, document: CountedDocument) -> tuple[str, ...]:
        return tuple(document_value(document.info, key) for key in self.scope_keys)

    def _make_scope(self, documents: tuple[CountedDocument, ...]) -> Scope:
        commitments = [one for it in documents for one in it.commitments]
        units = sum(len(it.tagged) for it in documents)
        read = frozenset(row_of(it.tagged[at]) for it in documents for at in it.read)
        estimate, why_not, rest = None, "", None
        if read and len(read) == units:
            rest = Rest(None)
        elif self.corrector is None:
            why_not = "not corrected"
        elif read:
            rest = rest_of(documents, self.corrector, self.families)
            why_not = rest.why_not
        elif units < LEAST_UNITS:
            why_not = f"too few units to correct (under {LEAST_UNITS})"
        elif len(commitments) > MOST_FOUND * units:
            why_not = f"more commitments than errors were measured on (over {MOST_FOUND:.0%})"
        else:
            estimate = self.corrector.estimate(columns_of_texts(documents))
        return Scope(
            documents=documents,
            units=units,
            words=sum(it.words for it in documents),
            view=tuple(one for one in commitments if not self.pyramid or in_pyramid(one)),
            found=Counter(one.tag.level for one in commitments if row_of(one) not in read),
            estimate=estimate,
            why_not=why_not,
            read=read,
            rest=rest,
        )

    @cached_property
    def families(self) -> Families:
        """What the model's decisions mean in families of documents."""
        from collabnlp.analysis.reviewed import fit_families

        assert self.corrector is not None
        return fit_families(self.corrector.tables)

    @property
    def undivided(self) -> bool:
        """True where cells have all commitments of their documents, or all of a level."""
        keys = {*self.by, *self.where} - {*OF_DOCUMENTS, CountKey.LEVEL}
        return not self.pyramid and not keys

    def cells(self) -> Iterable[CountCell]:
        """Every cell in order: documents as given, levels as on the ladder, other values sorted."""
        rows: dict[tuple[str, ...], list[TaggedUnit]] = {}
        for one in self.chosen(self.documents):
            for values in product(*(self.values(one, key) for key in self.by)):
                rows.setdefault(values, []).append(one)
        for values in sorted(self._with_empty(rows), key=self._place):
            scope = tuple(
                value for key, value in zip(self.by, values, strict=True) if key in OF_DOCUMENTS
            )
            levels = tuple(
                Level(value)
                for key, value in zip(self.by, values, strict=True)
                if key is CountKey.LEVEL
            )
            yield self.cell(values, self.scope(scope), rows.get(values, []), levels)

    def _with_empty(self, rows: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
        """The cells found; and where all keys are of documents or the level, those that are empty
        (else each level of what is found)."""
        others = {self._without_level(values) for values in rows}
        if all(key in OF_DOCUMENTS or key is CountKey.LEVEL for key in self.by):
            others |= {self._scope_values(it) for it in self.documents}
        if CountKey.LEVEL not in self.by:
            return others
        at = self.by.index(CountKey.LEVEL)
        levels = [it for it in map(str, LADDER) if it in self.where.get(CountKey.LEVEL, {it})]
        return {(*one[:at], level, *one[at:]) for one in others for level in levels}

    def _without_level(self, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(
            value for key, value in zip(self.by, values, strict=True) if key is not CountKey.LEVEL
        )

    def _place(self, values: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
        order = [str(it) for it in LADDER]
        ids = [it.info.id for it in self.documents]
        place = []
        for key, value in zip(self.by, values, strict=True):
            if key is CountKey.LEVEL:
                place.append((order.index(value), ""))
            elif key is CountKey.DOCUMENT:
                place.append((ids.index(value), ""))
            else:
                place.append((int(value == NOTHING), value))
        return tuple(place)

    def cell(
        self,
        values: tuple[str, ...],
        scope: Scope,
        rows: Sequence[TaggedUnit],
        levels: tuple[Level, ...],
    ) -> CountCell:
        """One cell. ``levels`` is its level, or empty for all."""
        commitments = len(scope.view)
        corrected, note = corrected_cell(scope, rows, levels, undivided=self.undivided)
        return CountCell(
            values=values,
            count=len(rows),
            units=scope.units,
            words=scope.words,
            commitments=commitments,
            rate=poisson(len(rows), scope.units / 1000) if scope.units else None,
            share=wilson(len(rows), commitments) if commitments else None,
            corrected=corrected,
            note=note,
            rows=tuple(row_of(one) for one in rows),
        )

    def notes(self) -> Iterable[str]:
        """What readers of the table must know."""
        if any(it.read for it in self.documents):
            yield from review_notes(self.documents, self.scope(()).rest)
        chosen = self.chosen(self.documents)
        for key in self.by:
            if key in MANY:
                several = sum(len(self.values(one, key)) > 1 for one in chosen)
                if several:
                    times = sum(len(self.values(one, key)) for one in chosen)
                    yield (
                        f"{several} of {len(chosen)} commitments have more than one {key}; each "
                        f"counts once for every {key}, so counts over them add up to {times} and "
                        f"shares to {100 * times / len(chosen):.0f}% of those counted."
                    )
        if self.pyramid:
            outside = sum(len(it.commitments) for it in self.documents) - sum(
                in_pyramid(one) for it in self.documents for one in it.commitments
            )
            yield (
                "The pyramid: national actor, subnational or devolved partner; "
                f"{outside} other commitments are left out (--all counts them)."
            )
