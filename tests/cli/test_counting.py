"""``count`` and ``keyness`` as a user calls them, on the demo documents."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from collabnlp.cli.main import run
from collabnlp.identifiers import folded_hash, occurrences
from collabnlp.labels.database import LabelDatabase
from collabnlp.schema import (
    ActorTier,
    Annotation,
    Basis,
    Entry,
    Judgement,
    Level,
    Partner,
    Reason,
    Role,
    Shown,
)

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
        ["count", "x", "--store", "x"],
        ["count", "x", "--reviewed", "--store", "nowhere.sqlite"],
        ["count", "x", "--reviewed", "--store", "x"],
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


@pytest.fixture
def paper(demo: list[str], tmp_path: Path) -> list[dict[str, Any]]:
    """Every unit of the first demo paper, as `classify` writes it."""
    out = tmp_path / "units.jsonl"
    assert run(["classify", demo[0], "--all-units", "-o", str(out)]) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def reading(
    units: list[dict[str, Any]],
    at: int,
    level: Level,
    *,
    role: Role = Role.REVIEWED,
    reader: str = "ann",
    shown: Shown = Shown.BLIND,
    **of: str,
) -> Annotation:
    unit_hash, occurrence = list(occurrences(it["text"] for it in units))[at]
    judgement = Judgement(level=Level.NONE)
    if level is not Level.NONE:
        judgement = Judgement(
            level=level,
            partners=(Partner.SUBNATIONAL,),
            departments=("HMT",),
            dept_basis=Basis.EXPLICIT,
            actor_tier=ActorTier.NATIONAL,
        )
    about = units[at]["document"]
    folded = folded_hash(of.pop("text", units[at]["text"]))
    fields = {"document": about["id"], "sha256": about["sha256"], "unit_hash": unit_hash} | of
    return Annotation(
        **fields,
        occurrence=occurrence,
        folded=folded,
        judgement=judgement,
        reader=reader,
        role=role,
        date="2026-11-22",
        codebook="1.2",
        shown=shown,
    )


def counted(
    paper: str, store: Path, capfd: pytest.CaptureFixture[str], *arguments: str
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Cells by level, and notes."""
    capfd.readouterr()
    given = ["--all", "--reviewed", "--store", str(store), "--format", "jsonl", *arguments]
    assert run(["count", paper, *given]) == 0
    lines = [json.loads(it) for it in capfd.readouterr().out.splitlines()]
    return {it["cell"]["level"]: it["cell"] for it in lines if "cell" in it}, lines[-1]["notes"]


