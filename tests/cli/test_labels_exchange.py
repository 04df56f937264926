"""A reviewer takes labels to a spreadsheet and back, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from collabnlp.cli.main import run
from collabnlp.identifiers import folded_hash, occurrences
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import Annotation, DocumentInfo, Entry, Judgement, Level, Role, StoredUnit

SHA = "c" * 64
TEXTS = [f"The board will meet the clerks of island {number} about berths." for number in range(14)]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Fourteen units of a paper, each read once as ``support``."""
    path = tmp_path / "labels.sqlite"
    database = LabelDatabase(path)
    keys = list(occurrences(TEXTS))
    units = [
        StoredUnit(
            **{"document": "berths", "sha256": SHA, "unit_hash": key[0], "occurrence": key[1]},
            **{"index": at, "text": text, "own_text": text, "lead_in": None, "boxes": ()},
            **{"headings": ("Berths",), "page": at + 1, "page_label": None, "provision": None},
            **{"kind": "paragraph", "region": "body"},
        )
        for at, (text, key) in enumerate(zip(TEXTS, keys, strict=True))
    ]
    QueueStore(database).add_document(DocumentInfo(id="berths", title="Berths", sha256=SHA), units)
    database.append(
        Entry(
            annotation=Annotation(
                **{"document": "berths", "sha256": SHA, "unit_hash": key[0], "occurrence": key[1]},
                **{"folded": folded_hash(text), "reader": "reader-1", "role": Role.FIRST},
                **{"judgement": Judgement(level=Level.SUPPORT)},
                **{"date": "2026-11-20", "codebook": "1.2"},
            ),
            text=text,
            time="2026-11-20T08:30:00Z",
        )
        for text, key in zip(TEXTS, keys, strict=True)
    )
    return path


def changed_in_a_spreadsheet(path: Path) -> None:
    book = load_workbook(path)
    sheet = book["readings"]
    names = [cell.value for cell in sheet[1]]
    for row in range(2, 12):
        cell = sheet.cell(row, names.index("level") + 1)
        cell.value = "none" if row % 2 else "co_create"
    book.save(path)


def test_ten_levels_changed_in_excel_come_back_as_anns(
    store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    at, book = ["--store", str(store)], tmp_path / "x.xlsx"
    assert run(["labels", "snapshot", "--name", "before", *at]) == 0
    digest = capfd.readouterr().out.strip()
    assert run(["labels", "export", "-o", str(book), *at]) == 0
    assert "14 readings as xlsx" in capfd.readouterr().err
    changed_in_a_spreadsheet(book)
    back = ["labels", "import", str(book), *at]

    assert run(back) == 1
    told = capfd.readouterr().err
    assert "say by whom, with --reader" in told
    assert "x.xlsx: 10 problems; nothing was imported." in told

    assert run([*back, "--reader", "ann", "--dry-run"]) == 0
    told = capfd.readouterr().out
    assert "10 would be corrected by ann" in told
    assert "Nothing was imported" in told
    assert LabelDatabase(store).sequence == 14

    assert run([*back, "--reader", "ann"]) == 0
    told = capfd.readouterr().out
    assert told.startswith("4 unchanged\n10 corrected by ann\n5 of these commitments have no part")
    assert told.splitlines()[-2].split() == ["was,", "is", "now", "none", "co_create"]
    assert told.splitlines()[-1].split() == ["support", "5", "5"]
    assert run([*back, "--reader", "ann"]) == 0
    assert "10 already said by the same person" in capfd.readouterr().out

    assert run(["labels", "history", "--reader", "ann", "--last", "1", *at]) == 0
    told = capfd.readouterr().out
    assert "… 9 earlier" in told
    assert "ann (reviewed): none; others: reader-1 support" in told
    assert run(["labels", "check", *at]) == 0
    assert "sound: 24 entries, 24 in force, 1 snapshots" in capfd.readouterr().out

    past = tmp_path / "past.jsonl"
    assert run(["labels", "export", "--at", digest, "-o", str(past), *at]) == 0
    assert len(past.read_text(encoding="utf-8").splitlines()) == 14
    assert run(["labels", "export", "--at", "2026-11-20", "-o", str(past), *at]) == 0
    assert len(past.read_text(encoding="utf-8").splitlines()) == 14


def test_a_store_is_moved_by_its_history_and_kept_by_a_backup(
    store: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    at = ["--store", str(store)]
    assert run(["labels", "snapshot", "--name", "one", *at]) == 0
    digest = capfd.readouterr().out.strip()
    moved, copy = tmp_path / "moved.sqlite", tmp_path / "copy.sqlite"
    lines = tmp_path / "all.jsonl"
    assert run(["labels", "export", "--history", "-o", str(lines), *at]) == 0
    assert run(["labels", "import", str(lines), "--store", str(moved)]) == 0
    assert "14 added as they are\n1 snapshots kept" in capfd.readouterr().out
    assert run(["labels", "snapshot", "--list", "--store", str(moved)]) == 0
    assert capfd.readouterr().out.startswith(digest)
    assert run(["labels", "backup", str(copy), *at]) == 0
    assert run(["labels", "backup", str(copy), *at]) == 1
    assert LabelDatabase(copy).snapshots() == LabelDatabase(store).snapshots()


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["export", "--format", "csv", "--history"], "--history is the whole store"),
        (["export", "--document", "nothing"], "There is no reading of nothing"),
        (["export", "--at", "deadbeef"], "There is no snapshot deadbeef"),
        (["import", "none.csv"], "There is no file none.csv"),
        (["import", "none.csv", "--person", "3"], "There is no file"),
    ],
)
def test_wrong_calls_are_named(
    store: Path, arguments: list[str], what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["labels", *arguments, "--store", str(store)]) == 1
    assert what in capfd.readouterr().err


def test_the_corpus_and_the_store_are_brought_together(
    tmp_path: Path, store: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = LabelDatabase(store).in_force()
    folder = tmp_path / "corpus" / "labels"
    folder.mkdir(parents=True)
    text = "".join(json.dumps(it.annotation.as_dict()) + "\n" for it in source)
    (folder / "berths.jsonl").write_text(text, encoding="utf-8")
    new = ["--store", str(tmp_path / "new.sqlite"), "--corpus", str(tmp_path / "corpus")]
    assert run(["labels", "sync", "--no-write", *new]) == 0
    assert "into the store: 14 new, 0 corrected" in capfd.readouterr().out
    assert run(["labels", "sync", "--no-write", *new]) == 0
    assert "into the store: 0 new, 0 corrected" in capfd.readouterr().out
