"""The fixed folds: which families of documents are held out together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from collabnlp.errors import DataError

TRAIN_ONLY = "train"
TEST = "test"
OWN = "own-"
"""How families of documents begin that are in no manifest."""


@dataclass(frozen=True, slots=True)
class Splits:
    """Fold of each family. The family of a file of written sentences, or of a reviewer's own
    document, is in no fold: those are trained on and never measured on. A family has one fold;
    ``test`` is the headline document's."""

    fold_of: dict[str, str]

    def __getitem__(self, family: str) -> str:
        """The fold of a family. Raises DataError for one that the file does not have."""
        if family.startswith(("written-", OWN)):
            return TRAIN_ONLY
        try:
            return self.fold_of[family]
        except KeyError:
            raise DataError(
                f"The family {family} is in no fold.", advice="Add it to corpus/splits.toml."
            ) from None

    @property
    def folds(self) -> tuple[str, ...]:
        """The names of the folds, sorted, without ``test``."""
        return tuple(sorted(set(self.fold_of.values()) - {TEST}))


def read_splits(path: Path) -> Splits:
    """Read ``splits.toml``: ``[folds]`` with a list of families each.

    Raises DataError where it is missing, is wrong, or a family stands twice.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        folds: dict[str, Iterable[str]] = table["folds"]
        pairs = [(family, fold) for fold, families in folds.items() for family in families]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"The splits {path.name} cannot be read: {error}.", advice="") from error
    fold_of = dict(pairs)
    if len(fold_of) != len(pairs):
        raise DataError(f"{path.name} has a family in two folds, or twice.", advice="Correct it.")
    return Splits(fold_of)
