"""Two states of the labels as sets of labelled units, and the frozen units they are tried on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from collabnlp.errors import DataError
from collabnlp.identifiers import digest
from collabnlp.labels.duplicates import near_duplicates
from collabnlp.labels.written import WrittenSentence
from collabnlp.schema import Annotation
from collabnlp.sources.mirror import Mirror, file_digest
from collabnlp.sources.splits import TEST, read_splits
from collabnlp.workflows.corpus import build_corpus, joined_rows
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.frozen import FROZEN, Frozen, frozen_rows, read_frozen
from collabnlp.workflows.own_documents import OwnDocument, own_rows

PARTITIONS = 4
"""How many times the families are parted into folds (docs/retraining.md says why)."""

Told = Callable[[str], None]
_CODE = {"training": ("gate", "trial", "measures"), "workflows": ("frozen", "label_sets")}


@dataclass(frozen=True, slots=True)
class LabelState:
    """Everything that a model may learn from at one time.

    readings  by document; ``digest`` names them, as the label store does
    written   the sentences written for the project
    """

    digest: str
    readings: Mapping[str, Sequence[Annotation]]
    written: Sequence[WrittenSentence] = ()

    @property
    def written_digest(self) -> str:
        """Digest of the written sentences."""
        return digest([[it.id, it.text, it.judgement.as_dict()] for it in self.written])

    def says_as(self, other: LabelState) -> bool:
        """True where both hold the same, whatever they are named."""
        if self.written_digest != other.written_digest:
            return False
        if self.digest == other.digest:
            return True
        own, others = (
            {name: set(them) for name, them in state.readings.items() if them}
            for state in (self, other)
        )
        return own == others


def state_of(
    readings: Mapping[str, Sequence[Annotation]], written: Sequence[WrittenSentence] = ()
) -> LabelState:
    """A state with the digest of the readings themselves, where no store has named it."""
    found = {name: [it.as_dict() for it in them] for name, them in sorted(readings.items())}
    return LabelState(digest(found), readings, written)


class Ground:
    """What both sets of labels stand on: units, frozen labels, folds.

    ``needed`` are the documents that must be here, ``own`` those that no manifest names. Raises
    DataError where one is not, or there are no frozen labels.
    """

    def __init__(
        self,
        corpus: Corpus,
        build: Path,
        *,
        mirror: Mirror | None = None,
        needed: Collection[str] = (),
        own: Mapping[str, OwnDocument] | None = None,
        on_read: Told | None = None,
    ) -> None:
        self.corpus, self.build, self.own = corpus, build, own or {}
        self.frozen: Frozen = read_frozen(corpus.folder / FROZEN)
        self.there = build_corpus(corpus, build, mirror=mirror, on_read=on_read).there
        missing = sorted(set(needed) - self.there - set(self.own))
        if missing:
            raise DataError(
                f"{len(missing)} labelled documents are not here "
                f"({', '.join(missing[:4])}{', …' if len(missing) > 4 else ''}), and labels hold "
                "no text to learn from.",
                advice="Name the folder that has them with --mirror, or bring them with "
                "`collabnlp corpus fetch`.",
            )
        self.notes: list[str] = []

    def units(self, state: LabelState) -> list[Any]:
        """The labelled units of a state, as a training has them."""
        from collabnlp.training.dataset import labelled_units

        own = own_rows(self.own, state.readings, read_splits(self.corpus.splits_file))
        rows, _ = joined_rows(
            self.corpus, self.build, self.there, state.readings, state.written, own
        )
        return labelled_units(rows)

    def join(self, old: LabelState, new: LabelState) -> LabelSets:
        """The labelled units of both sets, and the frozen ones."""
        from collabnlp.training.dataset import labelled_units, measurable

        both = [self.units(state) for state in (old, new)]
        found = frozen_rows(
            self.frozen, self.corpus, self.build, self.there, [*new.written, *_only(old, new)]
        )
        if not found.rows:
            raise DataError("None of the frozen units is here.", advice="Name a --mirror.")
        frozen, real = measurable(labelled_units(found.rows))
        if found.lost:
            self.notes.append(f"{found.lost} frozen units are no longer in their documents.")
        if real and found.absent:
            self.notes.append(f"Frozen, but not here: {', '.join(found.absent)}.")
        if not real:
            self.notes.append(
                "There are no documents here: trained and measured on the sentences written for "
                "the project alone, held out by subject. That says how the gate works, and little "
                "about real papers."
            )
        self.notes += _not_followed(frozen, both[1])
        return LabelSets(both[0], both[1], frozen, real, self._folds(frozen, real))

    def _folds(self, frozen: Sequence[Any], real: bool) -> dict[str, str]:
        if not real:
            return {unit.family: unit.family for unit in frozen}
        fold_of = read_splits(self.corpus.splits_file).fold_of
        there = {unit.family for unit in frozen}
        if len({fold_of[family] for family in there}) > 1:
            return {family: fold for family, fold in fold_of.items() if fold != TEST}
        # Too few documents for the fixed folds: each family is its own.
        return {family: family for family in there}

    def key(self, old: LabelState, current: str) -> str:
        """Digest of what a verdict depends on besides the new model's own inputs."""
        package = Path(str(files("collabnlp")))
        code = {
            f"{folder}/{name}": file_digest(package / folder / f"{name}.py")
            for folder, names in _CODE.items()
            for name in names
        }
        labels = [old.digest, old.written_digest]
        return digest(
            {"old": labels, "current": current, "frozen": self.frozen.digest, "code": code}
        )


