"""Whether a learned classifier of subjects adds to the rules for departments.

    python evaluation/subject_classifier.py --mirror ../shared/documents

Logistic regression, one for each department, on TF-IDF of words and pairs of the unit, its
headings and the document's title. It learns from the departments of labelled commitments of other
families of documents, of the written sentences and of the words of ``remits.toml``, and is measured
on one held-out family after the other. Rules decide in every row whether a department answers at
all and which ones are named; what differs is how the others are inferred: by the words of
``remits.toml`` and the publisher (the program), by the classifier and the publisher, or by all
three (some minutes). The weight of the classifier is the one that does best on the other families.
Differences to the program are paired; their intervals are over families.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from departments import Commitment, Score, commitments, difference, figure, today

from collabnlp.labels.agreement import jaccard
from collabnlp.labels.written import read_written
from collabnlp.register import Register, load_register
from collabnlp.schema import ActorTier, Level, Unit
from collabnlp.sources.mirror import Mirror
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.remits import Remits, load_remits
from collabnlp.workflows.corpus_folder import Corpus

_WEIGHTS = (0.0, 0.25, 0.5, 1.0)
_PENALTIES = (1.0,)
# A written sentence's share of a real one's weight, and that of a subject's words.
_WRITTEN, _WORDS = 0.5, 0.5
Shares = Mapping[str, float]


class WithClassifier(DepartmentTagger):
    """The rules with a classifier's log-odds added to the evidence."""

    def __init__(self, register: Register, remits: Remits, weight: float) -> None:
        super().__init__(register, remits)
        self._weight = weight
        self.told: Shares = {}

    def _shares(
        self, unit: Unit, source: Any, tier: ActorTier, day: date | None
    ) -> dict[str, float]:
        ours = super()._shares(unit, source, tier, day)
        nobody = max(1.0 - sum(ours.values()), 1e-9)
        scores = {code: math.log(max(share, 1e-9) / nobody) for code, share in ours.items()}
        for remit in self.remits.remits:
            for code in self.remits.codes(remit, day):
                scores.setdefault(code, -self.remits.weights.nobody)
        for code in scores:
            odds = max((self.told.get(it, 0.0) for it in today(self.register, [code])), default=0.0)
            odds = min(max(odds, 0.01), 0.99)
            # Unlikely departments are left as they are: the rules' silence says that already.
            scores[code] += self._weight * max(0.0, math.log(odds / (1 - odds)) + 3.0)
        total = 1.0 + sum(math.exp(score) for score in scores.values())
        return {code: math.exp(score) / total for code, score in scores.items()}


def words_of(info_title: str, headings: Sequence[str], text: str) -> str:
    """What the classifier reads: the nearest headings twice, for they tell the subject."""
    return " . ".join((info_title, *headings, *headings[-2:], text))


def learn(
    texts: Sequence[str], codes: Sequence[frozenset[str]], weights: Any, penalty: float
) -> Any:
    """A function from texts to the share of each department."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.preprocessing import MultiLabelBinarizer

    binarizer = MultiLabelBinarizer()
    wanted = binarizer.fit_transform(codes)
    reader = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, stop_words="english")
    table = reader.fit_transform(texts)
    # Every row counts by its weight: rows are scaled, which a penalised regression reads as such.
    rows = np.repeat(np.arange(len(texts)), np.maximum(1, np.round(2 * weights).astype(int)))
    model = OneVsRestClassifier(LogisticRegression(C=penalty, solver="liblinear"))
    model.fit(table[rows], wanted[rows])

    def shares(more: Sequence[str]) -> list[Shares]:
        found = model.predict_proba(reader.transform(more))
        return [dict(zip(binarizer.classes_, map(float, row), strict=True)) for row in found]

    return shares


def outside(
    corpus: Corpus, register: Register, remits: Remits
) -> tuple[list[str], list[frozenset[str]], list[float]]:
    """Texts, departments and weights of the written sentences and of the subjects' words."""
    texts, codes, weights = [], [], []
    for it in read_written(corpus.written):
        if it.judgement.level is not Level.NONE and it.judgement.departments:
            texts.append(words_of("", it.headings, it.text))
            codes.append(today(register, it.judgement.departments))
            weights.append(_WRITTEN)
    for remit in remits.remits:
        own = today(register, remits.codes(remit, None))
        for wording in remit.words:
            texts.append(f"{remit.subject} . {wording.rstrip('*')}")
            codes.append(own)
            weights.append(_WORDS)
    return texts, codes, weights


