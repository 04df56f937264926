"""What is pinned of corpus and model: digests of the joined table, figures on families held out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collabnlp.errors import DataError
from collabnlp.sources.mirror import Mirror, file_digest
from collabnlp.workflows.corpus import TABLE, build_corpus, read_table
from collabnlp.workflows.corpus_folder import Corpus


@dataclass(frozen=True, slots=True)
class TableDigest:
    """The joined table: how many rows, and SHA-256 of its bytes."""

    rows: int
    sha256: str


def table_digest(corpus: Corpus, build: Path, mirror: Mirror | None = None) -> TableDigest:
    """Build the table in ``build`` and take its digest.

    Raises DataError where a mirror lacks a labelled document or has another version of one, so
    that the digest would be of something else than the corpus.
    """
    report = build_corpus(corpus, build, mirror=mirror, jobs=2)
    if mirror is not None:
        other = [it.document for it in report.documents if it.changed or it.problem]
        if report.absent or other:
            names = ", ".join(sorted({*report.absent, *other}))
            raise DataError(
                f"The mirror does not have these documents as the manifest names them: {names}.",
                advice="Bring them with `collabnlp corpus fetch`, or name another mirror.",
            )
    return TableDigest(report.rows, file_digest(build / TABLE))


def measured_figures(build: Path) -> dict[str, float]:
    """The model's figures on the table in ``build``, one family held out at a time (written
    sentences by subject, where there are no others)."""
    from joblib import cpu_count

    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training.candidates import MODEL
    from collabnlp.training.dataset import labelled_units
    from collabnlp.training.evaluate import Bench, evaluate
    from collabnlp.training.measures import pinned_figures

    units = labelled_units(read_table(build))
    found = evaluate(Bench(units, default_cue_text(), jobs=cpu_count()), (MODEL,))
    assert found.model.shares is not None
    return pinned_figures(found.levels, found.model.decided, found.model.shares)
