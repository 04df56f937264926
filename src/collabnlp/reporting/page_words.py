"""What the page says in sentences: facts, warnings, method, how the documents were read."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from collabnlp.reporting.page_parts import Report, SourceFile
from collabnlp.reporting.page_tables import number
from collabnlp.reporting.selections import COMMITMENTS, IN_PYRAMID, REVIEW, VIEW


def facts(report: Report) -> list[dict[str, Any]]:
    review = sum(one.tagged.tag.needs_review for one in report.commitments)
    read = [it for it in report.sources if it.info is not None and not it.same_as]
    found = [
        ("commitments", number(len(report.commitments), COMMITMENTS, {}, "all commitments")),
    ]
    if report.by_level.pyramid:
        inside = report.by_level.total.count
        link = number(inside, COMMITMENTS, {VIEW: IN_PYRAMID}, "in the published pyramid")
        found.append(("in the published pyramid", link))
    link = number(review, COMMITMENTS, {REVIEW: "yes"}, "commitments to be reviewed")
    found.append(("to be reviewed by a person", link))
    found.append(("units read", Markup(f"{report.units:,}")))
    found.append((f"document{'' if len(read) == 1 else 's'}", Markup(len(read))))
    return [{"name": name, "value": value} for name, value in found]


def warnings(report: Report) -> list[Markup]:
    found = []
    for status, said in (
        ("refused", "could not be read and {} not in these figures"),
        ("partial", "{} only partly read"),
    ):
        some = len(report.of_status(status))
        if some:
            noun = "document" if some == 1 else "documents"
            said = said.format("is" if some == 1 else "are")
            said = said.replace("are only", "were only").replace("is only", "was only")
            found.append(
                Markup('{} {} {}: <a href="#sources">which, and why</a>.').format(some, noun, said)
            )
    return found


def parts(report: Report) -> list[tuple[str, str]]:
    parts = [
        ("pyramid", "Pyramid"),
        ("departments", "Departments"),
        ("documents", "Documents"),
        ("others", "Partners and force"),
    ]
    if report.comparison is not None:
        parts += [("comparison", "Versions"), ("changes", "Changes")]
        if report.comparison.is_chain:
            parts.append(("lines", "Life lines"))
    return [
        *parts,
        ("commitments", "All commitments"),
        ("method", "Method"),
        ("sources", "Sources"),
    ]


def subject(report: Report) -> str:
    if report.by_level.pyramid:
        return (
            "The published pyramid: commitments of national actors to subnational or devolved "
            "partners. All others are in the table of commitments below."
        )
    return "All commitments, whoever acts and whoever is the partner."


def method(report: Report) -> list[tuple[str, str]]:
    made = report.provenance
    return [
        (
            "What is counted",
            "A unit is one sentence, list item or provision, read with its opening words. It is a "
            "commitment where the model’s probability is above its threshold; its level is the "
            "most probable one of the five.",
        ),
        ("Model", f"{made.model}, SHA-256 {made.digest}"),
        (
            "Corpus",
            f"It learned from {made.trained} real documents with labels of digest {made.labels}.",
        ),
        ("Codebook", f"Version {made.codebook}"),
        ("Correction of counts", made.correction),
        (
            "Intervals",
            "Of shares: Wilson’s; of rates: exact Poisson intervals; both 95%, and of chance "
            "alone. Corrected counts add the model’s errors on documents that it had not seen.",
        ),
        (
            "What to keep in mind",
            "The model errs. Single rows should be read before they are cited, those marked "
            "“review” first; shares and corrected counts are safer than raw counts.",
        ),
        ("Made by", made.program),
    ]


def reading(report: Report) -> str:
    done, partial, refused = (
        len(report.of_status(status)) for status in ("done", "partial", "refused")
    )
    return f"{len(report.sources)} given: {done} read whole, {partial} partly, {refused} refused."


def source_row(source: SourceFile) -> dict[str, Any]:
    info = source.info
    about = ""
    if info is not None:
        about = "; ".join(
            str(fact) for fact in (info.title, info.kind, info.date, info.publisher) if fact
        )
    status = source.status
    if source.same_as:
        status += f"; the same document as {source.same_as}, counted once"
    return {
        "name": source.name,
        # Web pages are not linked: opened from a disk, their scripts would run.
        "link": source.link if source.format == "pdf" else None,
        "status": status,
        "refusal": source.refusal,
        "reasons": source.reasons,
        "about": about,
        "units": f"{source.units:,}" if info is not None else "",
        "sha256": info.sha256 if info is not None else "",
    }
