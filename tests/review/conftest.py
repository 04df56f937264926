"""A small label store of sentences written for the tests, and the page over it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from collabnlp.labels.database import LabelDatabase
from collabnlp.review.app import create_app

sys.path.insert(0, str(Path(__file__).parent))

from review_cases import PORT, TOKEN, Papers


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(LabelDatabase(tmp_path / "labels.sqlite"))


@pytest.fixture
def make_app(papers: Papers) -> Callable[..., Flask]:
    def make(**more: Any) -> Flask:
        settings = {"codebook": "1.2", "port": PORT, "token": TOKEN, "secret": b"s" * 32}
        return create_app(papers.database, **{**settings, **more})

    return make


@pytest.fixture
def app(papers: Papers, make_app: Callable[..., Flask]) -> Flask:
    papers.add()
    return make_app()
