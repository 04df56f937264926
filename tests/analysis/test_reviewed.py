"""Counts where people have read some units: known is known, the rest comes near to the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from collabnlp.analysis import prevalence as pv
from collabnlp.analysis import reviewed as rv
from collabnlp.analysis.counting import CountedDocument, count
from collabnlp.analysis.counting_figures import among
from collabnlp.analysis.counting_reviewed import Choice, ReadUnit
from collabnlp.schema import (
    LADDER,
    ActorTier,
    BlockKind,
    CountKey,
    Counts,
    DocumentInfo,
    Figure,
    Force,
    Level,
    Partner,
    Tag,
    TaggedUnit,
    Unit,
)

ORDER = [Level.NONE, *LADDER]
# Columns of what the model found none (sure, unsure) and of each level.
SURE, UNSURE = 0, 3 * pv.CLASSES
CALLED = [6 * pv.CLASSES + level for level in range(1, 6)]


def tables_of(missed: float = 0.02, wrong: float = 0.3, *, families: int = 8) -> pv.ErrorTables:
    """Families in which some of those found none are commitments, and some found are none."""
    counts = np.zeros((families, pv.CLASSES, pv.COLUMNS), dtype=np.int64)
    for family in range(families):
        times = 3.0 ** (2 * family / (families - 1) - 1)  # from a third to thrice as often
        counts[family, 0, SURE] = 600 - round(times)
        counts[family, 2, SURE] = round(times)
        counts[family, 0, UNSURE] = round(200 * (1 - missed * times))
        counts[family, 2, UNSURE] = round(200 * missed * times)
        for level, column in enumerate(CALLED, 1):
            counts[family, 0, column] = round(20 * wrong * times)
            counts[family, level, column] = round(20 * (1 - wrong * times))
    return pv.ErrorTables(tuple(f"family-{it}" for it in range(families)), counts)


@pytest.fixture(scope="module")
def families() -> rv.Families:
    return rv.fit_families(tables_of())


@pytest.fixture(scope="module")
def corrector() -> pv.Corrector:
    return pv.fit(tables_of(), mixes=60, wide=False)


def test_weights_are_inverse_chances_worth_what_they_are_worth() -> None:
    columns = np.array([0, 0, 0, 7, 7])
    classes = np.array([0, 0, 1, 2, 2])
    equal = rv.weighed(columns, classes, np.full(5, 0.1))
    assert equal[0, 0] == pytest.approx(2) and equal[0, 1] == pytest.approx(1)
    assert equal[7, 2] == pytest.approx(2) and equal.sum() == pytest.approx(5)
    # One that was drawn with half the chance stands for twice as many, and the sample is worth
    # (1 + 1 + 2)² / (1 + 1 + 4) units.
    unequal = rv.weighed(columns, classes, np.array([0.2, 0.2, 0.1, 0.2, 0.2]))
    assert unequal[0, 1] / unequal[0].sum() == pytest.approx(0.5)
    assert unequal[0].sum() == pytest.approx(16 / 6)


def test_shares_are_right_on_average_when_chances_are_unequal() -> None:
    random = np.random.default_rng(3)
    classes = (np.arange(400) % 10 == 0).astype(np.int64)
    chances = np.where(classes == 1, 0.6, 0.2)  # commitments are drawn thrice as often
    found = []
    for _ in range(300):
        drawn = random.random(400) < chances
        own = np.zeros(int(drawn.sum()), dtype=np.int64)
        table = rv.weighed(own, classes[drawn], chances[drawn])
        found.append(table[0, 1] / table[0].sum())
    assert np.mean(found) == pytest.approx(0.1, abs=0.005)


def text_of(
    random: np.random.Generator, rate: float, *, units: int = 3000, share: float = 0.3
) -> tuple[rv.Text, int]:
    """A text with ``rate`` of its unsure units commitments, drawn from by chance; and how many of
    the unread ones are."""
    true = np.zeros(units, dtype=np.int64)
    true[: round(rate * units)] = 2
    random.shuffle(true)
    drawn = random.random(units) < share
    column = np.full(units, UNSURE)
    sample = rv.weighed(column[drawn], true[drawn], np.full(int(drawn.sum()), share))
    unread = np.bincount(column[~drawn], minlength=pv.COLUMNS)
    return rv.Text(unread, sample, int(drawn.sum())), int((true[~drawn] > 0).sum())


@pytest.mark.parametrize("rate", [0.005, 0.02, 0.1])
def test_draws_outweigh_families_that_are_otherwise(families: rv.Families, rate: float) -> None:
    """The families miss 2% there; a text that misses more, or less, is told by its own draws."""
    random = np.random.default_rng(5)
    bias, inside = [], []
    for turn in range(40):
        text, true = text_of(random, rate)
        said = rv.estimate_rest([text], families, seed=turn)
        bias.append(said.figures[5] - true)
        inside.append(said.low[5] <= true <= said.high[5])
    assert abs(np.mean(bias)) < max(4.0, 0.12 * rate * 2100)
    assert np.mean(inside) >= 0.9


def test_least_certain_units_do_not_tell_of_the_certain(families: rv.Families) -> None:
    """All unsure units were read, and half of them are commitments: of the sure ones, which were
    not, that says little. A plain share of those read would call 500 of them so."""
    sample = np.zeros((pv.COLUMNS, pv.CLASSES))
    sample[UNSURE, 0] = sample[UNSURE, 2] = 50
    unread = np.zeros(pv.COLUMNS, dtype=np.int64)
    unread[SURE] = 1000
    said = rv.estimate_rest([rv.Text(unread, sample, 100)], families)
    assert said.figures[5] < 60


def test_more_draws_make_intervals_shorter(families: rv.Families) -> None:
    random = np.random.default_rng(7)
    widths = []
    for share in (0.02, 0.2, 0.6):
        said = rv.estimate_rest([text_of(random, 0.05, share=share)[0]], families)
        widths.append(said.high[5] - said.low[5])
    assert widths == sorted(widths, reverse=True)


def test_estimates_are_the_same_each_time_and_levels_add_up(families: rv.Families) -> None:
    unread = np.zeros(pv.COLUMNS, dtype=np.int64)
    unread[[SURE, *CALLED]] = 300, 5, 20, 10, 8, 2
    text = rv.Text(unread, np.zeros((pv.COLUMNS, pv.CLASSES)), 0)
    one, two = (rv.estimate_rest([text], families) for _ in range(2))
    assert np.array_equal(one.figures, two.figures) and np.array_equal(one.low, two.low)
    assert one.figures[:5].sum() == pytest.approx(one.figures[5])
    assert one.figures[6:].sum() == pytest.approx(1.0)
    assert (one.low <= one.figures + 1e-9).all() and (one.figures <= one.high + 1e-9).all()


@pytest.mark.parametrize(
    ("part", "others", "expected"),
    [
        (Figure(0, 0, 0), Figure(5, 4, 6), (0, 0, 0)),
        (Figure(5, 5, 5), Figure(0, 0, 0), (1, 1, 1)),
        (Figure(5, 5, 5), Figure(15, 15, 15), (0.25, 0.25, 0.25)),
        (Figure(5, 0, 20), Figure(5, 5, 5), (0.5, 0, 0.8)),
        (Figure(0, 0, 5), Figure(5, 5, 5), (0, 0, 0.5)),
    ],
)
def test_shares_of_uncertain_counts(
    part: Figure, others: Figure, expected: tuple[float, float, float]
) -> None:
    found = among(part, others)
    assert (found.value, found.low, found.high) == pytest.approx(expected)


def paper(
    levels: Sequence[Level], *, name: str = "paper", partners: Sequence[Partner] | None = None
) -> CountedDocument:
    """A document of which the model says these levels; every second partner is a council."""
    about = DocumentInfo(id=name, title=name, sha256="0" * 64, date="2025-01-01", kind="plan")
    tagged = []
    for at, level in enumerate(levels):
        words = "We will work with councils"
        unit = Unit(
            unit_id=f"{name}:{at:08x}",
            index=at,
            text=words,
            own_text=words,
            start=0,
            end=len(words),
            block=0,
            kind=BlockKind.PARAGRAPH,
        )
        tag = Tag(
            level=level,
            commitment_probability=0.2 if level is Level.NONE else 0.7,
            level_probabilities=(0.2, 0.2, 0.2, 0.2, 0.2),
            actor_tier=ActorTier.NATIONAL,
            force=Force.POLICY,
            partners=(Partner.SUBNATIONAL if at % 2 else Partner.BUSINESS,),
        )
        tagged.append(TaggedUnit(about, unit, tag))
    return CountedDocument(about, tuple(tagged))


def read(
    document: CountedDocument,
    labels: dict[int, Level],
    *,
    choice: Choice = Choice.CHANCE,
    suggested: bool = False,
) -> CountedDocument:
    tagged = list(document.tagged)
    units = {}
    for at, level in labels.items():
        tag = tagged[at].tag
        units[at] = ReadUnit(tag, choice, 0.1, suggested)
        tagged[at] = replace(tagged[at], tag=replace(tag, level=level))
    return replace(document, tagged=tuple(tagged), read=units)


def figures(counts: Counts) -> list[tuple[float, float, float] | None]:
    return [
        None
        if cell.corrected is None
        else (cell.corrected.count.low, cell.corrected.count.value, cell.corrected.count.high)
        for cell in (*counts.cells, counts.total)
    ]


MIXED = [Level.NONE] * 260 + [Level.SUPPORT] * 24 + [Level.LEAD] * 16


@pytest.mark.parametrize("by", [[CountKey.LEVEL], [CountKey.PARTNER], [CountKey.DOCUMENT]])
@pytest.mark.parametrize("pyramid", [False, True])
def test_where_all_is_read_counts_are_exact(
    corrector: pv.Corrector, by: list[CountKey], pyramid: bool
) -> None:
    random = np.random.default_rng(1)
    labels = {at: ORDER[random.integers(6)] for at in range(len(MIXED))}
    found = count([read(paper(MIXED), labels)], by=by, pyramid=pyramid, corrector=corrector)
    for cell in (*found.cells, found.total):
        assert cell.corrected is not None
        for figure in (cell.corrected.count, cell.corrected.rate, cell.corrected.share):
            assert figure.low == figure.value == figure.high
        assert cell.corrected.count.value == cell.count == len(cell.rows)
    assert any("All is read" in note for note in found.notes)


def test_what_is_all_read_needs_no_errors_of_the_model() -> None:
    labels = dict.fromkeys(range(4), Level.LEAD)
    found = count([read(paper([Level.NONE] * 4), labels)], pyramid=False)
    assert found.total.count == 4
    assert found.total.corrected is not None and found.total.corrected.count.low == 4


def test_with_nothing_read_counts_are_as_without_reviews(corrector: pv.Corrector) -> None:
    one = count([paper(MIXED)], pyramid=False, corrector=corrector)
    two = count([read(paper(MIXED), {})], pyramid=False, corrector=corrector)
    assert one == two and any(figures(one))


@pytest.mark.parametrize("choice", list(Choice))
def test_too_few_drawn_are_left_to_the_families(corrector: pv.Corrector, choice: Choice) -> None:
    """Known counts, and the families' errors on the unread units."""
    labels = dict.fromkeys(range(255, 265), Level.SUPPORT)
    document = read(paper(MIXED), labels, choice=choice)
    found = count([document], by=[CountKey.DOCUMENT], pyramid=False, corrector=corrector)
    unread = [it for at, it in enumerate(document.tagged) if at not in document.read]
    columns = pv.column_counts(
        np.array([it.tag.commitment_probability for it in unread]),
        np.array([ORDER.index(it.tag.level) for it in unread]),
    )
    rest = corrector.estimate(columns[None])
    assert found.total.corrected is not None
    assert found.total.corrected.count.value == pytest.approx(10 + 290 * rest.figures[5], rel=0.02)
    assert any("too few units were drawn" in note for note in found.notes)


