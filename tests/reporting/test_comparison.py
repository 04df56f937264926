"""A comparison as page, CSV, JSON and table, made from the demo's two white papers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

import collabnlp
from collabnlp.analysis.comparison import compare_versions
from collabnlp.analysis.word_diff import word_diff
from collabnlp.reporting.comparison_files import write_comparison
from collabnlp.reporting.comparison_table import comparison_table
from collabnlp.schema import Comparison


@pytest.fixture(scope="module")
def demo(root: Path) -> Comparison:
    return collabnlp.compare(
        root / "demo" / "regional-partnership-1.html", root / "demo" / "regional-partnership-2.html"
    )


def written(comparison: Comparison, format: str) -> str:
    stream = io.BytesIO()
    write_comparison(comparison, stream, format=format, differ=word_diff)
    return stream.getvalue().decode("utf-8-sig")


def test_the_demo_has_shifts(demo: Comparison) -> None:
    shifts = demo.summary()["shifts"]
    assert shifts["strengthened"] >= 2 and shifts["dropped"] >= 1


def test_json_is_the_record(demo: Comparison) -> None:
    assert json.loads(written(demo, "json")) == demo.as_dict()


def test_csv_has_a_row_a_change(demo: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(written(demo, "csv"))))
    assert len(rows) == len(demo)
    gained = [row for row in rows if row["shift"] == "gained"]
    assert len(gained) == demo.summary()["shifts"]["gained"]


def test_the_page_shows_every_passage_and_asks_for_nothing(demo: Comparison) -> None:
    page = written(demo, "html")
    assert page.count("<article") == len(demo)
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?!data:)[^#\s>]""", page)
    assert "http" not in page.replace("http-equiv", "")
    assert page == written(demo, "html")


def test_the_matrix_counts_the_passages_that_its_buttons_show(demo: Comparison) -> None:
    page = written(demo, "html")
    for old, new, count in re.findall(r'data-old="(\w+)" data-new="(\w+)">(\d+)</button>', page):
        shown = re.findall(rf'<article[^>]*data-old="{old}" data-new="{new}"', page)
        assert len(shown) == int(count)


def test_text_of_documents_is_escaped(make_hostile: Comparison) -> None:
    page = written(make_hostile, "html")
    assert "<script>alert" not in page and "<img" not in page
    assert "&lt;script&gt;alert" in page
    assert "'=cmd" in written(make_hostile, "csv")


@pytest.fixture
def make_hostile() -> Comparison:
    from collabnlp.schema import DocumentInfo

    info = DocumentInfo(id="x", title="<script>alert(1)</script>", sha256="0" * 64)
    path = Path("x.txt")
    texts = (b"The <img src=x> board must meet.\n", b"=cmd| must be told of the <b>meeting</b>.\n")
    tagger = collabnlp.load()
    versions = [tagger.classify(path, data=text) for text in texts]
    return compare_versions([(info, version.tagged) for version in versions])


def test_the_table_tells_what_changed(demo: Comparison) -> None:
    table = comparison_table(demo)
    assert "strengthened +" in table and "old level" in table
    assert table.strip().splitlines()[-1].startswith(f"{len(demo):,} passages")
