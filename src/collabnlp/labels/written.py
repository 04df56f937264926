"""Sentences that were written and labelled for the project (``written/*.jsonl``)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collabnlp.errors import DataError
from collabnlp.labels.exchange import json_lines
from collabnlp.schema import Force, InvalidRecord, Judgement

_KEYS = {
    *("id", "text", "level", "partners", "departments", "dept_basis", "actor_tier", "force"),
    *("heading", "doc_kind", "date", "note"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSentence:
    """One written sentence: the unit as read, its setting, and its author's judgement.

    family    "written-" and the file's name: a file is one author's
    headings  path of headings, outermost first
    """

    id: str
    family: str
    text: str
    headings: tuple[str, ...]
    kind: str
    date: str
    force: Force
    judgement: Judgement
    note: str


def read_written(folder: Path) -> list[WrittenSentence]:
    """All written sentences, in the order of files and lines; none where there is no folder.

    Raises DataError where a line is wrong or an id stands twice.
    """
    sentences: list[WrittenSentence] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.jsonl")):
        for number, row in json_lines(path):
            where = f"{path.name}, line {number}"
            missing = sorted(_KEYS - set(row))
            if missing:
                raise DataError(f"{where}: no {', '.join(missing)}.", advice="Add it.")
            if row["id"] in seen:
                raise DataError(f"{where}: {row['id']} stands twice.", advice="Number it anew.")
            seen.add(row["id"])
            try:
                sentences.append(
                    WrittenSentence(
                        id=row["id"],
                        family=f"written-{path.stem.replace('_', '-')}",
                        text=row["text"],
                        headings=tuple(
                            part.strip() for part in row["heading"].split(">") if part.strip()
                        ),
                        kind=row["doc_kind"],
                        date=row["date"],
                        force=Force(row["force"]),
                        judgement=Judgement.from_dict(row),
                        note=row["note"],
                    )
                )
            except (InvalidRecord, ValueError, AttributeError) as error:
                raise DataError(f"{where}: {error}.", advice="Correct the line.") from error
    return sentences
