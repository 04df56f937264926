"""The queue's choice: mix, order, chance with a known probability, and no text twice."""

from __future__ import annotations

from collections import Counter

import pytest

from collabnlp.identifiers import unit_hash
from collabnlp.labels import queue
from collabnlp.labels.queue import Key, Pool, Ranked, choose, pool_of, random_number
from collabnlp.schema import QueuedUnit, Reason

SHA = "a" * 64
# Places and things apart enough that no two sentences are nearly the same.
PLACES = ("ports", "libraries", "tram lines", "wetlands", "museums", "quarries", "clinics", "farms")


def sentences(count: int) -> list[str]:
    return [
        f"In year {at} ministers will review {PLACES[at % 8]} with panel {at * 7} of region {at}."
        for at in range(count)
    ]


def units(texts: list[str]) -> list[tuple[Key, str]]:
    seen: Counter[str] = Counter()
    found = []
    for text in texts:
        seen[unit_hash(text)] += 1
        found.append(((SHA, unit_hash(text), seen[unit_hash(text)]), text))
    return found


def ranked(pool: Pool, start: int = 0) -> list[Ranked]:
    """The pool's texts in their order, from one of them on."""
    order = [*pool.first[start:], *pool.first[:start]]
    return [Ranked(key, 1.0 - at / len(order), "why") for at, key in enumerate(order)]


def by_reason(chosen: list[QueuedUnit]) -> Counter[Reason]:
    return Counter(it.reason for it in chosen)


@pytest.mark.parametrize(
    ("texts", "different"),
    [
        (["Boats may land here.", "Boats may land here."], 1),
        (["Boats may land here.", "BOATS  may land here."], 1),
        (["We will hold “talks”.", 'We will hold "talks".'], 1),
        (["Boats may land here.", "Boats may not land here."], 2),
        (
            # 40 runs of five words, of which two differ.
            [f"{' '.join(f'word{at}' for at in range(44))} {last}" for last in ("one", "other")],
            1,
        ),
        ([], 0),
    ],
)
def test_equal_and_nearly_equal_texts_are_one(texts: list[str], different: int) -> None:
    pool = pool_of(units(texts))
    assert len(pool.first) == different
    assert set(pool.text_of.values()) == set(range(different))


@pytest.mark.parametrize(
    ("size", "share", "quotas", "expected"),
    [
        (
            20,
            0.0,
            {Reason.LEAST_CERTAIN: 3, Reason.DIVERSE: 1},
            {"least certain": 15, "diverse": 5},
        ),
        (20, 0.1, {Reason.LEAST_CERTAIN: 1, Reason.DIVERSE: 1}, {"random": 2, "diverse": 9}),
        (10, 1.0, {Reason.LEAST_CERTAIN: 1}, {"random": 10, "least certain": 0}),
        (10, 0.0, {Reason.LEAST_CERTAIN: 0, Reason.DIVERSE: 1}, {"diverse": 10}),
        (0, 0.5, {Reason.LEAST_CERTAIN: 1}, {"random": 0, "least certain": 0}),
    ],
)
def test_places_are_shared_by_quota(
    size: int, share: float, quotas: dict[Reason, float], expected: dict[str, int]
) -> None:
    pool = pool_of(units(sentences(120)))
    orders = {reason: ranked(pool, 60) for reason in quotas}
    chosen = choose(pool, orders, size=size, random_share=share, quotas=quotas)
    assert len(chosen) == size
    counts = by_reason(chosen)
    assert {name: counts[Reason(name)] for name in expected} == expected


def test_places_that_a_reason_leaves_go_to_the_others() -> None:
    pool = pool_of(units(sentences(60)))
    orders = {Reason.LEAST_CERTAIN: ranked(pool), Reason.LIKELY_ERROR: ranked(pool)[:2]}
    quotas = {Reason.LEAST_CERTAIN: 1.0, Reason.LIKELY_ERROR: 5.0}
    chosen = choose(pool, orders, size=30, random_share=0.0, quotas=quotas)
    assert by_reason(chosen) == {Reason.LEAST_CERTAIN: 28, Reason.LIKELY_ERROR: 2}


def test_the_strongest_come_first_and_reasons_are_mixed() -> None:
    pool = pool_of(units(sentences(200)))
    orders = {Reason.LEAST_CERTAIN: ranked(pool), Reason.UNLIKE: ranked(pool, 100)}
    quotas = {Reason.LEAST_CERTAIN: 1.0, Reason.UNLIKE: 1.0}
    chosen = choose(pool, orders, size=60, random_share=0.2, quotas=quotas)
    for reason in orders:
        scores = [it.score for it in chosen if it.reason is reason]
        assert scores == sorted(scores, reverse=True)
    assert by_reason(chosen[:20]) == {
        Reason.LEAST_CERTAIN: 8,
        Reason.UNLIKE: 8,
        Reason.RANDOM: 4,
    }