def test_peoples_labels_are_counted_and_what_is_not_theirs_is_not(
    demo: list[str],
    errors: Path,
    paper: list[dict[str, Any]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    nones = [at for at, it in enumerate(paper) if it["level"] == "none"][:8]
    lead = next(at for at, it in enumerate(paper) if it["level"] == "lead")
    store = tmp_path / "labels.sqlite"
    database = LabelDatabase(store)
    withdrawn = Entry(annotation=reading(paper, nones[1], Level.LEAD))
    mistaken = Entry(annotation=reading(paper, nones[2], Level.EXPLORE))
    database.append(
        [
            Entry(annotation=reading(paper, nones[0], Level.LEAD)),
            Entry(annotation=reading(paper, lead, Level.NONE)),
            # Two reviewers: the first by name is taken until it is adjudicated.
            Entry(annotation=reading(paper, nones[7], Level.NONE, reader="abe")),
            Entry(annotation=reading(paper, nones[7], Level.LEAD, reader="bea")),
            withdrawn,
            Entry(annotation=withdrawn.annotation, supersedes=withdrawn.id, withdrawn=True),
            mistaken,
            Entry(annotation=reading(paper, nones[2], Level.LEAD), supersedes=mistaken.id),
            # Not a person's review, of a unit that is not there, of another document.
            Entry(annotation=reading(paper, nones[3], Level.LEAD, role=Role.FIRST)),
            Entry(annotation=reading(paper, nones[4], Level.LEAD, role=Role.REPEAT)),
            Entry(
                annotation=reading(
                    paper, nones[5], Level.LEAD, unit_hash="e" * 64, text="No such unit."
                )
            ),
            Entry(
                annotation=reading(paper, nones[6], Level.LEAD, document="else", sha256="d" * 64)
            ),
        ]
    )
    before = sum(it["level"] == "lead" for it in paper)
    cells, notes = counted(demo[0], store, capfd, "--errors", str(errors))
    assert cells["lead"]["count"] == before + 2 - 1 == len(cells["lead"]["rows"])
    assert cells["all"]["count"] == sum(it["level"] != "none" for it in paper) + 1
    rows = {unit for _, unit in cells["lead"]["rows"]}
    assert paper[nones[0]]["unit_id"] in rows and paper[nones[2]]["unit_id"] in rows
    assert not {paper[at]["unit_id"] for at in (lead, *nones[3:8], nones[1])} & rows
    text = "\n".join(notes)
    assert f"People read 4 of {len(paper)} units and changed the level of 3" in text
    assert "not in the files counted: 1." in text
    assert "in the label store of other documents: 1." in text
    assert "Units whose reviewers differ in level: 1." in text
    by_department = ["count", demo[0], "--all", "--reviewed", "--store", str(store)]
    assert run([*by_department, "--by", "department,level", "--format", "csv"]) == 0
    assert "HMT,lead" in capfd.readouterr().out


def test_a_paper_that_was_all_read_has_no_interval(
    demo: list[str],
    paper: list[dict[str, Any]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "labels.sqlite"
    LabelDatabase(store).append(
        Entry(annotation=reading(paper, at, Level.SUPPORT if at % 3 else Level.NONE))
        for at in range(len(paper))
    )
    cells, notes = counted(demo[0], store, capfd)
    wanted = sum(1 for at in range(len(paper)) if at % 3)
    for cell in (cells["support"], cells["all"]):
        found = {cell[f"corrected_count{it}"] for it in ("", "_low", "_high")}
        assert found == {wanted} == {cell["count"]}
    assert any("All is read" in it for it in notes)


def test_draws_by_chance_tell_of_the_rest_and_suggestions_are_told_of(
    demo: list[str],
    errors: Path,
    paper: list[dict[str, Any]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "labels.sqlite"
    drawn = range(0, len(paper), 4)
    # Drawn first, then corrected on the page for another reason: it stays a draw.
    first = Entry(
        annotation=reading(paper, 0, Level.NONE, shown=Shown.SUGGESTION),
        reason=Reason.RANDOM,
        probability=0.25,
    )
    again = Entry(
        annotation=reading(paper, 0, Level.SUPPORT), supersedes=first.id, reason=Reason.ASKED
    )
    others = [
        Entry(
            annotation=reading(paper, at, Level(paper[at]["level"])),
            reason=Reason.RANDOM,
            probability=0.25,
        )
        for at in drawn[1:]
    ]
    LabelDatabase(store).append([first, again, *others])
    _, notes = counted(demo[0], store, capfd, "--errors", str(errors))
    text = "\n".join(notes)
    assert f"what people said of {len(drawn)} units drawn by chance" in text
    assert f"the model's suggestion in view: 1 of these {len(drawn)} units" in text


def test_reviews_of_another_file_of_a_document_are_known_but_no_draws(
    root: Path,
    errors: Path,
    paper: list[dict[str, Any]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = tmp_path / "labels.sqlite"
    LabelDatabase(store).append(
        Entry(
            annotation=reading(paper, at, Level(paper[at]["level"])),
            reason=Reason.RANDOM,
            probability=0.5,
        )
        for at in range(0, len(paper), 2)
    )
    pdf = str(root / "demo" / "regional-partnership-1.pdf")
    cells, notes = counted(pdf, store, capfd, "--errors", str(errors))
    text = "\n".join(notes)
    assert "People read" in text and "units drawn by chance and" not in text
    assert cells["all"]["corrected_count"] is None
    assert "under 20 units drawn by chance or least certain were read" in cells["all"]["note"]
