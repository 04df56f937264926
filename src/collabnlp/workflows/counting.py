"""Joins reading, counting and correction: documents in, counts or keywords out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from collabnlp.analysis.counting import CountedDocument as CountedDocument
from collabnlp.errors import DataError, UsageError
from collabnlp.schema import CountKey, Counts, Document, Keyness, Keyword
from collabnlp.workflows.reading import Outcome

if TYPE_CHECKING:
    from collabnlp.analysis.prevalence import Corrector
    from collabnlp.analysis.prevalence_store import ModelErrors
    from collabnlp.sources.mirror import Mirror
    from collabnlp.workflows.corpus_folder import Corpus

Told = Callable[[str], None]


def errors_file() -> Path:
    """The errors of the model that comes with the program."""
    return Path(str(files("collabnlp.data"))) / "prevalence" / "level.json"


def corrector_of(model: str, path: Path | None = None) -> tuple[Corrector | None, str]:
    """The corrector of a model, with a remark for the reader; None where there is none for it.

    ``path`` is a file of errors; by default the one that comes with the program. Raises ModelError
    for a missing model, and DataError for a file asked for that is damaged or of another model.
    """
    from collabnlp.analysis.prevalence_store import read_errors
    from collabnlp.tagging.model_store import model_digest
    from collabnlp.tagging.promoted import choose_model

    digest = model_digest(choose_model(model))
    try:
        errors = read_errors(path or errors_file())
    except DataError as error:
        if path is not None:
            raise
        return None, f"Counts are not corrected: {error.message}"
    if errors.model != digest:
        reason = (
            f"the errors in {(path or errors_file()).name} are those of another model "
            f"({errors.name}, {errors.model[:12]}; this one is {digest[:12]})."
        )
        if path is not None:
            raise DataError(f"Counts cannot be corrected: {reason}", advice=_MEASURE)
        return None, f"Counts are not corrected: {reason} {_MEASURE}"
    remark = f"Corrected by the errors of {errors.name} on families held out."
    if errors.provisional:
        remark += " They were measured on other labels than the model was trained with."
    return errors.corrector, remark


_MEASURE = "Measure the model's own with `python benchmarks/prevalence.py --write FILE`."


def counted(outcomes: Iterable[Outcome], told: Told | None = None) -> list[CountedDocument]:
    """The documents that were read and tagged, each once.

    A document that comes twice (as PDF and HTML, say: same id, title and date) counts once, as
    it was read first; another of the same id has "-2" added to it.
    """
    found: dict[str, CountedDocument] = {}
    for outcome in outcomes:
        if outcome.document is None or outcome.tagged is None:
            continue
        info = outcome.document.info
        same = found.get(info.id)
        if same is not None and (same.info.title, same.info.date) == (info.title, info.date):
            if told is not None:
                told(f"counted once: {outcome.path} is {info.id}, which was read before")
            continue
        if same is not None:
            number = 2
            while f"{info.id}-{number}" in found:
                number += 1
            info = replace(info, id=f"{info.id}-{number}")
        tagged = outcome.tagged
        if same is not None:
            tagged = tuple(replace(one, document=info) for one in tagged)
        found[info.id] = CountedDocument(info, tagged)
    return list(found.values())


def read_where(given: Sequence[str]) -> dict[CountKey, frozenset[str]]:
    """KEY=VALUE, as given on the command line; a key given twice takes either value.

    Raises UsageError where one is not of that form.
    """
    found: dict[CountKey, frozenset[str]] = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not sign or not value.strip():
            raise UsageError(f"{one!r} is not KEY=VALUE.", advice="For example level=co_create.")
        key = read_key(name)
        value = value.strip()
        value = value.upper() if key is CountKey.DEPARTMENT and value != "none" else value
        found[key] = found.get(key, frozenset()) | {value}
    return found


def read_keys(given: str) -> tuple[CountKey, ...]:
    """Keys joined by commas. Raises UsageError for an unknown one, or none."""
    return tuple(read_key(name) for name in given.split(","))


def read_key(name: str) -> CountKey:
    """A key by its name. Raises UsageError for an unknown one."""
    try:
        return CountKey(name.strip().lower())
    except ValueError:
        known = ", ".join(str(it) for it in CountKey)
        raise UsageError(f"{name!r} is nothing to count by.", advice=f"Known: {known}.") from None


def count_documents(
    documents: Sequence[CountedDocument],
    *,
    by: Sequence[CountKey],
    where: Mapping[CountKey, frozenset[str]],
    pyramid: bool = True,
    test: bool = False,
    today: bool = False,
    corrector: Corrector | None = None,
    remarks: Sequence[str] = (),
) -> Counts:
    """Count documents (`analysis.counting.count`), with tests between groups where asked for.

    ``today`` counts a department of the past under those that have its work now.
    """
    from collabnlp.analysis.counting import count

    successors = _todays if today else None

    def cells(keys: Sequence[CountKey], corrector: Corrector | None) -> Counts:
        return count(
            documents,
            by=keys,
            where=where,
            pyramid=pyramid,
            corrector=corrector,
            successors=successors,
        )

    found = cells(by, corrector)
    notes = [*found.notes, *remarks]
    if not test:
        return replace(found, notes=tuple(notes))
    from collabnlp.analysis.counting_tests import group_tests

    if all(key is CountKey.LEVEL for key in by):
        raise UsageError(
            "There is nothing to test between: levels alone make no groups.",
            advice="Add a key, for example --by level,document.",
        )
    with_level = found if CountKey.LEVEL in by else cells((*by, CountKey.LEVEL), None)
    tests, remarks = group_tests(with_level)
    return replace(found, tests=tests, notes=(*notes, *remarks))


def _todays(code: str) -> tuple[str, ...]:
    from collabnlp.register import load_register

    register = load_register()
    return register.todays(code, date.max) if code in register else (code,)


def compare_words(
    first: Sequence[Document],
    second: Sequence[Document],
    *,
    measure: str = "lr",
    correction: str = "none",
    runs: int = 1,
    least: int = 1,
) -> Keyness:
    """Keyness of the words of two sets of documents, contents lines left out.

    Raises UsageError where a set has no words.
    """
    from collabnlp.analysis.keyness import Correction, Measure, keyness, word_counts
    from collabnlp.schema import BlockKind

    def texts(documents: Sequence[Document]) -> Iterable[str]:
        for document in documents:
            yield from (it.text for it in document.blocks if it.kind is not BlockKind.CONTENTS)

    return keyness(
        word_counts(texts(first), runs=runs),
        word_counts(texts(second), runs=runs),
        measure=Measure(measure),
        correction=Correction(correction),
        least=least,
        documents=(tuple(it.info.id for it in first), tuple(it.info.id for it in second)),
    )


def foremost(found: Keyness, top: int | None) -> tuple[Keyword, ...]:
    """The ``top`` keywords of either set, the first set's first; None takes all."""
    own = [it for it in found.keywords if it.per_10_000[0] > it.per_10_000[1]]
    other = [it for it in reversed(found.keywords) if it.per_10_000[0] <= it.per_10_000[1]]
    return (*own[:top], *other[:top])


