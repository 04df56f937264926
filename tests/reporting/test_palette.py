"""The five colours: ordered, readable, and apart for every kind of colour vision."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from collabnlp.data.palette import Swatch, palette
from collabnlp.schema import LADDER, Level

INK = "#1b1b1f"
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "no red": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "no green": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "no blue": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear(colour: str) -> np.ndarray:
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2's ratio, 1..21."""
    light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ladder() -> list[Swatch]:
    return [palette()[level] for level in LADDER]


def test_there_is_a_swatch_for_every_level_in_order() -> None:
    assert list(palette()) == list(Level)
    assert len({swatch.label for swatch in palette().values()}) == 6


def test_marks_stand_out_from_white_and_carry_readable_text() -> None:
    for swatch in palette().values():
        assert contrast(swatch.colour, "#ffffff") >= 3, swatch
        assert contrast(swatch.colour, swatch.text) >= 4.5, swatch
        assert contrast(swatch.tint, INK) >= 6, swatch


@pytest.mark.parametrize("vision", VISION)
def test_the_higher_level_is_the_darker_one(vision: str) -> None:
    lightness = [lab(VISION[vision] @ linear(swatch.colour))[0] for swatch in ladder()]
    assert all(lighter - darker >= 3 for lighter, darker in pairwise(lightness)), lightness


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(("name", "apart"), [("colour", 15), ("tint", 10)])
def test_colours_are_apart(vision: str, name: str, apart: float) -> None:
    seen = [lab(VISION[vision] @ linear(getattr(swatch, name))) for swatch in ladder()]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= apart


def test_rgb_is_what_pdf_libraries_take() -> None:
    assert palette()[Level.LEAD].rgb("text") == (1.0, 1.0, 1.0)
    assert palette()[Level.EXPLORE].rgb() == pytest.approx((196 / 255, 127 / 255, 0.0))
