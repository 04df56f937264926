"""A PDF with its commitments highlighted: one standard highlight annotation a unit and page.

Colours are the palette's tints, multiplied onto the page so that dark words stay dark. Each
highlight carries a note. On the first page a small legend names the colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collabnlp.data.palette import palette
from collabnlp.reporting.highlight_notes import legend_note, note
from collabnlp.reporting.pdf_update import Frame, PdfUpdate, Point
from collabnlp.schema import LADDER, Box, Level, TaggedUnit

if TYPE_CHECKING:
    from pypdf.generic import ArrayObject, StreamObject

_PRINTED = 4  # annotation flag: shown on paper too
_AUTHOR = "collabnlp"
# The legend: a row of cells, in points
_CELL, _HIGH, _SIZE, _AWAY = 48.0, 11.0, 7.0, 6.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A commitment and the boxes of its printed lines."""

    unit: TaggedUnit
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class MarkedPdf:
    """The marked file, how many commitments of each level it shows, and the unit ids of those that
    have no place on a page."""

    data: bytes
    counts: dict[Level, int]
    unplaced: tuple[str, ...]


def mark_pdf(update: PdfUpdate, marks: Iterable[Mark], *, legend: bool = True) -> MarkedPdf:
    """Highlight ``marks`` in a PDF, in their order; the PDF itself where there are none.

    Raises DamagedFile.
    """
    counts = dict.fromkeys(LADDER, 0)
    todo: list[Mark] = []
    unplaced: list[str] = []
    model = ""
    for mark in marks:
        if not any(1 <= box.page <= update.page_count for box in mark.boxes):
            unplaced.append(mark.unit.unit.unit_id)
            continue
        todo.append(mark)
        counts[mark.unit.tag.level] += 1
        model = mark.unit.tag.model
    if todo and legend:
        _add_legend(update, counts, model)
    for mark in todo:
        _highlight(update, mark)
    return MarkedPdf(update.to_bytes(), counts, tuple(unplaced))


def _highlight(update: PdfUpdate, mark: Mark) -> None:
    """One annotation on each page that the unit's words stand on."""
    from pypdf.generic import FloatObject, NameObject, NumberObject, TextStringObject

    unit, tag = mark.unit.unit, mark.unit.tag
    swatch = palette()[tag.level]
    pages = sorted({box.page for box in mark.boxes if 1 <= box.page <= update.page_count})
    for number in pages:
        frame = update.frame(number)
        quads = [_corners(frame, box) for box in mark.boxes if box.page == number]
        xs = [x for quad in quads for x, _ in quad]
        ys = [y for quad in quads for _, y in quad]
        rectangle = _numbers((min(xs), min(ys), max(xs), max(ys)))
        colour = swatch.rgb("tint")
        others = [page for page in pages if page != number]
        name = unit.unit_id if number == pages[0] else f"{unit.unit_id}/{number}"
        entries: dict[str, Any] = {
            "/Subtype": NameObject("/Highlight"),
            "/Rect": rectangle,
            # Corners as every viewer reads them: upper left, upper right, lower left, lower right.
            "/QuadPoints": _numbers(side for quad in quads for point in quad for side in point),
            "/C": _numbers(colour, digits=4),
            "/CA": FloatObject(1),
            "/F": NumberObject(_PRINTED),
            "/T": TextStringObject(_AUTHOR),
            "/Subj": TextStringObject(swatch.label),
            "/NM": TextStringObject(name),
            "/Contents": TextStringObject(note(mark.unit, also_on=others)),
        }
        update.annotate(number, entries, _drawn(rectangle, _fill(quads, colour)))


def _corners(frame: Frame, box: Box) -> tuple[Point, Point, Point, Point]:
    return (
        frame.point(box.x0, box.top),
        frame.point(box.x1, box.top),
        frame.point(box.x0, box.bottom),
        frame.point(box.x1, box.bottom),
    )


