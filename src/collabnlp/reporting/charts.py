"""The charts of a report: the pyramid, levels by department, levels by document, level shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collabnlp.data.palette import palette
from collabnlp.reporting.drawing import (
    GREY,
    PALE,
    WIDTH,
    Chart,
    blended,
    box,
    readable_on,
    ribbon,
    shortened,
    words,
)
from collabnlp.schema import LADDER, Level

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def pyramid_chart(
    counts: Mapping[Level, int], links: Mapping[Level, str], *, subject: str
) -> Chart:
    """The ladder as a pyramid: most influence at the top, each bar as wide as its count."""
    row, gap, left = 40.0, 6.0, 96.0
    most = max(counts.values(), default=0) or 1
    total = sum(counts.values())

    def draw(axes: Axes) -> None:
        centre = left + (WIDTH - left) / 2
        for place, level in enumerate(reversed(LADDER)):
            swatch, count = palette()[level], counts.get(level, 0)
            y, link = place * (row + gap), links.get(level) if count else None
            wide = max((WIDTH - left) * count / most, 2.0 if count else 0.0)
            words(axes, left - 10, y + row / 2, swatch.label, align="right", bold=True, link=link)
            if count:
                box(axes, centre - wide / 2, y, wide, row, swatch.colour, link=link)
            label = f"{count:,}"
            if count:
                label += f"  ({count / total:.0%})"
            if wide >= 90:
                words(
                    axes, centre, y + row / 2, label, colour=swatch.text, align="center", link=link
                )
            else:
                words(axes, centre + wide / 2 + 6, y + row / 2, label, link=link)

    return Chart(
        "pyramid",
        f"Commitments by level: {subject}",
        "; ".join(f"{palette()[level].label} {counts.get(level, 0)}" for level in reversed(LADDER)),
        5 * row + 4 * gap,
        draw,
    )


def heat_map(
    rows: Sequence[str],
    counts: Mapping[tuple[str, Level], int],
    links: Mapping[tuple[str, Level], str],
    *,
    title: str,
) -> Chart:
    """Rows by level: each cell in its level's colour, the stronger, the more it counts."""
    left, top, tall = 92.0, 26.0, 22.0
    wide = (WIDTH - left) / len(LADDER)
    most = max(counts.values(), default=0) or 1

    def draw(axes: Axes) -> None:
        for column, level in enumerate(LADDER):
            words(
                axes,
                left + (column + 0.5) * wide,
                top / 2,
                palette()[level].label.replace("Have regard", "Regard"),
                size=9.5,
                align="center",
                bold=True,
            )
        for place, name in enumerate(rows):
            y = top + place * tall
            words(axes, left - 8, y + tall / 2, shortened(name, 12), align="right")
            for column, level in enumerate(LADDER):
                count, x = counts.get((name, level), 0), left + column * wide
                if not count:
                    box(axes, x + 1, y + 1, wide - 2, tall - 2, PALE)
                    continue
                # A square root, so that one commitment among hundreds can still be seen.
                strength = 0.15 + 0.85 * (count / most) ** 0.5
                colour = blended(palette()[level].colour, strength)
                link = links.get((name, level))
                box(axes, x + 1, y + 1, wide - 2, tall - 2, colour, link=link)
                words(
                    axes,
                    x + wide / 2,
                    y + tall / 2,
                    f"{count:,}",
                    colour=readable_on(colour),
                    align="center",
                    link=link,
                )

    described = (
        f"{name}: " + ", ".join(f"{level} {counts.get((name, level), 0)}" for level in LADDER)
        for name in rows
    )
    return Chart("departments", title, "; ".join(described), top + tall * max(len(rows), 1), draw)


def stacked_bars(
    rows: Sequence[tuple[str, str]],
    counts: Mapping[tuple[str, Level], int],
    links: Mapping[tuple[str, Level], str],
    *,
    title: str,
) -> Chart:
    """A bar a row (key, name), parted by level and as long as its count; names stand above."""
    line, tall, gap = 17.0, 18.0, 8.0
    totals = {key: sum(counts.get((key, level), 0) for level in LADDER) for key, _ in rows}
    most, right = max(totals.values(), default=0) or 1, 44.0

    def draw(axes: Axes) -> None:
        for place, (key, name) in enumerate(rows):
            y, x = place * (line + tall + gap), 0.0
            words(axes, 0, y + line / 2, shortened(name, 68), size=10.5)
            for level in LADDER:
                count = counts.get((key, level), 0)
                wide = (WIDTH - right) * count / most
                if not count:
                    continue
                swatch, link = palette()[level], links.get((key, level))
                box(axes, x, y + line, max(wide - 0.75, 0.75), tall, swatch.colour, link=link)
                if wide >= 8.0 * len(str(count)) + 6:
                    middle = y + line + tall / 2
                    words(
                        axes,
                        x + wide / 2,
                        middle,
                        str(count),
                        colour=swatch.text,
                        size=10,
                        align="center",
                        link=link,
                    )
                x += wide
            words(axes, x + 5, y + line + tall / 2, f"{totals[key]:,}", size=10.5, colour=GREY)

    described = "; ".join(f"{name}: {totals[key]}" for key, name in rows)
    height = max(len(rows), 1) * (line + tall + gap) - gap
    return Chart("documents", title, described, height, draw)


