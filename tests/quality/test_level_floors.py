"""The level model's figures on families held out stay above the floors of level_floors.toml.

``python scripts/pin_quality.py --mirror DIR`` prints them as they are now.
"""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from collabnlp.tagging.level_model import LEVEL_NAMES
from collabnlp.training.measures import ERROR, PAIRED
from collabnlp.workflows.quality import TableDigest, measured_figures

Built = tuple[Path, TableDigest]
FLOORS = tomllib.loads((Path(__file__).parent / "level_floors.toml").read_text(encoding="utf-8"))
NAMES = {*PAIRED, *LEVEL_NAMES[1:], ERROR}


def hold(part: dict[str, Any], figures: dict[str, float]) -> None:
    sunk = {
        name: (round(figures[name], 4), bound)
        for name, bound in part["floor"].items()
        if (figures[name] > bound if name == ERROR else figures[name] < bound)
    }
    assert not sunk, f"(measured, pinned): {sunk}"


def test_the_model_on_written_sentences(bare: Built) -> None:
    hold(FLOORS["bare"], measured_figures(bare[0]))


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_the_model_on_real_documents(whole: Built) -> None:
    hold(FLOORS["whole"], measured_figures(whole[0]))


@pytest.mark.parametrize("part", ["whole", "bare"])
def test_a_floor_below_the_best_has_a_reason(part: str) -> None:
    pinned = FLOORS[part]
    assert set(pinned["floor"]) == set(pinned["best"]) == NAMES
    lower = [
        name
        for name, best in pinned["best"].items()
        if (pinned["floor"][name] > best if name == ERROR else pinned["floor"][name] < best)
    ]
    assert not lower or len(pinned["reason"].split()) >= 2, lower


@pytest.fixture(scope="module")
def pinning(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("pin_quality", root / "scripts/pin_quality.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_floor_sinks_only_with_a_reason(pinning: ModuleType) -> None:
    first = pinning.new_floors({"F1": 0.70, ERROR: 0.01}, {}, "")
    assert first["floor"] == {"F1": 0.68, ERROR: 0.015} and first["reason"] == ""
    higher = pinning.new_floors({"F1": 0.75, ERROR: 0.008}, first, "")
    assert higher["best"] == higher["floor"] == {"F1": 0.73, ERROR: 0.013}
    with pytest.raises(SystemExit, match="F1"):
        pinning.new_floors({"F1": 0.70, ERROR: 0.008}, higher, "")
    with pytest.raises(SystemExit, match=ERROR):
        pinning.new_floors({"F1": 0.75, ERROR: 0.02}, higher, "")
    lower = pinning.new_floors({"F1": 0.70, ERROR: 0.008}, higher, 'labels of "acts" came')
    assert lower["floor"]["F1"] == 0.68 and lower["best"]["F1"] == 0.73
    again = pinning.new_floors({"F1": 0.70, ERROR: 0.008}, lower, "")
    assert again["reason"] == lower["reason"] == 'labels of "acts" came'
    assert tomllib.loads(pinning.toml({"whole": again}))["whole"] == again
    risen = pinning.new_floors({"F1": 0.76, ERROR: 0.008}, again, "")
    assert risen["reason"] == "" and risen["best"]["F1"] == 0.74
