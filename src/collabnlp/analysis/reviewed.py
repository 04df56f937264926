"""How many commitments the units have that no person has read, where people read some of them.

What people read is known and has no error. The rest is estimated from two things: what the model's
decisions meant in families of documents that it had not seen (`prevalence.ErrorTables`), and what
people said of units drawn by chance from these very documents. Both meet in one model, a
Dirichlet-multinomial for every column (score bin and decided level) with an effect of the text:

    share of the classes in column c of text t  ~  Dirichlet(k * m(c, d))
    m(c, d)  the mean of the families, its odds of a commitment times exp(d)
    d        ~  Student's t, one for each text: under a shift of the share of commitments alone,
             all odds are multiplied alike (Saerens et al. 2002)

Their parameters are fitted to the families by marginal likelihood (empirical Bayes: Efron & Morris
1975). Draws by chance move both ``d`` and their column's share; with none, the families' means and
their differences remain. Intervals are widened quantiles of the unread units' predictive
distribution, so that nothing is left of them where all is read.

Units that were chosen for their score (least certain) say as much of the unread ones of their
column as a draw by chance does: given the score, their choice did not look at what they are (Rubin
1976). Units chosen for anything else (disagreeing models, likely errors, …) are known, but say
nothing of the rest. Because the rest is estimated column by column it does not matter which were
taken first, the drawn or the least certain; a plain mean of the drawn would be wrong by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from collabnlp.analysis.counting_figures import among
from collabnlp.analysis.prevalence import (
    CLASSES,
    COLUMNS,
    ErrorTables,
    Estimate,
    Floats,
    Integers,
    decided_counts,
)
from collabnlp.schema import Figure

DRAWS = 1000
_SHIFTS = np.linspace(-4.0, 4.0, 49)
_CENTRES = (-0.6, -0.45, -0.3, -0.15, 0.0, 0.15, 0.3)
_FREEDOM = 3.0
_SPREADS = (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3)
_CONCENTRATIONS = (3.0, 6.0, 12.0, 25.0, 50.0, 100.0, 200.0, 400.0, 1000.0)
# By how much the draws' intervals are widened (levels, all), and how many units shown weigh as much
# as the raw total does: chosen by benchmarks/reviewed_counts.py.
_WIDER = np.array([1.5] * (CLASSES - 1) + [1.25])
_RAW_WORTH = 50.0
LEAST_SHOWN = 20
"""A text of which fewer units were shown is left to the families' errors alone."""
# Units by which a column's mean is smoothed: of its decided level, then of all units.
_OWN, _ALL = 4.0, 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """A text (its versions together) of which people have read some units.

    unread  its unread units by column (COLUMNS)
    sample  its units drawn by chance, or for their score alone, and read: by column and class that
            people gave them (COLUMNS × 6); no whole numbers where chances were unequal
    shown   how many those are
    """

    unread: Integers
    sample: Floats
    shown: int


def weighed(columns: Integers, classes: Integers, probabilities: Floats) -> Floats:
    """A sample's units by column and class (COLUMNS × 6), each weighed by the inverse of its
    chance of being drawn.

    In every column the weights are scaled to the effective number of units (Kish 1965), so that
    shares are Hájek's (1971) and unequal weights count as the fewer units that they are worth.
    """
    weights = 1.0 / probabilities
    found = np.zeros((COLUMNS, CLASSES))
    np.add.at(found, (columns, classes), weights)
    sums = np.bincount(columns, weights, COLUMNS)
    squares = np.bincount(columns, weights**2, COLUMNS)
    scaled: Floats = found * (sums / np.maximum(squares, 1e-300))[:, None]
    return scaled


