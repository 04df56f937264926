"""What is told after a step, and which unit it is about: by then the next one is on the page."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import Any, cast

from flask import flash, get_flashed_messages

from collabnlp.data.palette import palette
from collabnlp.review.answers import unit_address
from collabnlp.review.saving import Saved
from collabnlp.schema import StoredUnit

_LONGEST = 64  # characters of a unit that name it
_WAITING = 2  # messages that no page has shown yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message in pieces, none of them HTML.

    kind     "saved", "told" (nothing was done) or "conflict" (somebody else was at it)
    words    the message, up to the unit's name where it has one
    quoted   the unit's beginning; empty where the message is about no unit but the one shown
    address  of that unit's page
    rest     what follows the name
    short    for the status line, where the whole stands above it
    """

    kind: str
    words: str
    quoted: str = ""
    address: str = ""
    rest: str = ""
    short: str = ""

    def __str__(self) -> str:
        return f"{self.words} “{self.quoted}”{self.rest}" if self.quoted else self.words

    def next_page(self) -> None:
        """Have the next page show it. Of what still waits to be shown only the last conflicts
        stay: all of it lies in a cookie, which browsers drop where it grows beyond 4 kB."""
        before = cast("list[tuple[str, Any]]", get_flashed_messages(with_categories=True))
        for kind, waiting in before[-_WAITING:]:
            if kind == "conflict":
                flash(waiting, kind)
        flash(asdict(self), self.kind)  # type: ignore[arg-type]  # the templates take it apart


def beginning(text: str, *, longest: int = _LONGEST) -> str:
    """The beginning of a text in one line of at most ``longest`` characters, cut between words
    where that leaves some."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    # A single long word would leave nothing.
    short = textwrap.shorten(line, longest, placeholder="…")
    return short if short != "…" else line[: longest - 1] + "…"


def told_saved(saved: Saved, unit: StoredUnit, *, blind: bool) -> Told:
    """What is told of a label that was kept; blind readers do not learn what others said."""
    level = palette()[saved.entry.annotation.level].label
    if not saved.meanwhile:
        return Told(kind="saved", words=f"Saved: {level}.")
    if blind:
        names = ", ".join(sorted({it.annotation.reader for it in saved.meanwhile}))
        rest = f". Meanwhile {names} read it too; both readings are kept."
    else:
        theirs = "; ".join(
            f"{it.annotation.reader} says {palette()[it.annotation.level].label}"
            for it in saved.meanwhile
        )
        end = "It counts as disputed." if saved.disputed else "You agree on the level."
        rest = f". Meanwhile others read that unit too: {theirs}. Both are kept. {end}"
    return Told(
        kind="conflict",
        words=f"Saved: {level}, for the unit that you just left,",
        quoted=beginning(unit.text),
        address=unit_address(unit.key, saved.entry.annotation.role),
        rest=rest,
        short=f"Saved: {level}. Others read that unit too: see above.",
    )
