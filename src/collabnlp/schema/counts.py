"""What counts of commitments, tests between groups of them and keyness are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from collabnlp.schema.rules import require


class CountKey(StrEnum):
    """By what commitments are counted.

    BODY is the place, forum or body of the register that is named as partner. DOCUMENT, VERSION
    (of one text, by date) and KIND (of document) are of documents; all others are of commitments.
    """

    LEVEL = "level"
    DEPARTMENT = "department"
    PARTNER = "partner"
    BODY = "body"
    TIER = "tier"
    FORCE = "force"
    DOCUMENT = "document"
    VERSION = "version"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        require(self.low <= self.value + 1e-9, f"{self.low} is above {self.value}")
        require(self.value <= self.high + 1e-9, f"{self.high} is below {self.value}")

    def times(self, factor: float) -> Figure:
        """All three numbers times a factor."""
        return Figure(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A cell with the model's errors taken into account: count, per 1,000 units, share."""

    count: Figure
    rate: Figure
    share: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class CountCell:
    """The commitments that have the same values of all keys.

    values       one a key, in the order of ``Counts.by``
    count        how many units; ``rows`` names each (document id, unit id)
    units, words, commitments
                 denominators: of the documents that the cell's values name (all, where they name
                 none); ``commitments`` are those in view (the pyramid, or all)
    rate         per 1,000 units; None without units
    share        of the commitments, 0..1; None without commitments
    corrected    None where there is nothing to correct by, or too little to correct; ``note`` says
                 which
    """

    values: tuple[str, ...]
    count: int
    units: int
    words: int
    commitments: int
    rate: Figure | None
    share: Figure | None
    corrected: Corrected | None
    note: str
    rows: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        require(self.count == len(self.rows), "a cell's count is not that of its rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTest:
    """A test for a difference between groups.

    question   what was compared; ``groups`` between which
    method     "chi-square", "Fisher's exact test", "permutations of chi-square"
    statistic  chi-square; None for the exact test
    p          of the test by itself; ``adjusted`` by Holm's method over all tests shown
    effect     "Cramer's V" or "log ratio" (binary logarithm of the first group's share by the
               second's), with its interval
    units      how many units were compared
    """

    question: str
    groups: tuple[str, ...]
    method: str
    statistic: float | None
    p: float
    adjusted: float
    effect: str
    size: Figure
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Cells of one count, with its tests where asked for, and remarks that readers need."""

    by: tuple[CountKey, ...]
    where: tuple[tuple[str, str], ...]
    pyramid: bool
    cells: tuple[CountCell, ...]
    total: CountCell
    tests: tuple[GroupTest, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    """A word or run of words that one set of documents uses more than another.

    first, second  how often each set has it
    per_10_000     rates in both sets
    score          signed statistic, positive where the first set has more
    p, adjusted    of the statistic; adjusted by Benjamini and Hochberg over all words compared
    log_ratio      binary logarithm of the ratio of rates, 0.5 standing for none at all
    difference     %DIFF: by how many per cent the first rate is above the second's; None where
                   the second set has none
    """

    word: str
    first: int
    second: int
    per_10_000: tuple[float, float]
    score: float
    p: float
    adjusted: float
    log_ratio: Figure
    difference: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyness:
    """Words of two sets compared, those of the first set foremost, then those of the second."""

    measure: str
    words: tuple[int, int]
    documents: tuple[tuple[str, ...], tuple[str, ...]]
    compared: int
    keywords: tuple[Keyword, ...]
