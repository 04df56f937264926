"""What speaks for reading a unit: each measure on a case made for it."""

from __future__ import annotations

import numpy as np
import pytest

from collabnlp.schema import Reason
from collabnlp.tagging.cues import default_cue_text, read_cues
from collabnlp.tagging.doubt import disagreement, doubts, farthest_first, uncertainty, unlikeness
from collabnlp.tagging.features import FeatureReader, UnitView
from collabnlp.tagging.level_model import LevelScores, SparseRows, Vocabulary


def scores(commitment: list[float], levels: list[list[float]], decided: list[int]) -> LevelScores:
    return LevelScores(np.array(commitment), np.array(levels), np.array(decided))


SURE = [1.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("commitment", "levels", "expected"),
    [
        (0.0, SURE, 0.0),
        (1.0, SURE, 0.0),
        (0.5, SURE, 0.5),
        (0.9, [0.5, 0.5, 0.0, 0.0, 0.0], 0.55),
        (5 / 6, [0.2] * 5, 5 / 6),
    ],
)
def test_uncertainty(commitment: float, levels: list[float], expected: float) -> None:
    found = uncertainty(scores([commitment], [levels], [0]))
    assert found[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("votes", "expected"),
    [([3], 0.0), ([3, 3], 0.0), ([0, 5], 5.0), ([2, 4], 2.0), ([0, 0, 3], 2.0), ([1, 2, 3], 4 / 3)],
)
def test_disagreement_is_the_mean_distance_of_pairs(votes: list[int], expected: float) -> None:
    assert disagreement([np.array([it]) for it in votes])[0] == pytest.approx(expected)


def rows(table: list[list[float]]) -> SparseRows:
    starts, columns, values = [0], list[int](), list[float]()
    for row in table:
        for at, value in enumerate(row):
            if value:
                columns.append(at)
                values.append(value)
        starts.append(len(columns))
    return SparseRows(np.array(starts), np.array(columns), np.array(values), len(table[0]))


def test_the_farthest_comes_first_and_none_twice() -> None:
    table = rows([[1, 0, 0], [2, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 3]])
    order = farthest_first(table, size=9)
    assert [at for at, _ in order] == [0, 3, 4, 2]  # 1 points as 0 does
    assert [far for _, far in order][:3] == [1.0, 1.0, 1.0]
    assert order[3][1] == pytest.approx(1 - 2**-0.5)
    assert [at for at, _ in farthest_first(table, size=2, there=[3, 4])] == [0, 2]


TEXTS = [
    "We will work with councils on the ferry.",
    "We will work with councils on the quokka.",
    "Marsupial zoologists applaud burrowing wombats.",
    "Table 4",
]


def constructed() -> dict[Reason, list[tuple[int, str]]]:
    reader = FeatureReader(read_cues(default_cue_text()))
    features = reader.read([UnitView(text=text) for text in TEXTS])
    known = sorted({run for run in features[0].runs if " " not in run})
    vocabulary = Vocabulary(
        runs={run: at for at, run in enumerate(known)}, flags={}, idf=np.ones(len(known))
    )
    said = scores([0.5, 0.8, 0.3, 0.5], [SURE] * 4, [1, 1, 0, 1])
    votes = {"the model": said.decided, "the cue rules": np.array([1, 4, 0, 5])}
    found = doubts(said, vocabulary, features, votes)
    assert unlikeness(vocabulary, features).share.tolist() == [0.0, 1 / 8, 1.0, 1.0]
    return {reason: [(it.unit, it.detail) for it in order] for reason, order in found.items()}


@pytest.mark.parametrize(
    ("reason", "order", "line"),
    [
        (Reason.LEAST_CERTAIN, [0, 2, 1], "Its likeliest answer has 50%."),
        (Reason.DISAGREEING, [1], "The model and the cue rules are 3 steps of the ladder apart."),
        (Reason.UNLIKE, [2], "100% of its 5 words are new to the model."),
    ],
)
def test_each_reason_ranks_what_it_is_about(reason: Reason, order: list[int], line: str) -> None:
    found = constructed()[reason]
    assert [unit for unit, _ in found] == order  # never the label of a table
    assert found[0][1] == line


def test_diverse_units_are_doubtful_and_unlike_each_other() -> None:
    assert [unit for unit, _ in constructed()[Reason.DIVERSE]][:1] == [0]
