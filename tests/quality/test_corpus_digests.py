"""The joined table is, byte for byte, the one whose digest is pinned in corpus/digests.toml.

After a change that is meant: ``python scripts/pin_quality.py --mirror DIR --write --reason "…"``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collabnlp.workflows.quality import TableDigest

Built = tuple[Path, TableDigest]
ADVICE = "the corpus table changed; if that is meant: make pin MIRROR=… REASON='…'"


@pytest.fixture(scope="module")
def pinned(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "corpus" / "digests.toml").read_text(encoding="utf-8"))


def test_every_digest_has_a_reason(pinned: dict[str, Any]) -> None:
    assert set(pinned) == {"whole", "bare"}
    for part in pinned.values():
        assert len(part["reason"].split()) >= 2 and len(part["sha256"]) == 64


def test_the_table_of_a_bare_clone(bare: Built, pinned: dict[str, Any]) -> None:
    _, found = bare
    assert (found.rows, found.sha256) == (pinned["bare"]["rows"], pinned["bare"]["sha256"]), ADVICE


@pytest.mark.shared
@pytest.mark.timeout(600)
def test_the_whole_table(whole: Built, pinned: dict[str, Any]) -> None:
    _, found = whole
    expected = (pinned["whole"]["rows"], pinned["whole"]["sha256"])
    assert (found.rows, found.sha256) == expected, ADVICE
