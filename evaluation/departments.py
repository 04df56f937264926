"""Departments on labelled commitments: mean Jaccard by basis and by document, and calibration.

    python evaluation/departments.py ../shared [--without-publisher] [--errors]

The folder holds ``documents/documents.csv`` (id, title, publisher, kind, date) and
``labels/<id>.jsonl`` (text, heading, level, departments, dept_basis). Codes are compared as
today's, so that a label of the day and one of now agree. ``--without-publisher`` shows what the
subject alone tells, ``--errors`` prints every unit that is not wholly right.

Weights and words were tuned with the project's first labels at hand: figures on those are too kind.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from collabnlp.register import Register, load_register
from collabnlp.schema import BlockKind, DocumentInfo, Unit
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.mentions import MentionMatcher

_BANDS = (0.0, 0.5, 0.7, 0.85, 0.95, 1.0001)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--without-publisher", action="store_true")
    options.add_argument("--errors", action="store_true")
    given = options.parse_args()
    register = load_register()
    matcher = MentionMatcher(register)
    tagger = DepartmentTagger(register, matcher=matcher)
    with (given.folder / "documents" / "documents.csv").open(encoding="utf-8", newline="") as file:
        documents = {row["id"]: row for row in csv.DictReader(file)}
    scores: dict[str, list[float]] = defaultdict(list)
    sure: list[tuple[float, bool]] = []
    for path in sorted((given.folder / "labels").glob("*.jsonl")):
        row = documents[path.stem]
        publisher = None if given.without_publisher else row["publisher"] or None
        info = DocumentInfo(
            id=path.stem,
            title=row["title"],
            sha256="0" * 64,
            date=row["date"] or None,
            kind=row["kind"] or None,
            publisher=publisher,
        )
        labels = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        defined = matcher.definitions("\n".join(label["text"] for label in labels), info.date)
        for label in labels:
            if label["level"] == "none":
                continue
            unit = _unit(label["text"], label.get("heading") or "")
            tags = tagger.tag(info, unit, matcher.find(unit.text, info.date, defined))
            wanted = _today(register, label["departments"])
            got = _today(register, [tag.code for tag in tags])
            score = len(wanted & got) / len(wanted | got) if wanted | got else 1.0
            for group in ("all", label["dept_basis"], f"  {path.stem}"):
                scores[group].append(score)
            for tag in tags:
                right = not _today(register, [tag.code]).isdisjoint(wanted)
                sure.append((tag.confidence, right))
            if given.errors and score < 1:
                print(f"{path.stem} {sorted(wanted)} {[tag.as_dict() for tag in tags]} {unit.text}")
    for group, values in scores.items():
        print(f"{group:42} {len(values):5} {sum(values) / len(values):.3f}")
    for low, high in pairwise(_BANDS):
        band = [right for confidence, right in sure if low <= confidence < high]
        if band:
            share = sum(band) / len(band)
            print(f"confidence {low:.2f}-{min(high, 1):.2f} {len(band):5} right {share:.2f}")


def _unit(text: str, heading: str) -> Unit:
    headings = tuple(part for part in heading.split(" > ") if part)
    return Unit(
        unit_id="label:0",
        index=0,
        text=text,
        own_text=text,
        start=0,
        end=len(text),
        block=0,
        kind=BlockKind.PARAGRAPH,
        headings=headings,
    )


def _today(register: Register, codes: list[str]) -> set[str]:
    return {later for code in codes for later in register.todays(code)}


if __name__ == "__main__":
    main()
