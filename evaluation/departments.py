"""Departments, partners and actor's tier on labelled commitments of real documents.

    python evaluation/departments.py --mirror ../shared/documents [--errors WHAT] [--only FAMILY…]

Every document is read as `collabnlp classify` reads it (its own title, date, kind and publisher,
its own definitions of abbreviations), and every unit that a reading calls a commitment is tagged:
the figures say nothing of finding commitments. Truth is the adjudicated judgement, else the first
reading; departments are compared as today's codes. Beside the program stand what the publisher
alone would say, and what a second reader says of the first one's departments. Intervals are 95%,
by drawing families of documents with replacement.

``--errors`` prints every unit that is not wholly right in ``departments``, ``partners`` or
``tier``. The word lists were written with the first labels at hand, so figures on those documents
are too kind; ``--only`` names the families that nobody looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from collabnlp.labels.agreement import jaccard
from collabnlp.labels.resolution import by_unit
from collabnlp.register import Register, load_register
from collabnlp.schema import DocumentInfo, Judgement, Level, Partner, Role, Unit
from collabnlp.sources.mirror import Mirror
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.mentions import Mention, MentionMatcher
from collabnlp.tagging.partners import PartnerTagger
from collabnlp.workflows.corpus import build_corpus, read_table
from collabnlp.workflows.corpus_folder import Corpus, read_source

_DRAWS = 2000
_BANDS = (0.0, 0.5, 0.7, 0.85, 0.95, 1.0001)
_BUILD = Path("build/corpus")
Codes = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A unit that is a commitment, as it was read, with its truth.

    publisher  departments that published the document, as today's codes
    """

    family: str
    info: DocumentInfo
    unit: Unit
    mentions: Sequence[Mention]
    publisher: Codes
    truth: Judgement
    standing: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the program says of a commitment; departments with their confidence."""

    departments: dict[str, float]
    partners: Codes
    tier: str


@dataclass(frozen=True, slots=True)
class Score:
    """One row's share of a figure: the figure of many is the sum of parts over that of wholes."""

    family: str
    part: float
    whole: float = 1.0


def commitments(corpus: Corpus, mirror: Mirror, build: Path = _BUILD) -> list[Commitment]:
    """All labelled commitments of real documents that are in the mirror, in reading order."""
    build_corpus(corpus, build, mirror=mirror)
    register = load_register()
    matcher = MentionMatcher(register)
    labelled: dict[str, dict[str, Any]] = {}
    for row in read_table(build):
        if row["source"] == "real" and row["level"] != Level.NONE:
            labelled.setdefault(row["document"], {})[row["id"]] = row
    manifest = corpus.manifest()
    found = []
    for name, rows in sorted(labelled.items()):
        document, units = read_source(manifest[name], mirror)
        info = document.info
        defined = matcher.definitions(document.text, info.date)
        for unit in units:
            row = rows.get(unit.unit_id)
            if row is not None:
                found.append(
                    Commitment(
                        family=row["family"],
                        info=info,
                        unit=unit,
                        mentions=matcher.find(unit.text, info.date, defined),
                        publisher=published_by(info, matcher),
                        truth=Judgement.from_dict(row),
                        standing=row["standing"],
                    )
                )
    return found


def published_by(info: DocumentInfo, matcher: MentionMatcher) -> Codes:
    """The departments that a document's publisher names, as today's codes."""
    register = matcher.register
    names = matcher.find(info.publisher, info.date) if info.publisher else []
    return today(
        register, (it for name in names for it in register.departments(name.entry.id, _day(info)))
    )


def _day(info: DocumentInfo) -> Any:
    from datetime import date

    return date.fromisoformat(info.date) if info.date else None


def today(register: Register, codes: Any) -> Codes:
    """Codes of any day as today's, so that another name is no other department; a code that the
    register does not know stays as it is."""
    return frozenset(
        later
        for code in codes
        for later in (register.todays(code) if code in register else (code,))
    )


def tag(rows: Sequence[Commitment]) -> list[Found]:
    """What the program says of each."""
    register = load_register()
    actors, partners = ActorTagger(), PartnerTagger()
    departments = DepartmentTagger(register)
    found = []
    for row in rows:
        tier = actors.tag(row.info, row.unit, row.mentions)
        kinds, _ = partners.tag(row.info, row.unit, row.mentions, tier)
        codes: dict[str, float] = {}
        for it in departments.tag(row.info, row.unit, row.mentions, tier):
            for code in register.todays(it.code):
                codes[code] = max(it.confidence, codes.get(code, 0.0))
        found.append(Found(codes, frozenset(map(str, kinds)), str(tier)))
    return found