def _only(old: LabelState, new: LabelState) -> list[WrittenSentence]:
    """The written sentences that the new state does not have."""
    known = {it.id for it in new.written}
    return [it for it in old.written if it.id not in known]


@dataclass(frozen=True, slots=True)
class LabelSets:
    """Labelled units of both sets, the frozen ones, and the fold of each family.

    real  False where there are only written sentences, which are then held out by subject
    """

    old: list[Any]
    new: list[Any]
    frozen: list[Any]
    real: bool
    folds: dict[str, str]

    @property
    def partitions(self) -> list[dict[str, str]]:
        """The folds, and others of the same families, each of these once only."""
        from collabnlp.training.trial import regrouped

        found = [self.folds]
        if len(set(self.folds.values())) < len({unit.family for unit in self.frozen}):
            found += [regrouped(self.folds, self.frozen, seed) for seed in range(1, PARTITIONS)]
        return found

    def tried(self) -> tuple[list[Any], list[Any]]:
        """Both sets as they are tried: written sentences by subject where there is nothing else,
        and without what nearly repeats a frozen unit of another family."""
        from collabnlp.training.dataset import measurable

        both = [self.old, self.new]
        if not self.real:
            both = [
                [
                    *(unit for unit in units if not unit.written),
                    *measurable([unit for unit in units if unit.written])[0],
                ]
                for units in both
            ]
        frozen = {unit.id for unit in self.frozen}
        rest = {unit.id: unit for units in both for unit in units if unit.id not in frozen}
        texts = [unit.view.text for unit in self.frozen]
        fresh = [it for it in rest.values() if not it.written]
        leaking = set()
        if fresh:
            every = [*self.frozen, *fresh]
            for one, other, _ in near_duplicates([*texts, *(it.view.text for it in fresh)]):
                if one < len(texts) <= other and every[one].family != every[other].family:
                    leaking.add(every[other].id)
        kept = [[unit for unit in units if unit.id not in leaking] for units in both]
        return kept[0], kept[1]


def _not_followed(frozen: Sequence[Any], new: Sequence[Any]) -> list[str]:
    levels = {unit.id: unit.level for unit in frozen}
    other = sum(levels.get(unit.id, unit.level) != unit.level for unit in new)
    if not other:
        return []
    return [
        f"{other} of the {len(levels)} frozen units have another level in the new labels, and "
        "count by the frozen one. Where readers are right about many of them, freeze anew "
        "(docs/retraining.md)."
    ]
