"""Where models lie and how they are written and read.

A model is a folder: ``model.json`` (protocol, settings, digests), ``vocabulary.json``,
``cues.toml`` (the cues it was trained with) and ``weights.npy`` (a table of doubles). Nothing in
it can run code. Every digest is checked before a file is parsed, and the same model is always
written to the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabnlp.errors import DataError, ModelError
from collabnlp.schema import LADDER

if TYPE_CHECKING:
    from collabnlp.tagging.level_model import LevelModel

FORMAT = 1
_DESCRIPTION = "model.json"
_PARTS = ("cues.toml", "vocabulary.json", "weights.npy")
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


def models_folder() -> Path:
    """The folder of the models that come with the program."""
    return Path(str(files("collabnlp.data"))) / "models"


def model_names() -> list[str]:
    """Names of the models that come with the program, sorted."""
    return sorted(path.parent.name for path in models_folder().glob("*/model.json"))


def find_model(name: str) -> Path:
    """The folder of a model: a name that comes with the program, or the path of a model's folder.

    Raises ModelError where there is none.
    """
    if _NAME.match(name) and (models_folder() / name / "model.json").is_file():
        return models_folder() / name
    if (Path(name) / "model.json").is_file():
        return Path(name)
    known = ", ".join(model_names()) or "none"
    raise ModelError(f"There is no model {name!r} (known: {known}).")


def save_model(model: LevelModel, cue_text: str, folder: Path) -> None:
    """Write a model; the same model gives the same bytes. ``cue_text`` is its cue file."""
    import numpy as np

    from collabnlp.tagging.features import PROTOCOL

    vocabulary = model.vocabulary
    idf = np.zeros(vocabulary.width)
    idf[: len(vocabulary.runs)] = vocabulary.idf
    table = np.column_stack([idf, model.weights.gate, model.weights.ladder]).astype("<f8")
    buffer = BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(table), (1, 0), allow_pickle=False)
    words = {"runs": list(vocabulary.runs), "flags": list(vocabulary.flags)}
    parts = {
        "cues.toml": cue_text.encode(),
        "vocabulary.json": _json(words, indent=None),
        "weights.npy": buffer.getvalue(),
    }
    description = {
        "format": FORMAT,
        "protocol": PROTOCOL,
        "name": model.name,
        "levels": [str(level) for level in LADDER],
        "scales": {"runs": vocabulary.run_scale, "flags": vocabulary.flag_scale},
        "biases": {
            "gate": model.weights.gate_bias,
            "ladder": model.weights.ladder_bias.tolist(),
        },
        "calibration": asdict(model.calibration),
        "digests": {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
        "metadata": dict(model.metadata),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in parts.items():
        (folder / name).write_bytes(data)
    (folder / "model.json").write_bytes(_json(description, indent=1))


def _json(value: Any, *, indent: int | None) -> bytes:
    text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True, allow_nan=False)
    return text.encode() + b"\n"


def load_model(folder: Path) -> LevelModel:
    """Read a model. Raises ModelError where it is missing, damaged or of another protocol."""
    description = _description(folder)
    parts = {name: _checked(folder, name, description) for name in _PARTS}
    try:
        return _assemble(description, parts)
    except (KeyError, TypeError, ValueError, IndexError, DataError) as error:
        raise ModelError(f"The model in {folder.name} does not fit together: {error}") from error


def model_digest(folder: Path) -> str:
    """One digest of a whole model: of ``model.json``, which has the digest of every part.

    Raises ModelError where a part is missing or not what was written.
    """
    description = _description(folder)
    for name in model_parts(folder):
        if name != _DESCRIPTION:
            _checked(folder, name, description)
    return hashlib.sha256((folder / _DESCRIPTION).read_bytes()).hexdigest()


def model_parts(folder: Path) -> list[str]:
    """Names of the files that make up a model. Raises ModelError."""
    names = sorted(_description(folder).get("digests", {}))
    if any(Path(name).name != name for name in names):
        raise ModelError(f"The model in {folder.name} names a file outside its folder.")
    return [*names, _DESCRIPTION]


def describe_model(folder: Path) -> list[tuple[str, str]]:
    """What a model was made from and how large it is, as names and values to show.

    Raises ModelError as `load_model` does.
    """
    model = load_model(folder)
    description = _description(folder)
    metadata = model.metadata
    rows = [
        ("name", model.name),
        ("digest", model_digest(folder)),
        ("protocol", str(description["protocol"])),
    ]
    for source, counts in metadata["units"].items():
        levels = ", ".join(f"{name} {count}" for name, count in counts.items())
        rows.append((f"units, {source}", f"{sum(counts.values())} ({levels})"))
    rows.append(("documents", ", ".join(metadata["documents"])))
    rows.append(("word runs", str(len(model.vocabulary.runs))))
    rows.append(("flags", str(len(model.vocabulary.flags))))
    for group in ("calibration", "digests"):
        rows += [(f"{group}, {key}", str(it)) for key, it in sorted(description[group].items())]
    rows += [(f"settings, {key}", str(it)) for key, it in sorted(metadata["settings"].items())]
    return rows


def _description(folder: Path) -> Mapping[str, Any]:
    from collabnlp.tagging.features import PROTOCOL

    try:
        description = json.loads((folder / "model.json").read_bytes())
        made_by = (description["format"], description["protocol"])
    except OSError as error:
        raise ModelError(f"The model in {folder.name} cannot be read: {error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The model in {folder.name} has a damaged model.json.") from error
    if made_by != (FORMAT, PROTOCOL):
        raise ModelError(
            f"The model in {folder.name} was made for format {made_by[0]}, protocol {made_by[1]}; "
            f"this version reads format {FORMAT}, protocol {PROTOCOL}.",
            advice="Train it again (`collabnlp train`), or name another model.",
        )
    assert isinstance(description, dict)
    return description


def _checked(folder: Path, name: str, description: Mapping[str, Any]) -> bytes:
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"The model in {folder.name} lacks {name}.") from error
    if hashlib.sha256(data).hexdigest() != description.get("digests", {}).get(name):
        raise ModelError(f"The model in {folder.name} is damaged: {name} is not what was written.")
    return data


def _assemble(description: Mapping[str, Any], parts: Mapping[str, bytes]) -> LevelModel:
    import numpy as np

    from collabnlp.tagging.cues import read_cues
    from collabnlp.tagging.features import FeatureReader
    from collabnlp.tagging.level_model import Calibration, LevelModel, Vocabulary, Weights

    if description["levels"] != [str(level) for level in LADDER]:
        raise ValueError("it has other levels.")
    words = json.loads(parts["vocabulary.json"])
    runs, flags = words["runs"], words["flags"]
    table = np.load(BytesIO(parts["weights.npy"]), allow_pickle=False)
    if table.shape != (len(runs) + len(flags), 2 + len(LADDER)) or table.dtype != np.float64:
        raise ValueError("weights and vocabulary differ in size.")
    if not np.isfinite(table).all():
        raise ValueError("a weight is no number.")
    scales, biases = description["scales"], description["biases"]
    return LevelModel(
        name=str(description["name"]),
        reader=FeatureReader(read_cues(parts["cues.toml"].decode())),
        vocabulary=Vocabulary(
            runs=dict(zip(runs, range(len(runs)), strict=True)),
            flags=dict(zip(flags, range(len(runs), len(table)), strict=True)),
            idf=table[: len(runs), 0].copy(),
            run_scale=float(scales["runs"]),
            flag_scale=float(scales["flags"]),
        ),
        weights=Weights(
            gate=table[:, 1].copy(),
            gate_bias=float(biases["gate"]),
            ladder=table[:, 2:].copy(),
            ladder_bias=np.asarray(biases["ladder"], dtype=np.float64),
        ),
        calibration=Calibration(**description["calibration"]),
        metadata=description["metadata"],
    )
