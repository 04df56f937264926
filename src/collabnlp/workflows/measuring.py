"""An evaluation that is kept beside the digest of all that it depends on, and not made twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from collabnlp.atomic import write_whole
from collabnlp.identifiers import digest
from collabnlp.sources.mirror import Mirror, file_digest
from collabnlp.workflows.corpus import BUILD
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.retrain import Told, evaluate_model, labelled

EVALUATIONS = Path("build/evaluation")
_CODE = ("evaluation", "labels", "tagging", "training", "workflows")


@dataclass(frozen=True, slots=True)
class KeptReport:
    """An evaluation's lines of Markdown, and the file that keeps them. ``idle``: it was made
    before from the same inputs."""

    text: str
    file: Path
    idle: bool


def kept_evaluation(
    corpus: Corpus,
    build: Path = BUILD,
    folder: Path = EVALUATIONS,
    *,
    mirror: Mirror | None = None,
    full: bool = False,
    worst: int = 0,
    told: Told | None = None,
) -> KeptReport:
    """`evaluate_model`, unless the report in ``folder`` was made from the same inputs.

    Raises DataError as `evaluate_model` does.
    """
    units = labelled(corpus, build, mirror=mirror, told=told)
    inputs = _inputs(corpus, units, {"full": full, "worst": worst})
    file = folder / ("full.md" if full else "main.md")
    state = file.with_suffix(".json")
    kept = _kept(file, state, inputs)
    if kept is not None:
        return KeptReport(kept, file, idle=True)
    lines = evaluate_model(corpus, units, full=full, worst=worst, told=told)
    text = "".join(f"{line}\n" for line in lines)
    write_whole(file, text.encode())
    output = hashlib.sha256(text.encode()).hexdigest()
    write_whole(state, json.dumps({"inputs": inputs, "output": output}, indent=1).encode() + b"\n")
    return KeptReport(text, file, idle=False)


def _kept(file: Path, state: Path, inputs: str) -> str | None:
    try:
        made = json.loads(state.read_bytes())
        data = file.read_bytes()
    except (OSError, ValueError):
        return None
    now = {"inputs": inputs, "output": hashlib.sha256(data).hexdigest()}
    return data.decode() if made == now else None


def _inputs(corpus: Corpus, units: Sequence[Any], options: dict[str, Any]) -> str:
    """Digest of all that an evaluation depends on: labels, readings, samples, code, options."""
    from collabnlp.tagging.cues import default_cue_text
    from collabnlp.training.train import inputs_digest

    package = Path(str(files("collabnlp")))
    code = {
        path.relative_to(package).as_posix(): file_digest(path)
        for folder in _CODE
        for path in sorted((package / folder).rglob("*.py"))
    }
    read = [corpus.manifest_file]
    for folder in ("labels", "samples"):
        read += sorted((corpus.folder / folder).glob("*.jsonl"))
    return digest(
        {
            "training": inputs_digest(units, default_cue_text(), "evaluation"),
            "standing": [[unit.id, unit.standing, unit.document] for unit in units],
            "readings": {
                path.relative_to(corpus.folder).as_posix(): file_digest(path) for path in read
            },
            "code": code,
            "options": options,
        }
    )
