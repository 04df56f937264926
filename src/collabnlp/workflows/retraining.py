"""Retraining behind a gate: fit on new labels, measure on frozen ones, promote or keep the old.

What is compared is the labels the current model learnt from and the new ones, by the same code on
the same folds (`training.trial`), not two finished models: those may have seen what they are
measured on. Whatever is interrupted leaves the current model as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError, ModelError, UsageError
from collabnlp.identifiers import digest
from collabnlp.labels.changes import LabelChanges, label_changes
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus import BUILD
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.label_sets import Ground, LabelSets, LabelState
from collabnlp.workflows.model_card import CHANGE, card
from collabnlp.workflows.own_documents import OwnDocument
from collabnlp.workflows.retrain import MODELS, NAME

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import LevelModel
    from collabnlp.training.gate import Verdict

Told = Callable[[str], None]
CARD = "card.md"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainReport:
    """What a retraining came to.

    outcome  "nothing" (no label changed), "promoted", "refused", "rolled back" (it passed, but was
             taken back before), "would promote" and "would refuse" of a dry run
    verdict  what was measured (`training.gate.Verdict`); None where there was nothing to do
    notes    what a reader of the figures should know
    real     False where written sentences alone were trained and measured on
    """

    outcome: str
    name: str
    before: str
    folder: Path | None = None
    changes: LabelChanges | None = None
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()
    real: bool = True

    @property
    def refused(self) -> bool:
        """True where the old model stays although labels changed."""
        return self.outcome in {"refused", "rolled back", "would refuse"}


def retrain(
    corpus: Corpus,
    old: LabelState,
    new: LabelState,
    *,
    build: Path = BUILD,
    models: Path = MODELS,
    mirror: Mirror | None = None,
    name: str | None = None,
    dry_run: bool = False,
    own: Mapping[str, OwnDocument] | None = None,
    jobs: int = 0,
    told: Told | None = None,
) -> RetrainReport:
    """Train on ``new``, and promote the model if it is not worse than what ``old`` gives.

    ``old`` are the labels that the current model learnt from, ``own`` the documents that are
    labelled and in no manifest. The new model goes to ``models/<name>`` and stays there, with its
    card, if it is refused. ``jobs``: processes, 0 for as many as there are cores. Raises DataError
    where labels changed and their documents are not here, and ModelError where the current model
    cannot be read.
    """
    from collabnlp.tagging.model_store import load_model
    from collabnlp.tagging.promoted import PromotedModels

    say = told or (lambda _: None)
    store = PromotedModels()
    current = store.current()
    replaced = load_model(store.find(current))
    learnt_from = replaced.metadata.get("snapshot")
    if learnt_from is not None and learnt_from != old.digest:
        raise DataError(
            f"The current model {replaced.name} learnt from the snapshot {learnt_from[:12]}, not "
            f"from {old.digest[:12]}.",
            advice="Compare with the snapshot that it names.",
        )
    same = old.says_as(new)
    if same and learnt_from is not None:
        return RetrainReport(outcome="nothing", name=replaced.name, before=replaced.name)
    labelled = {name for name, them in new.readings.items() if them}
    needed = set() if same else labelled | set(replaced.metadata["documents"])
    ground = Ground(corpus, build, mirror=mirror, needed=needed, own=own, on_read=told)
    if same:
        note = _unnamed(replaced, ground, old)
        return RetrainReport(
            outcome="nothing", name=replaced.name, before=replaced.name, notes=note
        )
    sets = ground.join(old, new)
    notes = [*ground.notes, *_not_its_own(replaced, old, sets)]
    changes = label_changes(old.readings, new.readings, written=(old.written, new.written))
    chosen = name or _name_of(new, sets.real, replaced.name)
    if not _NAME.match(chosen):
        raise UsageError(f"{chosen!r} is no name.", advice="Use letters, digits, dots and dashes.")
    if chosen == replaced.name:
        raise DataError(
            f"The current model is named {chosen} too.", advice="Give another with --name."
        )

    def report(outcome: str, verdict: Verdict, folder: Path | None = None) -> RetrainReport:
        return RetrainReport(
            outcome=outcome,
            name=chosen,
            before=replaced.name,
            folder=folder,
            changes=changes,
            verdict=verdict,
            notes=tuple(notes),
            real=sets.real,
        )

    if dry_run:
        verdict = _measured(sets, jobs, say)
        return report("would promote" if verdict.promoted else "would refuse", verdict)
    folder = models / chosen
    key = ground.key(old, current)
    kept = _kept(folder, _inputs(sets.new, chosen), key)
    if kept is not None:
        say(f"{chosen} was fitted and measured before, from the same labels")
        verdict = kept
    else:
        change = {
            "before": {"name": replaced.name, "model": current, "snapshot": old.digest},
            "labels": changes.as_dict(),
            "frozen": ground.frozen.digest,
            "notes": notes,
            "key": key,
        }
        verdict = _measured(sets, jobs, say)
        say(f"fitting {chosen} on {len(sets.new)} units")
        verdict = _fit(sets.new, new, folder, verdict, change, jobs)
    if not verdict.promoted:
        return report("refused", verdict, folder)
    return report(_promote(store, folder, current), verdict, folder)


def train_first(
    corpus: Corpus,
    state: LabelState,
    folder: Path,
    *,
    name: str,
    build: Path = BUILD,
    mirror: Mirror | None = None,
    jobs: int = 0,
) -> LevelModel:
    """Fit a model on a state and write it with the state's digests, without a gate: the first of
    a line of retrained ones."""
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.tagging.model_store import save_model
    from collabnlp.training.cores import train_on_cores

    units = Ground(corpus, build, mirror=mirror).units(state)
    model = train_on_cores(units, default_cue_text(), name=name, jobs=jobs)
    model = replace(model, metadata={**model.metadata, **_digests(state)})
    save_model(model, default_cue_text(), folder)
    return model


def _digests(state: LabelState) -> dict[str, str]:
    return {"snapshot": state.digest, "written": state.written_digest}


def _name_of(new: LabelState, real: bool, taken: str) -> str:
    start = new.digest if real else new.written_digest
    name = f"{NAME}-{start[:8]}"
    # The same readings with other written sentences.
    return f"{name}-{new.written_digest[:4]}" if name == taken else name


def _unnamed(replaced: LevelModel, ground: Ground, state: LabelState) -> tuple[str, ...]:
    """Whether a model that does not name its labels learnt from this state, as far as that can be
    seen. Raises DataError where it did not."""
    if not {*ground.there, *ground.own}.issuperset(replaced.metadata["documents"]):
        return (
            f"{replaced.name} does not name the labels that it learnt from, and its documents are "
            "not here to see whether they are those of now (--mirror).",
        )
    if _labels_digest(ground.units(state)) == replaced.metadata["labels_digest"]:
        return ()
    raise DataError(
        f"The labels, or the units they stand on, are not those that {replaced.name} was trained "
        "with, and it does not name them.",
        advice="Say with --since what it learnt from: a snapshot of the label store, or a folder "
        "like corpus/labels.",
    )


def _labels_digest(units: Sequence[Any]) -> str:
    """As a model's metadata has it (`training.train`)."""
    return digest([[unit.id, unit.view.text, unit.level] for unit in units])


