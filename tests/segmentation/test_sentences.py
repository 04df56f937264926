"""Sentence boundaries: the boundary cases, what holds for any text, and the time it takes."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, assemble
from collabnlp.segmentation import make_units, split_sentences
from collabnlp.segmentation.sentences import LONGEST_SENTENCE

VISIBLE = Path(__file__).parents[1] / "cases" / "boundaries" / "visible.jsonl"
INFO = DocumentInfo(id="any", title="Any", sha256="0" * 64)

PIECES = st.sampled_from(
    [
        "The mayor ", "acts", ". ", ".", "? ", "! ", "… ", "e.g. ", "s. 12(3) ", "No. 4 ", "(", ")",
        "“", "”", "‘", "’", '"', "12", " ", "\n", "\n\n", "A. ", "U.K. ", "etc. ", "Ltd. ",
        "gov.uk ", "[4]", "¹", "• ", "– ", "2031.2 ", "\u00a0", "é", "We", "Jan. ", "(a) ", "p.m. ",
    ]
)  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=80))


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def test_visible_boundary_cases() -> None:
    if not VISIBLE.is_file():
        pytest.skip("the boundary cases are not here")
    cases = [json.loads(line) for line in VISIBLE.read_text(encoding="utf-8").splitlines()]
    wrong = [case["id"] for case in cases if cut(case["text"]) != case["sentences"]]
    assert len(wrong) <= len(cases) // 100, wrong


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        ("   ", []),
        ("No stop at all", ["No stop at all"]),
        (" One.  Two. ", ["One.", "Two."]),
        ("One.\nTwo\n\nthree.", ["One.", "Two", "three."]),
    ],
)
def test_blanks(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_line_breaks_can_end_sentences() -> None:
    assert split_sentences("One two\nthree. Four", line_breaks=True) == [(0, 7), (8, 14), (15, 19)]


@given(TEXTS, st.booleans())
def test_spans_part_the_text(text: str, line_breaks: bool) -> None:
    at = 0
    for start, end in split_sentences(text, line_breaks=line_breaks):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


@given(st.lists(TEXTS.map(lambda text: " ".join(text.split())), max_size=6))
def test_units_hold_for_any_blocks(texts: list[str]) -> None:
    drafts: list[BlockDraft] = []
    for index, text in enumerate(texts):
        kind = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.PROVISION)[index % 3]
        lead_in = next((draft for draft in reversed(drafts) if draft.text.strip()), None)
        drafts.append(BlockDraft(kind=kind, text=text, lead_in=lead_in if index % 3 else None))
    document = assemble(INFO, drafts, format="text")
    units = make_units(document)
    assert len({unit.unit_id for unit in units}) == len(units)
    end = 0
    for unit in units:
        assert end <= unit.start < unit.end
        end = unit.end
        assert document.text[unit.start : unit.end] == unit.own_text
        for segment in unit.segments:
            printed = document.text[segment.start : segment.end]
            assert printed.lower() == unit.text[segment.text_start : segment.text_end].lower()
            assert unit.to_document(segment.text_start) == segment.start


def test_no_sentence_is_endless() -> None:
    for text in ("word " * 10_000, "x" * 50_000):
        spans = split_sentences(text)
        assert max(end - start for start, end in spans) <= LONGEST_SENTENCE
        assert "".join(text[start:end] for start, end in spans).count("x") == text.count("x")


@pytest.mark.parametrize(
    "pattern",
    ["(", "...", "a. ", "A. ", "?)", ". ", "e.g. (", ".”", '."', "((.A ", "1.1 ",
     "[1].", ". . .", "‘.’ A"],
)  # fmt: skip
def test_time_is_linear(pattern: str) -> None:
    def seconds(length: int) -> float:
        text = (pattern * length)[:length]
        best = float("inf")
        for _ in range(3):
            begun = time.process_time()
            split_sentences(text)
            best = min(best, time.process_time() - begun)
        return best

    short, long = seconds(20_000), seconds(80_000)
    # Four times the text: a quadratic search takes sixteen times as long.
    assert long < 0.05 or long / max(short, 0.001) < 9
