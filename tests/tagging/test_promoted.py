"""Promotion: checked, kept by digest, undone in order, and never without a current model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import collabnlp
from collabnlp.cli.main import run
from collabnlp.errors import ModelError
from collabnlp.settings import models_home
from collabnlp.tagging import promoted
from collabnlp.tagging.model_store import find_model, model_digest
from collabnlp.tagging.promoted import PromotedModels, choose_model, load_chosen, resolve_model


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PromotedModels:
    monkeypatch.setenv("COLLABNLP_MODELS", str(tmp_path / "home"))
    return PromotedModels()


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Path]:
    """Two models that differ from the shipped one in their names alone."""
    made = {}
    for name in ("level-a", "level-b"):
        made[name] = tmp_path / "trained" / name
        shutil.copytree(find_model("level"), made[name])
        change(made[name], name=name)
    return made


def change(folder: Path, **values: object) -> None:
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps({**description, **values}), encoding="utf-8")


def test_models_stand_on_each_other_and_the_shipped_one_lowest(
    store: PromotedModels, models: dict[str, Path]
) -> None:
    assert store.current() == "level"
    a, b = (model_digest(it) for it in models.values())
    assert store.promote(models["level-a"])[1]
    assert store.promote(models["level-b"])[1]
    shutil.rmtree(models["level-b"].parent)
    assert load_chosen("current").name == "level-b"
    assert resolve_model("current") == b and resolve_model(a[:8]) == a
    assert choose_model(a[:12]) == store.place(a)
    assert store.rollback().model == a and load_chosen("current").name == "level-a"
    assert store.promote(choose_model(b[:10]))[0].replaced == a
    assert not store.promote(store.place(b))[1]
    assert [store.rollback().model for _ in range(2)] == [a, "level"]
    with pytest.raises(ModelError, match="nothing to return to"):
        store.rollback()
    actions = [step.action for step in store.steps()]
    assert actions == ["promote"] * 2 + ["rollback", "promote"] + ["rollback"] * 2
    assert store.digests() == sorted([a, b])


def _cut_weights(folder: Path) -> None:
    whole = (folder / "weights.npy").read_bytes()
    (folder / "weights.npy").write_bytes(whole[:-8])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_cut_weights, "damaged"),
        (lambda folder: (folder / "vocabulary.json").unlink(), "lacks vocabulary.json"),
        (lambda folder: (folder / "model.json").write_text("{"), "damaged model.json"),
        (lambda folder: change(folder, protocol=-1), "protocol -1"),
        (lambda folder: change(folder, digests={"../x": ""}), "lacks|damaged|outside"),
    ],
)
def test_a_bad_model_is_refused_and_nothing_changes(
    store: PromotedModels,
    models: dict[str, Path],
    spoil: Callable[[Path], object],
    words: str,
) -> None:
    store.promote(models["level-a"])
    before = store.log_file.read_bytes()
    spoil(models["level-b"])
    with pytest.raises(ModelError, match=words):
        store.promote(models["level-b"])
    assert store.log_file.read_bytes() == before
    assert len(store.digests()) == 1 and load_chosen("current").name == "level-a"


@pytest.mark.parametrize("part", ["write_whole", "load_model", "_write", "replace"])
def test_whatever_is_interrupted_there_is_a_current_model(
    store: PromotedModels,
    models: dict[str, Path],
    part: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The power goes at the first, second, … call of each step of a promotion."""
    store.promote(models["level-a"])
    where = {"_write": PromotedModels, "replace": promoted.os}.get(part, promoted)
    right = getattr(where, part)
    for number in range(1, 8):
        left = iter([False] * (number - 1) + [True] + [False] * 100)

        def failing(*arguments: object, left: Iterator[bool] = left) -> object:
            if next(left):
                raise KeyboardInterrupt
            return right(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(where, part, failing)
            try:
                store.promote(models["level-b"])
                interrupted = False
            except KeyboardInterrupt:
                interrupted = True
        expected = "level-a" if interrupted else "level-b"
        assert load_chosen("current").name == expected
        if not interrupted:
            return
    raise AssertionError("it never came to an end")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"format": 9, "steps": []}',
        '{"format": 1, "steps": [{"action": "promote"}]}',
        '{"format": 1, "steps": [{"action": "rollback", "model": "level", "replaced": "level",'
        ' "name": "x"}]}',
        '{"format": 1, "steps": [{"action": "promote", "model": "../../x", "replaced": "level",'
        ' "name": "x"}]}',
        '{"format": 1, "steps": [{"action": ["promote"], "model": 1, "replaced": "level",'
        ' "name": "x"}]}',
    ],
)
def test_a_damaged_log_is_named_and_can_be_left_behind(
    store: PromotedModels, text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store.folder.mkdir()
    store.log_file.write_text(text)
    paper = tmp_path / "paper.md"
    paper.write_text("# A\n\nWe will consult mayors on the timetable.\n", encoding="utf-8")
    for arguments in (["classify", str(paper)], ["model", "list"], ["model", "rollback"]):
        assert run(arguments) == 1
        said = capsys.readouterr().err
        assert "log.json" in said and "rollback --shipped" in said
    assert run(["classify", str(paper), "--model", "level"]) == 0
    assert run(["model", "rollback", "--shipped"]) == 0
    assert run(["classify", str(paper)]) == 0 and store.current() == "level"


def test_a_promoted_model_that_was_changed_is_not_used(
    store: PromotedModels, models: dict[str, Path]
) -> None:
    store.promote(models["level-a"])
    store.promote(models["level-b"])
    change(store.place(model_digest(models["level-b"])), name="level-c")
    with pytest.raises(ModelError, match="rollback"):
        load_chosen("current")
    assert store.rollback().name == "level-a"
    assert store.promote(models["level-b"])[1] and load_chosen("current").name == "level-b"


def test_the_python_interface_follows_a_promotion(
    store: PromotedModels, models: dict[str, Path]
) -> None:
    assert collabnlp.load().tagger.name == "level-2026.11"
    store.promote(models["level-a"])
    assert collabnlp.load().tagger.name == "level-a"
    assert collabnlp.load("level").tagger.name == "level-2026.11"
    store.rollback()
    assert collabnlp.load().tagger.name == "level-2026.11"


def test_commands(
    store: PromotedModels,
    models: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    assert run(["model", "promote", str(tmp_path / "nowhere")]) == 1
    assert run(["model", "promote", str(models["level-a"])]) == 0
    assert run(["model", "promote", str(models["level-a"])]) == 0
    assert "nothing to do: level-a" in capsys.readouterr().err
    change(models["level-b"], name="level-a", biases={"gate": 0.0, "ladder": [0.0] * 5})
    assert run(["model", "promote", str(models["level-b"])]) == 0
    assert "named level-a too" in capsys.readouterr().err
    assert run(["model", "rollback"]) == 0
    assert run(["model", "show"]) == 0
    assert model_digest(models["level-a"]) in capsys.readouterr().out
    assert run(["model", "list"]) == 0
    listed = capsys.readouterr().out
    starred = [line for line in listed.splitlines() if line.startswith("*")]
    assert len(starred) == 1 and "promoted" in starred[0] and "level-a" in starred[0]
    assert "3. rollback: level-a" in listed


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"COLLABNLP_MODELS": "/m", "XDG_DATA_HOME": "/d"}, "/m"),
        ("linux", {"XDG_DATA_HOME": "/d"}, "/d/collabnlp/models"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/x/.local/share/collabnlp/models"),
        ("darwin", {}, "/home/x/Library/Application Support/collabnlp/models"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/collabnlp/models"),
    ],
)
def test_where_promoted_models_lie(
    platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("COLLABNLP_MODELS", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/x")
    monkeypatch.setattr("sys.platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert models_home() == Path(expected)