def test_units_read_for_another_reason_are_known_and_tell_nothing(
    corrector: pv.Corrector,
) -> None:
    labels = dict.fromkeys(range(40), Level.NONE)
    told = count(
        [read(paper(MIXED), labels)], by=[CountKey.DOCUMENT], pyramid=False, corrector=corrector
    )
    not_told = count(
        [read(paper(MIXED), labels, choice=Choice.OTHER)],
        by=[CountKey.DOCUMENT],
        pyramid=False,
        corrector=corrector,
    )
    assert any("40 units drawn by chance" in note for note in told.notes)
    assert any("too few units were drawn" in note for note in not_told.notes)
    assert figures(told) != figures(not_told)


def test_no_interval_reaches_below_what_is_known(corrector: pv.Corrector) -> None:
    labels = {**dict.fromkeys(range(30), Level.NONE), **dict.fromkeys(range(260, 290), Level.LEAD)}
    found = count([read(paper(MIXED), labels)], pyramid=False, corrector=corrector)
    by_level = {cell.values[0]: cell for cell in found.cells}
    lead, total = by_level["lead"], found.total
    assert lead.corrected is not None and total.corrected is not None
    assert lead.corrected.count.low >= 30 and total.corrected.count.low >= 30
    assert total.corrected.count.high <= 30 + 240
    assert sum(
        cell.corrected.count.value for cell in found.cells if cell.corrected is not None
    ) == pytest.approx(total.corrected.count.value)