def _not_its_own(replaced: LevelModel, old: LabelState, sets: LabelSets) -> list[str]:
    """A note where a model does not name its labels, and they are not those taken for them."""
    if "snapshot" in replaced.metadata:
        return []
    if _labels_digest(sets.old) == replaced.metadata["labels_digest"]:
        return []
    return [
        f"{replaced.name} does not name the labels that it learnt from, and they are not those "
        f"of the snapshot {old.digest[:12]}, which is taken for them here."
    ]


def _inputs(units: Sequence[Any], name: str) -> str:
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training.train import inputs_digest

    return inputs_digest(units, default_cue_text(), name)


def _measured(sets: LabelSets, jobs: int, say: Told) -> Verdict:
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training.cores import cores
    from collabnlp.training.gate import judge
    from collabnlp.training.trial import Trial

    old, new = sets.tried()
    parts = sets.partitions
    say(
        f"measuring the labels before and the new ones on {len(sets.frozen)} frozen units, "
        f"families held out in {len(set(parts[0].values()))} folds, {len(parts)} times"
    )
    trial = Trial(sets.frozen, [*old, *new], parts, default_cue_text(), jobs=jobs or cores())
    before, after = trial.decide(old), trial.decide(new)
    return judge(trial.levels, before, after, trial.families)


def _fit(
    units: Sequence[Any],
    state: LabelState,
    folder: Path,
    verdict: Verdict,
    change: dict[str, Any],
    jobs: int,
) -> Verdict:
    """Fit and write the new model with its card; the verdict, with the model's own faults."""
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.tagging.model_store import load_model, save_model
    from collabnlp.training.cores import train_on_cores
    from collabnlp.training.gate import faults_of

    cue_text = default_cue_text()
    model = train_on_cores(units, cue_text, name=folder.name, jobs=jobs)
    faults = faults_of(model)
    if faults:
        verdict = replace(verdict, promoted=False, reasons=(*faults, *verdict.reasons))
    change = {**change, "verdict": verdict.as_dict()}
    metadata = {**model.metadata, **_digests(state), CHANGE: change}
    save_model(replace(model, metadata=metadata), cue_text, folder)
    write_whole(folder / CARD, card(load_model(folder)).encode())
    return verdict


def _kept(folder: Path, inputs: str, key: str) -> Verdict | None:
    """The verdict on a model that was made from the same inputs and judged by the same rule."""
    from collabnlp.tagging.model_store import load_model
    from collabnlp.training.gate import Verdict

    try:
        metadata: Mapping[str, Any] = load_model(folder).metadata
    except ModelError:
        return None
    change = metadata.get(CHANGE, {})
    same = metadata.get("inputs") == inputs and change.get("key") == key
    return Verdict.from_dict(change["verdict"]) if same and (folder / CARD).exists() else None


def _promote(store: Any, folder: Path, measured_against: str) -> str:
    from collabnlp.tagging.model_store import model_digest
    from collabnlp.tagging.promoted import RESET, ROLLBACK

    made = model_digest(folder)
    taken_back = {it.replaced for it in store.steps() if it.action in {ROLLBACK, RESET}}
    if made in taken_back:
        return "rolled back"
    if store.current() != measured_against:
        raise ModelError(
            "Another model was promoted meanwhile, which this one was not measured against.",
            advice="Run it again.",
        )
    store.promote(folder)
    return "promoted"
