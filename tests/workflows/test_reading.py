"""Workers: the same outcomes however they are started, in the order of the paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from collabnlp.settings import Limits
from collabnlp.workflows import reading
from collabnlp.workflows.inputs import Refusal, Source, find_sources

TEXT = "The Department for Transport will consult each mayor on the timetable.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        path = tmp_path / f"paper-{number}.txt"
        path.write_text(f"{TEXT}It will publish plan {number}.\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("model", [None, "level"])
def test_spawned_workers_give_what_forked_ones_give(
    folder: Path, model: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = find_sources([str(folder), str(folder / "nowhere.pdf")])
    results = []
    for method in (reading._start_method(), "spawn"):
        monkeypatch.setattr(reading, "_start_method", lambda method=method: method)
        outcomes = list(reading.read_all(sources, model=model, jobs=2))
        results.append([(it.path.name, it.units, it.tagged, type(it.error)) for it in outcomes])
    assert results[0] == results[1]
    assert [name for name, *_ in results[0]] == [
        "paper-0.txt",
        "paper-1.txt",
        "paper-2.txt",
        "nowhere.pdf",
    ]


def test_tagging_here_or_in_the_worker_gives_the_same(folder: Path) -> None:
    alone = [
        next(iter(reading.read_all([Source(path)], model="level")))
        for path in sorted(folder.glob("*.txt"))
    ]
    together = list(reading.read_all(find_sources([str(folder)]), model="level", jobs=2))
    assert [it.tagged for it in alone] == [it.tagged for it in together]


def test_a_file_over_the_size_limit_is_not_opened(folder: Path) -> None:
    path = next(iter(sorted(folder.glob("*.txt"))))
    (outcome,) = reading.read_all([Source(path)], limits=Limits(file_size=10))
    assert outcome.error is not None
    assert outcome.error.name == "DocumentTooLarge"


def test_paths_keep_their_order_and_are_read_once(folder: Path) -> None:
    found = find_sources([str(folder / "paper-2.txt"), str(folder), "-"], standard_input=b"x")
    assert [it.path.name for it in found] == [
        "paper-2.txt",
        "paper-0.txt",
        "paper-1.txt",
        "standard-input",
    ]
    (folder / "empty").mkdir()
    (refusal,) = find_sources([str(folder / "empty")])
    assert isinstance(refusal, Refusal)
    assert refusal.error.name == "EmptyFile"
