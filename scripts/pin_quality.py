"""Print, or with --write pin, the digests of the corpus table and the floors of the level model.

    python scripts/pin_quality.py --mirror ../shared/documents
    python scripts/pin_quality.py --mirror ../shared/documents --write --reason "why they changed"

Without a mirror it does so for what a bare clone holds, and leaves the rest as it is. A digest that
changes, and a floor that sinks below the highest that was ever pinned, must be given a reason.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from collabnlp.sources.mirror import Mirror
from collabnlp.training.measures import ERROR
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.quality import measured_figures, table_digest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ROOT / "tests" / "quality" / "level_floors.toml"
DIGESTS = ROOT / "corpus" / "digests.toml"
MARGIN, ERROR_MARGIN = 0.02, 0.005
FLOORS_HEAD = """\
# Floors of the level model, families held out in turn; written by scripts/pin_quality.py, checked
# by test_level_floors.py. `whole`: the documents of the manifest; `bare`: the written sentences
# alone, held out by subject. A floor is .02 below what was measured, the ceiling of the calibration
# error .005 above. `best` is the highest floor ever pinned: where a floor lies below it, `reason`
# says why.
"""
DIGESTS_HEAD = """\
# SHA-256 of the joined table that `collabnlp corpus build` makes; written by
# scripts/pin_quality.py, checked by tests/quality/test_corpus_digests.py. `whole`: with every
# document of the manifest; `bare`: the written sentences alone. `reason`: why it changed last.
"""


def floor_of(name: str, value: float) -> float:
    """What is pinned for a figure: rounded away from it, in thousandths."""
    if name == ERROR:
        return math.ceil(round((value + ERROR_MARGIN) * 1000, 6)) / 1000
    return max(0.0, math.floor(round((value - MARGIN) * 1000, 6)) / 1000)


def better(name: str, one: float, other: float) -> float:
    return min(one, other) if name == ERROR else max(one, other)


def new_floors(figures: dict[str, float], old: dict[str, Any], reason: str) -> dict[str, Any]:
    """The section of one set. Raises SystemExit where a floor sinks and no reason is given."""
    floors = {name: floor_of(name, value) for name, value in figures.items()}
    before = old.get("best", {})
    best = {name: better(name, it, before.get(name, it)) for name, it in floors.items()}
    below = sorted(name for name in floors if floors[name] != best[name])
    sunk = [it for it in below if floors[it] != old.get("floor", {}).get(it)]
    if sunk and not reason:
        raise SystemExit(f"below the best pinned floor: {', '.join(sunk)}; give --reason")
    kept = (reason if sunk else old.get("reason", "")) if below else ""
    return {"reason": kept, "floor": floors, "best": best, "measured": figures}


def toml(sections: dict[str, Any], path: str = "") -> str:
    """Nested tables of strings and numbers as TOML."""
    lines = []
    for key, value in sections.items():
        if isinstance(value, dict):
            continue
        if isinstance(value, str):
            value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        elif isinstance(value, float):
            value = f"{value:.4f}".rstrip("0")
            value += "0" if value.endswith(".") else ""
        lines.append(f'"{key}" = {value}' if " " in key else f"{key} = {value}")
    text = "\n".join(lines) + "\n" if lines else ""
    for key, value in sections.items():
        if isinstance(value, dict):
            name = f"{path}.{key}" if path else key
            text += f"\n[{name}]\n{toml(value, name)}"
    return text


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, help="folder of the manifest's documents")
    parser.add_argument("--write", action="store_true", help="pin, instead of printing alone")
    parser.add_argument("--reason", default="", help="why a digest changed or a floor sank")
    options = parser.parse_args()
    corpus = Corpus(ROOT / "corpus")
    floors, digests = (
        tomllib.loads(it.read_text(encoding="utf-8")) if it.exists() else {}
        for it in (FLOORS, DIGESTS)
    )
    sets = {"bare": None}
    if options.mirror:
        sets = {"whole": Mirror(options.mirror), **sets}
    changed = False
    for name, mirror in sets.items():
        with tempfile.TemporaryDirectory() as room:
            digest = table_digest(corpus, Path(room), mirror)
            figures = {it: round(value, 4) for it, value in measured_figures(Path(room)).items()}
        floors[name] = new_floors(figures, floors.get(name, {}), options.reason)
        if digest.sha256 != digests.get(name, {}).get("sha256"):
            changed = True
            digests[name] = {"rows": digest.rows, "sha256": digest.sha256}
            digests[name]["reason"] = options.reason
    print(toml(floors))
    print(toml(digests))
    if options.write:
        if changed and not options.reason:
            raise SystemExit("the corpus table is another than the one pinned; give --reason")
        FLOORS.write_text(FLOORS_HEAD + toml(floors), encoding="utf-8")
        DIGESTS.write_text(DIGESTS_HEAD + toml(digests), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
