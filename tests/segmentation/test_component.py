"""The splitter within spaCy."""

from __future__ import annotations

import importlib
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

spacy = pytest.importorskip("spacy")

from collabnlp.segmentation.component import make_doc  # noqa: E402


@pytest.fixture(scope="module")
def nlp() -> Any:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("collabnlp_sentences")
    return pipeline


def test_sentences_are_those_of_the_splitter(nlp: Any) -> None:
    doc = nlp("See s. 12(3) of it. “Why?” she asked. The rest (No. 4) is new.")
    assert [sent.text for sent in doc.sents] == [
        "See s. 12(3) of it.",
        "“Why?” she asked.",
        "The rest (No. 4) is new.",
    ]


def test_line_breaks_are_an_option() -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("collabnlp_sentences", config={"line_breaks": True})
    assert [sent.text.strip() for sent in pipeline("A pier\nTwo piers. End").sents] == [
        "A pier",
        "Two piers.",
        "End",
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "  A pier. ", "One.\n\nTwo. ", "x" * 900 + " Piers. End"]
)
def test_make_doc_keeps_the_text(nlp: Any, text: str) -> None:
    assert make_doc(nlp, text).text == text


@pytest.mark.parametrize("text", ["(" * 20_000, "Piers age. " * 100_000], ids=["run", "long"])
def test_make_doc_survives_what_spacy_does_not(nlp: Any, text: str) -> None:
    begun = time.process_time()
    assert make_doc(nlp, text).text == text
    assert time.process_time() - begun < 20


def test_the_entry_point_names_the_factory(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    module, _, name = project["entry-points"]["spacy_factories"]["collabnlp_sentences"].partition(
        ":"
    )
    assert callable(getattr(importlib.import_module(module), name))
