"""``collabnlp labels agreement``: how far readers agree, as text, JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from collabnlp.cli.corpus import corpus_option

if TYPE_CHECKING:
    from collabnlp.labels.agreement import Agreement, ClassAgreement
    from collabnlp.labels.coefficients import Measure
    from collabnlp.labels.reliability import PairAgreement, Reliability

_ROLES = ["first", "second", "reviewed", "adjudicated", "repeat"]
_FEW = 30  # units; a figure on fewer is marked
_COLUMNS = ("comparison", "first", "second", "about", "name", "measure", "value", "low", "high")
_COUNTS = ("units", "intervals_over")
_KAPPA = "1 is full agreement, 0 what chance alone would give."
_PLAIN = {
    "documents": "documents were drawn anew",
    "units": "units were drawn anew (fewer than 5 documents)",
    "": "a single unit has none",
}


@click.command("agreement")
@click.option("--sample", metavar="NAME", help="Only this sample's units, weighed back.")
@click.option("--reader", "readers", multiple=True, metavar="NAME", help="Only these readers.")
@click.option(
    "--between",
    type=(click.Choice(_ROLES), click.Choice(_ROLES)),
    metavar="ROLE ROLE",
    help="Two roles instead of readers, for example: second adjudicated.",
)
@click.option(
    "--blind-only", is_flag=True, help="Leave out readings made with the model's suggestion shown."
)
@click.option("--replicates", type=click.IntRange(100), default=2000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The label store. Default: the one that `review` uses, if there is one; else, or with "
    "--corpus, the records of the corpus.",
)
@corpus_option
def command(
    sample: str | None,
    readers: tuple[str, ...],
    between: tuple[str, str] | None,
    form: str,
    output: Path | None,
    store: Path | None,
    corpus: Path,
    **given: Any,
) -> int:
    """Tell how far readers agree: all together, in pairs, by class, and with themselves.

    Readings made with others' in view (adjudications, corrections) are left out, unless --between
    asks for their role. JSON and CSV have every class of every pair; the text has those of all
    pairs as one.
    """
    from collabnlp.cli.documents import output_stream
    from collabnlp.labels.reliability import agreement_of
    from collabnlp.schema import Role
    from collabnlp.settings import label_store
    from collabnlp.workflows.corpus_folder import Corpus
    from collabnlp.workflows.reading_tasks import sample_weights

    folder = Corpus(corpus)
    named = (
        click.get_current_context().get_parameter_source("corpus") is ParameterSource.COMMANDLINE
    )
    if store is not None or (label_store().exists() and not named):
        from collabnlp.workflows.exchanging import open_store

        database = open_store(store or label_store())
        click.echo(f"readings of the label store {database.path.name}", err=True)
        readings = database.readings()
    else:
        readings = folder.store.read_all()
    records = [it for found in readings.values() for it in found]
    found = agreement_of(
        [it for it in records if not readers or it.reader in readers],
        between=(Role(between[0]), Role(between[1])) if between else None,
        weights=sample_weights(folder, sample) if sample else None,
        **given,
    )
    with output_stream(output, binary=False) as stream:
        stream.write(_WRITERS[form](found).encode())
    if between and "adjudicated" in between:
        click.echo(
            "An adjudicator reads mostly units on which readers differ, and sees their readings: "
            "these figures tell whom the decisions follow, not how readers agree.",
            err=True,
        )
    if found.together:
        units, documents = found.together.units, found.together.documents
        click.echo(f"{units} units of {documents} documents", err=True)
    return 0


def _json(found: Reliability) -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def _csv(found: Reliability) -> str:
    """With a byte order mark, so that Excel reads it as UTF-8."""
    import csv
    import io

    stream = io.StringIO()
    stream.write("\N{BYTE ORDER MARK}")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*_COLUMNS, *_COUNTS])
    if found.together:
        for it in found.together.measures:
            about = ("all readers", "", "", "readings", "")
            writer.writerow([*about, *_figure(it), found.together.over])
    if found.pooled:
        writer.writerows(_rows("all pairs", "", "", about=found.pooled))
    for kind, pairs in (("pair", found.pairs), ("same reader", found.repeats)):
        for pair in pairs:
            writer.writerows(_rows(kind, pair.first, pair.second, about=pair.agreement))
    return stream.getvalue()


def _rows(kind: str, *readers: str, about: Agreement) -> Iterator[list[Any]]:
    from collabnlp.cells import defused

    first, second = map(defused, readers)
    for it in about.measures:
        yield [kind, first, second, "readings", "", *_figure(it), about.over]
    for one in about.classes:
        for it in (one.kappa, one.positive):
            yield [kind, first, second, one.kind, one.name, *_figure(it), about.over]


def _figure(it: Measure) -> list[Any]:
    figures = ("" if value is None else round(value, 6) for value in (it.value, it.low, it.high))
    return [it.key, *figures, it.units]


def _text(found: Reliability) -> str:
    lines = [*_heading(found)]
    if found.together and found.pooled:
        lines += ["", f"ALL READERS TOGETHER  Krippendorff's alpha: {_KAPPA}"]
        lines += ["Below .667 it is usual to draw no conclusions, from .800 to rely on the labels."]
        lines += map(_line, found.together.measures)
        title = "ALL PAIRS OF READINGS AS ONE"
        if len(found.pairs) == 1:
            title = f"{found.pairs[0].first} AGAINST {found.pairs[0].second}"
        lines += ["", f"{title}  Kappa: {_KAPPA}"]
        lines += ["Quadratic: two steps of the ladder apart counts four times as much as one step."]
        lines += ["Jaccard: of the partners (departments) of either, the share that both have."]
        lines += map(_line, found.pooled.measures)
        lines += _levels(found.pooled)
    if len(found.pairs) > 1:
        lines += _pairs("EACH PAIR OF READERS", found.pairs)
    if found.repeats:
        lines += _pairs("THE SAME READER TWICE", found.repeats)
    if found.pooled:
        lines += _classes(found.pooled.classes)
    if any(" - " in f"{line} " for line in lines):
        lines += ["", "- There is no figure where all say the same one thing, or nobody says it."]
    if any("*" in line for line in lines):
        lines += [
            "",
            f"* Too few to rely on: under {_FEW} units (in pairs: that both call a commitment).",
            "  An interval without width only says that these few do not differ.",
        ]
    return "\n".join(lines) + "\n"


def _heading(found: Reliability) -> Iterator[str]:
    total = sum(it.units for it in found.readers)
    yield "Readings that count: " + ", ".join(f"{it.reader} {it.units:,}" for it in found.readers)
    shown = sum(it.suggestion for it in found.readers)
    blind = sum(it.blind for it in found.readers)
    yield (
        f"With the model's suggestion in view: {shown:,}. Blind: {blind:,}. "
        f"Not recorded: {total - shown - blind:,}."
    )
    if shown:
        yield "A suggestion in view draws readings together; --blind-only leaves these out."
    if found.suggestion:
        yield f"Left out: {found.suggestion:,} readings made with the model's suggestion in view."
    if found.dependent:
        yield f"Left out: {found.dependent:,} made with others' readings in view (adjudications)."
    if found.weighed:
        yield "Figures are weighed: each unit of the sample counts for as many as it stands for."
    if found.together:
        yield (
            f"Read by two or more: {found.together.units:,} units of "
            f"{found.together.documents:,} documents."
        )
        yield f"Intervals [in brackets]: 95%; {_PLAIN[found.together.over]}."


def _shown(it: Measure, *, few: bool = False) -> str:
    """A figure with its interval and mark, 23 characters wide."""
    if it.value is None:
        return f"{'-':>6} " + " " * 16
    mark = "*" if few or it.units < _FEW else " "
    span = "" if it.low is None else f"[{it.low:.3f}, {it.high:.3f}]"
    return f"{it.value:6.3f}{mark}{span:16}"


def _line(it: Measure) -> str:
    return f"  {it.name:62}{_shown(it)}  n={it.units}"


def _levels(about: Agreement) -> Iterator[str]:
    from collabnlp.schema import Level

    names = [str(level) for level in Level]
    yield ""
    yield "  First reading (rows) by second (columns), units as counted:"
    yield " " * 14 + "".join(f"{name:>12}" for name in names)
    for name, row in zip(names, about.levels, strict=True):
        yield f"  {name:12}" + "".join(f"{count:12}" for count in row)


# Three tables, so that a line stays within a terminal's width
_PAIR_TABLES = (
    (("commitment: kappa", "commitment_kappa"), ("level: weighted kappa", "level_kappa")),
    (
        ("scale: weighted kappa", "scale_kappa"),
        ("scale: ordinal alpha", "scale_alpha"),
        ("actor tier: equal", "tier"),
    ),
    (
        ("partners: Jaccard", "partners"),
        ("departments: Jaccard", "departments"),
        ("by today's names", "departments_today"),
    ),
)


def _pairs(title: str, pairs: Sequence[PairAgreement]) -> Iterator[str]:
    yield ""
    yield f"{title}  both: units that both call a commitment; shown: with a suggestion in view"
    for at, table in enumerate(_PAIR_TABLES):
        counts = "" if at else f"{'units':>7}{'both':>6}{'shown':>6}"
        yield f"  {'':22}{counts}" + "".join(f"  {name:23}" for name, _ in table).rstrip()
        for it in pairs:
            about = it.agreement
            who = it.first if it.first == it.second else f"{it.first}, {it.second}"
            counts = "" if at else f"{about.pairs:7}{about.both:6}{it.suggestion:6}"
            few = about.both < _FEW
            figures = "".join("  " + _shown(about.measure(key), few=few) for _, key in table)
            yield f"  {who:22.22}{counts}{figures.rstrip()}"
    yield f"  Intervals: {'; or '.join(sorted({_PLAIN[it.agreement.over] for it in pairs}))}."


def _classes(classes: Iterable[ClassAgreement]) -> Iterator[str]:
    yield ""
    yield "EACH LEVEL, PARTNER AND DEPARTMENT AGAINST THE REST, all pairs as one"
    yield "Shared: of the times that one gave it, how often the other did too. 1st only: given by"
    yield "the first of the two alone. Partners, departments: where both call it a commitment."
    kind = ""
    for it in classes:
        if it.kind != "level" and not it.both + it.first + it.second:
            continue
        if it.kind != kind:
            kind = it.kind
            yield (
                f"  {kind:16}{'both':>7}{'1st only':>10}{'2nd only':>10}"
                f"   {'kappa':25}{'shared':23}"
            ).rstrip()
        counts = f"{it.both:7}{it.first:10}{it.second:10}"
        yield f"  {it.name:16}{counts}  {_shown(it.kappa)}  {_shown(it.positive)}".rstrip()


_WRITERS = {"table": _text, "json": _json, "csv": _csv}
