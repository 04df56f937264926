"""The pinned floors of floors.toml, measured anew."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from collabnlp.extraction import open_document
from collabnlp.schema import Document, unit_record
from collabnlp.segmentation.sentences import split_sentences
from collabnlp.segmentation.units import make_units

ROOT = Path(__file__).resolve().parents[2]
FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))


def load(name: str) -> ModuleType:
    """A benchmark as a module, so that the test measures what the benchmark prints."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def unit_f1(shared: Path, document: Document, folder: Path) -> dict[str, float]:
    lines = (json.dumps(unit_record(document.info, it)) for it in make_units(document))
    found = folder / "units.jsonl"
    found.write_text("\n".join(lines), encoding="utf-8")
    reference = shared / "reference"
    command = [sys.executable, str(reference / "unit_f1.py")]
    command += [str(reference / "edwp-2024.units.jsonl"), str(found)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: float(it) for name, it in re.findall(r"(own|joined|order) ([\d.]+)", out)[:3]}


@pytest.mark.shared
def test_the_white_paper_is_read_as_its_reference(shared: Path, tmp_path: Path) -> None:
    paper = shared / "documents" / "edwp-2024.pdf"
    floors = FLOORS["extraction"]
    tagged = unit_f1(shared, open_document(paper), tmp_path)
    for name in ("own", "joined", "order"):
        assert tagged[name] >= floors[name], tagged
    untagged = unit_f1(shared, open_document(paper, ignore_tags=True), tmp_path)
    assert untagged["own"] >= floors["own_without_tags"], untagged


def _parity(pairs: str, folder: Path, floor: float) -> None:
    module = load("parity")
    for first, second, barred in getattr(module, pairs):
        if barred:
            one, other = module.units_of(folder / first), module.units_of(folder / second)
            assert module.agreement(one, other) >= floor, (first, second)


def test_the_demo_documents_read_alike_in_two_formats() -> None:
    _parity("DEMO", ROOT / "demo", FLOORS["parity"]["demo"])


@pytest.mark.shared
def test_real_documents_read_alike_in_two_formats(shared: Path) -> None:
    _parity("PAIRS", shared / "documents", FLOORS["parity"]["real"])


def _boundary_f1(names: list[str]) -> float:
    right = asked = found = 0
    for name in names:
        path = ROOT / "tests" / "cases" / "boundaries" / name
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            at, ends = 0, set()
            for sentence in case["sentences"]:
                at = case["text"].index(sentence, at) + len(sentence)
                ends.add(at)
            ends.discard(at)
            spans = split_sentences(case["text"])
            own = {end for _, end in spans[:-1]}
            right, asked, found = right + len(ends & own), asked + len(ends), found + len(own)
    return 2 * right / (asked + found)


def test_sentence_boundaries() -> None:
    floors = FLOORS["boundaries"]
    assert _boundary_f1(["visible.jsonl", "held_out.jsonl"]) >= floors["developed_on"]
    if (ROOT / "tests" / "cases" / "boundaries" / "held_out_2.jsonl").is_file():
        assert _boundary_f1(["held_out_2.jsonl"]) >= floors["held_out_2"]


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_every_real_document_is_read(shared: Path) -> None:
    from collabnlp.workflows.inputs import find_sources
    from collabnlp.workflows.reading import read_all

    outcomes = list(read_all(find_sources([str(shared / "documents")]), jobs=2))
    read = [it for it in outcomes if it.document is not None]
    assert len(read) >= FLOORS["documents"]["read"], [it.error for it in outcomes if it.error]
    partial = [(it.path.name, it.document.reasons) for it in read if it.document and it.partial]
    assert len(read) - len(partial) >= FLOORS["documents"]["whole"], partial
