"""The linear adjusted count: right where errors are known, wide where families differ."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from collabnlp.analysis import prevalence as pv
from collabnlp.analysis.prevalence_store import ModelErrors, read_errors, write_errors
from collabnlp.errors import DataError


def tables(spread: float, *, families: int = 10, seed: int = 3) -> pv.ErrorTables:
    """Families of 600 units, a tenth of them commitments; a third is missed, give or take."""
    random = np.random.default_rng(seed)
    named: list[str] = []
    true, scores, decided = [], [], []
    for family in range(families):
        miss = float(np.clip(0.33 + spread * random.normal(), 0.02, 0.9))
        alarm = float(np.clip(0.03 * np.exp(4 * spread * random.normal()), 0.001, 0.3))
        for unit in range(600):
            level = 1 + unit % 5 if unit < 60 else 0
            found = random.random() > miss if level else random.random() < alarm
            said = (level or 2) if found else 0
            named.append(f"family-{family:02}")
            true.append(level)
            decided.append(said)
            scores.append(random.uniform(0.3, 0.99) if said else random.uniform(0, 0.2))
    return pv.tables_of(named, np.array(true), np.array(scores), np.array(decided))


@pytest.fixture(scope="module")
def alike() -> pv.Corrector:
    return pv.fit(tables(0.0), mixes=400)


@pytest.fixture(scope="module")
def differing() -> pv.Corrector:
    return pv.fit(tables(0.12), mixes=400)


def test_columns_hold_every_unit_once_and_give_back_the_raw_counts() -> None:
    scores = np.array([0.0, 0.05, 0.3, 0.99, 1.0])
    decided = np.array([0, 0, 2, 5, 1])
    found = pv.column_counts(scores, decided)
    assert found.sum() == 5
    assert pv.decided_counts(found).tolist() == [2, 1, 1, 0, 0, 1]


@pytest.mark.parametrize("share", [0.05, 0.15, 0.25])
def test_a_shifted_share_is_found_again(alike: pv.Corrector, share: float) -> None:
    random = np.random.default_rng(5)
    own = tables(0.0, families=5, seed=99)
    gaps, raw = [], []
    for _ in range(20):
        mix = own.draw(random, pv.Shift(share, share, sizes=(3000,), families=(3,)))
        true = mix.true.sum(axis=0)[1:].sum() / mix.true.sum()
        gaps.append(alike.shares(mix.columns).sum() - true)
        seen = pv.decided_counts(mix.columns.sum(axis=0))
        raw.append(seen[1:].sum() / seen.sum() - true)
    assert abs(np.mean(gaps)) < 0.012
    if share != 0.05:  # false alarms and misses cancel there
        assert np.mean(np.abs(gaps)) < np.mean(np.abs(raw))


def test_intervals_hold_the_truth_of_families_not_seen(differing: pv.Corrector) -> None:
    random = np.random.default_rng(8)
    own = tables(0.12, families=8, seed=77)
    inside = []
    for _ in range(60):
        mix = own.draw(random, pv.Shift(sizes=(1000,), families=(1,)))
        true = mix.true.sum(axis=0)[1:].sum() / mix.true.sum()
        found = differing.estimate(mix.columns, draws=200)
        inside.append(found.low[5] - 1e-9 <= true <= found.high[5] + 1e-9)
    assert 0.85 <= np.mean(inside) <= 1.0


def test_families_that_differ_make_wider_intervals(
    alike: pv.Corrector, differing: pv.Corrector
) -> None:
    columns = tables(0.0).counts.sum(axis=(0, 1))[None]
    narrow, wide = alike.estimate(columns), differing.estimate(columns)
    assert wide.high[5] - wide.low[5] > 1.5 * (narrow.high[5] - narrow.low[5])


def test_figures_fit_together_and_are_the_same_every_time(differing: pv.Corrector) -> None:
    columns = tables(0.12).counts[:2].sum(axis=1)
    first, second = differing.estimate(columns), differing.estimate(columns)
    assert np.array_equal(first.low, second.low)
    assert first.figures[:5].sum() == pytest.approx(first.figures[5])
    assert first.figures[6:].sum() == pytest.approx(1.0)
    assert (first.low <= first.figures + 1e-12).all()
    assert (first.figures <= first.high + 1e-12).all()
    assert (first.low >= 0).all() and (first.high <= 1).all()


def test_two_documents_of_one_kind_err_less_than_one(differing: pv.Corrector) -> None:
    columns = tables(0.12).counts[0].sum(axis=0)
    together = differing.estimate(np.stack([2 * columns]))
    apart = differing.estimate(np.stack([columns, columns]))
    assert apart.high[5] - apart.low[5] < together.high[5] - together.low[5]


def test_too_few_families_are_refused() -> None:
    with pytest.raises(DataError, match="too few"):
        pv.fit(tables(0.1, families=4))


def test_the_file_holds_all_and_is_the_same_every_time(
    differing: pv.Corrector, tmp_path: Path
) -> None:
    path, again = tmp_path / "one.json", tmp_path / "two.json"
    errors = ModelErrors("0" * 64, "level-x", differing, provisional=True)
    write_errors(errors, path)
    found = read_errors(path)
    assert (found.model, found.name, found.provisional) == ("0" * 64, "level-x", True)
    assert np.array_equal(found.corrector.tables.counts, differing.tables.counts)
    write_errors(found, again)
    assert path.read_bytes() == again.read_bytes()
    columns = differing.tables.counts[:1].sum(axis=1)
    assert found.corrector.estimate(columns).high == pytest.approx(
        differing.estimate(columns).high, abs=1e-6
    )


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: it.pop("weights"),
        lambda it: it.update(format=9),
        lambda it: it.update(edges=[0.5]),
        lambda it: it["without"].popitem(),
        lambda it: it["families"].update({"family-00": [[0, 0, -3]]}),
        lambda it: it.update(weights=[[1.0]]),
    ],
)
def test_a_damaged_file_is_refused(differing: pv.Corrector, tmp_path: Path, damage: object) -> None:
    path = tmp_path / "errors.json"
    write_errors(ModelErrors("0" * 64, "level-x", differing), path)
    content = json.loads(path.read_bytes())
    damage(content)  # type: ignore[operator]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError):
        read_errors(path)