@dataclass(frozen=True, slots=True)
class Families:
    """What the model's decisions mean in families of documents, and how much families differ.

    means    share of the classes in every column (COLUMNS × 6)
    centre, spread  of a text's shift of the log odds of a commitment (Student's t)
    firmness  how many units a column's shares are worth: where the model found none, and else
    """

    means: Floats
    centre: float
    spread: float
    firmness: tuple[float, float]

    def alphas(self, shift: float) -> Floats:
        """Parameters of the columns' Dirichlet distributions after a shift (COLUMNS × 6)."""
        return _shifted(self.means, shift) * _by_column(self.firmness)[:, None]

    def draws(self, text: Text, random: np.random.Generator, draws: int = DRAWS) -> Floats:
        """Unread units of the five levels in a text, drawn from what may be true (draws × 5)."""
        there = np.flatnonzero(text.unread)
        found = np.zeros((draws, CLASSES - 1))
        if not len(there):
            return found
        sampled = np.flatnonzero(text.sample.sum(axis=1))
        log = np.log(_chances(self.centre, self.spread))
        log += [_evidence(text.sample[sampled], self.alphas(it)[sampled]) for it in _SHIFTS]
        chances = np.exp(log - log.max())
        times = random.multinomial(draws, chances / chances.sum())
        row = 0
        for shift, many in zip(_SHIFTS, times, strict=True):
            if not many:
                continue
            alphas = (self.alphas(shift) + text.sample)[there]
            shares = random.standard_gamma(alphas, (many, *alphas.shape)) + 1e-300
            shares /= shares.sum(axis=2, keepdims=True)
            drawn = random.multinomial(text.unread[there], shares).sum(axis=1)
            found[row : row + many] = drawn[:, 1:]
            row += many
        # In the order of the shifts until here: texts would go up and down together.
        return random.permutation(found)


def _chances(centre: float, spread: float) -> Floats:
    """How likely each shift is before anything was read: Student's t, for some texts are odd."""
    found: Floats = (1 + ((_SHIFTS - centre) / spread) ** 2 / _FREEDOM) ** (-(_FREEDOM + 1) / 2)
    chances: Floats = found / found.sum()
    return chances


def _shifted(means: Floats, shift: float) -> Floats:
    odds = means.copy()
    odds[:, 1:] *= np.exp(shift)
    found: Floats = odds / odds.sum(axis=1, keepdims=True)
    return found


def _by_column(firmness: tuple[float, float]) -> Floats:
    return np.where(np.arange(COLUMNS) % CLASSES == 0, *firmness)


def _evidence(counts: Floats, alphas: Floats) -> float:
    """Log likelihood of rows of counts under Dirichlet-multinomials, but for a constant."""
    from scipy.special import gammaln

    whole = gammaln(alphas.sum(axis=-1)) - gammaln((alphas + counts).sum(axis=-1))
    return float((whole + (gammaln(alphas + counts) - gammaln(alphas)).sum(axis=-1)).sum())


def fit_families(tables: ErrorTables) -> Families:
    """Means of the families and, by marginal likelihood, how much they differ."""
    counts = tables.counts.transpose(0, 2, 1).astype(np.float64)  # families × columns × classes
    means = _means(counts.sum(axis=0))
    shapes = [(centre, spread) for centre in _CENTRES for spread in _SPREADS]
    prior = np.stack([_chances(*it) for it in shapes])
    # Given the shift, columns without and with a level are apart: their likelihoods add up.
    likelihoods = np.zeros((2, len(_CONCENTRATIONS), len(tables.names), len(_SHIFTS)))
    for at, shift in enumerate(_SHIFTS):
        own = _shifted(means, shift)
        for kind in (0, 1):
            chosen = (np.arange(COLUMNS) % CLASSES > 0) == bool(kind)
            for rank, worth in enumerate(_CONCENTRATIONS):
                for family, table in enumerate(counts):
                    rows = chosen & (table.sum(axis=1) > 0)
                    likelihoods[kind, rank, family, at] = _evidence(table[rows], worth * own[rows])
    best = (-np.inf, (0.0, 0.0), (0.0, 0.0))
    for first, none in enumerate(_CONCENTRATIONS):
        for second, level in enumerate(_CONCENTRATIONS):
            log = likelihoods[0, first] + likelihoods[1, second]
            top = log.max(axis=1, keepdims=True)
            totals = (np.log(np.exp(log - top) @ prior.T) + top).sum(axis=0)
            at = int(totals.argmax())
            best = max(best, (float(totals[at]), shapes[at], (none, level)))
    return Families(means, *best[1], best[2])


def _means(counts: Floats) -> Floats:
    """Shares of the classes in every column, few units being smoothed by wider groups."""
    everywhere = (counts.sum(axis=0) + 0.01) / (counts.sum() + 0.01 * CLASSES)
    found = np.zeros_like(counts)
    for decided in range(CLASSES):
        own = counts[decided::CLASSES]
        group = own.sum(axis=0) + _ALL * everywhere
        smooth = own + _OWN * group / group.sum()
        found[decided::CLASSES] = smooth / smooth.sum(axis=1, keepdims=True)
    return found


