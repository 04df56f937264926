"""A dask cluster gives what local workers give."""

from __future__ import annotations

from pathlib import Path

import pytest

from collabnlp.errors import UsageError
from collabnlp.workflows.clusters import read_all_on_dask
from collabnlp.workflows.inputs import find_sources
from collabnlp.workflows.reading import read_all

pytest.importorskip("distributed", reason="the dask extra is not installed")


def test_a_cluster_reads_as_this_machine_does(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The Home Office will consult police forces.\n")
    (tmp_path / "b.pdf").write_bytes(b"")
    sources = find_sources([str(tmp_path), str(tmp_path / "nowhere.pdf")])
    local = list(read_all(sources, model="level"))
    far = list(read_all_on_dask(sources, model="level", jobs=1))
    assert [it.tagged for it in far] == [it.tagged for it in local]
    assert [type(it.error) for it in far] == [type(it.error) for it in local]


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The Home Office will consult police forces.\n")
    with pytest.raises(UsageError, match="does not answer"):
        list(read_all_on_dask(find_sources([str(tmp_path)]), scheduler="tcp://127.0.0.1:9"))
