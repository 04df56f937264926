"""Which central departments answer for a unit at its document's date (codebook, section 5).

Explicit: the unit names a department, its minister, a body that it sponsors or a council that it
runs; in a department's own document also "the Department". Otherwise inferred, from what the
document and the words around the unit say of the subject.

Every department gets a score: the weights of the subject words in the unit, those in its headings
(the nearest in full, each higher one by ``higher`` less) and in the document's title, and a
constant for the department that published the document. The score of "none can be told" is
``nobody``. Confidence is the share of a department's exp(score) in the sum over all that score and
"none", and at most ``surest``; so a subject word weighs as log-odds, and two departments with the
same evidence share.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from collabnlp.register import EntryType, Form, Register, load_register
from collabnlp.schema import ActorTier, Basis, DepartmentTag, DocumentInfo, Unit
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.clauses import Clause, main_clause
from collabnlp.tagging.mentions import Mention, MentionMatcher
from collabnlp.tagging.remits import Remits, load_remits

# The document's own department, as it calls itself.
_ITSELF = re.compile(r"\b[Tt]he [Dd]epartment\b(?! (?:of|for)\b|-)")
# Words by which central government speaks of itself.
_CENTRE = re.compile(
    r"\b(?:(?:the |this |hm |his majesty's |her majesty's )government|uk government|"
    r"secretar(?:y|ies) of state|ministers? of the crown|whitehall|"
    r"(?:appropriate |relevant )?national authorit(?:y|ies))\b",
    re.I,
)
# How law names central government where a duty touches it.
_IN_LAW = re.compile(
    r"\b(?:secretar(?:y|ies) of state|ministers? of the crown|"
    r"(?:appropriate |relevant )?national authorit(?:y|ies)|"
    r"regard to (?:any |the )?(?:relevant )?guidance (?:given|issued|published)|"
    r"specified in (?:regulations|an order))\b",
    re.I,
)
# What only ministers make: the duty in it is laid by them.
_INSTRUMENT = re.compile(
    r"\s*(?:the |any |an? )?(?:regulations?|orders?|statutory instruments?)\b", re.I
)
# The Secretary of State as the one who decides or guides, not as an address for letters.
_BY_CENTRE = re.compile(
    r"\b(?:by|jointly with|consult(?:ing|ed)?(?: with)?|consultation with|"
    r"(?:consent|approval|agreement|opinion|permission) of) "
    r"(?:the secretary of state|a minister of the crown)\b",
    re.I,
)
_NATION = (
    r"(?:scotland|wales|northern ireland|(?:(?:scottish|welsh|northern irish|devolved)"
    r"(?! (?:local |strategic )?(?:authority area|areas?\b|institution|mayor|powers?|funding)))"
    r"|north(?:ern)? ireland)\b"
)
_DEVOLVED = re.compile(rf"\b{_NATION}", re.I)
# "In Wales, …" opens a sentence on what is done there; "… by the Welsh Ministers" ends one.
_DEVOLVED_PLACE = re.compile(rf"(?:similarly |meanwhile,? |\W)*in {_NATION}", re.I)
_BY_DEVOLVED = re.compile(rf"\b(?:by|of) (?:the |a |an )?{_NATION}", re.I)
_CONSULT = re.compile(r"\bconsult(?:s|ed|ing)?\b", re.I)
_CONSULTED = re.compile(r"\b(?:consulted|consultation)\b", re.I)
_PASSIVE = re.compile(r"\s*(?:only |not )?be \w+", re.I)
_LOCAL = frozenset({EntryType.AUTHORITY, EntryType.ASSOCIATION})
_WHOLE = re.compile(r"\b(?:hm|uk|his majesty's|her majesty's) government\b", re.I)
# Kinds of document that make law, by a word of the kind.
_LAW = re.compile(r"\b(?:act|bill|measure|order|regulations|instrument|amendments?)\b", re.I)
_SHORT_HEADING = 6  # words; a longer heading that names Wales is about more than Wales
# How sure a name makes: a department or its minister itself, a body, a council that it runs.
_SURE = {EntryType.DEPARTMENT: 0.97, EntryType.BODY: 0.92, EntryType.FORUM: 0.85}
_ABBREVIATED = 0.95  # of it, where the name is an abbreviation
_ITSELF_SURE = 0.9


class DepartmentTagger:
    """Tags units; made once. Needs no model."""

    def __init__(
        self,
        register: Register | None = None,
        remits: Remits | None = None,
        matcher: MentionMatcher | None = None,
    ) -> None:
        self.register = register or load_register()
        self.remits = remits or load_remits()
        self._matcher = matcher or MentionMatcher(self.register)
        self._actors = ActorTagger()
        self._sources: dict[tuple[str | None, str | None, str, str | None], _Source] = {}

    def tag(
        self,
        info: DocumentInfo,
        unit: Unit,
        mentions: Sequence[Mention],
        tier: ActorTier | None = None,
    ) -> tuple[DepartmentTag, ...]:
        """The departments that answer for a unit, the surest first; empty where none can be told.

        ``mentions`` are the register's names in ``unit.text`` on the document's date; ``tier`` is
        that of whoever acts, found here where it is not given.
        """
        day = date.fromisoformat(info.date) if info.date else None
        source = self._source(info, day)
        if tier is None:
            tier = self._actors.tag(info, unit, mentions)
        answers = _answers(info, unit, mentions, source, tier)
        if not answers and _devolved_acts(unit, mentions):
            # "The Scottish Ministers must consult Natural England": nobody in London answers.
            mentions = [it for it in mentions if it.entry.type is EntryType.DEPARTMENT]
        elif source.law:
            mentions = _without_consultees(unit, mentions)
        explicit = self._explicit(unit, mentions, source, day, answers)
        if explicit and (not answers or self._carried(unit, mentions, day)):
            return explicit
        if not answers:
            return ()
        if not explicit:
            return self._inferred(unit, source, tier, day)
        # "We will work with Ofwat": whoever speaks answers too.
        speaker = self._speaker(unit, source, tier, day)
        named = {tag.code for tag in explicit}
        return explicit + tuple(tag for tag in speaker if tag.code not in named)

    def shares(self, info: DocumentInfo, unit: Unit) -> dict[str, float]:
        """Every department's share (0..1, with that of "none" they sum to 1), before any limit."""
        day = date.fromisoformat(info.date) if info.date else None
        return self._shares(unit, self._source(info, day), ActorTier.NATIONAL, day)

    def _carried(self, unit: Unit, mentions: Sequence[Mention], day: date | None) -> bool:
        """True where the subject of the main clause names a department or a body of one, and not
        the Government besides ("The Government and Ofwat will …")."""
        clause = main_clause(unit.text)
        if _CENTRE.search(unit.text, *clause.subject):
            return False
        return any(
            mention.start < clause.verb and self.register.departments(mention.entry.id, day)
            for mention in mentions
            if mention.entry.type in _SURE
        )

    def _explicit(
        self,
        unit: Unit,
        mentions: Sequence[Mention],
        source: _Source,
        day: date | None,
        answers: bool,
    ) -> tuple[DepartmentTag, ...]:
        tags: dict[str, DepartmentTag] = {}
        for mention in mentions:
            sure = _SURE.get(mention.entry.type)
            if sure is None:
                continue
            if mention.form is Form.ABBREVIATION:
                sure *= _ABBREVIATED
            for code in self.register.departments(mention.entry.id, day):
                if code not in tags or tags[code].confidence < sure:
                    tags[code] = DepartmentTag(code, Basis.EXPLICIT, mention.text, sure)
        itself = _ITSELF.search(unit.text)
        own = len(source.publishers) == 1 and not source.central and answers
        other = any(mention.entry.type is EntryType.DEPARTMENT for mention in mentions)
        if itself is not None and own and not other and source.publishers[0] not in tags:
            code = source.publishers[0]
            tags[code] = DepartmentTag(code, Basis.EXPLICIT, itself.group(), _ITSELF_SURE)
        return tuple(sorted(tags.values(), key=lambda tag: (-tag.confidence, tag.code)))

    def _inferred(
        self, unit: Unit, source: _Source, tier: ActorTier, day: date | None
    ) -> tuple[DepartmentTag, ...]:
        weights = self.remits.weights
        shares = self._shares(unit, source, tier, day)
        ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        second = weights.second_in_law if source.law else weights.second
        return tuple(
            DepartmentTag(code, Basis.INFERRED, None, min(share, weights.surest))
            for place, (code, share) in enumerate(ranked)
            if share >= (second if place else weights.least)
        )

    def _speaker(
        self, unit: Unit, source: _Source, tier: ActorTier, day: date | None
    ) -> tuple[DepartmentTag, ...]:
        """The department whose document speaks; otherwise the likeliest by the subject."""
        if len(source.publishers) != 1 or source.central:
            return self._inferred(unit, source, tier, day)[:1]
        code = source.publishers[0]
        total = math.exp(self.remits.weights.nobody) + sum(map(math.exp, source.scores.values()))
        share = math.exp(source.scores[code]) / total
        return (DepartmentTag(code, Basis.INFERRED, None, min(share, self.remits.weights.surest)),)

    def _shares(
        self, unit: Unit, source: _Source, tier: ActorTier, day: date | None
    ) -> dict[str, float]:
        weights = self.remits.weights
        scores = dict(source.scores)
        if tier is not ActorTier.NATIONAL and not source.central:
            # What a department's own paper lays on others is that department's policy.
            _add(scores, dict.fromkeys(source.publishers, 1.0), weights.publisher_of_duty)
        _add(scores, self.remits.scores(unit.text, day), weights.text)
        factor = weights.heading
        for heading in reversed(unit.headings):
            told = self.remits.scores(heading, day)
            _add(scores, told, factor)
            if told:
                factor *= weights.higher
        total = math.exp(weights.nobody) + sum(math.exp(score) for score in scores.values())
        return {code: math.exp(score) / total for code, score in scores.items()}

    def _source(self, info: DocumentInfo, day: date | None) -> _Source:
        key = (info.publisher, info.date, info.title, info.kind)
        found = self._sources.get(key)
        if found is None:
            found = self._sources[key] = self._read_source(info, day)
        return found

    def _read_source(self, info: DocumentInfo, day: date | None) -> _Source:
        weights = self.remits.weights
        names = self._matcher.find(info.publisher, day) if info.publisher else []
        publishers = tuple(
            dict.fromkeys(
                code for name in names for code in self.register.departments(name.entry.id, day)
            )
        )
        scores: dict[str, float] = {}
        law = info.kind is not None and _LAW.search(info.kind) is not None
        title = weights.title_beside_publisher if publishers else weights.title
        if law and not publishers:
            title = weights.title_of_law
        told = self.remits.scores(info.title, day)
        if law:
            # A short title that names two subjects of one department is no surer than one that
            # names one.
            told = {code: min(score, weights.strong) for code, score in told.items()}
        _add(scores, told, title)
        central = any(code in weights.central for code in publishers)
        own = weights.central_publisher if central else weights.publisher
        _add(scores, dict.fromkeys(publishers, 1.0), own)
        types = {name.entry.type for name in names}
        known = info.publisher is not None and not _WHOLE.search(info.publisher)
        return _Source(
            publishers=publishers,
            central=central,
            devolved=EntryType.GOVERNMENT in types,
            local=not publishers and not types.isdisjoint(_LOCAL),
            known=known,
            law=law,
            scores=scores,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What the document itself says.

    publishers  departments that published it
    central     one of them stands at the centre and publishes for others
    devolved    a devolved government or parliament published it
    local       an authority or an association of them did
    known       somebody in particular did, not "HM Government" as a whole
    law         it is an act, a bill, an order or amendments to one
    scores      of departments, by publisher and title
    """

    publishers: tuple[str, ...]
    central: bool
    devolved: bool
    local: bool
    known: bool
    law: bool
    scores: Mapping[str, float]


def _add(scores: dict[str, float], more: Mapping[str, float], factor: float) -> None:
    for code, score in more.items():
        scores[code] = scores.get(code, 0.0) + factor * score


def _answers(
    info: DocumentInfo,
    unit: Unit,
    mentions: Sequence[Mention],
    source: _Source,
    tier: ActorTier,
) -> bool:
    """False where the unit binds nobody for whom a UK department answers.

    A department's own document is its policy, whoever is to act on it, and so is guidance or a
    strategy whose publisher is not known; what an act, or a paper of somebody else's, lays on a
    council is the council's. A devolved government answers for itself.
    """
    if source.devolved:
        return False
    clause = main_clause(unit.text)
    subject = unit.text[clause.subject[0] : clause.subject[1]]
    decided = _BY_CENTRE.search(unit.text) is not None
    if _devolved(unit, mentions, clause) and not decided and not _CENTRE.search(subject):
        return False
    if source.local and not _CENTRE.search(subject):
        return False  # "we" is the council
    if source.publishers or tier is not ActorTier.SUBNATIONAL:
        return True
    if not source.known and info.kind is not None and not source.law:
        return True
    if source.law and _IN_LAW.search(unit.text):
        return True
    return _CENTRE.search(subject) is not None or _INSTRUMENT.match(subject) is not None or decided


def _devolved_acts(unit: Unit, mentions: Sequence[Mention]) -> bool:
    """True where the main clause's subject is one of the devolved governments, and not merely
    holds one ("The persons to be consulted are the Welsh Ministers", "Consultation with …")."""
    start, end = main_clause(unit.text).subject
    beside = _CONSULTED.search(unit.text, start, end)
    end = beside.start() if beside is not None else end
    return _DEVOLVED.search(unit.text[start:end]) is not None or any(
        it.entry.type is EntryType.GOVERNMENT and start <= it.start < end for it in mentions
    )


def _without_consultees(unit: Unit, mentions: Sequence[Mention]) -> list[Mention]:
    """The names without bodies that somebody must consult: a minister's duty to consult the
    regulator of another department is the minister's alone."""
    duty = _CONSULT.search(unit.text, main_clause(unit.text).verb)
    if duty is None:
        return list(mentions)
    return [it for it in mentions if it.entry.type is not EntryType.BODY or it.start < duty.start()]


def _devolved(unit: Unit, mentions: Sequence[Mention], clause: Clause) -> bool:
    """True where one of the devolved governments, or a body there, is the one who acts."""
    if _devolved_acts(unit, mentions) or _DEVOLVED_PLACE.match(unit.text):
        return True
    passive = clause.passive or _PASSIVE.match(unit.text, clause.predicate) is not None
    if passive and _BY_DEVOLVED.search(unit.text, clause.predicate):
        return True  # "No regulations may be made by the Welsh Ministers …"
    heading = unit.headings[-1] if unit.headings else ""
    return len(heading.split()) <= _SHORT_HEADING and _DEVOLVED.search(heading) is not None
