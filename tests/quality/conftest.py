"""The corpus, built once for all tests that measure it: with the real documents and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.quality import TableDigest, table_digest

Built = tuple[Path, TableDigest]


@pytest.fixture(scope="session")
def whole(root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The joined table with every document of the manifest."""
    build = tmp_path_factory.mktemp("whole")
    return build, table_digest(Corpus(root / "corpus"), build, Mirror(shared / "documents"))


@pytest.fixture(scope="session")
def bare(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The table that a bare clone can build: the written sentences alone."""
    build = tmp_path_factory.mktemp("bare")
    return build, table_digest(Corpus(root / "corpus"), build)