Flow = tuple[Level, Level]


def alluvial(
    steps: Sequence[Mapping[Flow, int]],
    names: Sequence[str],
    links: Sequence[Mapping[Flow, str]],
    *,
    title: str,
) -> Chart:
    """Flows between levels from version to version, ``none`` at the foot of each column.

    steps  for each pair of neighbouring versions: how many went from one level to the other;
           flows from ``none`` to ``none`` are left out
    names  one a version; the side that a stratum shows is the one of its step
    """
    order = (*reversed(LADDER), Level.NONE)
    flows = [
        {flow: count for flow, count in step.items() if count and flow != (Level.NONE, Level.NONE)}
        for step in steps
    ]
    biggest = max((sum(step.values()) for step in flows), default=0) or 1
    top, tall, pad, bar = 34.0, 300.0, 7.0, 12.0
    left, right = 84.0, 84.0
    scale = tall / biggest
    span = (WIDTH - left - right) / len(steps)

    def strata(step: Mapping[Flow, int], side: int) -> dict[Level, tuple[float, int]]:
        """Top of each level's stratum on one side of a step, and its count."""
        places, y = {}, top
        for level in order:
            count = sum(it for flow, it in step.items() if flow[side] == level)
            places[level] = (y, count)
            y += count * scale + (pad if count else 0)
        return places

    def draw(axes: Axes) -> None:
        for number, step in enumerate(flows):
            x0, x1 = left + number * span, left + (number + 1) * span
            _flows(axes, step, strata(step, 0), strata(step, 1), x0, x1, links[number])
        for number, name in enumerate(names):
            x = left + number * span
            align = ("left", "right")[number > 0] if number in (0, len(names) - 1) else "center"
            at = {"left": 0.0, "right": WIDTH, "center": x}[align]
            longest = 26 if len(names) == 2 else max(8, 52 // len(names))
            words(axes, at, 10, shortened(name, longest), size=10, bold=True, align=align)
            step, side = (flows[number], 0) if number < len(flows) else (flows[-1], 1)
            for level, (y, count) in strata(step, side).items():
                if count:
                    box(axes, x - bar / 2, y, bar, count * scale, palette()[level].colour)
                    outer = number == 0 or number == len(names) - 1
                    if outer:
                        label = f"{palette()[level].label if level is not Level.NONE else 'None'}"
                        place = x - bar / 2 - 4 if number == 0 else x + bar / 2 + 4
                        words(
                            axes,
                            place,
                            y + count * scale / 2,
                            f"{label} {count}",
                            size=9.5,
                            align="right" if number == 0 else "left",
                        )

    def _flows(
        axes: Axes,
        step: Mapping[Flow, int],
        old: Mapping[Level, tuple[float, int]],
        new: Mapping[Level, tuple[float, int]],
        x0: float,
        x1: float,
        targets: Mapping[Flow, str],
    ) -> None:
        used_old, used_new = dict.fromkeys(order, 0.0), dict.fromkeys(order, 0.0)
        for before in order:
            for after in order:
                count = step.get((before, after), 0)
                if not count:
                    continue
                high = count * scale
                a, b = old[before][0] + used_old[before], new[after][0] + used_new[after]
                used_old[before] += high
                used_new[after] += high
                same = before is after
                source = before if before is not Level.NONE else after
                colour = palette()[source].colour
                ribbon(
                    axes,
                    (x0, a),
                    (x1, b),
                    high,
                    colour,
                    strength=0.3 if same else 0.7,
                    link=targets.get((before, after)),
                )

    described = []
    for number, step in enumerate(flows):
        moved = ", ".join(
            f"{before} to {after} {step[before, after]}"
            for before in order
            for after in order
            if (before, after) in step
        )
        described.append(f"{names[number]} to {names[number + 1]}: {moved}")
    strata_shown = len(order) * pad
    return Chart("shifts", title, "; ".join(described), top + tall + strata_shown, draw)