def measure_errors(
    corpus: Corpus,
    build: Path,
    *,
    mirror: Mirror | None = None,
    model: str = "level",
    anyway: bool = False,
    told: Told | None = None,
) -> ModelErrors:
    """A model's errors on families held out in turn, and the corrector fitted to them.

    Raises ModelError where the model was trained with other labels, unless ``anyway``; the errors
    are then provisional, and counts say so.
    """
    import numpy as np

    from collabnlp.analysis import prevalence
    from collabnlp.analysis.prevalence_store import ModelErrors
    from collabnlp.errors import ModelError
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.tagging.model_store import load_model, model_digest
    from collabnlp.tagging.promoted import choose_model
    from collabnlp.training.evaluate import Bench
    from collabnlp.training.train import inputs_digest
    from collabnlp.workflows.retrain import labelled

    folder = choose_model(model)
    loaded = load_model(folder)
    units = labelled(corpus, build, mirror=mirror, told=told)
    cue_text = default_cue_text()
    own = loaded.metadata.get("inputs") == inputs_digest(units, cue_text, loaded.name)
    if not own and not anyway:
        raise ModelError(
            f"{loaded.name} was trained with other labels or cues than these.",
            advice="Train it anew (`collabnlp train`) before its errors are measured.",
        )
    bench = Bench(units, cue_text)
    decisions = bench.held_out()
    assert decisions.shares is not None
    measured = [bench.units[at] for at in bench.measured]
    tables = prevalence.tables_of(
        [it.family for it in measured],
        np.array([it.level for it in measured], dtype=np.int64),
        1.0 - decisions.shares[:, 0],
        decisions.decided,
    )
    return ModelErrors(model_digest(folder), loaded.name, prevalence.fit(tables), not own)