@pytest.mark.parametrize("by", [[CountKey.LEVEL], [CountKey.PARTNER, CountKey.LEVEL]])
@pytest.mark.parametrize("pyramid", [False, True])
def test_every_cells_rows_are_its_count(
    corrector: pv.Corrector, by: list[CountKey], pyramid: bool
) -> None:
    random = np.random.default_rng(2)
    labels = {int(at): ORDER[random.integers(6)] for at in random.choice(300, 60, replace=False)}
    documents = [read(paper(MIXED), labels), paper(MIXED, name="other")]
    found = count(documents, by=by, pyramid=pyramid, corrector=corrector)
    for cell in (*found.cells, found.total):
        assert cell.count == len(cell.rows)
        if cell.corrected is not None:
            one = cell.corrected.count
            assert 0 <= one.low <= one.value <= one.high <= cell.units
            assert 0 <= cell.corrected.share.low <= cell.corrected.share.high <= 1
    changed = sum(MIXED[at] is not level for at, level in labels.items())
    assert any(
        f"People read 60 of 600 units and changed the level of {changed}" in note
        for note in found.notes
    )


def test_where_chance_had_no_part_the_notes_say_so(corrector: pv.Corrector) -> None:
    labels = dict.fromkeys(range(40), Level.NONE)
    for choice, wanted in ((Choice.SCORE, True), (Choice.CHANCE, False)):
        document = read(paper(MIXED), labels, choice=choice)
        notes = count([document], pyramid=False, corrector=corrector).notes
        assert any("No unit was drawn by chance" in it for it in notes) is wanted


def test_labels_given_with_a_suggestion_in_view_are_told_of(corrector: pv.Corrector) -> None:
    labels = dict.fromkeys(range(40), Level.NONE)
    document = read(paper(MIXED), labels, suggested=True)
    notes = count([document], pyramid=False, corrector=corrector).notes
    assert any("suggestion in view: 40 of these 40 units" in it for it in notes)
    blind = count([read(paper(MIXED), labels)], pyramid=False, corrector=corrector).notes
    assert not any("suggestion" in it for it in blind)
