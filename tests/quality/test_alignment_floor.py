"""The aligner on the passages that a reader aligned: it must not sink."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import collabnlp
from collabnlp.analysis.alignment import align
from collabnlp.analysis.alignment_gold import Agreement, agreement, locate, read_aligned
from collabnlp.schema import Unit


@pytest.mark.shared
def test_alignment_floor(root: Path, shared: Path) -> None:
    floors = tomllib.loads((root / "tests/quality/floors.toml").read_text(encoding="utf-8"))
    files = {path.name.split(".")[0]: path for path in (shared / "documents").iterdir()}
    units: dict[str, tuple[Unit, ...]] = {}
    counts = Agreement()
    for path in sorted((root / "corpus" / "alignments").glob("*.jsonl")):
        names = path.stem.split("--")
        for name in names:
            units.setdefault(name, collabnlp.extract(files[name])[1])
        old, new = (units[name] for name in names)
        found, lost = locate(read_aligned(path), old, new)
        assert lost <= 0.02 * (lost + len(found)), f"{path.stem}: the text is read otherwise now"
        counts += agreement(align(old, new), found)
    assert counts.f1 >= floors["alignment"]["strict_f1"]
    assert counts.moved_recall >= floors["alignment"]["moved_recall"]
