"""The keys of the page, as its buttons and its list of keys show them."""

from __future__ import annotations

from dataclasses import dataclass

from collabnlp.data.palette import palette
from collabnlp.review.showing import PARTNER_KEYS, TIER_KEYS
from collabnlp.schema import Level


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Keys that belong together: a title, then key and what it does."""

    title: str
    keys: tuple[tuple[str, str], ...]


def key_groups() -> tuple[KeyGroup, ...]:
    """Every key of the page."""
    swatches = palette()
    return (
        KeyGroup(
            "Level",
            tuple((str(at), swatches[level].label) for at, level in enumerate(Level)),
        ),
        KeyGroup(
            "Partners (on and off)",
            tuple((key, name) for key, name, _ in PARTNER_KEYS.values()),
        ),
        KeyGroup(
            "Whose commitment",
            tuple((key, name) for key, name in TIER_KEYS.values()),
        ),
        KeyGroup(
            "Departments",
            (
                ("w", "Which department: type a code or a name, Enter chooses the first match"),
                ("e", "Named in the words (explicit) or told by the subject (inferred)"),
            ),
        ),
        KeyGroup(
            "Go on",
            (
                ("Enter", "Keep what is chosen and go on"),
                ("k", "Skip this unit"),
                ("u", "Undo: take the last step back, as often as you like"),
                ("m", "Comment"),
                ("q", "I am not sure (questionable)"),
                ("r", "Try again now, where a label could not be saved"),
            ),
        ),
        KeyGroup(
            "Look",
            (
                ("v", "View the page of the PDF, and put it away"),
                ("g", "Guide: the codebook beside the unit, and put it away"),
                ("/", "Search all units"),
                ("h", "History: my last labels"),
                ("?", "This list"),
                ("Esc", "Leave a field; close what is open"),
            ),
        ),
        KeyGroup(
            "Deciding between readings",
            (("z", "Take the left reading"), ("x", "Take the right reading")),
        ),
    )
