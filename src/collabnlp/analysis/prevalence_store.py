"""A model's errors and its corrector as a file, small and readable, equal bytes for equal content.

The file holds, for each family held out, how many units of each true class fell into each column
(score bin and decided level), and the weights fitted to them. It belongs to one model, named by
its digest, and serves no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from collabnlp.analysis.prevalence import CLASSES, COLUMNS, EDGES, Corrector, ErrorTables
from collabnlp.atomic import write_whole
from collabnlp.errors import DataError

FORMAT = 1
_DIGITS = 9


@dataclass(frozen=True)
class ModelErrors:
    """A corrector and the model that it is of.

    model       the model's digest; ``name`` its name
    provisional True where the labels measured on are not those that the model was trained with
    """

    model: str
    name: str
    corrector: Corrector
    provisional: bool = False


def write_errors(errors: ModelErrors, path: Path) -> None:
    """Write the file whole or not at all."""
    corrector = errors.corrector
    tables = corrector.tables
    families = {
        name: [[*map(int, at), int(tables.counts[index][tuple(at)])] for at in np.argwhere(table)]
        for index, (name, table) in enumerate(zip(tables.names, tables.counts, strict=True))
    }
    content = {
        "format": FORMAT,
        "model": errors.model,
        "name": errors.name,
        "provisional": errors.provisional,
        "edges": list(EDGES),
        "families": families,
        "weights": _listed(corrector.weights),
        "without": {
            name: _listed(it) for name, it in zip(tables.names, corrector.without, strict=True)
        },
        "widening": _listed(np.array(corrector.widening)),
    }
    lines = ",\n".join(
        f"{json.dumps(key)}: {_json(value)}" for key, value in sorted(content.items())
    )
    write_whole(path, ("{\n" + lines + "\n}\n").encode())


def _listed(table: Any) -> list[Any]:
    found: list[Any] = np.round(table, _DIGITS).tolist()
    return found


def _json(value: Any) -> str:
    if isinstance(value, dict):
        lines = ",\n ".join(f"{json.dumps(key)}: {_json(it)}" for key, it in sorted(value.items()))
        return "{\n " + lines + "\n}"
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def read_errors(path: Path) -> ModelErrors:
    """Read the file. Raises DataError where it is missing or not as `write_errors` writes it."""
    try:
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT or tuple(content["edges"]) != EDGES:
            raise ValueError("made by another version")
        names = tuple(sorted(content["families"]))
        counts = np.zeros((len(names), CLASSES, COLUMNS), dtype=np.int64)
        for index, name in enumerate(names):
            for true, column, number in content["families"][name]:
                if true < 0 or column < 0 or number < 0:
                    raise ValueError("a count or its place is negative")
                counts[index, true, column] = number
        levels, total, mix = ((float(low), float(high)) for low, high in content["widening"])
        corrector = Corrector(
            ErrorTables(names, counts),
            _table(content["weights"]),
            np.stack([_table(content["without"][name]) for name in names]),
            (levels, total, mix),
        )
        return ModelErrors(
            str(content["model"]), str(content["name"]), corrector, bool(content["provisional"])
        )
    except OSError as error:
        raise DataError(f"{path.name} cannot be read ({error.strerror}).") from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise DataError(f"{path.name} does not hold a model's errors: {error}.") from error


def _table(value: Any) -> Any:
    table = np.array(value, dtype=np.float64)
    if table.shape != (len(EDGES) + CLASSES, CLASSES) or not np.isfinite(table).all():
        raise ValueError(f"weights of shape {table.shape}")
    return table
