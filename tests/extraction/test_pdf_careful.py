"""Table geometry, and the engine for pages that PDFium cannot read."""

from __future__ import annotations

import pytest

from collabnlp.extraction.pdf_careful import (
    CarefulFile,
    careful_page,
    table_cells,
    without_false_borders,
)
from collabnlp.extraction.pdf_graphics import Shape, shapes_of
from collabnlp.extraction.pdf_text import PdfFile


def ruled(xs: list[float], ys: list[float]) -> list[Shape]:
    """The rules of a table with these borders."""
    flat = [Shape(xs[0], y, xs[-1], y + 0.5, True, False) for y in ys]
    upright = [Shape(x, ys[0], x + 0.5, ys[-1], True, False) for x in xs]
    return flat + upright


def test_a_grid_of_rules_gives_cells():
    grids, frames = table_cells(ruled([50, 200, 350], [100, 130, 160, 190]))
    assert len(grids) == 1
    assert frames == []
    grid = grids[0]
    assert (len(grid.rows), grid.columns) == (3, 2)
    assert grid.place(60, 110) == (0, 0)
    assert grid.place(210, 170) == (2, 1)
    assert grid.place(500, 110) is None


def test_a_single_cell_is_a_frame():
    grids, frames = table_cells(ruled([50, 400], [100, 180]))
    assert grids == []
    assert len(frames) == 1
    assert frames[0] == pytest.approx((50, 100, 400, 180), abs=1)


@pytest.mark.parametrize(
    "shapes",
    [
        [],
        [Shape(50, 100, 400, 100.5, True, False)],
        [Shape(50, y, 400, y + 0.5, True, False) for y in (100, 120, 140)],
    ],
)
def test_rules_alone_are_no_table(shapes):
    assert table_cells(shapes) == ([], [])


def test_a_border_that_text_runs_across_is_none():
    grid = table_cells(ruled([50, 100, 350], [100, 130, 160]))[0][0]
    mended = without_false_borders(grid, [(60, 104, 180, 116), (60, 134, 90, 146)])
    assert mended.rows[0][1] is None
    assert mended.place(200, 110) == (0, 0)
    assert mended.place(200, 140) == (1, 1)


def test_rules_and_fields_are_read_from_a_page(pdf_kit):
    page = pdf_kit.Page(
        [
            "0.9 0.9 1 rg 50 600 400 100 re f\n",
            "1 1 1 rg 50 400 400 100 re f\n",
            "0 0 0 RG 50 300 m 450 300 l S\n",
            pdf_kit.Text(72, 650, "In a box."),
        ]
    )
    with PdfFile(pdf_kit.write([page])) as pdf, pdf.page(1) as opened:
        shapes = shapes_of(opened)
    assert [(shape.filled, shape.horizontal) for shape in shapes] == [(True, False), (False, True)]
    field = shapes[0]
    assert (field.x0, field.top) == pytest.approx((50, 142), abs=1)
    assert (field.x1, field.bottom) == pytest.approx((450, 242), abs=1)


def test_a_page_is_read_by_the_careful_engine(pdf_kit):
    page = pdf_kit.Page(
        [
            pdf_kit.Text(72, 700, "Roads and rivers", 20, "F2"),
            pdf_kit.Text(72, 660, "The bridge is open."),
        ]
    )
    got = careful_page(pdf_kit.write([page]), 1)
    assert got is not None
    assert [line.text for line in got.lines] == ["Roads and rivers", "The bridge is open."]
    title, text = got.lines
    assert (title.size, title.bold, text.bold) == (20, True, False)
    assert title.top < 842 - 700 < title.bottom
    assert got.visible == len("RoadsandriversThebridgeisopen.")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nnothing", b"<html>"])
def test_what_it_cannot_read_is_none(data):
    assert careful_page(data, 1) is None


def test_a_page_beyond_the_last_is_none(pdf_kit):
    file = CarefulFile(pdf_kit.write([pdf_kit.Page([pdf_kit.Text(72, 700, "One page.")])]))
    assert file.page(2) is None
    assert file.page(1) is not None
    file.close()
    file.close()
