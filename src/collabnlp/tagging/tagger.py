"""From units to records: the level first, then who acts, with whom, and who answers for it.

Levels are found for all units of a document at once. Partners, departments and cues are found for
commitments alone; a unit that is none carries its actor's tier and its force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collabnlp.schema import (
    LADDER,
    ActorTier,
    Cue,
    Document,
    Level,
    Partner,
    Region,
    Tag,
    TaggedUnit,
    Unit,
)
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.force import force_of
from collabnlp.tagging.mentions import MentionMatcher
from collabnlp.tagging.partners import PartnerTagger
from collabnlp.tagging.promoted import load_chosen

if TYPE_CHECKING:
    from collabnlp.register import Entry
    from collabnlp.tagging.features import UnitFeatures
    from collabnlp.tagging.level_model import LevelModel

MOST_CUES = 5
_LEAST_WEIGHT = 0.05


@dataclass(frozen=True)
class Tagger:
    """A level model with the matchers beside it; made once, used for any number of documents."""

    model: LevelModel
    mentions: MentionMatcher
    departments: DepartmentTagger
    partners: PartnerTagger
    actors: ActorTagger

    @property
    def name(self) -> str:
        """The model's name and version, as records carry it."""
        return self.model.name

    def tag(self, document: Document, units: Sequence[Unit]) -> list[TaggedUnit]:
        """Every unit with its tag, in the order given (reading order)."""
        from collabnlp.tagging.features import views_of

        if not units:
            return []
        features = self.model.reader.read(views_of(document, units))
        scores = self.model.score(features)
        # A cover or an imprint promises nothing: of 228 such units that were read, none did.
        front = [unit.region is Region.FRONT for unit in units]
        commitment = [
            0.0 if at_front else share
            for share, at_front in zip(scores.commitment.tolist(), front, strict=True)
        ]
        decided_levels = [
            0 if at_front else level
            for level, at_front in zip(scores.decided.tolist(), front, strict=True)
        ]
        sure = (scores.sureness >= self.model.calibration.sure).tolist()
        unsure = [not it and not at_front for it, at_front in zip(sure, front, strict=True)]
        defined = self.mentions.definitions(document.text, document.info.date)
        return [
            TaggedUnit(
                document.info,
                unit,
                self._tag(
                    document,
                    unit,
                    features[index],
                    decided,
                    commitment[index],
                    shares,
                    unsure[index],
                    defined,
                ),
            )
            for index, (unit, decided, shares) in enumerate(
                zip(units, decided_levels, scores.levels.tolist(), strict=True)
            )
        ]

    def _tag(
        self,
        document: Document,
        unit: Unit,
        features: UnitFeatures,
        decided: int,
        commitment: float,
        levels: list[float],
        unsure: bool,
        defined: Mapping[str, Entry | None],
    ) -> Tag:
        info = document.info
        force = force_of(info, unit)
        shares = _five(levels)
        if decided == 0:
            return Tag(
                level=Level.NONE,
                commitment_probability=commitment,
                level_probabilities=shares,
                actor_tier=self.actors.tag(info, unit),
                force=force,
                needs_review=unsure,
                model=self.model.name,
            )
        mentions = self.mentions.find(unit.text, info.date, defined)
        tier = self.actors.tag(info, unit, mentions)
        partners, partner_mentions = self.partners.tag(info, unit, mentions)
        departments = self.departments.tag(info, unit, mentions, tier)
        return Tag(
            level=LADDER[decided - 1],
            commitment_probability=commitment,
            level_probabilities=shares,
            actor_tier=tier,
            force=force,
            partners=partners,
            partner_mentions=partner_mentions,
            departments=departments,
            cues=self._cues(document, unit, features, decided),
            needs_review=unsure or unit.region is Region.BOX or _open_ended(tier, partners),
            model=self.model.name,
        )

    def _cues(
        self, document: Document, unit: Unit, features: UnitFeatures, level: int
    ) -> tuple[Cue, ...]:
        """The words that moved the tag: cue phrases, or single word runs where there are none."""
        spans = features.tokens.spans
        weighed: list[tuple[float, int, int]] = [
            (
                self.model.cue_weight(found, level),
                spans[found.hit.start][0],
                spans[found.hit.end - 1][1],
            )
            for found in features.found
            if found.cue.shown
        ]
        chosen = _without_overlaps(weighed)
        if not chosen:
            chosen = _without_overlaps(self._run_spans(features, level))
        cues = []
        for weight, start, end in chosen[:MOST_CUES]:
            at, stop = unit.to_document(start), unit.to_document(end - 1) + 1
            if at < stop:
                # A phrase that runs from a lead-in into its item spans what stands between.
                shown = unit.text[start:end]
                cues.append(Cue(shown, at, stop, weight))
        return tuple(cues)

    def _run_spans(self, features: UnitFeatures, level: int) -> list[tuple[float, int, int]]:
        weights = self.model.run_weights(features, level)
        tokens = features.tokens
        words = [
            (word, span)
            for word, span in zip(tokens.words, tokens.spans, strict=True)
            if word[0].isalnum()
        ]
        found = []
        for size in (1, 2):
            for at in range(len(words) - size + 1):
                run = " ".join(word for word, _ in words[at : at + size])
                weight = weights.get(run, 0.0)
                if weight > 0 and any(len(word) > 3 for word, _ in words[at : at + size]):
                    found.append((weight, words[at][1][0], words[at + size - 1][1][1]))
        return found


def _open_ended(tier: ActorTier, partners: Sequence[Partner]) -> bool:
    """A promise with nobody on the other side is odd enough to look at."""
    return not partners and tier is ActorTier.NATIONAL


def _five(levels: Sequence[float]) -> tuple[float, float, float, float, float]:
    first, second, third, fourth, fifth = levels
    return first, second, third, fourth, fifth


def _without_overlaps(
    weighed: Sequence[tuple[float, int, int]],
) -> list[tuple[float, int, int]]:
    """The weightiest first; of two that overlap the weightier stays."""
    kept: list[tuple[float, int, int]] = []
    for one in sorted(weighed, key=lambda it: (-it[0], it[1], it[2])):
        if one[0] < _LEAST_WEIGHT:
            break
        if all(one[2] <= other[1] or other[2] <= one[1] for other in kept):
            kept.append(one)
    return kept


def load_tagger(name: str) -> Tagger:
    """The tagger of a model: "current", one that comes with the program, the digest of a promoted
    one, or a model's folder.

    Raises ModelError where the model is missing, damaged or made by another version.
    """
    from collabnlp.register import load_register

    register = load_register()
    mentions = MentionMatcher(register)
    return Tagger(
        model=load_chosen(name),
        mentions=mentions,
        departments=DepartmentTagger(register, matcher=mentions),
        partners=PartnerTagger(),
        actors=ActorTagger(),
    )