def test_no_text_twice_whatever_the_reasons() -> None:
    texts = sentences(40)
    pool = pool_of(units([*texts, *texts]))
    assert len(pool.first) == 40
    everywhere = [Ranked(key, 0.5, "") for key in pool.text_of]
    orders = dict.fromkeys(queue.QUOTAS, everywhere)
    chosen = choose(pool, orders, size=200)
    texts_of = [pool.text_of[(it.sha256, it.unit_hash, it.occurrence)] for it in chosen]
    assert len(texts_of) == len(set(texts_of))
    assert len({it.unit_hash for it in chosen}) == len(chosen)


def test_chance_draws_as_often_as_it_says() -> None:
    """2,000 draws from ten texts, other reasons wanting the first ones each time."""
    given = units(sentences(10))
    orders = {Reason.LEAST_CERTAIN: [Ranked(key, 1.0, "") for key, _ in given]}
    pools = [pool_of(given, seed=seed) for seed in range(2000)]
    drawn: Counter[str] = Counter()
    for pool in pools:
        chosen = choose(pool, orders, size=6, random_share=0.5)
        by_chance = [it for it in chosen if it.reason is Reason.RANDOM]
        assert [it.probability for it in by_chance] == [0.3, 0.3, 0.3]
        drawn.update(it.unit_hash for it in by_chance)
    # 600 expected of each; the standard deviation is 20.
    assert all(abs(drawn[key[1]] - 600) < 90 for key, _ in given), drawn


def test_later_draws_stay_fair_whatever_was_taken_between() -> None:
    """The queue is filled twice, its strongest always the same twenty: among all that chance drew,
    these stand as often as the others, and a second draw says its own probability."""
    given = units(sentences(100))
    wanted = [Ranked(key, 1.0, "") for key, _ in given[:20]]
    favoured = {key[1] for key, _ in given[:20]}
    share = []
    for seed in range(150):
        pool = pool_of(given, seed=seed)
        texts = pool.text_of
        first = choose(pool, {Reason.LEAST_CERTAIN: wanted}, size=20, random_share=0.25)
        closed = {texts[(it.sha256, it.unit_hash, it.occurrence)] for it in first}
        drawn = {
            texts[(it.sha256, it.unit_hash, it.occurrence)]
            for it in first
            if it.reason is Reason.RANDOM
        }
        second = choose(
            pool, {}, size=5, random_share=1.0, closed=closed - drawn, drawn=drawn, quotas={}
        )
        assert {it.probability for it in second} == {5 / 95}
        share.append(sum(it.unit_hash in favoured for it in second) / 5)
    # A fifth is fair; without texts kept for chance it would be none at all.
    assert abs(sum(share) / len(share) - 0.2) < 0.05


def test_texts_kept_for_chance_are_not_taken_by_other_reasons() -> None:
    pool = pool_of(units(sentences(100)))
    reserved = {at for at, number in enumerate(pool.number) if number < queue.RESERVED}
    assert 5 < len(reserved) < 30
    orders = {Reason.LEAST_CERTAIN: ranked(pool)}
    chosen = choose(pool, orders, size=100, random_share=0.02)
    taken = {
        pool.text_of[(it.sha256, it.unit_hash, it.occurrence)]
        for it in chosen
        if it.reason is not Reason.RANDOM
    }
    assert not taken & reserved
    everything = choose(pool, orders, size=100, random_share=0.0)
    assert len(everything) == 100  # where nothing is drawn, nothing is kept back


@pytest.mark.parametrize("reason", [Reason.LIKELY_ERROR, Reason.DISPUTED, Reason.LEAST_CERTAIN])
def test_what_was_read_comes_again_only_where_its_label_is_in_doubt(reason: Reason) -> None:
    pool = pool_of(units(sentences(10)))
    read = frozenset(range(10))
    chosen = choose(pool, {reason: ranked(pool)}, size=5, random_share=0.5, closed=read, again={3})
    expected = [] if reason is Reason.LEAST_CERTAIN else [pool.first[3][1]]
    assert [it.unit_hash for it in chosen] == expected


def test_the_same_seed_gives_the_same_queue_and_another_another() -> None:
    given = units(sentences(80))

    def hashes(seed: int) -> list[str]:
        pool = pool_of(given, seed=seed)
        orders = {Reason.LEAST_CERTAIN: ranked(pool)}
        return [it.unit_hash for it in choose(pool, orders, size=20)]

    assert hashes(1) == hashes(1)
    assert hashes(1) != hashes(2)


def test_a_text_keeps_its_number_as_documents_come() -> None:
    texts = sentences(30)
    few, many = pool_of(units(texts[:10])), pool_of(units(texts[::-1]))
    for key, at in few.text_of.items():
        assert many.number[many.text_of[key]] == few.number[at] == random_number(key[1])
