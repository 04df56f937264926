"""Records as a pandas data frame, for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from collabnlp.reporting.rows import COLUMNS, Row, flat

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {"string": "string", "int": "Int64", "float": "float64", "bool": "boolean"}


def to_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The columns of the CSV output, with types that know missing values."""
    import pandas as pd

    frame = pd.DataFrame([flat(row) for row in rows], columns=[name for name, _ in COLUMNS])
    return frame.astype({name: _TYPES[kind] for name, kind in COLUMNS})
