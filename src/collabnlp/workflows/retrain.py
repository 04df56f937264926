"""Joins corpus and training: rebuild the table, fit the model where its inputs changed, measure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collabnlp.errors import DataError, ModelError
from collabnlp.identifiers import unit_hash
from collabnlp.labels.tasks import read_sample, weights
from collabnlp.schema import Level, Role
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus import BUILD, build_corpus, read_table
from collabnlp.workflows.corpus_folder import Corpus

MODELS = Path("build/models")
NAME = "level-2026.11"
_SAMPLE = "second-reading"
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReport:
    """What a training did. ``idle``: the model in ``folder`` was made from the same inputs."""

    name: str
    folder: Path
    units: int
    commitments: int
    documents: int
    written: int
    idle: bool


def labelled(
    corpus: Corpus, build: Path = BUILD, *, mirror: Mirror | None = None, told: Told | None = None
) -> list[Any]:
    """The labelled units of a corpus, its table brought up to date first.

    Without a mirror, and with nothing built from one before, written sentences alone. Raises
    DataError for a corpus that is wrong, or a mirror that has none of its documents.
    """
    from collabnlp.training.dataset import labelled_units

    report = build_corpus(corpus, build, mirror=mirror, on_read=told)
    units = labelled_units(read_table(build))
    if mirror is not None and all(unit.written for unit in units):
        raise DataError(
            f"The mirror {mirror.folder.name} has no labelled document of the manifest.",
            advice="Name another folder, or none to use the written sentences alone.",
        )
    if told is not None and report.absent:
        told(f"left out, for their documents are not here: {', '.join(report.absent)}")
    return units


def train_model(
    corpus: Corpus,
    folder: Path,
    build: Path = BUILD,
    *,
    mirror: Mirror | None = None,
    name: str = NAME,
    told: Told | None = None,
) -> TrainReport:
    """Fit the level model on a corpus and write it; nothing is done where nothing changed."""
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.tagging.model_store import load_model, save_model
    from collabnlp.training.train import inputs_digest, train

    units = labelled(corpus, build, mirror=mirror, told=told)
    cue_text = default_cue_text()
    inputs = inputs_digest(units, cue_text, name)
    try:
        idle = load_model(folder).metadata.get("inputs") == inputs
    except ModelError:
        idle = False
    if not idle:
        if told is not None:
            told(f"fitting {name} on {len(units)} units")
        save_model(train(units, cue_text, name=name, inputs=inputs), cue_text, folder)
    return TrainReport(
        name=name,
        folder=folder,
        units=len(units),
        commitments=sum(unit.level > 0 for unit in units),
        documents=len({unit.document for unit in units if not unit.written}),
        written=sum(unit.written for unit in units),
        idle=idle,
    )


def evaluate_model(
    corpus: Corpus,
    units: Sequence[Any],
    *,
    full: bool = False,
    worst: int = 0,
    told: Told | None = None,
) -> Iterator[str]:
    """Lines of Markdown: the model and its baselines on documents held out in turn.

    ``units`` are those of `labelled`; as many families are held out at once as there are cores.
    ``full`` adds the other ways of deciding and the studies; ``worst`` that many of the errors.
    """
    from joblib import cpu_count

    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training import evaluate, report

    bench = evaluate.Bench(units, default_cue_text(), jobs=cpu_count())
    every = (*evaluate.WAYS, evaluate.STACKING)
    found = evaluate.evaluate(bench, every if full else evaluate.MAIN, told)
    beside = {**_on_checked(corpus, found), **_readings(corpus)} if found.real else {}
    yield from report.tables(found, beside)
    if full:
        yield from report.in_pairs(found)
        from collabnlp.training.studies import studies

        yield from studies(bench, found)
    yield from report.worst(found, worst)


def _readings(corpus: Corpus) -> dict[str, Any]:
    """How far the second reading says what the first does, each drawn unit weighed back."""
    import numpy as np

    from collabnlp.training.measures import by_family
    from collabnlp.workflows.reading_tasks import read_pairs

    pairs = read_pairs(corpus, first=Role.FIRST, second=Role.SECOND, sample=_SAMPLE)
    if not pairs:
        return {}
    manifest, levels = corpus.manifest(), list(Level)
    figures = by_family(
        np.array([levels.index(it.first.level) for it in pairs], dtype=np.int64),
        np.array([levels.index(it.second.level) for it in pairs], dtype=np.int64),
        [manifest[it.document].family for it in pairs],
        weights=np.array([it.weight for it in pairs]),
    )
    return {f"second reading against the first ({len(pairs)} units, weighed back)": figures}


def _on_checked(corpus: Corpus, found: Any) -> dict[str, Any]:
    """The model where labels were read twice and adjudicated, each drawn unit weighed back."""
    import numpy as np

    from collabnlp.training.measures import by_family

    path = corpus.folder / "samples" / f"{_SAMPLE}.jsonl"
    if not path.exists():
        return {}
    drawn = {key[:2]: weight for key, weight in weights(read_sample(path)).items()}
    given = [
        drawn.get((unit.document, unit_hash(unit.view.text)), 0.0)
        if unit.standing in {"agreed", "adjudicated"}
        else 0.0
        for unit in found.units
    ]
    chosen = np.flatnonzero(given)
    if not len(chosen):
        return {}
    figures = by_family(
        found.levels[chosen],
        found.model.decided[chosen],
        [found.families[at] for at in chosen],
        weights=np.array(given)[chosen],
    )
    return {f"the model on units read twice ({len(chosen)}, weighed back)": figures}
