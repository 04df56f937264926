"""Comparing documents: reads and tags each version, then compares it with the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from collabnlp.errors import UsageError
from collabnlp.schema import Comparison
from collabnlp.settings import DEFAULT_MODEL
from collabnlp.workflows.reading import Outcome


def compare(
    old: str | Path, new: str | Path, *newer: str | Path, model: str = DEFAULT_MODEL
) -> Comparison:
    """What happened to every passage and commitment between two versions, or along a chain of
    them, in this process.

    Raises DocumentError where a version cannot be read, ModelError where the model is missing.
    """
    from collabnlp.analysis.comparison import compare_versions
    from collabnlp.workflows.api import load

    classifier = load(model)
    results = [classifier.classify(path) for path in (old, new, *newer)]
    return compare_versions(
        [(result.document.info, result.tagged) for result in results],
        model=_model_of(result.tagged[0].tag.model for result in results if result.tagged),
    )


def in_order(paths: Sequence[str], outcomes: Iterable[Outcome]) -> list[Outcome]:
    """An outcome a path, also where a path stands twice (it is read once)."""
    found = {outcome.path.resolve(): outcome for outcome in outcomes}
    stdin = Path("standard-input").resolve()
    return [found[stdin if path == "-" else Path(path).resolve()] for path in paths]


def compare_outcomes(outcomes: Sequence[Outcome]) -> Comparison:
    """The same of versions that were read and tagged already, oldest first.

    Raises UsageError where there are fewer than two.
    """
    from collabnlp.analysis.comparison import compare_versions

    versions = [
        (outcome.document.info, outcome.tagged)
        for outcome in outcomes
        if outcome.document is not None and outcome.tagged is not None
    ]
    if len(versions) < 2:
        raise UsageError(
            "A comparison needs at least two versions that can be read.",
            advice="Name the older document first, then the newer.",
        )
    return compare_versions(
        versions, model=_model_of(tagged[0].tag.model for _, tagged in versions if tagged)
    )


def _model_of(names: Iterable[str]) -> str:
    return next(iter(names), "")
