"""Words broken at line ends, ligatures, odd blanks."""

from __future__ import annotations

import pytest

from collabnlp.extraction.mending import LINE_END_HYPHEN as HYPHEN
from collabnlp.extraction.mending import Vocabulary, clean, join_lines

DOCUMENT = (
    "The public-sector board meets the public. The sector is small. Councils govern and the "
    "government helps. A well-known co-operative runs the no-user-in-charge service. Long-term "
    "plans matter. Housing is built. Everyone understands the regional strategies."
)


@pytest.fixture
def words() -> Vocabulary:
    return Vocabulary([DOCUMENT])


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("U\u200aK  rules", "UK rules"),
        ("the \ufb01rst o\ufb03ce", "the first office"),
        ("a\u00a0b\u2009c", "a b c"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\uf0b7 item", "• item"),
        ("non\u2011plain", "non-plain"),
        ("10 m² and ½ price", "10 m² and ½ price"),
        ("  plain  ascii ", "plain ascii"),
    ],
)
def test_clean(raw, cleaned):
    assert clean(raw) == cleaned


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["the public" + HYPHEN, "sector board"], "the public-sector board"),
        (["the govern" + HYPHEN, "ment helps"], "the government helps"),
        (["long" + HYPHEN, "term plans"], "long-term plans"),
        (["regional strate" + HYPHEN, "gies"], "regional strategies"),
        (["no-user-in-" + "charge" + HYPHEN, "related"], "no-user-in-charge-related"),
        (["no-user-in" + HYPHEN, "charge service"], "no-user-in-charge service"),
        (["pre" + HYPHEN, "and post-2020 rules"], "pre- and post-2020 rules"),
        (["the post" + HYPHEN, "2030 period"], "the post-2030 period"),
        (["the UK" + HYPHEN, "France pact"], "the UK-France pact"),
        (["AI" + HYPHEN, "related harm"], "AI-related harm"),
        (["understand" + HYPHEN, "ing"], "understanding"),
        (["the public-", "sector board"], "the public-sector board"),
        (["plain words", "go on"], "plain words go on"),
        (["and/", "or others"], "and/or others"),
        (["a dash –", "then more"], "a dash – then more"),
        (["ends so" + HYPHEN], "ends so-"),
    ],
)
def test_lines_are_joined(words, lines, joined):
    assert join_lines(lines, words)[0] == joined


def test_offsets_point_at_the_beginning_of_each_line(words):
    lines = ["the govern" + HYPHEN, "ment helps the", "sector"]
    text, starts = join_lines(lines, words)
    assert text == "the government helps the sector"
    assert [text[start:] for start in starts] == [
        "the government helps the sector",
        "ment helps the sector",
        "sector",
    ]


def test_a_word_next_to_a_broken_line_end_is_no_evidence():
    words = Vocabulary([f"the public{HYPHEN}sector board", "public sector"])
    assert "publicsector" not in words
    assert words.count("sector") == 1
    assert words.hyphenated("public", "sector")
