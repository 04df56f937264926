"""Puts a page's rows into regions, and regions into reading order.

Content order is reading order in almost every document; geometry overrules it only where a page of
one column shows that a heading or box was drawn out of turn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from collabnlp.extraction.pdf_careful import Grid
from collabnlp.extraction.pdf_regions import Field, box_of, in_grid
from collabnlp.extraction.pdf_rows import Row

Runs = list[tuple[tuple[str, int], list[Row]]]
"""Runs of rows, each with its region: what it is, and the number of the table or box."""


_MOST = 150  # stretches of text on one page; drawings full of labels have no reading order


def regions(
    rows: Sequence[Row],
    contents: Collection[int],
    notes: Collection[int],
    grids: Sequence[Grid],
    boxes: Sequence[Field],
) -> Iterator[tuple[tuple[str, int], list[Row]]]:
    """Runs of rows of one region, in content order; a box's or table's rows come together."""
    found: dict[tuple[str, int], list[Row]] = {}
    runs: list[tuple[tuple[str, int], list[Row]]] = []
    for index, row in enumerate(rows):
        key = ("body", -1)
        if index in contents:
            key = ("contents", -1)
        elif index in notes:
            key = ("note", -1)
        elif grids and in_grid(row, grids):
            key = ("table", next(i for i, grid in enumerate(grids) if in_grid(row, [grid])))
        elif boxes:
            box = box_of(row, boxes)
            if box is not None:
                key = ("box", box)
        if key[0] in ("table", "box", "note") and key in found:
            found[key].append(row)
        elif runs and runs[-1][0] == key:
            runs[-1][1].append(row)
        else:
            runs.append((key, [row]))
            found[key] = runs[-1][1]
    if any(key == ("body", -1) for key, _ in runs):
        runs = _from_top(runs)
    runs.sort(key=lambda run: run[0][0] == "note")  # stable: footnotes after the page's text
    yield from runs


def _from_top(runs: Runs) -> Runs:
    """Content order is reading order but where a page of one column shows that it is not: a
    heading or a box that was drawn last stands where it is seen."""
    chunks: Runs = []
    for key, rows in runs:
        chunk = [rows[0]]
        for row in rows[1:]:
            if key[0] in ("body", "box") and row.bottom < chunk[-1].bottom - 2 * row.size:
                chunks.append((key, chunk))
                chunk = []
            chunk.append(row)
        chunks.append((key, chunk))
    if len(chunks) > _MOST:
        return runs
    chunks = _parted_by_others(chunks)
    places = [
        (min(row.top for row in rows), max(row.bottom for row in rows),
         min(row.x0 for row in rows), max(row.x1 for row in rows), len(rows), key[0])
        for key, rows in chunks
    ]  # fmt: skip
    text = [place for place in places if place[5] != "note"]
    if all(one[0] <= two[0] + 1 for one, two in pairwise(text)):
        return runs
    for i, one in enumerate(text):
        for two in text[i + 1 :]:
            beside = one[3] < two[2] + 5 or two[3] < one[2] + 5
            shared = min(one[1], two[1]) - max(one[0], two[0])
            if beside and shared > 0 and min(one[4], two[4]) >= 2:
                return runs  # columns
            nested = shared > 0.6 * min(one[1] - one[0], two[1] - two[0])
            if nested and not beside and min(one[4], two[4]) >= 2:
                return runs  # text around text: geometry does not tell
    order = sorted(range(len(chunks)), key=lambda i: (places[i][0], i))
    return [chunks[i] for i in order]


def _parted_by_others(chunks: Runs) -> Runs:
    """Text parted where a box or another stretch of text stands between two of its rows."""
    spans = [(min(row.top for row in rows), max(row.bottom for row in rows)) for _, rows in chunks]
    result: Runs = []
    for index, (key, rows) in enumerate(chunks):
        part = [rows[0]]
        for row in rows[1:]:
            between = key[0] == "body" and any(
                part[-1].bottom - 2 <= top and bottom <= row.top + 2
                for other, (top, bottom) in enumerate(spans)
                if other != index
            )
            if between:
                result.append((key, part))
                part = []
            part.append(row)
        result.append((key, part))
    return result
