"""The frozen labels: what every retraining is measured against, whatever becomes of the labels.

``corpus/frozen/labels.jsonl``: a first line with the digest of the rest and why it was frozen, then
one line a document: by level, the units' hashes (16 digits, with ``:2`` for the second occurrence
of a text). No text. Only ``scripts/freeze_labels.py`` writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collabnlp.atomic import write_whole
from collabnlp.errors import DataError
from collabnlp.identifiers import canonical_json, occurrences
from collabnlp.labels.written import WrittenSentence
from collabnlp.schema import Annotation, Judgement, Level, Role
from collabnlp.sources.manifest import DocumentRole
from collabnlp.sources.splits import read_splits
from collabnlp.workflows.corpus import read_units
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.corpus_table import Row, document_rows, usable, written_rows

FROZEN = Path("frozen") / "labels.jsonl"
"""Within a corpus folder."""

_FORM = 1
_DIGITS = 16
# So many of a document's frozen units may be gone before it must be frozen anew.
_MOST_LOST = 0.02
Key = tuple[str, int]


class FrozenLabelsChanged(DataError):
    """The frozen labels are not what was frozen."""

    advice = "Bring the file back as it was; scripts/freeze_labels.py freezes anew, with a reason."


@dataclass(frozen=True, slots=True)
class Frozen:
    """The frozen level of each unit (hash of 16 digits, occurrence) by document; written sentences
    stand under their family. ``digest`` is that of the lines."""

    digest: str
    reason: str
    levels: Mapping[str, Mapping[Key, Level]]

    @property
    def documents(self) -> list[str]:
        """The real documents, sorted."""
        return [name for name in self.levels if not name.startswith("written-")]


def read_frozen(path: Path) -> Frozen:
    """Read frozen labels. Raises DataError where there are none, FrozenLabelsChanged where they
    were changed by another hand or cannot be understood."""
    try:
        head, rest = path.read_bytes().split(b"\n", 1)
    except OSError as error:
        raise DataError(
            f"There are no frozen labels ({path.name}).",
            advice="Freeze them with scripts/freeze_labels.py.",
        ) from error
    except ValueError as error:
        raise FrozenLabelsChanged(f"{path.name} has a single line.") from error
    try:
        told = json.loads(head)
        if told["format"] != _FORM:
            raise FrozenLabelsChanged(f"{path.name} has format {told['format']}.")
        digest = hashlib.sha256(rest).hexdigest()
        if told["digest"] != digest:
            raise FrozenLabelsChanged(f"{path.name} is not what was frozen: its digest differs.")
        rows = [json.loads(line) for line in rest.decode().split("\n") if line]
        levels = {row["document"]: _keys(row["levels"]) for row in rows}
        return Frozen(digest, str(told["reason"]), levels)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FrozenLabelsChanged(f"{path.name} cannot be understood: {error}.") from error


def _keys(levels: Mapping[str, Sequence[str]]) -> dict[Key, Level]:
    found = {}
    for level, units in levels.items():
        for unit in units:
            start, _, number = unit.partition(":")
            found[start, int(number or 1)] = Level(level)
    return found


def write_frozen(path: Path, levels: Mapping[str, Mapping[Key, Level]], reason: str) -> Frozen:
    """Write frozen labels; the same give the same bytes. Raises DataError without a reason."""
    if len(reason.split()) < 2:
        raise DataError("Frozen labels need a reason.", advice="Say in words why they are frozen.")
    lines = []
    for document, units in sorted(levels.items()):
        by_level: dict[str, list[str]] = defaultdict(list)
        for (start, number), level in sorted(units.items()):
            by_level[str(level)].append(start if number == 1 else f"{start}:{number}")
        lines.append(canonical_json({"document": document, "levels": by_level}) + b"\n")
    rest = b"".join(lines)
    digest = hashlib.sha256(rest).hexdigest()
    told = {"format": _FORM, "digest": digest, "reason": reason}
    told["units"] = sum(map(len, levels.values()))
    write_whole(path, canonical_json(told) + b"\n" + rest)
    return Frozen(digest, reason, levels)


def levels_to_freeze(rows: Iterable[Row], build: Path) -> dict[str, dict[Key, Level]]:
    """The levels of a table's usable rows, by document and unit."""
    found: dict[str, dict[Key, Level]] = defaultdict(dict)
    keys: dict[str, dict[str, Key]] = {}
    written: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["source"] == "written":
            written[row["document"]].append(row)
        elif usable(row):
            document = row["document"]
            if document not in keys:
                keys[document] = {it["unit_id"]: _key(it) for it in read_units(build, document)}
            found[document][keys[document][row["id"]]] = Level(row["level"])
    for family, own in written.items():
        for row, (whole, number) in zip(own, occurrences(it["text"] for it in own), strict=True):
            if usable(row):
                found[family][whole[:_DIGITS], number] = Level(row["level"])
    return dict(found)


