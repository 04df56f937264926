"""Units from blocks: joining, heading paths, places. The cases are in tests/cases/units."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from collabnlp.schema import (
    BlockDraft,
    BlockKind,
    Box,
    Cell,
    Document,
    DocumentInfo,
    DraftLine,
    Page,
    Reading,
    Region,
    assemble,
)
from collabnlp.segmentation import make_units
from collabnlp.segmentation.units import DEEPEST_CHAIN

CASES = Path(__file__).parents[1] / "cases" / "units"
INFO = DocumentInfo(id="islands", title="Islands", sha256="0" * 64)


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.toml"))
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    ]


def document(blocks: list[dict[str, Any]]) -> Document:
    drafts: list[BlockDraft] = []
    for block in blocks:
        given = dict(block)
        lead_in = given.pop("lead_in", None)
        cell = given.pop("cell", None)
        drafts.append(
            BlockDraft(
                kind=BlockKind(given.pop("kind")),
                region=Region(given.pop("region", "body")),
                lead_in=None if lead_in is None else drafts[lead_in],
                cell=None if cell is None else Cell(*cell),
                **given,
            )
        )
    return assemble(INFO, drafts, format="text")


@pytest.mark.parametrize("case", cases())
def test_units(case: dict[str, Any]) -> None:
    read = document(case["blocks"])
    units = make_units(read)
    assert [unit.text for unit in units] == [wanted["text"] for wanted in case["units"]]
    for unit, wanted in zip(units, case["units"], strict=True):
        assert unit.own_text == wanted.get("own", unit.own_text)
        assert unit.lead_in == wanted.get("lead_in", unit.lead_in)
        assert list(unit.headings) == wanted.get("headings", list(unit.headings))
        assert unit.provision == wanted.get("provision", unit.provision)
        assert unit.region == wanted.get("region", unit.region)
    assert [unit.index for unit in units] == list(range(len(units)))
    for unit in units:
        assert read.text[unit.start : unit.end] == unit.own_text


def test_same_text_gets_numbered_ids() -> None:
    cells = [{"kind": "table_cell", "text": "Yes", "cell": [0, row, 0]} for row in range(3)]
    ids = [unit.unit_id for unit in make_units(document(cells))]
    assert ids == [ids[0], f"{ids[0]}-2", f"{ids[0]}-3"]


def test_cells_have_their_row_and_column() -> None:
    texts = [["Port", "Sailings"], ["Scalloway", "410"], ["Kirkwall", "903"]]
    cells = [
        {"kind": "table_cell", "text": text, "cell": [0, row, column, row == 0]}
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    ]
    labels = [(unit.row_label, unit.column_label) for unit in make_units(document(cells))]
    assert labels == [
        (None, None),
        ("Port", None),
        (None, "Port"),
        ("Scalloway", "Sailings"),
        (None, "Port"),
        ("Kirkwall", "Sailings"),
    ]


def test_segments_lead_back_to_the_document() -> None:
    read = document(
        [
            {"kind": "paragraph", "text": "We will:"},
            {"kind": "list_item", "text": "Open a pier.", "lead_in": 0},
        ]
    )
    unit = make_units(read)[1]
    assert unit.text == "We will open a pier."
    for at, character in enumerate(unit.text):
        place = unit.to_document(at)
        if at == len("We will"):
            assert place == unit.start  # the joint leads to what follows it
        else:
            assert read.text[place].lower() == character.lower()


def paged(lines: list[DraftLine], text: str) -> Document:
    draft = BlockDraft(kind=BlockKind.PARAGRAPH, text=text, lines=lines)
    pages = [
        Page(number=1, reading=Reading.LAYOUT, label="i"),
        Page(number=2, reading=Reading.LAYOUT, label="2"),
    ]
    return assemble(INFO, [draft], format="pdf", pages=pages)


def test_a_unit_is_cited_by_the_page_on_which_its_paragraph_begins() -> None:
    text = "One pier stands. It is old and it will be mended. It is late."
    lines = [
        DraftLine(start=0, end=27, page=1, box=Box(1, 100, 700, 370, 712)),
        DraftLine(start=27, end=len(text), page=2, box=Box(2, 100, 60, 320, 72)),
    ]
    first, second, third = make_units(paged(lines, text))
    assert (third.page, [box.page for box in third.boxes]) == (1, [2])
    assert (first.page, first.page_label) == (1, "i")
    assert (second.page, second.page_label) == (1, "i")
    assert [box.page for box in first.boxes] == [1]
    assert [box.page for box in second.boxes] == [1, 2]
    assert first.boxes[0].x1 == pytest.approx(100 + 270 * 16 / 27)
    assert second.boxes[0].x0 == pytest.approx(100 + 270 * 17 / 27)
    assert second.boxes[1].page == 2


def test_columns_have_boxes_of_their_own() -> None:
    text = "A pier that stands in both of the columns."
    lines = [
        DraftLine(start=0, end=12, page=1, box=Box(1, 50, 700, 250, 712)),
        DraftLine(start=12, end=24, page=1, box=Box(1, 50, 714, 250, 726)),
        DraftLine(start=24, end=len(text), page=1, box=Box(1, 300, 60, 500, 72)),
    ]
    (unit,) = make_units(paged(lines, text))
    assert unit.boxes == (Box(1, 50, 700, 250, 726), Box(1, 300, 60, 500, 72))


def test_a_label_that_is_the_number_says_nothing() -> None:
    lines = [DraftLine(start=0, end=10, page=2, box=Box(2, 0, 0, 10, 10))]
    (unit,) = make_units(paged(lines, "Piers age."))
    assert (unit.page, unit.page_label) == (2, None)


def test_an_empty_document_has_no_units() -> None:
    assert make_units(document([])) == ()


def test_a_chain_without_end_is_cut() -> None:
    blocks: list[dict[str, Any]] = [{"kind": "provision", "text": "if—"}]
    blocks += [{"kind": "provision", "text": "and if—", "lead_in": at} for at in range(3000)]
    units = make_units(document(blocks))
    assert units[-1].text == " ".join(["and if—"] * (DEEPEST_CHAIN + 1))