def scores(
    tagger: DepartmentTagger,
    rows: Sequence[Commitment],
    tiers: Sequence[ActorTier],
    told: Sequence[Shares],
) -> list[Score]:
    """Jaccard of each row."""
    found = []
    for row, tier, shares in zip(rows, tiers, told, strict=True):
        if isinstance(tagger, WithClassifier):
            tagger.told = shares
        tags = tagger.tag(row.info, row.unit, row.mentions, tier)
        got = today(tagger.register, (it.code for it in tags))
        found.append(Score(row.family, jaccard(got, today(tagger.register, row.truth.departments))))
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--mirror", type=Path, required=True, help="folder of the documents")
    options.add_argument("--corpus", type=Path, default=Path("corpus"))
    options.add_argument("--build", type=Path, default=Path("build/corpus"))
    given = options.parse_args()
    corpus = Corpus(given.corpus)
    trial(corpus, commitments(corpus, Mirror(given.mirror), given.build))


def trial(corpus: Corpus, rows: Sequence[Commitment]) -> None:
    """Print the table."""
    register, remits = load_register(), load_remits()
    actors = ActorTagger()
    tiers = [actors.tag(row.info, row.unit, row.mentions) for row in rows]
    texts = [words_of(row.info.title, row.unit.headings, row.unit.text) for row in rows]
    codes = [today(register, row.truth.departments) for row in rows]
    families = np.array([row.family for row in rows])
    more_texts, more_codes, more_weights = outside(corpus, register, remits)
    program = scores(DepartmentTagger(register, remits), rows, tiers, [{}] * len(rows))
    silent = Remits(register, replace(remits.weights, text=0.0, heading=0.0), remits.remits)
    print(f"{len(rows)} commitments of {len(set(families))} families\n")
    print("| inferred by | mean Jaccard | above the program | where the publisher is wrong |")
    print("| --- | --- | --- | --- |")
    wrong = [at for at, row in enumerate(rows) if codes[at] != row.publisher]
    only = [program[at] for at in wrong]
    print(f"| words and publisher (the program) | {figure(program)} | | {figure(only)} |")
    for penalty in _PENALTIES:
        told: list[Shares] = [{}] * len(rows)
        for family in sorted(set(families)):
            own = [at for at in np.flatnonzero(families != family) if codes[at]]
            shares = learn(
                [texts[at] for at in own] + more_texts,
                [codes[at] for at in own] + more_codes,
                np.array([1.0] * len(own) + more_weights),
                penalty,
            )
            held = np.flatnonzero(families == family)
            for at, one in zip(held, shares([texts[at] for at in held]), strict=True):
                told[at] = one
        for name, base in (("classifier and publisher", silent), ("all three", remits)):
            tried = {
                weight: scores(WithClassifier(register, base, weight), rows, tiers, told)
                for weight in _WEIGHTS
            }
            kept: list[Score] = []
            for at, family in enumerate(families):
                weight = best(tried, families != family)
                kept.append(tried[weight][at])
            line = [figure(kept), difference(kept, program), figure([kept[at] for at in wrong])]
            print(f"| {name}, C = {penalty:g} | {' | '.join(line)} |", flush=True)


def best(tried: Mapping[float, Sequence[Score]], chosen: Any) -> float:
    """The weight that does best on some rows."""
    at = np.flatnonzero(chosen)
    return max(tried, key=lambda weight: (sum(tried[weight][it].part for it in at), -weight))


if __name__ == "__main__":
    main()
