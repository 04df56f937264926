"""The commands as a user calls them: paths, formats, statuses, summary line."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from collabnlp.cli.main import run

PAPER = """A plan for places

We will consult mayors on the design of the new timetable. The station opened in 1903.

The Department for Transport will:

- work with councils to deliver safer streets
- jointly agree the priorities of the fund with each combined authority

Councils must have regard to the strategy of the regional mayor when they prepare their plans.
"""


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.md"
    path.write_text("# " + PAPER, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--version"], 0),
        (["--help"], 0),
        (["classify", "--help"], 0),
        ([], 1),
        (["classify"], 1),
        (["nonsense"], 1),
        (["classify", "x", "--format", "pdf"], 1),
        (["classify", "x", "-o", "out.unknown"], 1),
        (["extract", "x", "--scheduler", "tcp://127.0.0.1:1"], 1),
        (["concordance", "***", "x"], 1),
        (["classify", "x.txt", "--model", "no-such-model"], 1),
    ],
)
def test_usage(arguments: list[str], status: int, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == status
    seen = capfd.readouterr()
    assert seen.out if status == 0 else seen.err


def test_classify_writes_every_format(paper: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for ending in ("txt", "jsonl", "csv", "xlsx", "parquet"):
        out = paper.with_name(f"out.{ending}")
        assert run(["classify", str(paper), "-o", str(out)]) == 0
        assert out.stat().st_size > 100
        assert capfd.readouterr().err.splitlines()[-1] == (
            "1 document: 1 done, 0 partial, 0 refused"
        )
    rows = [json.loads(line) for line in paper.with_name("out.jsonl").read_text().splitlines()]
    assert rows
    texts = [row["text"] for row in rows]
    assert "The Department for Transport will work with councils to deliver safer streets" in texts
    assert all(row["level"] != "none" for row in rows)
    work = next(row for row in rows if "safer streets" in row["text"])
    assert [department["code"] for department in work["departments"]] == ["DFT"]
    assert work["partners"] == ["subnational"]
    assert work["lead_in"] == "The Department for Transport will:"


def test_all_units_and_standard_input(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAPER.encode())))
    assert run(["classify", "-", "--all-units", "--format", "jsonl"]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert any(row["text"] == "The station opened in 1903." for row in rows)
    assert {row["document"]["id"] for row in rows} == {"standard-input"}


def test_a_folder_is_read_in_order_and_twice_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.txt", "a.txt", "README.md", "notes.csv"):
        (tmp_path / name).write_text(PAPER, encoding="utf-8")
    assert run(["classify", str(tmp_path), "--format", "jsonl", "--jobs", "2"]) == 0
    first = capfd.readouterr().out
    ids = [json.loads(line)["document"]["id"] for line in first.splitlines()]
    assert list(dict.fromkeys(ids)) == ["a", "b"]
    assert run(["classify", str(tmp_path), "--format", "jsonl", "--jobs", "1"]) == 0
    assert capfd.readouterr().out == first


def test_extract_needs_no_model(paper: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", str(paper)]) == 0
    rows = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert "level" not in rows[0]
    assert run(["extract", str(paper), "--format", "text"]) == 0
    assert "## A plan for places" in capfd.readouterr().out


def test_concordance_counts(paper: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["concordance", "council*", str(paper)]) == 0
    seen = capfd.readouterr().out
    assert "councils" in seen
    assert "whole document" in seen
    assert run(["concordance", "council*", str(paper), "--format", "jsonl"]) == 0
    hits = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [hit["match"] for hit in hits] == ["councils", "Councils"]
    assert hits[0]["chapter"] == "A plan for places"


def test_a_closed_pipe_is_no_error(paper: Path) -> None:
    many = [str(paper)]
    command = [sys.executable, "-m", "collabnlp", "extract", *many]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.wait()


def test_the_python_interface(paper: Path) -> None:
    import collabnlp

    result = collabnlp.load().classify(paper)
    assert len(result) >= 5
    assert result.commitments
    frame = result.to_pandas()
    assert len(frame) == len(result)
    doc = result.to_doc()
    assert doc.text == result.document.text
    spans = {span.id_: span.text for span in doc.spans["units"]}
    for one in result:
        assert spans[one.unit.unit_id] == one.unit.own_text
    assert [span.label_ for span in doc.spans["commitments"]] == [
        str(one.tag.level) for one in result.commitments
    ]
