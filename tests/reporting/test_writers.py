"""Every format holds the same records; nothing in a document can run or break a file."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from collabnlp.errors import UsageError
from collabnlp.reporting.frames import to_frame
from collabnlp.reporting.rows import COLUMNS, flat, tagged_rows
from collabnlp.reporting.tables import commitments_table
from collabnlp.reporting.writers import WRITERS, replacing
from collabnlp.schema import (
    ActorTier,
    Basis,
    BlockKind,
    Box,
    Cue,
    DepartmentTag,
    DocumentInfo,
    Force,
    Level,
    Partner,
    PartnerMention,
    Tag,
    TaggedUnit,
    Unit,
)

INFO = DocumentInfo(
    id="plan", title="A plan", sha256="a" * 64, date="2026-03-02", kind="white paper"
)


def tagged(text: str, level: Level, index: int = 0) -> TaggedUnit:
    unit = Unit(
        unit_id=f"plan:{index:08x}",
        index=index,
        text=text,
        own_text=text,
        start=0,
        end=len(text),
        block=0,
        kind=BlockKind.PARAGRAPH,
        page=3,
        page_label="1",
        headings=("1 Places", "1.1 Rail"),
        boxes=(Box(3, 56.72, 612.31, 538.6, 655.1),),
    )
    tag = Tag(
        level=level,
        commitment_probability=0.97,
        level_probabilities=(0.0, 0.02, 0.95, 0.02, 0.01),
        actor_tier=ActorTier.NATIONAL,
        force=Force.POLICY,
        partners=(Partner.SUBNATIONAL,),
        partner_mentions=(PartnerMention("each region", Partner.SUBNATIONAL),),
        departments=(DepartmentTag("DFT", Basis.INFERRED, None, 0.91),),
        cues=(Cue("take account of", 3, 18, 2.1),),
        model="level-test",
    )
    return TaggedUnit(INFO, unit, tag)


UNITS = [
    tagged("=HYPERLINK(1)\x0b We will “work” with mayors; 1,000 of them", Level.SUPPORT, 0),
    tagged("The sky is blue.", Level.NONE, 1),
    tagged("@SUM: we take account of – each region’s plan", Level.HAVE_REGARD, 2),
]


def written(name: str, *, all_units: bool = False) -> bytes:
    stream = io.BytesIO()
    WRITERS[name](tagged_rows(UNITS, all_units=all_units), stream)
    return stream.getvalue()


def test_the_record_has_the_contract_s_fields() -> None:
    row = json.loads(written("jsonl").splitlines()[0])
    assert list(row["document"]) == ["id", "title", "date", "kind", "sha256"]
    names = (
        "unit_id index page page_label provision headings text own_text lead_in start end boxes "
        "commitment_probability level level_probabilities actor_tier force partners "
        "partner_mentions departments cues needs_review model"
    )
    assert set(names.split()) <= set(row)
    assert row["boxes"] == [[3, 56.7, 612.3, 538.6, 655.1]]
    assert row["departments"] == [
        {"code": "DFT", "basis": "inferred", "mention": None, "confidence": 0.91}
    ]


def test_none_units_are_written_on_request_only() -> None:
    assert len(written("jsonl").splitlines()) == 2
    assert len(written("jsonl", all_units=True).splitlines()) == 3


def test_csv_defuses_formulas_and_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv").decode("utf-8-sig"))))
    assert [row["text"][0] for row in rows] == ["'", "'"]
    assert rows[1]["text"].endswith("each region’s plan")
    assert list(rows[0]) == [name for name, _ in COLUMNS]


def test_xlsx_keeps_text_as_text() -> None:
    from openpyxl import load_workbook

    first = written("xlsx")
    sheet = load_workbook(io.BytesIO(first)).active
    assert sheet is not None
    names = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
    cell = sheet.cell(2, names.index("text") + 1)
    assert cell.data_type == "s"
    assert str(cell.value).startswith("=HYPERLINK(1)")
    assert sheet.freeze_panes == "A2"


def test_parquet_and_pandas_agree() -> None:
    import pyarrow.parquet as pq

    table = pq.read_table(io.BytesIO(written("parquet")))
    assert table.column_names == [name for name, _ in COLUMNS]
    frame = to_frame(tagged_rows(UNITS, all_units=False))
    assert list(frame["level"]) == table.column("level").to_pylist() == ["support", "have_regard"]
    assert str(frame["page"].dtype) == "Int64"


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_writing_twice_gives_the_same_bytes(name: str) -> None:
    assert written(name) == written(name)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(b"precious")
    with pytest.raises(RuntimeError), replacing(target) as stream:
        stream.write(b"half")
        raise RuntimeError
    assert target.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [target]
    with replacing(target) as stream:
        stream.write(b"whole")
    assert target.read_bytes() == b"whole"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"), replacing(tmp_path / "no" / "x"):
        pass


def test_the_table_shows_what_an_analyst_cites() -> None:
    rows = list(tagged_rows(UNITS, all_units=False))
    table = commitments_table(rows, width=110)
    assert "A plan (white paper, 2026-03-02)" in table
    assert "p. 3 (1)" in table
    assert "2 commitments: support 1, have_regard 1" in table
    assert flat(rows[0])["headings"] == "1 Places > 1.1 Rail"
