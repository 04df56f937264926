"""The aligner on the passages that a reader aligned: it must not sink."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import collabnlp
from collabnlp.analysis.alignment import align
from collabnlp.analysis.alignment_gold import PARTS, Agreement, agreement, locate, read_aligned
from collabnlp.schema import Unit


@pytest.mark.shared
def test_alignment_floor(root: Path, shared: Path) -> None:
    floors = tomllib.loads((root / "tests/quality/floors.toml").read_text(encoding="utf-8"))
    files = {path.name.split(".")[0]: path for path in (shared / "documents").iterdir()}
    units: dict[str, tuple[Unit, ...]] = {}
    counts = {part: Agreement() for part in PARTS}
    for path in sorted((root / "corpus" / "alignments").glob("*.jsonl")):
        names = path.stem.split("--")
        for name in names:
            units.setdefault(name, collabnlp.extract(files[name])[1])
        old, new = (units[name] for name in names)
        found, lost = locate(read_aligned(path), old, new)
        assert lost <= 0.02 * (lost + len(found)), f"{path.stem}: the text is read otherwise now"
        links = align(old, new)
        for part in PARTS:
            passages = [one for one in found if one.record.part == part]
            counts[part] += agreement(links, passages)
    for part, floor in floors["alignment"].items():
        assert counts[part].f1 >= floor["strict_f1"], part
        assert counts[part].moved_recall >= floor["moved_recall"], part
