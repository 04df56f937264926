"""A page of a PDF as a picture, with places outlined."""

from __future__ import annotations

import io
from collections.abc import Sequence

from collabnlp.schema import Box

SCALE = 1.75  # pixels a point: readable at twice its width on the page, and about 200 kB
_LARGEST = 2400  # pixels of the longer side
_MARGIN = 2.0  # points around a box
_INK, _WASH = (31, 79, 153), (255, 240, 168)


def page_picture(data: bytes, page: int, boxes: Sequence[Box] = ()) -> bytes | None:
    """PNG of a page (from 1) of a PDF's bytes, boxes washed in yellow and outlined.

    None where the bytes are no PDF that can be read, or it has no such page. PDFium serves one
    thread at a time: the caller sees to that.
    """
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError:
        return None
    try:
        if not 1 <= page <= len(document):
            return None
        sheet = document[page - 1]
        width, height = sheet.get_size()
        scale = min(SCALE, _LARGEST / max(width, height, 1.0))
        picture = sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    except pdfium.PdfiumError:
        return None
    finally:
        document.close()
    return _png(_outlined(picture, boxes, scale))


def _outlined(picture, boxes: Sequence[Box], scale: float):  # type: ignore[no-untyped-def]
    from PIL import Image, ImageChops, ImageDraw

    wash = Image.new("RGB", picture.size, (255, 255, 255))
    sides = [
        (
            (it.x0 - _MARGIN) * scale,
            (it.top - _MARGIN) * scale,
            (it.x1 + _MARGIN) * scale,
            (it.bottom + _MARGIN) * scale,
        )
        for it in boxes
    ]
    draw = ImageDraw.Draw(wash)
    for rectangle in sides:
        draw.rectangle(rectangle, fill=_WASH)
    # Multiplied, so that the words stay dark.
    marked = ImageChops.multiply(picture, wash)
    draw = ImageDraw.Draw(marked)
    for rectangle in sides:
        draw.rectangle(rectangle, outline=_INK, width=2)
    return marked


def _png(picture) -> bytes:  # type: ignore[no-untyped-def]
    stream = io.BytesIO()
    # Few colours are enough for print, and a third of the bytes.
    picture.quantize(64).save(stream, "PNG")
    return stream.getvalue()