def _key(unit: Row) -> Key:
    return unit["unit_hash"][:_DIGITS], unit["occurrence"]


@dataclass(frozen=True, slots=True)
class FrozenRows:
    """The rows of the frozen units that are here, as the corpus table has them, their levels the
    frozen ones.

    lost     how many units of the documents that are here were not found in them
    absent   frozen documents that are not here
    """

    rows: list[Row]
    lost: int
    absent: list[str]


def frozen_rows(
    frozen: Frozen,
    corpus: Corpus,
    build: Path,
    there: Collection[str],
    sentences: Sequence[WrittenSentence],
) -> FrozenRows:
    """Bring the frozen labels to their units: those of real documents, and where none of these is
    here, of the written ``sentences``.

    Raises FrozenLabelsChanged for a label of the test paper, and DataError where too many of a
    document's frozen units are no longer in it.
    """
    manifest = corpus.manifest()
    splits = read_splits(corpus.splits_file)
    rows: list[Row] = []
    lost = 0
    for document in frozen.documents:
        if manifest[document].role is DocumentRole.TEST:
            raise FrozenLabelsChanged(f"{document} is the test paper, and must have no label.")
        if document not in there:
            continue
        levels = frozen.levels[document]
        everything = read_units(build, document)
        units = [it for it in everything if _key(it) in levels]
        gone = len(levels) - len(units)
        if gone > _MOST_LOST * len(levels):
            raise DataError(
                f"{gone} of the {len(levels)} frozen units of {document} are no longer in it.",
                advice="Was it read anew? scripts/freeze_labels.py freezes the labels again.",
            )
        lost += gone
        readings = [_reading(document, it, levels[_key(it)]) for it in units]
        rows += document_rows(manifest[document], everything, readings, splits).rows
    absent = [it for it in frozen.documents if it not in there]
    if rows:
        # Which of them repeat each other was seen when they were frozen.
        return FrozenRows([{**row, "duplicate_of": None} for row in rows], lost, absent)
    written = written_rows(sentences, splits)
    found = []
    for family in sorted({row["document"] for row in written}):
        own = [row for row in written if row["document"] == family]
        levels = frozen.levels.get(family, {})
        for row, (whole, number) in zip(own, occurrences(it["text"] for it in own), strict=True):
            level = levels.get((whole[:_DIGITS], number))
            if level is not None:
                found.append({**row, "level": str(level), "duplicate_of": None})
    return FrozenRows(found, lost, absent)


def _reading(document: str, unit: Row, level: Level) -> Annotation:
    """The frozen level as a record, so that rows are joined by the code that joins all others."""
    return Annotation(
        document=document,
        sha256="0" * 64,
        unit_hash=unit["unit_hash"],
        occurrence=unit["occurrence"],
        folded=unit["folded"],
        judgement=Judgement(level=level),
        reader="frozen",
        role=Role.ADJUDICATED,
        date="2026-11",
        codebook="1.2",
    )
