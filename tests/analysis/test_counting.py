"""Counts: every cell's count is that of its rows, denominators, filters, the pyramid."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from collabnlp.analysis.counting import CountedDocument, count, in_pyramid, unit_values
from collabnlp.analysis.counting_figures import combined, poisson, wilson
from collabnlp.analysis.counting_tests import cramers_v, group_tests, holm, log_ratio
from collabnlp.analysis.counting_versions import text_title
from collabnlp.errors import UsageError
from collabnlp.schema import (
    ActorTier,
    Basis,
    BlockKind,
    CountKey,
    DepartmentTag,
    DocumentInfo,
    Figure,
    Force,
    Level,
    Partner,
    PartnerMention,
    Tag,
    TaggedUnit,
    Unit,
)

ALL_KEYS = list(CountKey)


def tagged(
    info: DocumentInfo,
    index: int,
    level: Level = Level.SUPPORT,
    *,
    departments: tuple[str, ...] = (),
    partners: tuple[Partner, ...] = (Partner.SUBNATIONAL,),
    tier: ActorTier = ActorTier.NATIONAL,
    force: Force = Force.POLICY,
    body: str | None = None,
) -> TaggedUnit:
    words = "We will work with councils"
    unit = Unit(
        unit_id=f"{info.id}:{index:08x}",
        index=index,
        text=words,
        own_text=words,
        start=0,
        end=len(words),
        block=0,
        kind=BlockKind.PARAGRAPH,
    )
    mentions = (PartnerMention("the body", Partner.SUBNATIONAL, body),) if body else ()
    tag = Tag(
        level=level,
        commitment_probability=0.05 if level is Level.NONE else 0.7,
        level_probabilities=(0.2, 0.2, 0.2, 0.2, 0.2),
        actor_tier=tier,
        force=force,
        partners=partners,
        partner_mentions=mentions,
        departments=tuple(DepartmentTag(it, Basis.INFERRED, None, 0.9) for it in departments),
    )
    return TaggedUnit(info, unit, tag)


def info(
    id: str, title: str = "", date: str | None = "2025-01-01", kind: str = "plan"
) -> DocumentInfo:
    return DocumentInfo(id=id, title=title or id, sha256="0" * 64, date=date, kind=kind)


@st.composite
def documents(draw: st.DrawFn) -> list[CountedDocument]:
    made = []
    for number in range(draw(st.integers(1, 3))):
        about = info(f"paper-{number}", kind=draw(st.sampled_from(["plan", "bill"])))
        units = [
            tagged(
                about,
                index,
                draw(st.sampled_from(list(Level))),
                departments=tuple(
                    sorted(draw(st.sets(st.sampled_from(["DFT", "DFE", "HMT"]), max_size=3)))
                ),
                partners=tuple(sorted(draw(st.sets(st.sampled_from(list(Partner)), max_size=3)))),
                tier=draw(st.sampled_from(list(ActorTier))),
                force=draw(st.sampled_from(list(Force))),
                body=draw(st.sampled_from([None, "kent", "tees-valley"])),
            )
            for index in range(draw(st.integers(0, 12)))
        ]
        made.append(CountedDocument(about, tuple(units)))
    return made


@settings(max_examples=150, deadline=None)
@given(
    documents(),
    st.lists(st.sampled_from(ALL_KEYS), unique=True, max_size=4),
    st.booleans(),
    st.dictionaries(
        st.sampled_from([CountKey.LEVEL, CountKey.DEPARTMENT, CountKey.DOCUMENT]),
        st.sampled_from([frozenset({"support", "lead"})]),
        max_size=1,
    ),
)
def test_every_cells_rows_are_its_count(
    papers: list[CountedDocument],
    by: list[CountKey],
    pyramid: bool,
    where: dict[CountKey, frozenset[str]],
) -> None:
    where = {
        key: {
            CountKey.LEVEL: values,
            CountKey.DEPARTMENT: frozenset({"DFT", "none"}),
            CountKey.DOCUMENT: frozenset({"paper-0", "paper-1"}),
        }[key]
        for key, values in where.items()
    }
    found = count(papers, by=by, where=where, pyramid=pyramid)
    units = {(it.info.id, one.unit.unit_id): one for it in papers for one in it.tagged}
    wanted: Counter[tuple[str, ...]] = Counter()
    seen = set()
    for key, one in units.items():
        if one.tag.level is Level.NONE or (pyramid and not in_pyramid(one)):
            continue
        if any(not set(unit_values(one, it)) & values for it, values in where.items()):
            continue
        seen.add(key)
        combos: list[tuple[str, ...]] = [()]
        for it in by:
            values = [v for v in unit_values(one, it) if it not in where or v in where[it]]
            combos = [(*head, value) for head in combos for value in values]
        wanted.update(combos)
    assert {it.values: it.count for it in found.cells if it.count} == (
        dict(wanted) if by else {(): len(seen)} if seen else {}
    )
    for cell in (*found.cells, found.total):
        assert cell.count == len(cell.rows) == len(set(cell.rows))
        for row in cell.rows:
            values = [unit_values(units[row], it) for it in by]
            assert all(v in own for v, own in zip(cell.values, values, strict=False))
        if cell.share is not None:
            assert cell.share.value == pytest.approx(cell.count / cell.commitments)
            assert 0 <= cell.share.low <= cell.share.high <= 1
        if cell.rate is not None:
            assert cell.rate.value == pytest.approx(1000 * cell.count / cell.units)
    assert set(found.total.rows) == seen


def test_denominators_are_those_of_the_cells_documents() -> None:
    one, other = info("one"), info("two")
    papers = [
        CountedDocument(one, tuple(tagged(one, at) for at in range(4))),
        CountedDocument(
            other,
            (tagged(other, 0, Level.LEAD), *(tagged(other, at, Level.NONE) for at in range(1, 10))),
        ),
    ]
    found = count(papers, by=[CountKey.DOCUMENT, CountKey.LEVEL])
    cells = {it.values: it for it in found.cells}
    lead = cells["two", "lead"]
    assert (lead.count, lead.units, lead.words, lead.commitments) == (1, 10, 50, 1)
    assert cells["one", "lead"].count == 0
    assert (found.total.units, found.total.commitments) == (14, 5)


def test_a_unit_of_two_departments_counts_for_both_and_it_is_said() -> None:
    about = info("one")
    units = (tagged(about, 0, departments=("DFE", "DFT")), tagged(about, 1, departments=("DFT",)))
    found = count([CountedDocument(about, units)], by=[CountKey.DEPARTMENT])
    assert [(it.values, it.count) for it in found.cells] == [(("DFE",), 1), (("DFT",), 2)]
    assert any("add up to 3" in note and "150%" in note for note in found.notes)


def test_the_pyramid_is_the_default_view() -> None:
    about = info("one")
    units = (
        tagged(about, 0),
        tagged(about, 1, tier=ActorTier.SUBNATIONAL),
        tagged(about, 2, partners=(Partner.BUSINESS,)),
        tagged(about, 3, partners=(Partner.DEVOLVED, Partner.BUSINESS)),
    )
    papers = [CountedDocument(about, units)]
    assert count(papers).total.count == 2
    assert count(papers, pyramid=False).total.count == 4
    assert any("2 other commitments" in note for note in count(papers).notes)


@pytest.mark.parametrize(
    ("key", "value"), [(CountKey.LEVEL, "none"), (CountKey.TIER, "local"), (CountKey.FORCE, "law")]
)
def test_a_value_that_cannot_be_is_wrong_usage(key: CountKey, value: str) -> None:
    with pytest.raises(UsageError):
        count([], where={key: frozenset({value})})


def test_nothing_to_count() -> None:
    found = count([])
    assert found.total.count == 0
    assert found.total.rate is None
    assert all(it.count == 0 for it in found.cells)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Homes (Standards) Bill [HL], HL Bill 5, as amended", "Homes (Standards) Act 2031", True),
        ("Homes (Standards) Bill, Bill 12, as introduced", "Homes (Standards) Bill", True),
        ("Local Growth Framework: draft text for consultation", "Local Growth Framework", True),
        ("Local Growth Framework", "Local Growth Framework: response", False),
        ("Roads Act 1999", "Rail Act 1999", False),
    ],
)
def test_versions_of_a_text(one: str, other: str, same: bool) -> None:
    assert (text_title(one) == text_title(other)) is same


@pytest.mark.parametrize(("hits", "whole"), [(0, 10), (3, 10), (10, 10), (37, 1200)])
def test_intervals_as_scipy_has_them(hits: int, whole: int) -> None:
    found = wilson(hits, whole)
    wanted = stats.binomtest(hits, whole).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-9)
    rate = poisson(hits, 2.0)
    low = stats.chi2.ppf(0.025, 2 * hits) / 4 if hits else 0.0
    assert (rate.low, rate.high) == pytest.approx((low, stats.chi2.ppf(0.975, 2 * hits + 2) / 4))


def test_combined_intervals_are_wider_than_either() -> None:
    found = combined(6.0, Figure(2.0, 1.0, 4.0), Figure(3.0, 2.0, 4.0))
    assert found.low < 3.0 and found.high > 12.0
    assert combined(6.0, Figure(2.0, 0.0, 4.0), Figure(3.0, 3.0, 3.0)).low == 0.0


def test_groups_are_compared_and_p_values_corrected() -> None:
    one, other = info("one"), info("two")
    levels = [Level.SUPPORT] * 30 + [Level.LEAD] * 6 + [Level.NONE] * 100
    turned = [Level.SUPPORT] * 8 + [Level.LEAD] * 28 + [Level.NONE] * 100
    papers = [
        CountedDocument(it, tuple(tagged(it, at, level) for at, level in enumerate(own)))
        for it, own in ((one, levels), (other, turned))
    ]
    tests, remarks = group_tests(count(papers, by=[CountKey.DOCUMENT, CountKey.LEVEL]))
    named = {it.question: it for it in tests}
    rate, mix = named["commitments among units"], named["mix of levels"]
    assert rate.p == pytest.approx(1.0)
    wanted = stats.chi2_contingency([[30, 6], [8, 28]], correction=False)
    assert mix.statistic == pytest.approx(wanted.statistic)
    assert mix.p == pytest.approx(wanted.pvalue)
    assert mix.size.value == pytest.approx(stats.contingency.association([[30, 6], [8, 28]]))
    assert all(it.adjusted >= it.p for it in tests)
    assert named["lead among commitments"].size.value == pytest.approx(-2.222, abs=0.01)
    assert remarks


def test_small_tables_are_tested_exactly_or_by_permutation() -> None:
    papers = []
    for name, own in (
        ("one", [Level.SUPPORT] * 4 + [Level.LEAD]),
        ("two", [Level.LEAD] * 4 + [Level.EXPLORE]),
        ("three", [Level.EXPLORE] * 3),
    ):
        about = info(name)
        papers.append(
            CountedDocument(about, tuple(tagged(about, at, it) for at, it in enumerate(own)))
        )
    two, _ = group_tests(count(papers[:2], by=[CountKey.DOCUMENT, CountKey.LEVEL]))
    exact = next(it for it in two if it.question == "lead among commitments")
    assert exact.method == "Fisher's exact test"
    assert exact.p == pytest.approx(stats.fisher_exact([[1, 4], [4, 1]])[1])
    three, _ = group_tests(count(papers, by=[CountKey.DOCUMENT, CountKey.LEVEL]))
    mixed = next(it for it in three if it.question == "mix of levels")
    assert mixed.method == "permutations of chi-square"
    assert 0.0001 <= mixed.p < 0.05


def test_commitments_of_several_groups_are_left_out_of_tests() -> None:
    about = info("one")
    units = [tagged(about, 0, departments=("DFE", "DFT"))]
    units += [tagged(about, at, departments=("DFE",)) for at in range(1, 9)]
    units += [tagged(about, at, Level.LEAD, departments=("DFT",)) for at in range(9, 17)]
    counts = count([CountedDocument(about, tuple(units))], by=[CountKey.DEPARTMENT, CountKey.LEVEL])
    tests, remarks = group_tests(counts)
    assert {it.units for it in tests} == {16}
    assert any(it.startswith("1 commitments") for it in remarks)


def test_holm() -> None:
    # Holm (1979): each times the number of those not yet judged, never falling
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_effects_have_intervals_that_hold_them() -> None:
    import numpy as np

    v = cramers_v(np.array([[30, 6], [8, 28]]))
    assert 0 < v.low < v.value < v.high <= 1
    ratio = log_ratio(0, 20, 5, 15)
    assert ratio.low < ratio.value < 0 < ratio.high or ratio.high < 0
