"""From a form to a decision, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from collabnlp.schema import ActorTier, Basis, Judgement, Level, Partner, Shown

Fields = MultiDict[str, str]
"""A posted form."""
LONGEST_SECONDS = 600.0
_REQUEST = re.compile(r"[0-9a-fA-F-]{16,64}\Z")
_DIGEST = re.compile(r"([0-9a-f]{64})?\Z")
_NAME = re.compile(r"[^\W_](?:[^\W_]|[ .\-])*\Z")
LONGEST_NOTE = 4000
LONGEST_NAME = 60


class WrongForm(Exception):
    """A form that cannot be kept: what is missing or wrong, and in which field."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reviewer decided on a unit.

    request  the page's own id of this decision
    own      id of the reader's own entry that the page showed; empty for none
    seen     ids of all entries in force that the page knew of
    shown    what the page showed; ``model``: digest of the model whose suggestion that was
    seconds  0..600 that the page was looked at; None where nobody counted
    """

    request: str
    judgement: Judgement
    sure: bool
    note: str
    own: str
    seen: frozenset[str]
    shown: Shown
    model: str
    seconds: float | None


def read_decision(form: Fields, *, codes: Collection[str]) -> Decision:
    """The decision of a form. ``codes`` are the departments' that the register knows.

    Raises WrongForm.
    """
    return Decision(
        request=read_request(form),
        judgement=_judgement(form, codes),
        sure=not form.get("unsure"),
        note=read_note(form),
        own=_digest(form.get("own", "")),
        seen=frozenset(_digest(it) for it in form.get("seen", "").split(",") if it),
        shown=_shown(form.get("shown", "")),
        model=_digest(form.get("model", "")),
        seconds=_seconds(form.get("seconds", "")),
    )


def read_request(form: Fields) -> str:
    """The page's own id of a request. Raises WrongForm."""
    found = form.get("request", "")
    if not _REQUEST.match(found):
        raise WrongForm("The form lacks its number: load the page again.", "request")
    return found.lower()


def read_note(form: Fields) -> str:
    """The comment, its line ends as one kind. Raises WrongForm."""
    note = "\n".join(form.get("note", "").split("\r\n")).strip()
    if len(note) > LONGEST_NOTE:
        raise WrongForm(f"The comment is longer than {LONGEST_NOTE:,} characters.", "note")
    return note


def read_name(text: str) -> str:
    """A reviewer's name, blanks made single. Raises WrongForm."""
    name = " ".join(text.split())
    if not name:
        raise WrongForm("Say who you are: your labels are kept under this name.", "reader")
    if len(name) > LONGEST_NAME or not _NAME.match(name):
        raise WrongForm(
            f"A name has letters, digits, spaces, points and hyphens, {LONGEST_NAME} at most.",
            "reader",
        )
    return name


def _judgement(form: Fields, codes: Collection[str]) -> Judgement:
    try:
        level = Level(form.get("level", ""))
    except ValueError:
        raise WrongForm("Choose a level first (0 to 5).", "level") from None
    if level is Level.NONE:
        return Judgement(level=level)
    try:
        partners = {Partner(name) for name in form.getlist("partner")}
        tier = ActorTier(form["tier"]) if form.get("tier") else None
        basis = Basis(form["basis"]) if form.get("basis") else None
    except ValueError:
        raise WrongForm("The form has a value that the codebook does not know.") from None
    if not partners:
        raise WrongForm("Choose who the other side is: one partner or more.", "partner")
    if tier is None:
        raise WrongForm("Choose whose commitment it is: national, subnational or other.", "tier")
    departments = tuple(sorted(set(form.getlist("department"))))
    unknown = sorted(set(departments) - set(codes))
    if unknown:
        raise WrongForm("The register has no department of that code.", "department")
    if departments and basis is None:
        raise WrongForm(
            "Say how the department is known: named in the words, or inferred.", "basis"
        )
    return Judgement(
        level=level,
        partners=tuple(it for it in Partner if it in partners),
        departments=departments,
        dept_basis=basis if departments else None,
        actor_tier=tier,
    )


def _shown(text: str) -> Shown:
    if text not in {Shown.BLIND, Shown.SUGGESTION, Shown.READINGS}:
        raise WrongForm("The form does not tell what was shown: load the page again.", "shown")
    return Shown(text)


def _digest(text: str) -> str:
    if not _DIGEST.match(text):
        raise WrongForm("The form names an entry that is none: load the page again.")
    return text


def _seconds(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    # Comparisons with "nan" are false.
    return round(min(number, LONGEST_SECONDS), 1) if number >= 0 else None
