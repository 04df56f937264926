"""The types that the stages exchange: Document, Block, Unit, Tag and their parts.

All are frozen and validate themselves: a record that exists is a valid one. ``start`` and ``end``
are half-open character offsets into ``Document.text`` unless a docstring says otherwise, pages are
1-based, boxes are points from the top left of the page.
"""

from collabnlp.schema.annotations import Annotation, Judgement, Match, Role
from collabnlp.schema.comparison import (
    Change,
    ChangeKind,
    CommitmentChange,
    ComparedUnit,
    Comparison,
    Difference,
    LifeLine,
    LifeStage,
    Link,
)
from collabnlp.schema.counts import (
    Corrected,
    CountCell,
    CountKey,
    Counts,
    Figure,
    GroupTest,
    Keyness,
    Keyword,
)
from collabnlp.schema.documents import (
    Block,
    BlockKind,
    Box,
    Cell,
    Document,
    DocumentInfo,
    Line,
    NoteMark,
    Page,
    Reading,
    Region,
)
from collabnlp.schema.drafts import BlockDraft, DraftLine, assemble
from collabnlp.schema.findings import Concordance, Count, Occurrence
from collabnlp.schema.rules import InvalidRecord
from collabnlp.schema.tags import (
    LADDER,
    ActorTier,
    Basis,
    Cue,
    DepartmentTag,
    Force,
    Level,
    Partner,
    PartnerMention,
    Tag,
    TaggedUnit,
)
from collabnlp.schema.units import Segment, Unit, unit_record

__all__ = [
    "LADDER",
    "ActorTier",
    "Annotation",
    "Basis",
    "Block",
    "BlockDraft",
    "BlockKind",
    "Box",
    "Cell",
    "Change",
    "ChangeKind",
    "CommitmentChange",
    "ComparedUnit",
    "Comparison",
    "Concordance",
    "Corrected",
    "Count",
    "CountCell",
    "CountKey",
    "Counts",
    "Cue",
    "DepartmentTag",
    "Difference",
    "Document",
    "DocumentInfo",
    "DraftLine",
    "Figure",
    "Force",
    "GroupTest",
    "InvalidRecord",
    "Judgement",
    "Keyness",
    "Keyword",
    "Level",
    "LifeLine",
    "LifeStage",
    "Line",
    "Link",
    "Match",
    "NoteMark",
    "Occurrence",
    "Page",
    "Partner",
    "PartnerMention",
    "Reading",
    "Region",
    "Role",
    "Segment",
    "Tag",
    "TaggedUnit",
    "Unit",
    "assemble",
    "unit_record",
]
