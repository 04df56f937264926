"""What the notes in a highlighted PDF say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collabnlp.data.palette import palette
from collabnlp.register import load_register
from collabnlp.schema import LADDER, Basis, DepartmentTag, Level, TaggedUnit


def note(one: TaggedUnit, *, also_on: Sequence[int] = ()) -> str:
    """Level, probabilities, departments and partners of a commitment, one a line.

    ``also_on`` are the other pages on which its words stand.
    """
    unit, tag = one.unit, one.tag
    at = LADDER.index(tag.level)
    lines = [
        f"{palette()[tag.level].label} ({tag.level_probabilities[at]:.0%}"
        f"; commitment {tag.commitment_probability:.0%})",
        "Departments: " + ("; ".join(map(_department, tag.departments)) or "none found"),
        "Partners: " + (_partners(one) or "none found"),
        f"Actor: {tag.actor_tier}; force: {tag.force}",
    ]
    if unit.provision:
        lines.append(f"Provision: {unit.provision}")
    if unit.lead_in:
        lines.append(f"Read with: {unit.lead_in}")
    if also_on:
        pages = ", ".join(str(page) for page in also_on)
        lines.append(f"Also on page {pages} of this file")
    if tag.needs_review:
        lines.append("The model is unsure: please check")
    lines.append(f"{unit.unit_id} · {tag.model}")
    return "\n".join(lines)


def legend_note(counts: Mapping[Level, int], model: str) -> str:
    """What the legend says when it is opened: how many highlights of each level there are."""
    total = sum(counts.values())
    noun = "commitment" if total == 1 else "commitments"
    lines = [f"{total} {noun} highlighted, found by {model}; not part of the published document."]
    lines += [f"{palette()[level].label}: {counts[level]}" for level in LADDER]
    return "\n".join(lines)


def _department(tag: DepartmentTag) -> str:
    register = load_register()
    name = f"{tag.code} ({register[tag.code].title})" if tag.code in register else tag.code
    if tag.basis is Basis.INFERRED:
        return f"{name}, inferred {tag.confidence:.0%}"
    return name


def _partners(one: TaggedUnit) -> str:
    named: dict[str, list[str]] = {str(partner): [] for partner in one.tag.partners}
    for mention in one.tag.partner_mentions:
        names = named.setdefault(str(mention.type), [])
        if mention.name not in names:
            names.append(mention.name)
    return "; ".join(
        kind.replace("_", " ") + (f" ({', '.join(names)})" if names else "")
        for kind, names in named.items()
    )
