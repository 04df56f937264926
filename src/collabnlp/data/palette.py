"""The colours and names of the levels, the same in every output (``data/palette.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from collabnlp.errors import DataError
from collabnlp.schema import Level

_HEX = re.compile(r"#[0-9a-f]{6}\Z")


@dataclass(frozen=True, slots=True)
class Swatch:
    """How one level looks: its name for people, its meaning in a sentence, and colours as
    ``#rrggbb``.

    colour  of marks and bars, readable against white
    text    of what is written on ``colour``
    tint    behind dark words on white
    """

    level: Level
    label: str
    short: str
    meaning: str
    colour: str
    text: str
    tint: str

    def rgb(self, name: str = "colour") -> tuple[float, float, float]:
        """One of the colours as red, green, blue of 0..1 (what PDF libraries take)."""
        value: str = getattr(self, name)
        red, green, blue = (int(value[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return red, green, blue


@cache
def palette() -> Mapping[Level, Swatch]:
    """A swatch a level: ``none``, then the ladder ascending. Raises DataError."""
    try:
        text = files("collabnlp.data").joinpath("palette.toml").read_text(encoding="utf-8")
        tables = tomllib.loads(text)
        swatches = {level: Swatch(level=level, **tables.pop(str(level))) for level in Level}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise DataError(f"The palette cannot be read: {error}.") from error
    if tables:
        raise DataError(f"The palette has unknown levels: {', '.join(sorted(tables))}.")
    for swatch in swatches.values():
        for name in ("colour", "text", "tint"):
            if not _HEX.match(getattr(swatch, name)):
                raise DataError(f"The palette's {swatch.level}.{name} is not a colour #rrggbb.")
    return MappingProxyType(swatches)
