"""What changed inside a passage."""

from __future__ import annotations

import pytest

from collabnlp.analysis.word_diff import word_diff


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("We may consult mayors.", "We must consult mayors.", "We [-may ][+must ]consult mayors."),
        ("It is open.", "It is open.", "It is open."),
        ("It is open", "It is not open", "It is [+not ]open"),
        ("a, b and c", "a and c", "a[-, b] and c"),
        ("The “plan” stands", 'The "plan" stands', 'The "plan" stands'),
        ("", "new", "[+new]"),
        ("old", "", "[-old]"),
    ],
)
def test_marks(old: str, new: str, marked: str) -> None:
    pieces = word_diff(old, new)
    shown = "".join(
        {"equal": text, "delete": f"[-{text}]", "insert": f"[+{text}]"}[what]
        for what, text in pieces
    )
    assert shown.replace(" ]", "]").replace("] ", "]").replace(" [", "[").replace(" ", "") == (
        marked.replace(" ]", "]").replace("] ", "]").replace(" [", "[").replace(" ", "")
    )
    assert "".join(text for what, text in pieces if what != "delete") == new
