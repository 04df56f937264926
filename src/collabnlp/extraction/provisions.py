"""Numbers of provisions: how a printed number joins the number of what it stands in.

The convention, which every reader follows:

- clauses, sections, articles and regulations: "12", then "12(3)", "12(3)(a)", "12(3)(a)(ii)";
- schedules: "Sch 1 para 3(2)(a)"; an only schedule "Sch para 3(2)(a)"; an annex "Annex A para 3";
- numbered paragraphs of other documents: "4.17", with lettered items "4.17(a)";
- what has no number of its own (a definition, a bullet, closing words) has the number of what it
  stands in; text quoted for insertion into another act has that of the provision that inserts it.
"""

from __future__ import annotations

import re

_BULLET = re.compile(r"[\W_]*\Z")
_STEP = re.compile(r"step\s+(\w+)\Z", re.I)
_ARTICLE = re.compile(r"(?:article|art\.?|regulation|reg\.?|section|rule)\s+(\S+)\Z", re.I)
_SCHEDULE = re.compile(r"(?:the\s+)?(schedule|annex|appendix)\b\s*(\S*)", re.I)
_SPACES = re.compile(r"\s+")
_PAREN = re.compile(r"\(([^()\s]+)\)")
_WITHIN_SCHEDULE = re.compile(r"(?:Sch|Annex|Appendix)(?: (?!para )\S+)?\Z")


def plain_number(printed: str) -> str:
    """A printed number without quotation marks, blanks, brackets of amendment or closing stop.

    "(2A)" and "4.17" stay, "15 ." becomes "15", "“ 3 .”" becomes "3", a bullet becomes "".
    """
    number = _SPACES.sub(" ", printed.replace("[", "").replace("]", "")).strip(" “”‘’\"'—–-:;,")
    if _BULLET.match(number):
        return ""
    return number.rstrip(". ") if not number.endswith(")") else number


def join_provision(outer: str | None, printed: str | None) -> str | None:
    """Full number of a provision from the full number it stands in and its own printed number.

    ``outer`` None means that nothing numbered stands around it. Returns ``outer`` where the
    printed number is none or a bullet.
    """
    number = plain_number(printed or "")
    if not number:
        return outer
    if step := _STEP.match(number):
        return f"{outer or ''} step {step[1]}".strip()
    if article := _ARTICLE.match(number):
        number = article[1].rstrip(".")
    parts = _PAREN.findall(number)
    if outer is None:
        return number.replace(" ", "")
    if _WITHIN_SCHEDULE.match(outer):
        bare = parts[0] if parts and number == f"({parts[0]})" else number.replace(" ", "")
        return f"{outer} para {bare}"
    if number.startswith("("):
        return outer + number.replace(" ", "")
    return f"{outer}({number.replace(' ', '')})"


def schedule_provision(printed: str | None) -> str:
    """Number of a schedule or annex: "Sch 1" of "SCHEDULE 1", "Sch" of "Schedule"."""
    number = plain_number(printed or "")
    match = _SCHEDULE.match(number)
    if match is None:
        return f"Sch {number}".strip()
    kind = "Sch" if match[1].lower() == "schedule" else match[1].capitalize()
    return f"{kind} {match[2].rstrip('.')}".strip()
