"""``collabnlp compare`` as a user calls it, on the demo's documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from collabnlp.cli.main import run


@pytest.fixture(scope="module")
def demo(root: Path) -> Path:
    return root / "demo"


@pytest.fixture(scope="module")
def versions(demo: Path) -> list[str]:
    return [str(demo / f"regional-partnership-{number}.html") for number in (1, 2)]


def test_every_format_tells_of_the_same_passages(
    versions: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for ending in ("txt", "csv", "json", "html"):
        assert run(["compare", *versions, "-o", str(tmp_path / f"out.{ending}")]) == 0
        seen = capfd.readouterr()
        assert not seen.out
        assert seen.err.splitlines()[-1] == "2 documents: 2 done, 0 partial, 0 refused"
        assert "kinds" not in seen.err
    text = {
        ending: (tmp_path / f"out.{ending}").read_bytes().decode("utf-8-sig")
        for ending in ("txt", "csv", "json", "html")
    }
    changes = json.loads(text["json"])["changes"]
    rows = list(csv.DictReader(io.StringIO(text["csv"])))
    assert len(rows) == len(changes) == text["html"].count("<article") > 20
    assert [row["shift"] for row in rows].count("strengthened") >= 2
    assert "strengthened" in text["txt"] and "strengthened" in text["html"]


def test_without_a_file_the_table_is_printed(
    versions: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", *versions]) == 0
    printed = capfd.readouterr().out
    out = tmp_path / "out.txt"
    assert run(["compare", *versions, "-o", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == printed
    assert "\x1b" not in printed


def test_a_document_beside_itself_has_no_change(
    versions: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", versions[0], versions[0], "--format", "json"]) == 0
    changes = json.loads(capfd.readouterr().out)["changes"]
    assert changes
    assert {tuple(change["kinds"]) for change in changes} == {("kept",)}
    assert all(not change.get("level_change") for change in changes)


def test_documents_of_different_kinds_are_named(
    versions: list[str], demo: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bill = str(demo / "regional-partnership-bill.xml")
    out = tmp_path / "out.html"
    assert run(["compare", versions[1], bill, "-o", str(out)]) == 0
    note = "documents of different kinds"
    assert note in capfd.readouterr().err
    assert note in out.read_text(encoding="utf-8")


def test_one_document_is_not_enough(versions: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", versions[0]]) == 1
    assert "two documents" in capfd.readouterr().err


def test_a_version_that_cannot_be_read(
    versions: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken, out = tmp_path / "broken.pdf", tmp_path / "out.csv"
    broken.write_bytes(b"%PDF-1.7\nno pages here")
    assert run(["compare", versions[0], str(broken), "-o", str(out)]) == 2
    seen = capfd.readouterr().err
    assert "broken.pdf" in seen and "nothing was compared" in seen
    assert not out.exists()


def test_an_ending_that_is_no_format(versions: list[str], tmp_path: Path) -> None:
    assert run(["compare", *versions, "-o", str(tmp_path / "out.pdf")]) == 1
    assert not (tmp_path / "out.pdf").exists()
