"""The manifest and the splits refuse what would spoil the corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from collabnlp.errors import DataError
from collabnlp.sources.manifest import DocumentRole, TestDocument, read_manifest, with_digest
from collabnlp.sources.splits import read_splits

ENTRY = """
[[document]]
id = "harbour-paper"
file = "harbour-paper.pdf"
title = "Harbours"
publisher = "DFT"
kind = "white paper"
date = "2024-05"
stage = "published"
family = "harbours"
licence = "OGL-UK-3.0"
role = "train"
"""


@pytest.fixture
def manifest_file(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.toml"
    path.write_text(ENTRY, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"train"', '"training"'),
        ('id = "harbour-paper"', 'id = "Harbour paper"'),
        ('"2024-05"', '"May 2024"'),
        ('"harbour-paper.pdf"', '"../harbour-paper.pdf"'),
        ("stage =", "stages ="),
        ('title = "Harbours"\n', ""),
        ('role = "train"', 'role = "train"\nurl = "file:///etc/passwd"'),
        ('role = "train"', 'role = "train"\nsha256 = "12"\nbytes = 3'),
        ('role = "train"', f'role = "train"\nsha256 = "{"0" * 64}"'),
        (ENTRY, ENTRY + ENTRY),
        ("[[document]]", "[[document"),
    ],
)
def test_a_wrong_entry_is_refused(old: str, new: str, manifest_file: Path) -> None:
    assert old in ENTRY
    manifest_file.write_text(ENTRY.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError):
        read_manifest(manifest_file)


def test_readings_of_a_test_document_are_refused(manifest_file: Path) -> None:
    manifest_file.write_text(ENTRY.replace('"train"', '"test"'), encoding="utf-8")
    manifest = read_manifest(manifest_file)
    assert manifest["harbour-paper"].role is DocumentRole.TEST
    with pytest.raises(TestDocument):
        manifest.labelled("harbour-paper")


def test_no_training_on_a_test_documents_family(manifest_file: Path) -> None:
    other = ENTRY.replace("harbour-paper", "harbour-draft").replace('"train"', '"test"')
    manifest_file.write_text(ENTRY + other, encoding="utf-8")
    with pytest.raises(DataError, match="test document's family"):
        read_manifest(manifest_file)


def test_an_unknown_document_is_named(manifest_file: Path) -> None:
    with pytest.raises(DataError, match="no document pier"):
        read_manifest(manifest_file)["pier"]


def test_a_digest_is_put_in_and_the_rest_left(manifest_file: Path) -> None:
    text = "# What we read.\n" + ENTRY + ENTRY.replace("harbour-paper", "pier-paper")
    once = with_digest(text, "pier-paper", "a" * 64, 12)
    twice = with_digest(once, "pier-paper", "b" * 64, 13)
    manifest_file.write_text(twice, encoding="utf-8")
    first, second = read_manifest(manifest_file).entries
    assert not first.seen
    assert (second.sha256, second.bytes) == ("b" * 64, 13)
    kept = [line for line in twice.splitlines() if not line.startswith(("sha256", "bytes"))]
    assert kept == text.splitlines()
    with pytest.raises(DataError):
        with_digest(text, "ferry", "a" * 64, 1)


@pytest.mark.parametrize(
    "text",
    ['[folds]\none = ["a"]\ntwo = ["a"]', '[folds]\none = ["a", "a"]', "", "[folds", "folds = 3"],
)
def test_wrong_splits_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "splits.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        read_splits(path)


def test_splits(tmp_path: Path) -> None:
    path = tmp_path / "splits.toml"
    path.write_text('[folds]\nfold-1 = ["a"]\nfold-2 = ["b", "c"]\ntest = ["t"]', encoding="utf-8")
    splits = read_splits(path)
    assert splits.folds == ("fold-1", "fold-2")
    assert [splits[it] for it in ("a", "c", "t", "written-lead")] == [
        "fold-1",
        "fold-2",
        "test",
        "train",
    ]
    with pytest.raises(DataError, match="in no fold"):
        splits["d"]