def figure(scores: Sequence[Score]) -> str:
    """A figure with its interval over families."""
    names = sorted({it.family for it in scores})
    at = {name: index for index, name in enumerate(names)}
    sums = np.zeros((len(names), 2))
    for it in scores:
        sums[at[it.family]] += it.part, it.whole
    if not sums[:, 1].sum():
        return "–"
    draws = np.random.default_rng(7).integers(0, len(names), size=(_DRAWS, len(names)))
    drawn = sums[draws].sum(axis=1)
    drawn = drawn[drawn[:, 1] > 0]
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    part, whole = sums.sum(axis=0)
    return f"{part / whole:.3f} [{low:.2f}, {high:.2f}]"


def difference(one: Sequence[Score], other: Sequence[Score]) -> str:
    """How far the first is above the second on the same rows, with its interval over families."""
    paired = [Score(a.family, a.part - b.part, a.whole) for a, b in zip(one, other, strict=True)]
    return figure(paired)


def groups(rows: Sequence[Commitment], register: Register) -> Iterator[tuple[str, list[int]]]:
    """Names of the rows' groups, and which rows are in each; groups overlap."""
    everything = range(len(rows))
    yield "all", list(everything)
    for basis in ("explicit", "inferred", "none"):
        yield (
            f"basis {basis}",
            [at for at in everything if str(rows[at].truth.dept_basis or "none") == basis],
        )
    other = [
        at for at in everything if today(register, rows[at].truth.departments) != rows[at].publisher
    ]
    yield "not the publisher's", other
    yield "… in papers of a department", [at for at in other if rows[at].publisher]
    yield "… in law and papers of others", [at for at in other if not rows[at].publisher]
    for kind in sorted({row.info.kind or "?" for row in rows}):
        yield f"kind {kind}", [at for at in everything if (rows[at].info.kind or "?") == kind]
    for family in sorted({row.family for row in rows}):
        yield f"family {family}", [at for at in everything if rows[at].family == family]


def department_lines(rows: Sequence[Commitment], found: Sequence[Found]) -> Iterator[str]:
    register = load_register()
    truth = [today(register, row.truth.departments) for row in rows]
    program = [
        Score(row.family, jaccard(said.departments, codes))
        for row, said, codes in zip(rows, found, truth, strict=True)
    ]
    publisher = [
        Score(row.family, jaccard(row.publisher, codes))
        for row, codes in zip(rows, truth, strict=True)
    ]
    yield "| departments, mean Jaccard | n | program | publisher alone |"
    yield "| --- | --- | --- | --- |"
    for name, chosen in groups(rows, register):
        if chosen:
            one, other = ([it[at] for at in chosen] for it in (program, publisher))
            yield f"| {name} | {len(chosen)} | {figure(one)} | {figure(other)} |"
    yield ""
    yield "| confidence said | n | mean said | right |"
    yield "| --- | --- | --- | --- |"
    said = [
        (confidence, code in codes, row.family)
        for row, one, codes in zip(rows, found, truth, strict=True)
        for code, confidence in one.departments.items()
    ]
    for low, high in pairwise(_BANDS):
        band = [it for it in said if low <= it[0] < high]
        if band:
            mean = sum(it[0] for it in band) / len(band)
            right = figure([Score(family, hit) for _, hit, family in band])
            yield f"| {low:.2f}–{min(high, 1):.2f} | {len(band)} | {mean:.3f} | {right} |"
    gap = sum(
        abs(sum(it[0] - it[1] for it in band))
        for low, high in pairwise(_BANDS)
        if (band := [it for it in said if low <= it[0] < high])
    )
    yield f"\nexpected calibration error {gap / max(1, len(said)):.3f}"


def partner_lines(rows: Sequence[Commitment], found: Sequence[Found]) -> Iterator[str]:
    pairs = [
        (row.family, frozenset(map(str, row.truth.partners)), said.partners)
        for row, said in zip(rows, found, strict=True)
    ]
    yield "| partners and tier | n | program |"
    yield "| --- | --- | --- |"
    all_of = [Score(family, jaccard(one, other)) for family, one, other in pairs]
    yield f"| partners, mean Jaccard | {len(pairs)} | {figure(all_of)} |"
    for kind in map(str, Partner):
        yield f"| {kind}, F1 | {sum(kind in it[1] for it in pairs)} | {figure(_f1(pairs, kind))} |"
    tiers = [
        (row.family, frozenset({str(row.truth.actor_tier)}), frozenset({said.tier}))
        for row, said in zip(rows, found, strict=True)
    ]
    right = [Score(family, one == other) for family, one, other in tiers]
    yield f"| tier, accuracy | {len(tiers)} | {figure(right)} |"
    for name in ("national", "subnational", "other"):
        number = sum(name in it[1] for it in tiers)
        yield f"| {name}, F1 | {number} | {figure(_f1(tiers, name))} |"
    yield ""
    yield "| family | n | partners, mean Jaccard | tier, accuracy |"
    yield "| --- | --- | --- | --- |"
    for family in sorted({row.family for row in rows}):
        own = [[it for it in scores if it.family == family] for scores in (all_of, right)]
        means = [f"{sum(it.part for it in scores) / len(scores):.3f}" for scores in own]
        yield f"| {family} | {len(own[0])} | {' | '.join(means)} |"


