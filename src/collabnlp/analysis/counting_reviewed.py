"""Counts of documents of which people have read some units: what is known, and what of the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from collabnlp.analysis.counting_figures import LEAST_UNITS, MOST_FOUND
from collabnlp.analysis.counting_versions import text_title
from collabnlp.schema import LADDER, Level, Tag

if TYPE_CHECKING:
    from collabnlp.analysis.counting import CountedDocument
    from collabnlp.analysis.prevalence import Corrector, Estimate, Floats, Integers
    from collabnlp.analysis.reviewed import Families, Text

ORDER = (Level.NONE, *LADDER)


class Choice(StrEnum):
    """Why a unit was read, as far as its label says something of others."""

    CHANCE = "drawn by chance"
    SCORE = "least certain"
    OTHER = "another reason"


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A unit that a person read.

    model        what the model says of it; the document has what the person says
    choice       why it was read
    probability  of its having been drawn (0..1]; 1 where chance had no part
    suggested    True where the person saw the model's suggestion, and may have leant on it
    """

    model: Tag
    choice: Choice = Choice.OTHER
    probability: float = 1.0
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Rest:
    """What is estimated of the unread units of some documents.

    estimate  counts (see `reviewed.added`); None where it cannot be said, and ``why_not``
    shown     units of which the labels tell something of the rest
    alone     True where all rests on what was read here and families, nothing on families alone
    """

    estimate: Estimate | None
    why_not: str = ""
    shown: int = 0
    alone: bool = False


def rest_of(documents: Sequence[CountedDocument], corrector: Corrector, families: Families) -> Rest:
    """The unread units of some documents, of which people have read at least one unit.

    Versions of one text err alike and are taken together. A text of which enough units were shown
    is estimated from these and from the families; the others from the families' errors alone.
    """
    import numpy as np

    from collabnlp.analysis.prevalence import decided_counts
    from collabnlp.analysis.reviewed import LEAST_SHOWN, added, estimate_rest, scaled

    texts = _texts(documents)
    unread = [it for it in texts if it.unread.sum()]
    shown = [it for it in unread if it.shown >= LEAST_SHOWN]
    others = [it.unread for it in unread if it.shown < LEAST_SHOWN]
    parts = [estimate_rest(shown, families)] if shown else []
    if others:
        left = int(np.sum(others))
        too_few = f"under {LEAST_SHOWN} units drawn by chance or least certain were read"
        if left < LEAST_UNITS:
            return Rest(None, f"{too_few}, too few units are left to correct (under {LEAST_UNITS})")
        if decided_counts(np.sum(others, axis=0))[1:].sum() > MOST_FOUND * left:
            share = f"over {MOST_FOUND:.0%}"
            return Rest(None, f"{too_few}, more found than errors were measured on ({share})")
        parts.append(scaled(corrector.estimate(np.stack(others)), left))
    # One with nothing unread has no error.
    nothing = np.zeros(len(LADDER))
    return Rest(added(nothing, parts), shown=sum(it.shown for it in shown), alone=not others)


def _texts(documents: Iterable[CountedDocument]) -> list[Text]:
    import numpy as np

    from collabnlp.analysis.prevalence import column_counts, columns_of
    from collabnlp.analysis.reviewed import Text, weighed

    by_title: dict[str, list[CountedDocument]] = {}
    for document in documents:
        by_title.setdefault(text_title(document.info.title), []).append(document)
    found = []
    for versions in by_title.values():
        unread = [
            one.tag for it in versions for at, one in enumerate(it.tagged) if at not in it.read
        ]
        sample = np.zeros(0)
        shown = 0
        for choice in (Choice.CHANCE, Choice.SCORE):
            read = [
                (one, it.tagged[at].tag.level)
                for it in versions
                for at, one in sorted(it.read.items())
                if one.choice is choice
            ]
            shown += len(read)
            table = weighed(
                columns_of(*_scores([one.model for one, _ in read])),
                np.array([ORDER.index(level) for _, level in read], dtype=np.int64),
                np.array([one.probability for one, _ in read], dtype=np.float64),
            )
            sample = sample + table if sample.size else table
        found.append(Text(column_counts(*_scores(unread)), sample, shown))
    return found


def _scores(tags: Sequence[Tag]) -> tuple[Floats, Integers]:
    import numpy as np

    return (
        np.array([it.commitment_probability for it in tags], dtype=np.float64),
        np.array([ORDER.index(it.level) for it in tags], dtype=np.int64),
    )


def review_notes(documents: Sequence[CountedDocument], rest: Rest | None) -> Iterable[str]:
    """What people read, what it changed, and on what the corrected counts rest."""
    read = [(it.tagged[at].tag, one) for it in documents for at, one in it.read.items()]
    units = sum(len(it.tagged) for it in documents)
    changed = sum(tag.level is not one.model.level for tag, one in read)
    yield (
        f"People read {len(read):,} of {units:,} units and changed the level of {changed:,}; "
        "their labels stand in place of the model's."
    )
    if not read or rest is None:
        return
    if len(read) == units:
        yield "All is read: corrected counts are those of people's labels."
        return
    kinds = Counter(one.choice for _, one in read)
    if rest.estimate is None:
        return
    if rest.alone:
        yield (
            "Corrected counts take what was read as known and estimate the rest from what people "
            f"said of {kinds[Choice.CHANCE]:,} units drawn by chance and {kinds[Choice.SCORE]:,} "
            "that the model was least certain of, beside the model's errors on families held out."
        )
        if not kinds[Choice.CHANCE]:
            yield (
                "No unit was drawn by chance: of what the model is sure of nothing was seen, and "
                "intervals are likely to be too narrow."
            )
    else:
        yield (
            "Corrected counts take what was read as known. Of some texts too few units were drawn "
            "by chance (or least certain) to tell of the rest, which is estimated by the model's "
            "errors on families held out; "
            f"{rest.shown:,} units read tell of the other texts."
        )
    told = [one for _, one in read if one.choice is not Choice.OTHER]
    suggested = sum(one.suggested for one in told)
    if suggested:
        yield (
            f"Read with the model's suggestion in view: {suggested:,} of these {len(told):,} "
            "units. Where readers leant on it, the model's errors look fewer than they are."
        )
