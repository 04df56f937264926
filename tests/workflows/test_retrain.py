"""Training from the command line, on the sentences written for the project alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collabnlp.cli.main import run
from collabnlp.tagging.model_store import load_model

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `collabnlp train` was run once."""
    folder = tmp_path_factory.mktemp("train")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["train", "--corpus", str(CORPUS), "--name", "level-test"]) == 0
    return folder


def test_a_second_run_with_nothing_changed_does_nothing(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(trained)
    before = {it.name: it.stat().st_mtime_ns for it in Path("build/models/level").iterdir()}
    assert run(["train", "--corpus", str(CORPUS), "--name", "level-test"]) == 0
    assert "nothing to do: level-test" in capsys.readouterr().err
    after = {it.name: it.stat().st_mtime_ns for it in Path("build/models/level").iterdir()}
    assert before == after


def test_the_model_is_of_written_sentences_and_tells_levels(trained: Path) -> None:
    from collabnlp.tagging.features import UnitView

    model = load_model(trained / "build/models/level")
    assert sum(model.metadata["units"]["real"].values()) == 0
    texts = [
        "We will co-design the new bus framework with the mayors.",
        "The agency must have regard to the transport plan of each combined authority.",
        "The bridge was opened in 1931 and is painted green.",
    ]
    views = [UnitView(text=text, kind="white paper") for text in texts]
    assert model.predict(views).decided.tolist() == [4, 3, 0]


def test_models_are_listed_and_shown(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(trained)
    assert run(["model", "list"]) == 0
    listed = capsys.readouterr().out
    assert "level-2026.11" in listed and "level-test" in listed
    assert run(["model", "show", "build/models/level"]) == 0
    shown = capsys.readouterr().out
    assert "level-test" in shown and "digests, weights.npy" in shown and "gate_c" in shown
    assert run(["model", "show", "no-such-model"]) == 1


def test_a_mirror_without_documents_is_refused(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(trained)
    Path("empty").mkdir()
    arguments = ["train", "--corpus", str(CORPUS), "--mirror", "empty", "-o", "elsewhere"]
    assert run(arguments) == 1
    assert "no labelled document" in capsys.readouterr().err
    assert not Path("elsewhere").exists()


def test_an_evaluation_is_not_made_twice(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []

    def evaluate(corpus: object, units: list[object], **options: object) -> Iterator[str]:
        made.append(options)
        yield f"{len(units)} units, {options['worst']} errors"

    monkeypatch.chdir(trained)
    monkeypatch.setattr("collabnlp.workflows.measuring.evaluate_model", evaluate)
    command = ["evaluate", "--corpus", str(CORPUS), "-o", "out.md"]
    kept = Path("build/evaluation/main.md")
    # What was asked, and how often it has been measured after that.
    for arguments, times in (([], 1), ([], 1), (["--worst", "3"], 2), (["--full"], 3)):
        assert run([*command, *arguments]) == 0
        assert len(made) == times
    assert run([*command, "--worst", "3"]) == 0
    assert "nothing changed" in capsys.readouterr().err
    assert Path("out.md").read_text() == kept.read_text() and "3 errors" in kept.read_text()
    kept.write_text("spoilt", encoding="utf-8")
    assert run([*command, "--worst", "3"]) == 0
    assert len(made) == 4 and "3 errors" in kept.read_text()
    kept.with_suffix(".json").write_text("{", encoding="utf-8")
    assert run([*command, "--worst", "3"]) == 0
    assert len(made) == 5
