"""Likely label errors of the built corpus, found once for each state of it.

Fitting needs scikit-learn and half a minute; what was found is kept under ``build/queue`` with the
digest of all that it depends on.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json, digest, unit_hash
from collabnlp.labels.queue_state import LikelyError
from collabnlp.schema import Level
from collabnlp.sources.mirror import file_digest
from collabnlp.workflows.corpus import BUILD, TABLE, read_table

KEPT = Path("build/queue")
_NAME = "likely-errors.jsonl"
_STATE = "state.json"
MOST_PROBABLE = 0.2
"""A label that is given this probability or more is no likely error."""


def find_likely_errors(
    build: Path = BUILD, kept: Path = KEPT, *, told: Callable[[str], None] | None = None
) -> list[LikelyError]:
    """The labels of the table's real documents that models which did not see them doubt most.

    Raises DataError where no table was built, or it has no labels of real documents.
    """
    inputs = _inputs(build)
    try:
        state = json.loads((kept / _STATE).read_text(encoding="utf-8"))
        fresh = state["inputs"] == inputs and file_digest(kept / _NAME) == state["output"]
    except (OSError, ValueError, KeyError, TypeError):
        fresh = False
    if not fresh:
        if told is not None:
            told("fitting models that do not see the labels they judge (half a minute)")
        rows = [
            {**_row(one), "surprise": round(one.surprise, 6), "level": str(one.level)}
            for one in _find(build)
        ]
        data = b"".join(canonical_json(row) + b"\n" for row in rows)
        write_whole(kept / _NAME, data)
        output = file_digest(kept / _NAME)
        write_whole(kept / _STATE, canonical_json({"inputs": inputs, "output": output}) + b"\n")
    text = (kept / _NAME).read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.split("\n") if line]
    return [LikelyError(**{**row, "level": Level(row["level"])}) for row in found]


def _row(one: LikelyError) -> dict[str, str | int | float]:
    return {
        "document": one.document,
        "unit_hash": one.unit_hash,
        "occurrence": one.occurrence,
        "probability": round(one.probability, 6),
    }


def _find(build: Path) -> list[LikelyError]:
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training.dataset import labelled_units
    from collabnlp.training.surprise import surprises

    units = labelled_units(read_table(build))
    if all(unit.written for unit in units):
        raise DataError(
            "The corpus table has no labels of real documents.",
            advice="Build it with `collabnlp corpus build --mirror DIR`.",
        )
    known = {unit.id: unit for unit in units}
    levels = list(Level)
    found = []
    for name, score, given in surprises(units, default_cue_text()):
        if given >= MOST_PROBABLE:
            continue
        unit = known[name]
        # A repeated text's id ends in -2, -3, …; that of its first unit in the hash's digits.
        last = name.rsplit(":", 1)[1].split("-")
        found.append(
            LikelyError(
                document=unit.document,
                unit_hash=unit_hash(unit.view.text),
                occurrence=int(last[1]) if len(last) > 1 else 1,
                level=levels[unit.level],
                surprise=score,
                probability=given,
            )
        )
    return found


def _inputs(build: Path) -> str:
    """Digest of the table, the code that judges it, and its libraries."""
    if not (build / TABLE).exists():
        raise DataError(
            f"There is no {TABLE} in {build}.", advice="Run `collabnlp corpus build` first."
        )
    package = Path(str(files("collabnlp")))
    code = {
        path.relative_to(package).as_posix(): file_digest(path)
        for folder in ("tagging", "training")
        for path in sorted((package / folder).rglob("*"))
        if path.suffix in {".py", ".toml"}
    }
    code["likely_errors"] = file_digest(Path(__file__))
    return digest(
        {
            "table": file_digest(build / TABLE),
            "code": code,
            "libraries": {it: version(it) for it in ("numpy", "scikit-learn", "scipy")},
        }
    )