def estimate_rest(texts: Sequence[Text], families: Families, *, seed: int = 7) -> Estimate:
    """Commitments among the unread units of some texts, as counts with 95% intervals; the 11
    figures are the five levels', that of all, and the levels' shares among these.

    The total is a mean of the draws' median and the raw count, which weighs as much as
    `_RAW_WORTH` units shown do; it is parted as the raw counts are, or where there are none as the
    draws' means. Both err less than the draws' own means (benchmarks/reviewed_counts.py).
    """
    random = np.random.default_rng(seed)
    drawn = np.zeros((DRAWS, CLASSES - 1))
    for text in texts:
        drawn += families.draws(text, random)
    unread = sum((it.unread for it in texts), np.zeros(COLUMNS, dtype=np.int64))
    raw = decided_counts(unread)[1:].astype(np.float64)
    shown = sum(it.shown for it in texts)
    weight = shown / (shown + _RAW_WORTH)
    total = weight * float(np.median(drawn.sum(axis=1))) + (1.0 - weight) * float(raw.sum())
    mean = drawn.mean(axis=0)
    levels = total * _mix(raw if raw.sum() else mean)
    six = np.append(levels, total)
    counts = np.column_stack([drawn, drawn.sum(axis=1)])
    low, high = np.quantile(counts, [0.025, 0.975], axis=0)
    low = np.maximum(six - _WIDER * np.maximum(six - low, 0.0), 0.0)
    high = np.minimum(six + _WIDER * np.maximum(high - six, 0.0), float(unread.sum()))
    return _counts(np.zeros(CLASSES), six, low, high)


def scaled(shares: Estimate, units: int) -> Estimate:
    """Shares of units, as `prevalence.Corrector` estimates them, as counts among so many units."""
    six = (it[:CLASSES] * units for it in (shares.figures, shares.low, shares.high))
    return _counts(np.zeros(CLASSES), *six)


def added(known: Floats, parts: Sequence[Estimate]) -> Estimate:
    """Known counts of the levels (5) and independent estimates of others, as one estimate of 11
    figures. Distances to the bounds add up by squares (MOVER: Zou & Donner 2008)."""
    nothing = np.zeros(CLASSES)
    six = sum((it.figures[:CLASSES] for it in parts), nothing)
    below = sum(((it.figures - it.low)[:CLASSES] ** 2 for it in parts), nothing)
    above = sum(((it.high - it.figures)[:CLASSES] ** 2 for it in parts), nothing)
    there = np.append(known, known.sum())
    return _counts(there, six, np.maximum(six - np.sqrt(below), 0.0), six + np.sqrt(above))


def _counts(known: Floats, six: Floats, low: Floats, high: Floats) -> Estimate:
    """An estimate from known counts and uncertain ones with their bounds (levels, all: 6 each)."""
    whole = Figure(float(six[-1]), float(low[-1]), float(high[-1]))
    shares = [
        level_share(
            Figure(*(float(it[at]) for it in (six, low, high))),
            whole,
            known=(float(known[at]), float(known[-1])),
        )
        for at in range(CLASSES - 1)
    ]
    return Estimate(
        np.append(known + six, [it.value for it in shares]),
        np.append(known + low, [it.low for it in shares]),
        np.append(known + high, [it.high for it in shares]),
    )


def level_share(part: Figure, whole: Figure, *, known: tuple[float, float]) -> Figure:
    """The share that a part has of a whole, both uncertain, after known counts of the part and of
    the whole are added to them; the whole's distances are the others' as far as they have it."""
    rest = max(0.0, whole.value - part.value)
    ratio = rest / whole.value if whole.value > 0 else 0.0
    others = known[1] - known[0] + rest
    below = min(rest, ratio * (whole.value - whole.low))
    return among(
        Figure(known[0] + part.value, known[0] + part.low, known[0] + part.high),
        Figure(others, others - below, others + ratio * (whole.high - whole.value)),
    )


def _mix(levels: Floats) -> Floats:
    found: Floats = levels / np.maximum(levels.sum(), 1e-12)
    return found
