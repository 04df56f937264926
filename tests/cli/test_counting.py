"""``count`` and ``keyness`` as a user calls them, on the demo documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from collabnlp.cli.main import run

FILES = ("regional-partnership-1.html", "regional-partnership-2.html")


@pytest.fixture
def demo(root: Path) -> list[str]:
    return [str(root / "demo" / name) for name in FILES]


@pytest.fixture
def errors(tmp_path: Path) -> Path:
    """Errors that belong to the shipped model, whatever it was measured on last."""
    from dataclasses import replace

    from collabnlp.analysis.prevalence_store import read_errors, write_errors
    from collabnlp.tagging.model_store import model_digest, models_folder
    from collabnlp.workflows.counting import errors_file

    path = tmp_path / "errors.json"
    digest = model_digest(models_folder() / "level")
    write_errors(replace(read_errors(errors_file()), model=digest), path)
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ["count"],
        ["count", "x", "--by", "colour"],
        ["count", "x", "--by", "level,level"],
        ["count", "x", "--where", "level"],
        ["count", "x", "--where", "colour=red"],
        ["count", "x", "--test"],
        ["keyness", "x"],
        ["keyness", "x", "x"],
        ["keyness", "x", "y", "--measure", "guess"],
    ],
)
def test_wrong_usage(
    arguments: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    paper = tmp_path / "x"
    paper.write_text("# A plan\n\nWe will work with councils on the plan.\n")
    found = run([str(paper) if it == "x" else it for it in arguments])
    assert found == 1
    assert capfd.readouterr().err


def test_counts_and_their_rows_agree_with_classify(
    demo: list[str], errors: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, all_units = tmp_path / "counts.jsonl", tmp_path / "units.jsonl"
    keys = ["level", "department", "document"]
    arguments = ["--by", ",".join(keys), "--all", "--test", "--errors", str(errors)]
    assert run(["count", *demo, *arguments, "-o", str(out)]) == 0
    assert run(["classify", *demo, "-o", str(all_units)]) == 0
    assert capfd.readouterr().err.splitlines()[-1] == "2 documents: 2 done, 0 partial, 0 refused"
    units = [json.loads(line) for line in all_units.read_text().splitlines()]
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    cells = [it["cell"] for it in lines if "cell" in it]
    *parts, total = cells
    assert total["count"] == len(units) and total["level"] == "all"
    for cell in parts:
        wanted = {
            (it["document"]["id"], it["unit_id"])
            for it in units
            if it["level"] == cell["level"]
            and it["document"]["id"] == cell["document"]
            and cell["department"] in ([d["code"] for d in it["departments"]] or ["none"])
        }
        assert {tuple(it) for it in cell["rows"]} == wanted
        assert cell["count"] == len(wanted)
    assert any("test" in it for it in lines)
    assert lines[-1]["notes"]


def test_csv_and_workbook_have_the_table(
    demo: list[str], errors: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for ending in ("csv", "xlsx"):
        out = tmp_path / f"counts.{ending}"
        assert run(["count", *demo, "--errors", str(errors), "-o", str(out)]) == 0
    text = (tmp_path / "counts.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [it["level"] for it in rows][-1] == "all"
    assert sum(int(it["count"]) for it in rows[:-1]) == int(rows[-1]["count"])
    book = openpyxl.load_workbook(tmp_path / "counts.xlsx")
    assert book.sheetnames == ["counts", "rows", "notes"]
    assert book["rows"].max_row - 1 == int(rows[-1]["count"])


def test_filters_and_corrected_figures(
    demo: list[str], errors: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    common = ["--format", "jsonl", "--errors", str(errors), "--where", "level=support"]
    assert run(["count", *demo, *common]) == 0
    cells = [json.loads(it) for it in capfd.readouterr().out.splitlines()]
    support = cells[0]["cell"]
    assert support["level"] == "support" and support["count"] == cells[1]["cell"]["count"]
    assert support["share"] < 1
    low, value, high = (support[f"corrected_count{it}"] for it in ("_low", "", "_high"))
    assert (low is None) == (value is None) == (high is None)
    assert value is None or low <= value <= high


def test_errors_of_another_model_correct_nothing(
    demo: list[str], errors: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from dataclasses import replace

    from collabnlp.analysis.prevalence_store import read_errors, write_errors

    foreign = tmp_path / "foreign.json"
    write_errors(replace(read_errors(errors), model="f" * 64), foreign)
    assert run(["count", demo[0], "--errors", str(foreign)]) == 1
    assert "another model" in capfd.readouterr().err


def test_without_errors_of_the_model_counts_are_raw_and_say_so(
    demo: list[str],
    errors: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("collabnlp.workflows.counting.errors_file", lambda: Path("nowhere.json"))
    assert run(["count", demo[0]]) == 0
    seen = capfd.readouterr().out
    assert "Counts are not corrected" in seen and "corrected count" not in seen


def test_one_document_in_two_formats_counts_once(
    root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    paths = [str(root / "demo" / f"regional-partnership-1.{it}") for it in ("html", "pdf")]
    assert run(["count", *paths, "--by", "document", "--format", "csv"]) == 0
    seen = capfd.readouterr()
    assert "counted once" in seen.err
    assert len([it for it in seen.out.splitlines() if it.startswith("regional")]) == 1


def test_keyness_of_two_papers(
    demo: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["keyness", *demo]) == 0
    assert "words compared" in capfd.readouterr().out
    for ending in ("csv", "jsonl", "xlsx"):
        out = tmp_path / f"words.{ending}"
        assert run(["keyness", *demo, "--top", "5", "--runs", "2", "-o", str(out)]) == 0
    rows = [json.loads(it) for it in (tmp_path / "words.jsonl").read_text().splitlines()]
    assert len(rows) == 10
    assert all(len(it["word"].split()) == 2 for it in rows)
    assert all(it["score"] > 0 for it in rows[:5]) and all(it["score"] <= 0 for it in rows[5:])
    assert all(it["p"] <= it["p_adjusted"] for it in rows)
