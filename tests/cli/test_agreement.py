"""`labels agreement` as a maintainer uses it: text, files, whose readings, what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from collabnlp.cli.main import run
from collabnlp.labels.corpus_files import load_records
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.store import LabelStore
from collabnlp.schema import Annotation, Judgement, Role, Shown

LEVELS = ["none", "none", "support", "support", "lead", "explore"]


def read(unit: int, reader: str, level: str, role: str, shown: str, document: str) -> Annotation:
    given = {"level": level, "actor_tier": "national", "partners": ["business"]}
    return Annotation(
        document=document,
        sha256="0" * 64,
        unit_hash=f"{unit:064x}",
        occurrence=1,
        folded="0" * 16,
        judgement=Judgement.from_dict(given),
        reader=reader,
        role=Role(role),
        date="2026-11-20",
        codebook="1.2",
        shown=Shown(shown),
    )


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Ann and ben read 40 units of 6 documents, cy 6 of them; ann 4 twice; one was decided."""
    records = []
    for unit in range(40):
        level, document = LEVELS[unit % 6], f"paper-{unit % 7}"
        other = LEVELS[(unit + (unit % 5 == 0)) % 6]
        records.append(read(unit, "ann", level, "first", "blind", document))
        records.append(read(unit, "=ben", other, "second", "suggestion", document))
        if unit < 6:
            records.append(read(unit, "cy", level, "reviewed", "", document))
        if unit < 4:
            records.append(read(unit, "ann", level, "repeat", "blind", document))
    records.append(read(39, "dot", "lead", "adjudicated", "readings", document))
    LabelStore(tmp_path / "corpus" / "labels").add(records)
    return tmp_path / "corpus"


def test_a_label_store_is_measured_where_it_is_named(
    corpus: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "labels.sqlite"
    load_records(LabelDatabase(store), LabelStore(corpus / "labels"))
    told = {}
    for name, options in {
        "named": ["--store", str(store)],
        "corpus": ["--corpus", str(corpus)],
        "none": ["--store", str(tmp_path / "none.sqlite")],
    }.items():
        status = run(["labels", "agreement", *options, "--replicates", "100"])
        told[name] = (status, *capfd.readouterr())
    assert told["named"][:2] == told["corpus"][:2]
    assert "readings of the label store labels.sqlite" in told["named"][2]
    assert told["none"][0] == 1 and "StoreError" in told["none"][2]
    monkeypatch.setenv("COLLABNLP_LABELS", str(store))
    monkeypatch.chdir(tmp_path)
    assert run(["labels", "agreement", "--replicates", "100"]) == 0
    assert capfd.readouterr().out == told["named"][1]


def test_the_text_tells_what_a_maintainer_asks(
    corpus: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["labels", "agreement", "--corpus", str(corpus), "--replicates", "100"]) == 0
    seen = capfd.readouterr()
    assert seen.err == "40 units of 7 documents\n"
    for said in (
        "=ben 40, ann 40, cy 6",
        "With the model's suggestion in view: 40. Blind: 40. Not recorded: 6.",
        "--blind-only leaves these out",
        "Left out: 1 made with others' readings in view",
        "documents were drawn anew",
        "ALL READERS TOGETHER",
        "EACH PAIR OF READERS",
        "THE SAME READER TWICE",
        "* Too few to rely on: under 30 units",
    ):
        assert said in seen.out, said
    assert max(map(len, seen.out.splitlines())) <= 100
    marked = [line for line in seen.out.splitlines() if line.startswith("  ann, cy ")]
    assert len(marked) == 3
    assert all("*" in line for line in marked)


def test_one_pair_needs_no_table_of_pairs(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    given = ["--reader", "ann", "--reader", "cy", "--replicates", "100"]
    assert run(["labels", "agreement", "--corpus", str(corpus), *given]) == 0
    seen = capfd.readouterr().out
    assert "ann AGAINST cy" in seen
    assert "EACH PAIR" not in seen
    assert "nan" not in seen.lower()


def test_json_and_csv_hold_the_same_figures(corpus: Path, tmp_path: Path) -> None:
    base = ["labels", "agreement", "--corpus", str(corpus), "--replicates", "100"]
    assert run([*base, "--format", "json", "-o", str(tmp_path / "a.json")]) == 0
    assert run([*base, "--format", "csv", "-o", str(tmp_path / "a.csv")]) == 0
    found = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["comparison"] for row in rows} == {
        "all readers",
        "all pairs",
        "pair",
        "same reader",
    }
    keys = [tuple(row.values())[:6] for row in rows]
    assert len(keys) == len(set(keys))
    one = next(
        row
        for row in rows
        if (row["comparison"], row["second"], row["name"], row["measure"])
        == ("pair", "ann", "lead", "positive_agreement")
    )
    # A spreadsheet must not run a reader's name.
    assert one["first"] == "'=ben"
    pair = next(it for it in found["pairs"] if it["second"] == "ann")
    lead = next(it for it in pair["agreement"]["classes"] if it["name"] == "lead")
    assert float(one["value"]) == pytest.approx(lead["positive"]["value"], abs=1e-6)
    assert int(one["units"]) == lead["both"] + lead["first"] + lead["second"]
    assert one["intervals_over"] == pair["agreement"]["over"] == "documents"


def test_blind_only(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    base = ["labels", "agreement", "--corpus", str(corpus), "--replicates", "100"]
    assert run([*base, "--blind-only"]) == 0
    seen = capfd.readouterr()
    assert "Left out: 40 readings made with the model's suggestion in view." in seen.out
    assert seen.err.startswith("6 units")
    assert run([*base, "--blind-only", "--reader", "ann", "--reader", "=ben"]) == 0
    # What is left of them is ann against ann.
    assert "AGAINST" not in capfd.readouterr().out


def test_between_roles(corpus: Path, capfd: pytest.CaptureFixture[str]) -> None:
    base = ["labels", "agreement", "--corpus", str(corpus), "--replicates", "100"]
    assert run([*base, "--between", "second", "adjudicated"]) == 0
    seen = capfd.readouterr()
    assert "second AGAINST adjudicated" in seen.out
    assert "not how readers agree" in seen.err


@pytest.mark.parametrize(
    "given",
    [["--sample", "none-such"], ["--reader", "nobody"], ["--between", "first", "best"]],
)
def test_what_cannot_be_measured_is_refused(
    given: list[str], corpus: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["labels", "agreement", "--corpus", str(corpus), *given]) == 1
    seen = capfd.readouterr()
    assert seen.out == ""
    assert "Traceback" not in seen.err
