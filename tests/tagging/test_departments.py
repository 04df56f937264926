"""Which departments answer for a unit: explicit, inferred, and nobody."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from collabnlp.register import load_register
from collabnlp.schema import Basis, BlockKind, DepartmentTag, DocumentInfo, Unit
from collabnlp.tagging.departments import DepartmentTagger
from collabnlp.tagging.mentions import MentionMatcher

CASES = tomllib.loads(
    (Path(__file__).parents[1] / "cases" / "register" / "departments.toml").read_text("utf-8")
)["cases"]


@pytest.fixture(scope="module")
def matcher() -> MentionMatcher:
    return MentionMatcher(load_register())


@pytest.fixture(scope="module")
def tagger(matcher: MentionMatcher) -> DepartmentTagger:
    return DepartmentTagger(matcher=matcher)


def document(**more: Any) -> DocumentInfo:
    row: dict[str, Any] = {"title": "A paper", "date": "2025-03-01", "kind": "white paper"}
    return DocumentInfo(id="d", sha256="0" * 64, **{**row, **more})


def unit(text: str, headings: tuple[str, ...] = ()) -> Unit:
    return Unit(
        unit_id="d:0",
        index=0,
        text=text,
        own_text=text,
        start=0,
        end=len(text),
        block=0,
        kind=BlockKind.PARAGRAPH,
        headings=headings,
    )


def tags(
    tagger: DepartmentTagger, matcher: MentionMatcher, case: dict[str, Any]
) -> tuple[DepartmentTag, ...]:
    keys = ("title", "date", "kind", "publisher")
    info = document(**{key: case[key] for key in keys if key in case})
    one = unit(case["text"], tuple(case.get("headings", ())))
    return tagger.tag(info, one, matcher.find(one.text, info.date))


@pytest.mark.parametrize("case", CASES, ids=lambda it: it["text"][:50])
def test_case(tagger: DepartmentTagger, matcher: MentionMatcher, case: dict[str, Any]) -> None:
    found = tags(tagger, matcher, case)
    assert {tag.code for tag in found} == set(case["codes"])
    if "explicit" in case:
        assert {tag.code for tag in found if tag.basis is Basis.EXPLICIT} == set(case["explicit"])
    for tag in found:
        assert 0.3 <= tag.confidence <= 1
        assert (tag.mention is not None) == (tag.basis is Basis.EXPLICIT)
        if tag.mention is not None:
            assert tag.mention in case["text"]


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 60
    assert sum(not case["codes"] for case in CASES) >= 10


def test_more_evidence_makes_surer(tagger: DepartmentTagger) -> None:
    info = document()
    little = tagger.shares(info, unit("We will work with mayors on trains."))["DFT"]
    more = tagger.shares(info, unit("We will work with mayors on rail franchising.", ("Rail",)))[
        "DFT"
    ]
    own = document(publisher="Department for Transport")
    most = tagger.shares(own, unit("We will work with mayors on rail franchising.", ("Rail",)))[
        "DFT"
    ]
    assert little < more < most < 1


def test_shares_are_a_distribution(tagger: DepartmentTagger) -> None:
    shares = tagger.shares(
        document(), unit("We will agree housing and transport plans with mayors.")
    )
    assert set(shares) >= {"MHCLG", "DFT"}
    assert 0 < sum(shares.values()) < 1


def test_the_nearest_heading_weighs_most(tagger: DepartmentTagger) -> None:
    text = unit("We will set this out with local leaders.", ("Policing", "Buses"))
    other = unit("We will set this out with local leaders.", ("Buses", "Policing"))
    info = document()
    assert tagger.tag(info, text, [])[0].code == "DFT"
    assert tagger.tag(info, other, [])[0].code == "HO"


def test_no_date_means_now(tagger: DepartmentTagger, matcher: MentionMatcher) -> None:
    info = document(date=None)
    one = unit("The Business Secretary will meet mayors.")
    assert [it.code for it in tagger.tag(info, one, matcher.find(one.text, None))] == ["DBT"]


@pytest.mark.shared
def test_agrees_with_the_first_reading(
    tagger: DepartmentTagger, matcher: MentionMatcher, shared: Path
) -> None:
    """Mean Jaccard on the commitments of the first reading, by today's codes."""
    import csv

    register = load_register()
    with (shared / "documents" / "documents.csv").open(encoding="utf-8", newline="") as file:
        documents = {row["id"]: row for row in csv.DictReader(file)}
    scores: dict[str, list[float]] = {"explicit": [], "inferred": [], "none": []}
    for path in sorted((shared / "labels").glob("*.jsonl")):
        row = documents[path.stem]
        info = document(**{key: row[key] or None for key in ("title", "date", "kind", "publisher")})
        for line in path.read_text("utf-8").splitlines():
            label = json.loads(line)
            if label["level"] == "none":
                continue
            headings = tuple(it for it in (label.get("heading") or "").split(" > ") if it)
            one = unit(label["text"], headings)
            found = tagger.tag(info, one, matcher.find(one.text, info.date))
            got = {new for tag in found for new in register.todays(tag.code)}
            wanted = {new for code in label["departments"] for new in register.todays(code)}
            score = len(got & wanted) / len(got | wanted) if got | wanted else 1.0
            scores[label["dept_basis"]].append(score)
    everything = [score for part in scores.values() for score in part]
    assert sum(everything) / len(everything) > 0.88
    assert sum(scores["explicit"]) / len(scores["explicit"]) > 0.88
    assert sum(scores["inferred"]) / len(scores["inferred"]) > 0.9
