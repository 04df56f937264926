"""Cues: the pattern language, the file that comes with the program, cues in their setting."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collabnlp.errors import DataError
from collabnlp.tagging.cues import CueBook, default_cues, read_cues, tokenise
from collabnlp.tagging.features import CueFound, FeatureReader, UnitView

CASES = tomllib.loads(
    (Path(__file__).resolve().parents[1] / "cases" / "cues.toml").read_text(encoding="utf-8")
)["case"]


def book(*patterns: str, **words: list[str]) -> CueBook:
    return CueBook(
        {
            "irregular": {"hold": "holds held holding"},
            "verbs": {"act": ["work", "carry", "share", "hold"]},
            "words": {"place": ["town", "port"], **words},
            "cue": [{"name": "it", "level": "support", "patterns": list(patterns)}],
        }
    )


def spans(pattern: str, text: str) -> list[str]:
    words = tokenise(text).words
    return [" ".join(words[hit.start : hit.end]) for hit in book(pattern).scan(words)]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%act with", "They carried with care", ["carried with"]),
        ("%act:b with", "They carried with care", []),
        ("%act:g with", "sharing with, holding with", ["sharing with", "holding with"]),
        ("%act:p with", "held with", ["held with"]),
        ("%act closely? with", "work closely with; work with", ["work closely with", "work with"]),
        ("work ..2 @place", "work in the port", ["work in the port"]),
        ("work ..2 @place", "work in the old grey port", []),
        ("work ..4 @place", "work. In the port", []),
        ("work ..4 @place", "work, in the port", ["work , in the port"]),
        ("^ work", "Work on. We work.", ["work"]),
        ("^ work", "• 3. Work on.", ["work"]),
        ("town|port plan", "the Town plan and the PORT plan", ["town plan", "port plan"]),
        ("codesign", "They co-design and co‑design", ["codesign", "codesign"]),
        ("in 0", "in 2031", ["in 0"]),
    ],
)
def test_patterns(pattern: str, text: str, expected: list[str]) -> None:
    assert spans(pattern, text) == expected


@pytest.mark.parametrize(
    "pattern",
    ["..3 work", "work? with", "@nowhere", "%nothing", "Work", "work ..99 with", "", "co-design"],
)
def test_wrong_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(DataError):
        book(pattern)


@pytest.mark.parametrize(
    ("change", "name"),
    [({"level": "supprt"}, "level"), ({"kind": "odd"}, "kind"), ({"patterns": []}, "patterns")],
)
def test_wrong_entries_are_refused(change: dict[str, Any], name: str) -> None:
    entry = {"name": "it", "level": "support", "patterns": ["work"], **change}
    with pytest.raises(DataError):
        CueBook({"irregular": {}, "verbs": {}, "words": {}, "cue": [entry]})


def test_a_damaged_file_is_refused() -> None:
    with pytest.raises(DataError):
        read_cues("cue = [")


def test_token_offsets_point_at_the_printed_words() -> None:
    text = "We’ll co‑operate with Ýr’s “town”, 1,200 times — İ."
    tokens = tokenise(text)
    printed = [text[start:end] for start, end in tokens.spans]
    assert printed[:3] == ["We’ll", "co‑operate", "with"]
    assert tokens.words[:3] == ("we'll", "cooperate", "with")
    assert "0" in tokens.words
    assert all(0 <= start < end <= len(text) for start, end in tokens.spans)


def found_in(text: str) -> dict[str, list[CueFound]]:
    (features,) = FeatureReader(default_cues()).read([UnitView(text=text)])
    named: dict[str, list[CueFound]] = {}
    for one in features.found:
        named.setdefault(one.cue.name, []).append(one)
    return named


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:50])
def test_the_cue_file(case: dict[str, Any]) -> None:
    found = found_in(case["text"])
    assert set(case.get("found", ())) <= set(found)
    assert not set(case.get("absent", ())) & set(found)
    for name in case.get("counts", ()):
        assert any(one.counts for one in found[name]), name
    for name in case.get("hedged", ()):
        assert all(one.hedged and not one.counts for one in found[name]), name
    for name in case.get("negated", ()):
        assert all(one.negated and not one.counts for one in found[name]), name
    for name in case.get("past", ()):
        assert not any(one.counts for one in found[name]), name
