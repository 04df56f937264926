"""The corpus that comes with the project: what it must hold, and must never hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from collabnlp.labels.duplicates import near_duplicates
from collabnlp.labels.resolution import by_unit
from collabnlp.labels.tasks import read_sample
from collabnlp.labels.written import read_written
from collabnlp.schema import Level, Role
from collabnlp.sources.manifest import DocumentRole
from collabnlp.sources.mirror import Mirror
from collabnlp.sources.splits import TEST, TRAIN_ONLY, read_splits
from collabnlp.workflows.corpus import build_corpus, read_table
from collabnlp.workflows.corpus_folder import Corpus, read_unmatched
from collabnlp.workflows.corpus_table import usable


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(Path(__file__).resolve().parents[2] / "corpus")


def test_every_family_is_in_one_fold_and_the_test_paper_alone_in_its_own(corpus: Corpus) -> None:
    splits = read_splits(corpus.splits_file)
    manifest = corpus.manifest()
    families = {it.family for it in manifest.entries}
    assert families == set(splits.fold_of)
    tests = {it.family for it in manifest.entries if it.role is DocumentRole.TEST}
    assert {family for family in families if splits[family] == TEST} == tests == {"edwp"}


def test_the_manifest_wants_twenty_documents_more(corpus: Corpus) -> None:
    roles = Counter(it.role for it in corpus.manifest().entries)
    assert roles[DocumentRole.WANTED] >= 20
    assert all(it.seen or it.role is DocumentRole.WANTED for it in corpus.manifest().entries)


def test_no_reading_is_of_a_test_document(corpus: Corpus) -> None:
    manifest = corpus.manifest()
    for document in corpus.store.documents():
        entry = manifest.labelled(document)
        for record in corpus.store.read(document):
            assert record.sha256 == entry.sha256


def test_nearly_every_commitment_that_was_read_has_a_unit(corpus: Corpus) -> None:
    # Each commitment is a source of a record, or is listed with the reason.
    listed = [row for row in read_unmatched(corpus) if row["level"] != "none"]
    assert all(row["reason"] for row in listed)
    found = {
        source
        for records in corpus.store.read_all().values()
        for it in records
        if it.role is Role.FIRST and it.level is not Level.NONE
        for source in it.sources
    }
    assert len(found) / (len(found) + len(listed)) >= 0.97


def test_a_sample_tells_what_it_was_drawn_from(corpus: Corpus) -> None:
    sample = read_sample(corpus.folder / "samples" / "second-reading.jsonl")
    drawn = Counter(it.stratum == "random" for it in sample)
    assert drawn[True] == 2500
    assert drawn[False] > 900
    keys = {(it.document, it.unit_hash, it.occurrence) for it in sample}
    assert len(keys) == len(sample)


def test_the_readings_of_a_unit_are_by_different_readers(corpus: Corpus) -> None:
    for records in corpus.store.read_all().values():
        for readings in by_unit(records).values():
            readers = [it.reader for it in readings if it.role is not Role.ADJUDICATED]
            assert len(set(readers)) == len(readers)


def test_no_written_sentence_nearly_repeats_another(corpus: Corpus) -> None:
    sentences = read_written(corpus.written)
    found = [
        (sentences[one].id, sentences[other].id)
        for one, other, _ in near_duplicates([it.text for it in sentences])
    ]
    assert not found


def test_written_sentences_alone_make_a_table(corpus: Corpus, tmp_path: Path) -> None:
    report = build_corpus(corpus, tmp_path)
    rows = read_table(tmp_path)
    assert len(rows) == report.written == len(read_written(corpus.written))
    assert {row["split"] for row in rows} <= {TRAIN_ONLY}


@pytest.mark.shared
def test_no_family_and_no_near_duplicate_crosses_the_splits(
    corpus: Corpus, shared: Path, root: Path
) -> None:
    # In the project's own build folder, so that only what changed is read again.
    build = root / "build" / "corpus"
    build_corpus(corpus, build, mirror=Mirror(shared / "documents"), jobs=2)
    everything = read_table(build)
    rows = [row for row in everything if usable(row)]
    assert len(rows) > 0.98 * len(everything)
    folds: dict[str, set[str]] = {}
    for row in rows:
        folds.setdefault(row["family"], set()).add(row["split"])
    assert all(len(found) == 1 for found in folds.values())
    assert {row["split"] for row in rows if row["source"] == "written"} <= {TRAIN_ONLY}
    crossing = [
        (rows[one]["id"], rows[other]["id"])
        for one, other, _ in near_duplicates([row["text"] for row in rows])
        if rows[one]["family"] != rows[other]["family"]
    ]
    assert not crossing


@pytest.mark.shared
def test_readings_still_match_the_units(corpus: Corpus, shared: Path, root: Path) -> None:
    """When extraction changes, import the readings anew (docs/corpus.md) to bring them along."""
    build = root / "build" / "corpus"
    report = build_corpus(corpus, build, mirror=Mirror(shared / "documents"), jobs=2)
    found = sum(it.readings for it in report.documents)
    lost = sum(it.lost for it in report.documents)
    assert found / (found + lost) >= 0.97
