"""Records as rows: the flat form that CSV, Excel and Parquet share, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from collabnlp.schema import LADDER, DocumentInfo, TaggedUnit, Unit, unit_record

Row = dict[str, Any]


def unit_rows(document: DocumentInfo, units: Iterable[Unit]) -> Iterator[Row]:
    """Records of ``extract``: everything that needs no model."""
    for unit in units:
        yield unit_record(document, unit)


def tagged_rows(tagged: Iterable[TaggedUnit], *, all_units: bool) -> Iterator[Row]:
    """Records of ``classify``; without ``all_units`` only the commitments."""
    for one in tagged:
        if all_units or one.tag.level != "none":
            yield one.as_dict()


def json_line(row: Row) -> str:
    """One record on one line, characters as they are."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False)


# name, type for Parquet; the order is the order of the columns
COLUMNS: tuple[tuple[str, str], ...] = (
    ("document", "string"),
    ("title", "string"),
    ("date", "string"),
    ("kind", "string"),
    ("sha256", "string"),
    ("unit_id", "string"),
    ("index", "int"),
    ("page", "int"),
    ("page_label", "string"),
    ("provision", "string"),
    ("headings", "string"),
    ("text", "string"),
    ("own_text", "string"),
    ("lead_in", "string"),
    ("level", "string"),
    ("commitment_probability", "float"),
    *((f"p_{level}", "float") for level in LADDER),
    ("actor_tier", "string"),
    ("force", "string"),
    ("partners", "string"),
    ("partner_mentions", "string"),
    ("departments", "string"),
    ("department_bases", "string"),
    ("cues", "string"),
    ("needs_review", "bool"),
    ("model", "string"),
    ("start", "int"),
    ("end", "int"),
    ("boxes", "string"),
)


def flat(row: Row) -> Row:
    """A record as one row of `COLUMNS`: lists joined by "; ", headings by " > ", boxes as JSON."""
    document = row["document"]
    departments = row["departments"]
    return {
        "document": document["id"],
        **{name: document[name] for name in ("title", "date", "kind", "sha256")},
        **{
            name: row[name]
            for name in (
                "unit_id",
                "index",
                "page",
                "page_label",
                "provision",
                "text",
                "own_text",
                "lead_in",
                "level",
                "commitment_probability",
                "actor_tier",
                "force",
                "needs_review",
                "model",
                "start",
                "end",
            )
        },
        "headings": " > ".join(row["headings"]),
        **{f"p_{level}": row["level_probabilities"][level] for level in LADDER},
        "partners": "; ".join(row["partners"]),
        "partner_mentions": "; ".join(mention["name"] for mention in row["partner_mentions"]),
        "departments": "; ".join(department["code"] for department in departments),
        "department_bases": "; ".join(department["basis"] for department in departments),
        "cues": "; ".join(cue["text"] for cue in row["cues"]),
        "boxes": json.dumps(row["boxes"]),
    }
