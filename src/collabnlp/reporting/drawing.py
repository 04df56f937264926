"""How a chart is drawn, by matplotlib: as SVG for the page (with links), as SVG and PNG files.

Equal figures give equal bytes. A chart is as wide as a phone and its coordinates are points from
the top left.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Drawn as narrow as a phone, so that the letters stay readable there; wider screens enlarge it.
WIDTH = 400.0
INK, GREY, PALE = "#1b1b1f", "#5a5a63", "#f4f4f6"
_SIZE = 11.5
_PNG_DPI = 216
_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_SETTINGS: Any = {
    "svg.fonttype": "none",  # letters stay letters: they can be searched, read aloud and printed
    "svg.hashsalt": "collabnlp",
    "text.parse_math": False,
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],
    "path.simplify": False,
}
_STYLE = re.compile(r"\s*([\w-]+)\s*:\s*([^;]+)")
# What is no character of XML, or would turn the line around.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart to be drawn: ``name`` for files and ids, ``title`` and ``description`` in words, its
    height in points (it is `WIDTH` wide) and what draws it, with links or without."""

    name: str
    title: str
    description: str
    height: float
    draw: Callable[[Axes], None]

    def inline_svg(self) -> str:
        """An SVG element for the page: no ids, no style attributes, links as in ``draw``.

        It is hidden from screen readers, and its links from the keyboard: the table behind the
        chart, which has the same links, is there for them.
        """
        root = ElementTree.fromstring(self._saved("svg"))
        _plain(root)
        root.attrib.pop("width", None)
        root.attrib.pop("height", None)
        root.set("aria-hidden", "true")
        root.set("focusable", "false")
        return ElementTree.tostring(root, encoding="unicode")

    def svg(self) -> bytes:
        """A file of its own: title and description within, no links."""
        root = ElementTree.fromstring(self._saved("svg"))
        _plain(root)
        _without_links(root)
        for tag, text in (("desc", self.description), ("title", self.title)):
            element = ElementTree.Element(f"{{{_SVG}}}{tag}")
            element.text = _printable(text)
            root.insert(0, element)
        root.set("role", "img")
        whole: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
        return whole + b"\n"

    def png(self) -> bytes:
        """A picture, 1,200 pixels wide."""
        return self._saved("png")

    def _saved(self, format: str) -> bytes:
        with _figure(self.height) as (figure, axes):
            self.draw(axes)
            stream = io.BytesIO()
            nothing: Any = {"Date": None, "Creator": None} if format == "svg" else {}
            figure.savefig(
                stream,
                format=format,
                dpi=72 if format == "svg" else _PNG_DPI,
                facecolor="white" if format == "png" else "none",
                metadata=nothing or {"Software": None},
            )
        return stream.getvalue()


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, Axes]]:
    import matplotlib
    from matplotlib.figure import Figure as NewFigure

    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        # Titles may have letters that the font lacks; an empty box is all that happens.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = NewFigure(figsize=(WIDTH / 72, height / 72))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(height, 0)
        axes.set_axis_off()
        yield figure, axes


def _plain(root: ElementTree.Element) -> None:
    """Presentation attributes instead of styles, and no ids: a strict page allows no styles in
    attributes, and two charts would have the same ids."""
    ElementTree.register_namespace("", _SVG)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "defs", "style"):
                parent.remove(child)
    for element in root.iter():
        element.attrib.pop("id", None)
        for name, value in _STYLE.findall(element.attrib.pop("style", "")):
            element.set(name, value.strip())
        link = element.attrib.pop(f"{{{_XLINK}}}href", None)
        element.attrib.pop("target", None)
        if link is not None:
            element.set("href", link)
            element.set("tabindex", "-1")
    root.attrib.pop("version", None)


def _without_links(root: ElementTree.Element) -> None:
    for element in root.iter(f"{{{_SVG}}}a"):
        element.tag = f"{{{_SVG}}}g"
        for name in ("href", "tabindex"):
            element.attrib.pop(name, None)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


def shortened(text: str, longest: int) -> str:
    """The text, cut to ``longest`` characters with an ellipsis where it is longer; of long titles
    the end is kept too."""
    text = _printable(text)
    if len(text) <= longest:
        return text
    # Titles differ at their end: a date, a stage.
    tail = longest // 4 if longest > 40 else 0
    return text[: longest - 1 - tail].rstrip() + "…" + (text[-tail:] if tail else "")


def box(
    axes: Axes,
    x: float,
    y: float,
    width: float,
    height: float,
    colour: str,
    *,
    link: str | None = None,
) -> None:
    """A filled rectangle, its upper left corner at ``x``, ``y``."""
    from matplotlib.patches import Rectangle

    patch = Rectangle((x, y), width, height, facecolor=colour, edgecolor="none", clip_on=False)
    patch.set_url(link)
    axes.add_patch(patch)


def words(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    colour: str = INK,
    size: float = _SIZE,
    align: str = "left",
    bold: bool = False,
    link: str | None = None,
) -> None:
    """A line of text, vertically centred on ``y``."""
    written = axes.text(
        x,
        y,
        _printable(text),
        color=colour,
        fontsize=size,
        ha=align,
        va="center_baseline",
        fontweight="bold" if bold else "normal",
        clip_on=False,
    )
    written.set_url(link)


def blended(colour: str, strength: float) -> str:
    """A colour mixed into white: 0 is white, 1 the colour."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)


def readable_on(colour: str) -> str:
    """Black or white, whichever stands out more."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if light > 0.179 else "#ffffff"


def ribbon(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    height: float,
    colour: str,
    *,
    strength: float,
    link: str | None = None,
) -> None:
    """A band that flows from one upper corner to another; ``strength`` is how opaque it is."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (x0, a), (x1, b) = start, end
    middle = (x0 + x1) / 2
    there = [(x0, a), (middle, a), (middle, b), (x1, b)]
    back = [(x1, b + height), (middle, b + height), (middle, a + height), (x0, a + height)]
    curve, line = Path.CURVE4, Path.LINETO
    codes = [Path.MOVETO, curve, curve, curve, line, curve, curve, curve, line]
    path = Path([*there, *back, (x0, a)], codes)
    patch = PathPatch(path, facecolor=colour, alpha=strength, edgecolor="none", clip_on=False)
    patch.set_url(link)
    axes.add_patch(patch)
