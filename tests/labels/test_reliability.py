"""From readings to agreement: whose reading counts, in pairs, all together, with oneself, blind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import krippendorff
import numpy as np
import pytest

from collabnlp.errors import UsageError
from collabnlp.labels.agreement import Agreement
from collabnlp.labels.reliability import PairAgreement, Reliability, agreement_of, todays_codes
from collabnlp.schema import Annotation, Judgement, Level, Role, Shown

LEVELS = [str(level) for level in Level]


def read(
    unit: int,
    reader: str,
    level: str,
    role: str = "first",
    *,
    shown: str = "",
    document: str = "a",
    **given: Any,
) -> Annotation:
    judged = Judgement.from_dict({"level": level, "actor_tier": "national", **given})
    return Annotation(
        document=document,
        sha256="0" * 64,
        unit_hash=f"{unit:064x}",
        occurrence=1,
        folded="0" * 16,
        judgement=judged,
        reader=reader,
        role=Role(role),
        date="2026-11-20",
        codebook="1.2",
        shown=Shown(shown),
    )


def measured(records: Iterable[Annotation], **given: Any) -> Reliability:
    return agreement_of(records, replicates=100, **given)


def names(pairs: Iterable[PairAgreement]) -> list[tuple[str, str, int]]:
    return [(it.first, it.second, it.agreement.pairs) for it in pairs]


def crossing(found: Agreement) -> dict[tuple[str, str], int]:
    """The cells of the level table that hold something."""
    return {
        (LEVELS[row], LEVELS[column]): count
        for row, line in enumerate(found.levels)
        for column, count in enumerate(line)
        if count
    }


def test_every_pair_of_readers_over_the_units_both_read() -> None:
    found = measured(
        [
            read(1, "ann", "lead"),
            read(1, "cy", "support", "second"),
            read(1, "ben", "none", "reviewed"),
            read(2, "ben", "lead"),
            read(2, "ann", "support", "second"),
            read(3, "ann", "none"),
        ]
    )
    assert names(found.pairs) == [("ann", "ben", 2), ("ann", "cy", 1), ("ben", "cy", 1)]
    # In a pair the first is the first by name; in all pairs as one, the earlier role.
    assert crossing(found.pairs[0].agreement) == {("lead", "none"): 1, ("support", "lead"): 1}
    assert found.pooled is not None
    assert crossing(found.pooled) == {
        ("lead", "support"): 2,
        ("lead", "none"): 1,
        ("support", "none"): 1,
    }
    assert (found.pooled.pairs, found.pooled.units) == (4, 2)
    assert [(it.reader, it.units) for it in found.readers] == [("ann", 3), ("ben", 2), ("cy", 1)]


def test_all_readers_together_as_the_reference_says() -> None:
    dice = np.random.default_rng(5)
    data = np.full((4, 60), np.nan)
    records = []
    for unit in range(60):
        truth = dice.integers(6)
        for reader in range(4):
            if dice.random() < 0.6:
                said = truth if dice.random() < 0.7 else dice.integers(6)
                data[reader, unit] = said
                records.append(read(unit, f"reader-{reader}", LEVELS[said]))
    found = measured(records).together
    assert found is not None
    shared = (~np.isnan(data)).sum(axis=0) > 1
    assert (found.units, found.documents, found.over) == (shared.sum(), 1, "units")
    assert found.readings == (~np.isnan(data[:, shared])).sum()

    def reference(rows: Any, metric: Any) -> float:
        return float(krippendorff.alpha(rows, level_of_measurement=metric))

    expected = {
        "commitment_alpha": reference(np.where(np.isnan(data), np.nan, data > 0), "nominal"),
        "level_alpha": reference(np.where(data > 0, data, np.nan), "ordinal"),
        "scale_alpha": reference(data, "ordinal"),
        "scale_nominal": reference(data, "nominal"),
    }
    for it in found.measures:
        assert it.value == pytest.approx(expected[it.key], abs=1e-6)
        assert it.low is not None and it.high is not None
        assert it.low < it.value < it.high


def test_a_reader_s_own_later_reading_counts() -> None:
    found = measured(
        [
            read(1, "ann", "none", "first"),
            read(1, "ann", "lead", "reviewed"),
            read(1, "ben", "lead", "second"),
        ]
    )
    assert found.pooled is not None
    assert crossing(found.pooled) == {("lead", "lead"): 1}


@pytest.mark.parametrize(
    "dependent",
    [read(1, "ann", "lead", "adjudicated"), read(1, "ann", "lead", "reviewed", shown="readings")],
    ids=["adjudicated", "corrected"],
)
def test_readings_made_with_others_in_view_are_left_out(dependent: Annotation) -> None:
    own = [read(1, "ann", "none"), read(1, "ben", "support", "second")]
    found = measured([*own, dependent])
    assert found.dependent == 1
    assert found.pooled is not None
    assert crossing(found.pooled) == {("none", "support"): 1}
    with pytest.raises(UsageError):
        measured([own[1], dependent])


def test_a_repeat_is_compared_with_its_reader_s_own_reading() -> None:
    found = measured(
        [
            read(1, "ann", "none"),
            read(1, "ann", "support", "reviewed"),
            read(1, "ann", "support", "repeat"),
            read(2, "ann", "lead", "reviewed"),
            read(2, "ann", "none", "repeat"),
            read(3, "ben", "lead", "repeat"),  # nothing of ben's to compare with
        ]
    )
    assert (found.pooled, found.together, found.pairs) == (None, None, ())
    assert names(found.repeats) == [("ann", "ann", 2)]
    assert crossing(found.repeats[0].agreement) == {("support", "support"): 1, ("lead", "none"): 1}
    assert [(it.reader, it.units, it.repeats) for it in found.readers] == [
        ("ann", 2, 2),
        ("ben", 0, 1),
    ]


def test_suggestions_are_told_apart() -> None:
    records = [
        read(1, "ann", "lead", shown="suggestion"),
        read(1, "ben", "lead", "second", shown="blind"),
        read(2, "ann", "lead", shown="blind"),
        read(2, "ben", "none", "second"),
    ]
    found = measured(records)
    assert [(it.blind, it.suggestion) for it in found.readers] == [(1, 1), (1, 0)]
    assert [it.suggestion for it in found.pairs] == [1]
    blind = measured(records, blind_only=True)
    assert blind.suggestion == 1
    assert blind.pooled is not None
    assert crossing(blind.pooled) == {("lead", "none"): 1}
    with pytest.raises(UsageError):
        measured(records[:2], blind_only=True)


def test_blind_only_falls_back_on_the_reader_s_earlier_reading() -> None:
    found = measured(
        [
            read(1, "ann", "none"),
            read(1, "ann", "lead", "reviewed", shown="suggestion"),
            read(1, "ben", "none", "second"),
        ],
        blind_only=True,
    )
    assert found.pooled is not None
    assert crossing(found.pooled) == {("none", "none"): 1}


def test_between_two_roles_readers_count_as_one() -> None:
    records = [
        read(1, "ann", "lead"),
        read(1, "ben", "none", "second"),
        read(1, "cy", "support", "adjudicated"),
        read(2, "ben", "lead"),
        read(2, "ann", "none", "second"),
        read(2, "ann", "explore", "adjudicated"),
    ]
    found = measured(records, between=(Role.FIRST, Role.SECOND))
    assert names(found.pairs) == [("first", "second", 2)]
    assert crossing(found.pairs[0].agreement) == {("lead", "none"): 2}
    found = measured(records, between=(Role.SECOND, Role.ADJUDICATED))
    assert crossing(found.pairs[0].agreement) == {("none", "support"): 1, ("none", "explore"): 1}
    assert found.dependent == 0
    backwards = measured(records, between=(Role.ADJUDICATED, Role.SECOND))
    assert names(backwards.pairs) == [("adjudicated", "second", 2)]


def test_a_sample_weighs_its_units_and_leaves_out_the_others() -> None:
    records = [
        read(unit, reader, level, role)
        for reader, role, levels in (
            ("ann", "first", ("lead", "none", "none")),
            ("ben", "second", ("lead", "lead", "none")),
        )
        for unit, level in enumerate(levels)
    ]
    weights = {("a", f"{0:064x}", 1): 1.0, ("a", f"{1:064x}", 1): 4.0}
    found = measured(records, weights=weights).pooled
    assert found is not None and found.units == 2
    lead = next(it for it in found.classes if it.name == "lead")
    assert lead.positive.value == pytest.approx(2 * 1 / (2 * 1 + 4))


def test_units_of_two_documents_are_two_units() -> None:
    with pytest.raises(UsageError):
        measured([read(1, "ann", "lead"), read(1, "ben", "lead", document="b")])


@pytest.mark.parametrize("number", [2, 3])
def test_readings_that_all_say_none_have_no_figures_and_do_no_harm(number: int) -> None:
    readers = ["ann", "ben", "cy"][:number]
    found = measured([read(unit, reader, "none") for unit in range(3) for reader in readers])
    assert found.together is not None and found.pooled is not None
    values = [it.value for it in (*found.together.measures, *found.pooled.measures)]
    assert set(values) == {None}


def test_equal_readings_give_equal_figures_in_any_order() -> None:
    records = [
        read(unit, reader, LEVELS[(unit * step) % 6], document=f"d{unit % 6}")
        for unit in range(40)
        for reader, step in (("ann", 1), ("ben", 5), ("cy", 1))
    ]
    assert measured(records) == measured(reversed(records))


def test_another_name_is_no_other_department_today() -> None:
    assert todays_codes(("DLUHC",)) == todays_codes(("MHCLG",)) == ("MHCLG",)
    assert todays_codes(("QQQQ",)) == ("QQQQ",)
