"""How far the rule taggers (partners, tier, departments) agree with labelled commitments.

    python evaluation/rule_taggers.py --labels DIR --documents documents.csv

Reads one JSON line a unit (``text``, ``level``, and for commitments ``partners``, ``departments``,
``actor_tier``), and the documents' titles, dates and kinds. Only units labelled as commitments are
tagged, so the figures say nothing of finding commitments. Intervals are 95%, by drawing whole
documents with replacement (units of one document are alike). With ``--confusions N`` prints the
first N disagreements of each kind.

The word lists were written with these labels at hand: figures on them are too kind, those on
documents that nobody looked at are the ones to quote (``--only ID…``, ``--without ID…``).
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collabnlp.register import load_register
from collabnlp.schema import BlockKind, DocumentInfo, Partner, Unit
from collabnlp.tagging.actor import ActorTagger
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.mentions import MentionMatcher
from collabnlp.tagging.partners import PartnerTagger

DRAWS = 2000


@dataclass(frozen=True)
class Row:
    """One labelled commitment and what the taggers say of it."""

    document: str
    text: str
    sure: bool
    partners: tuple[frozenset[str], frozenset[str]]
    tier: tuple[str, str]
    departments: tuple[frozenset[str], frozenset[str]]


def read(labels: Path, documents: Path) -> Iterator[tuple[DocumentInfo, Unit, dict[str, object]]]:
    """Every labelled commitment as document, unit and label."""
    with documents.open(encoding="utf-8", newline="") as file:
        known = {row["id"]: row for row in csv.DictReader(file)}
    for path in sorted(labels.glob("*.jsonl")):
        row = known.get(path.stem, {})
        info = DocumentInfo(
            id=path.stem,
            title=row.get("title") or path.stem,
            sha256=row.get("sha256") or "0" * 64,
            date=row.get("date") or None,
            kind=row.get("kind") or None,
            publisher=row.get("publisher") or None,
        )
        for index, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            label = json.loads(line)
            if label["level"] == "none":
                continue
            text = label["text"]
            headings = tuple(it for it in (label.get("heading") or "").split(" > ") if it)
            yield (
                info,
                Unit(
                    unit_id=label["id"],
                    index=index,
                    text=text,
                    own_text=text,
                    start=0,
                    end=len(text),
                    block=0,
                    kind=BlockKind.PARAGRAPH,
                    headings=headings,
                    provision=label.get("num"),
                ),
                label,
            )


def jaccard(pair: tuple[frozenset[str], frozenset[str]]) -> float:
    one, other = pair
    return len(one & other) / len(one | other) if one | other else 1.0


def interval(rows: Sequence[Row], measure: Callable[[Sequence[Row]], float]) -> str:
    """The measure with its 95% interval over documents."""
    by_document: dict[str, list[Row]] = {}
    for row in rows:
        by_document.setdefault(row.document, []).append(row)
    names = sorted(by_document)
    chance = random.Random(0)
    drawn = sorted(
        measure([row for name in chance.choices(names, k=len(names)) for row in by_document[name]])
        for _ in range(DRAWS)
    )
    low, high = drawn[int(DRAWS * 0.025)], drawn[int(DRAWS * 0.975) - 1]
    return f"{measure(rows):.3f} [{low:.3f}, {high:.3f}]"


def f1_of(kind: str) -> Callable[[Sequence[Row]], float]:
    def measure(rows: Sequence[Row]) -> float:
        both = sum(kind in row.partners[0] and kind in row.partners[1] for row in rows)
        either = sum((kind in row.partners[0]) + (kind in row.partners[1]) for row in rows)
        return 2 * both / either if either else 1.0

    return measure


def mean(of: Callable[[Row], float]) -> Callable[[Sequence[Row]], float]:
    return lambda rows: sum(map(of, rows)) / len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, default=Path("../shared/labels"))
    parser.add_argument("--documents", type=Path, default=Path("../shared/documents/documents.csv"))
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--sure", action="store_true", help="leave out labels marked as unsure")
    parser.add_argument("--confusions", type=int, default=0)
    chosen = parser.parse_args()

    matcher = MentionMatcher(load_register())
    partners, actors, departments = PartnerTagger(), ActorTagger(), DepartmentTagger()
    rows: list[Row] = []
    spent = 0.0
    for info, unit, label in read(chosen.labels, chosen.documents):
        if (chosen.only and info.id not in chosen.only) or info.id in chosen.without:
            continue
        if chosen.sure and not label.get("sure"):
            continue
        began = time.perf_counter()
        mentions = matcher.find(unit.text, info.date)
        tier = actors.tag(info, unit, mentions)
        found, _ = partners.tag(info, unit, mentions, tier)
        answering = departments.tag(info, unit, mentions, tier)
        spent += time.perf_counter() - began
        rows.append(
            Row(
                document=info.id,
                text=unit.text,
                sure=bool(label.get("sure")),
                partners=(_set(label["partners"]), _set(map(str, found))),
                tier=(str(label["actor_tier"]), str(tier)),
                departments=(
                    _set(label["departments"]),
                    _set(it.code for it in answering),
                ),
            )
        )
    if not rows:
        raise SystemExit("No labelled commitments are found there.")
    print(f"{len(rows)} commitments of {len({row.document for row in rows})} documents")
    print(f"partners, mean Jaccard    {interval(rows, mean(lambda row: jaccard(row.partners)))}")
    print(
        f"partners, all right       {interval(rows, mean(lambda row: jaccard(row.partners) == 1))}"
    )
    for kind in Partner:
        number = sum(kind in row.partners[0] for row in rows)
        print(f"  {kind:<14} F1 (n={number:>3})  {interval(rows, f1_of(kind))}")
    print(
        f"tier, accuracy            {interval(rows, mean(lambda row: row.tier[0] == row.tier[1]))}"
    )
    for (labelled, given), number in sorted(Counter(row.tier for row in rows).items()):
        print(f"  labelled {labelled:<12} tagged {given:<12} {number}")
    print(f"departments, mean Jaccard {interval(rows, mean(lambda row: jaccard(row.departments)))}")
    print(f"{spent / len(rows) * 1e6:.0f} microseconds a unit")
    for row in [row for row in rows if row.partners[0] != row.partners[1]][: chosen.confusions]:
        labelled, given = (_shown(it) for it in row.partners)
        print(f"partners: labelled {labelled}, tagged {given}: {row.text[:200]}")
    for row in [row for row in rows if row.tier[0] != row.tier[1]][: chosen.confusions]:
        print(f"tier: labelled {row.tier[0]}, tagged {row.tier[1]}: {row.text[:200]}")


def _set(values: object) -> frozenset[str]:
    return frozenset(values)  # type: ignore[call-overload,no-any-return]


def _shown(types: frozenset[str]) -> str:
    return "+".join(sorted(types)) or "nobody"


if __name__ == "__main__":
    main()
