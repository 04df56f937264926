"""Which rows a number counts: written into the address of its link, read by the page's script.

A selection names a table and values of its keys, ``#commitments?department=DFT&level=support``:
the rows that have all of these values are the ones that the number counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from collabnlp.reporting.page_parts import Commitment
from collabnlp.schema import Change, CountKey, Level, LifeLine

COMMITMENTS, CHANGES, LINES = "commitments", "changes", "lines"
VIEW, REVIEW = "view", "review"
IN_PYRAMID, OUTSIDE = "pyramid", "others"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def clean(value: str) -> str:
    """A value as it can stand in an address and an attribute: file names may hold bytes that are
    no characters, and controls that browsers change."""
    return _CONTROL.sub(" ", value).encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class FacetTable:
    """A table that can be filtered: for each row the values of each key (several, or none)."""

    name: str
    keys: tuple[str, ...]
    rows: tuple[Mapping[str, tuple[str, ...]], ...]

    def values(self, key: str) -> tuple[str, ...]:
        """All values of a key, sorted."""
        return tuple(sorted({value for row in self.rows for value in row.get(key, ())}))

    def chosen(self, selection: Mapping[str, str]) -> list[int]:
        """Indexes of the rows that a selection shows; what the page's script does, for tests and
        for those who read the page without it."""
        return [
            index
            for index, row in enumerate(self.rows)
            if all(value in row.get(key, ()) for key, value in selection.items())
        ]

    def as_data(self) -> dict[str, Any]:
        """Compact JSON values: for each key its values, and for each row the indexes of its own."""
        known = {key: self.values(key) for key in self.keys}
        place = {key: {value: at for at, value in enumerate(known[key])} for key in self.keys}
        return {
            "keys": {key: list(values) for key, values in known.items()},
            "rows": [
                [[place[key][value] for value in row.get(key, ())] for key in self.keys]
                for row in self.rows
            ],
        }


def address(table: str, selection: Mapping[str, str]) -> str:
    """The address of a selection within the page."""
    pairs = (f"{key}={quote(clean(value), safe='')}" for key, value in selection.items())
    return f"#{table}?" + "&".join(pairs)


def commitment_facets(commitments: Sequence[Commitment]) -> FacetTable:
    """The table of all commitments."""
    keys = (VIEW, *(str(key) for key in CountKey), REVIEW)
    return FacetTable(
        COMMITMENTS,
        keys,
        tuple(
            {
                VIEW: (IN_PYRAMID if one.pyramid else OUTSIDE,),
                **{str(key): tuple(map(clean, one.values.get(key, ()))) for key in CountKey},
                REVIEW: ("yes" if one.tagged.tag.needs_review else "no",),
            }
            for one in commitments
        ),
    )


def shown_changes(changes: Iterable[Change]) -> list[Change]:
    """The changes that touch a commitment on either side."""
    return [one for one in changes if (one.old_level, one.new_level) != (Level.NONE, Level.NONE)]


def change_facets(changes: Sequence[Change]) -> FacetTable:
    """The table of changes (see `shown_changes`)."""
    return FacetTable(
        CHANGES,
        ("step", "old", "new", "shift", "what", "departments"),
        tuple(
            {
                "step": (str(one.step or 1),),
                "old": (str(one.old_level),),
                "new": (str(one.new_level),),
                "shift": (one.shift or "same level",),
                "what": tuple(str(kind) for kind in one.kinds),
                "departments": ("changed" if one.department_change else "same",),
            }
            for one in changes
        ),
    )


def line_facets(lines: Sequence[LifeLine]) -> FacetTable:
    """The table of life lines: the level in each version, 1 for the first."""
    versions = max((len(line.stages) for line in lines), default=0)
    return FacetTable(
        LINES,
        tuple(f"v{number}" for number in range(1, versions + 1)),
        tuple(
            {f"v{number}": (str(stage.level),) for number, stage in enumerate(line.stages, 1)}
            for line in lines
        ),
    )
