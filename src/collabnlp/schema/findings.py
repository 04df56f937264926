"""What a search or a count over documents found."""

from __future__ import annotations

from dataclasses import dataclass

from collabnlp.schema.documents import BlockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One hit: the match with its context to either side, and where it stands.

    ``start`` and ``end`` are document offsets; ``chapter`` is the highest heading above it.
    """

    document: str
    page: int | None
    page_label: str | None
    chapter: str
    kind: BlockKind
    before: str
    match: str
    after: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Hits and words of one stretch of text; the rate is per 10,000 words."""

    name: str
    hits: int
    words: int

    @property
    def per_10_000(self) -> float:
        return 10_000 * self.hits / self.words if self.words else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Concordance:
    """All hits of a term in one document, with its counts in order of the chapters."""

    document: str
    title: str
    total: Count
    chapters: tuple[Count, ...]
    occurrences: tuple[Occurrence, ...]