def _fill(
    quads: Sequence[tuple[Point, Point, Point, Point]], colour: tuple[float, float, float]
) -> str:
    """All lines in one path: where two touch, the colour is not laid on twice."""
    parts = ["/Multiply gs", " ".join(f"{it:.4f}" for it in colour) + " rg"]
    for quad in quads:
        xs, ys = [x for x, _ in quad], [y for _, y in quad]
        x, y = min(xs), min(ys)
        parts.append(f"{x:.2f} {y:.2f} {max(xs) - x:.2f} {max(ys) - y:.2f} re")
    return "\n".join([*parts, "f"])


def _drawn(
    rectangle: ArrayObject, content: str, *, turned: int = 0, font: bool = False
) -> StreamObject:
    """A form that shows an annotation. ``turned``: quarter turns of the page that it undoes."""
    from pypdf.generic import DictionaryObject, FloatObject, NameObject, StreamObject

    def names(**entries: Any) -> DictionaryObject:
        return DictionaryObject({NameObject(f"/{key}"): it for key, it in entries.items()})

    state = names(Type=NameObject("/ExtGState"), BM=NameObject("/Multiply"), ca=FloatObject(1))
    resources = names(ExtGState=names(Multiply=state))
    if font:
        helvetica = names(
            Type=NameObject("/Font"),
            Subtype=NameObject("/Type1"),
            BaseFont=NameObject("/Helvetica"),
            Encoding=NameObject("/WinAnsiEncoding"),
        )
        resources[NameObject("/Font")] = names(Helvetica=helvetica)
    form = StreamObject()
    form.update(
        names(
            Type=NameObject("/XObject"),
            Subtype=NameObject("/Form"),
            BBox=rectangle,
            Resources=resources,
        )
    )
    if turned:
        cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[turned]
        form[NameObject("/Matrix")] = _numbers((cosine, sine, -sine, cosine, 0, 0))
    form.set_data(content.encode("cp1252"))
    return form


def _add_legend(update: PdfUpdate, counts: dict[Level, int], model: str) -> None:
    """A row of the five colours with their names, at the top left of the first page."""
    from pypdf.generic import NameObject, NumberObject, TextStringObject

    frame = update.frame(1)
    width = _CELL * len(LADDER)
    scale = min(1.0, (frame.width - 2 * _AWAY) / width, (frame.height - 2 * _AWAY) / _HIGH)
    if scale <= 0:
        return
    corners = _corners(frame, Box(1, _AWAY, _AWAY, _AWAY + width * scale, _AWAY + _HIGH * scale))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    content = [f"1 g 0 0 {width:g} {_HIGH:g} re f"]
    for at, level in enumerate(LADDER):
        swatch = palette()[level]
        tint = " ".join(f"{it:.4f}" for it in swatch.rgb("tint"))
        content.append(f"{tint} rg {at * _CELL:g} 0 {_CELL:g} {_HIGH:g} re f")
        content.append(
            f"BT 0 g /Helvetica {_SIZE:g} Tf {at * _CELL + 3:g} 3 Td ({swatch.label}) Tj ET"
        )
    entries: dict[str, Any] = {
        "/Subtype": NameObject("/Stamp"),
        "/Rect": _numbers((min(xs), min(ys), max(xs), max(ys))),
        "/F": NumberObject(_PRINTED),
        "/T": TextStringObject(_AUTHOR),
        "/Subj": TextStringObject("Legend"),
        "/NM": TextStringObject("legend"),
        "/Contents": TextStringObject(legend_note(counts, model)),
    }
    drawing = _drawn(
        _numbers((0, 0, width, _HIGH)), "\n".join(content), turned=frame.rotation, font=True
    )
    update.annotate(1, entries, drawing)


def _numbers(values: Iterable[float], *, digits: int = 2) -> ArrayObject:
    from pypdf.generic import ArrayObject, FloatObject

    return ArrayObject([FloatObject(round(value, digits)) for value in values])
