"""Rows of a stretch of text, also where one line of PDFium's is printed on two."""

from __future__ import annotations

import pytest

from collabnlp.extraction.pdf_printed import _Part, _Rows
from collabnlp.extraction.pdf_text import Characters
from collabnlp.schema import Box

# "Ends. We co-" over "operate. Next", ten points a character, rows 12 high and 14 apart.
ROWS = ("Ends. We co-", "operate. Next")
TEXT = "Ends. We co-operate. Next"


def characters() -> Characters:
    places = [(10.0 * at, 14.0 * row) for row, text in enumerate(ROWS) for at in range(len(text))]
    return Characters(
        text="".join(ROWS),
        x0=[x for x, _ in places],
        top=[y for _, y in places],
        x1=[x + 10 for x, _ in places],
        bottom=[y + 12 for _, y in places],
        size=[10.0] * len(places),
        generated=[False] * len(places),
    )


@pytest.mark.parametrize(
    ("words", "boxes"),
    [
        ("Ends.", [(0, 0, 50, 12)]),
        ("We co-operate.", [(60, 0, 120, 12), (0, 14, 80, 26)]),
        ("Next", [(90, 14, 130, 26)]),
    ],
)
def test_a_line_of_two_rows(words: str, boxes: list[tuple[float, ...]]) -> None:
    first = 100 + TEXT.index(words)
    part = _Part(Box(1, 0, 0, 130, 26), TEXT, 100, first, first + len(words))
    found = _Rows(characters()).cut(part)
    assert [(it.x0, it.top, it.x1, it.bottom) for it in found] == boxes


def test_characters_that_do_not_fit_say_nothing() -> None:
    part = _Part(Box(1, 0, 0, 130, 26), "Quite another wording", 0, 0, 5)
    assert _Rows(characters()).cut(part) == ()