def _f1(pairs: Sequence[tuple[str, Codes, Codes]], kind: str) -> list[Score]:
    return [
        Score(family, 2.0 * (kind in one and kind in other), (kind in one) + (kind in other))
        for family, one, other in pairs
    ]


def reading_lines(corpus: Corpus, rows: Sequence[Commitment]) -> Iterator[str]:
    """How far a second reader says what the first does, where both call it a commitment."""
    register = load_register()
    published = {row.info.id: row.publisher for row in rows}
    kinds = {row.info.id: row.info.kind for row in rows}
    manifest = corpus.manifest()
    scores: dict[str, list[Score]] = {}
    pairs = []
    for document, records in sorted(corpus.store.read_all().items()):
        for readings in by_unit(records).values():
            first = next((it.judgement for it in readings if it.role is Role.FIRST), None)
            second = next((it.judgement for it in readings if it.role is Role.SECOND), None)
            if first is None or second is None or Level.NONE in (first.level, second.level):
                continue
            if document not in published:
                continue
            family = manifest[document].family
            one, other = (today(register, it.departments) for it in (first, second))
            score = Score(family, jaccard(one, other))
            named = ["departments, all", f"departments, basis {first.dept_basis or 'none'}"]
            if one != published[document]:
                named.append("departments, not the publisher's")
            named.append(f"departments, kind {kinds[document]}")
            for name in named:
                scores.setdefault(name, []).append(score)
            scores.setdefault("partners", []).append(
                Score(family, jaccard(first.partners, second.partners))
            )
            scores.setdefault("tier", []).append(
                Score(family, first.actor_tier == second.actor_tier)
            )
            pairs.append((family, frozenset(first.partners), frozenset(second.partners)))
    yield "| second reading against the first | n | agreement |"
    yield "| --- | --- | --- |"
    for name in sorted(scores):
        yield f"| {name} | {len(scores[name])} | {figure(scores[name])} |"
    for kind in Partner:
        number = sum(kind in it[1] for it in pairs)
        yield f"| {kind}, F1 | {number} | {figure(_f1(pairs, kind))} |"


def error_lines(rows: Sequence[Commitment], found: Sequence[Found], what: str) -> Iterator[str]:
    register = load_register()
    of: dict[str, Callable[[Commitment, Found], tuple[Codes, Codes]]] = {
        "departments": lambda row, said: (
            today(register, row.truth.departments),
            frozenset(said.departments),
        ),
        "partners": lambda row, said: (frozenset(map(str, row.truth.partners)), said.partners),
        "tier": lambda row, said: (frozenset({str(row.truth.actor_tier)}), frozenset({said.tier})),
    }
    for row, said in zip(rows, found, strict=True):
        wanted, got = of[what](row, said)
        if wanted != got:
            shown = (" ".join(sorted(it)) or "nobody" for it in (wanted, got))
            yield f"{row.info.id} [{row.standing}] {' → '.join(shown)} | {row.truth.dept_basis}"
            yield f"    {' > '.join(row.unit.headings)} | {row.unit.provision or ''}"
            yield f"    {row.unit.text}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--mirror", type=Path, required=True, help="folder of the documents")
    options.add_argument("--corpus", type=Path, default=Path("corpus"))
    options.add_argument("--build", type=Path, default=_BUILD)
    options.add_argument("--errors", choices=("departments", "partners", "tier"))
    options.add_argument("--only", nargs="*", default=[], metavar="FAMILY")
    given = options.parse_args()
    corpus = Corpus(given.corpus)
    rows = commitments(corpus, Mirror(given.mirror), given.build)
    if given.only:
        rows = [row for row in rows if row.family in given.only]
    if not rows:
        raise SystemExit("No labelled commitments are found there.")
    found = tag(rows)
    if given.errors:
        print("\n".join(error_lines(rows, found, given.errors)))
        return
    families = len({row.family for row in rows})
    print(f"{len(rows)} commitments of {families} families\n")
    print("\n".join(department_lines(rows, found)), end="\n\n")
    print("\n".join(partner_lines(rows, found)), end="\n\n")
    print("\n".join(reading_lines(corpus, rows)))


if __name__ == "__main__":
    main()
