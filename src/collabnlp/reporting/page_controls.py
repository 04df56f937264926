"""The controls by which the page's tables are filtered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collabnlp.reporting.page_rows import label_of, readable
from collabnlp.reporting.page_tables import value_label
from collabnlp.reporting.selections import IN_PYRAMID, OUTSIDE, REVIEW, VIEW, FacetTable
from collabnlp.schema import CountKey, Level

_NAMES = {
    VIEW: "View",
    REVIEW: "To be reviewed",
    "level": "Level",
    "department": "Department",
    "partner": "Partner",
    "body": "Named body",
    "tier": "Who acts",
    "force": "Force",
    "document": "Document",
    "version": "Version",
    "kind": "Kind of document",
    "step": "Step",
    "old": "Older level",
    "new": "Newer level",
    "shift": "Shift",
    "departments": "Departments",
    "what": "What happened",
}
_VIEWS = {IN_PYRAMID: "in the published pyramid", OUTSIDE: "outside the pyramid"}


def controls(
    table: FacetTable, titles: Mapping[str, str], versions: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """A control for each key, with the values that the rows have; levels in their order."""
    found = []
    order = [str(level) for level in Level]
    for key in table.keys:
        values = list(table.values(key))
        if set(values) <= set(order) and values != ["none"]:
            values.sort(key=order.index)
        label = _NAMES.get(key, key.capitalize())
        if key[0] == "v" and key[1:].isdigit():
            label = f"Level in {versions[int(key[1:]) - 1]}"
        options = [(value, _option(key, value, titles)) for value in values]
        if key in (CountKey.DOCUMENT, CountKey.BODY):
            options.sort(key=lambda it: (it[0] == "none", it[1].casefold(), it[0]))
        found.append({"name": key, "label": label, "options": options})
    return found


def _option(key: str, value: str, titles: Mapping[str, str]) -> str:
    if key == VIEW:
        return _VIEWS[value]
    if key in ("old", "new") or key[1:].isdigit():
        return label_of(value)
    return value_label(CountKey(key), value, titles) if key in list(CountKey) else readable(value)
