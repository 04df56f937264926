"""What a report is made of: commitments with the values they are counted by, counts, sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from collabnlp.schema import (
    Comparison,
    CountKey,
    Counts,
    DocumentInfo,
    Level,
    TaggedUnit,
)


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment and its values of every key that it is counted by; ``pyramid`` where the
    published pyramid counts it."""

    tagged: TaggedUnit
    values: Mapping[CountKey, tuple[str, ...]]
    pyramid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One path of the call, and what became of it.

    name     the file's name
    link     where a browser finds it from the page (relative, percent-encoded); None where it
             cannot be linked (standard input, another drive)
    info     None where the document was refused; then ``refusal`` says why
    reasons  what of it was lost, a sentence each; any makes it partial
    same_as  the file that is the same document, where this one is therefore not counted
    """

    name: str
    link: str | None = None
    info: DocumentInfo | None = None
    format: str = ""
    units: int = 0
    pages: int = 0
    refusal: str = ""
    reasons: tuple[str, ...] = ()
    same_as: str = ""

    @property
    def status(self) -> str:
        """``done``, ``partial`` or ``refused``."""
        if self.info is None:
            return "refused"
        return "partial" if self.reasons else "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made the figures.

    program          name and version
    model, digest    the model's name and the SHA-256 of its description
    labels, trained  digest of the labels it learned from, and of how many real documents they are
    codebook         version of the rules that the labels follow
    correction       how counts were corrected, in a sentence, or why they were not
    """

    program: str
    model: str
    digest: str
    labels: str
    trained: int
    codebook: str
    correction: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that the page, the workbook and the charts show.

    by_level         of the view: the published pyramid, or all commitments
    by_level_of_all  of all commitments, whatever the view
    departments, documents
                     of the view, by that key and level
    single           of all commitments, by one key
    """

    title: str
    sources: tuple[SourceFile, ...]
    commitments: tuple[Commitment, ...]
    by_level: Counts
    by_level_of_all: Counts
    departments: Counts
    documents: Counts
    single: Mapping[CountKey, Counts]
    provenance: Provenance
    comparison: Comparison | None = None

    def of_status(self, status: str) -> tuple[SourceFile, ...]:
        """The sources that are ``done``, ``partial`` or ``refused``."""
        return tuple(source for source in self.sources if source.status == status)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """A title for each document's id, with its date or its id where another has the same."""
        titles = {name: info.title for name, info in self._infos.items()}
        for attribute in ("date", "id"):
            times = Counter(titles.values())
            for name, info in self._infos.items():
                apart = getattr(info, attribute)
                if times[titles[name]] > 1 and apart:
                    titles[name] = f"{info.title} ({apart})"
        return titles

    @property
    def _infos(self) -> Mapping[str, DocumentInfo]:
        return {it.info.id: it.info for it in self.sources if it.info is not None}

    @cached_property
    def files(self) -> Mapping[str, SourceFile]:
        """The file of each document, by the document's id."""
        return {it.info.id: it for it in self.sources if it.info is not None and not it.same_as}

    @cached_property
    def units(self) -> int:
        """How many units were read in all documents."""
        return sum(source.units for source in self.sources)


def levels_in(counts: Counts) -> dict[Level, int]:
    """How many commitments of each level a count by level found."""
    return {Level(cell.values[0]): cell.count for cell in counts.cells}
