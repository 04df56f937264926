"""Pages read by their geometry: paragraphs, headings, lists, notes, boxes, tables, joins."""

from __future__ import annotations

import pytest

from collabnlp.extraction.pdf_layout import Laid, layout_drafts, look
from collabnlp.extraction.pdf_text import PdfFile
from collabnlp.schema import BlockDraft, BlockKind, Region

HEADING, PARAGRAPH = BlockKind.HEADING, BlockKind.PARAGRAPH
ITEM, NOTE, CELL = BlockKind.LIST_ITEM, BlockKind.FOOTNOTE, BlockKind.TABLE_CELL

FULL = "The council met in the old hall and agreed upon the plan for the harbour and its"


NAMES = [
    *("board", "court", "crew", "guild", "club", "choir", "team"),
    *("panel", "jury", "staff", "ward", "union", "group"),
]


class Sheet:
    """Writes lines downwards: each call leaves its gap and moves on."""

    def __init__(self, kit, top: float = 80.0) -> None:
        self.kit, self.y = kit, top
        self.content: list[object] = []

    def line(self, text, *, x=72.0, size=11.0, bold=False, gap=13.5) -> Sheet:
        self.y += gap
        self.content.append(self.kit.Text(x, 842 - self.y, text, size, "F2" if bold else "F1"))
        return self

    def at(self, x, top, text, *, size=11.0, bold=False) -> Sheet:
        self.content.append(self.kit.Text(x, 842 - top, text, size, "F2" if bold else "F1"))
        return self

    def raw(self, operators: str) -> Sheet:
        self.content.insert(0, operators + "\n")
        return self

    def text(self, *lines, x=72.0, gap=24.0) -> Sheet:
        for index, words in enumerate(lines):
            self.line(words, x=x, gap=gap if index == 0 else 13.5)
        return self

    @property
    def page(self):
        return self.kit.Page(self.content)


@pytest.fixture
def sheet(pdf_kit):
    return lambda top=80.0: Sheet(pdf_kit, top)


def lay(kit, *sheets: Sheet) -> Laid:
    with PdfFile(kit.write([sheet.page for sheet in sheets])) as pdf:
        pages = []
        for number in range(1, pdf.page_count + 1):
            with pdf.page(number) as page:
                pages.append(look(pdf, page))
    return layout_drafts(pages)


def brief(drafts: list[BlockDraft]) -> list[tuple[BlockKind, str]]:
    return [(draft.kind, draft.text) for draft in drafts]


def filler(sheet: Sheet, paragraphs: int = 3) -> Sheet:
    """Running text, so that the size of the body is known."""
    for _ in range(paragraphs):
        sheet.text(FULL, FULL.replace("harbour", "market"), "quay.")
    return sheet


def test_lines_become_paragraphs_by_their_spacing(pdf_kit, sheet):
    page = sheet().text(FULL, "quay.").text("A second paragraph.", gap=27)
    assert brief(lay(pdf_kit, page).drafts) == [
        (PARAGRAPH, f"{FULL} quay."),
        (PARAGRAPH, "A second paragraph."),
    ]


def test_a_short_last_line_ends_a_paragraph_without_a_space(pdf_kit, sheet):
    page = sheet().text(FULL, "quay.", FULL, "pier.")
    assert [draft.text for draft in lay(pdf_kit, page).drafts] == [f"{FULL} quay.", f"{FULL} pier."]


def test_lines_keep_their_places(pdf_kit, sheet):
    draft = lay(pdf_kit, sheet().text(FULL, "quay.")).drafts[0]
    assert [draft.text[line.start : line.end] for line in draft.lines] == [FULL, "quay."]
    first, second = (line.box for line in draft.lines)
    assert first is not None and second is not None
    assert (first.page, round(first.x0)) == (1, 72)
    assert second.top - first.top == pytest.approx(13.5, abs=0.5)


def test_headings_by_size_and_weight_have_levels(pdf_kit, sheet):
    page = sheet().line("1. Harbours", size=20, bold=True)
    filler(page, 1).line("1.1 Quays", size=14, bold=True, gap=30)
    filler(page, 1).line("Who pays", bold=True, gap=26)
    filler(page, 1)
    page.line("2. Markets", size=20, bold=True, gap=40)
    filler(page, 1)
    headings = [draft for draft in lay(pdf_kit, page).drafts if draft.kind is HEADING]
    assert [(it.level, it.number, it.text) for it in headings] == [
        (1, "1.", "Harbours"),
        (2, "1.1", "Quays"),
        (3, None, "Who pays"),
        (1, "2.", "Markets"),
    ]


def test_a_bold_term_does_not_part_a_paragraph(pdf_kit, sheet):
    page = filler(sheet())
    page.line(FULL, bold=True, gap=27).line("quay, and so they went home in the evening.")
    assert (
        lay(pdf_kit, page)
        .drafts[-1]
        .text.endswith("and its quay, and so they went home in the evening.")
    )


def test_bullets_open_with_the_words_above_them(pdf_kit, sheet):
    page = filler(sheet(), 1).text("The board will:", gap=27)
    page.at(72, page.y + 20, "\u2022").line(
        "repair the old bridge, which the flood of last year damaged", x=90, gap=20
    )
    page.line("in two places;", x=90)
    page.at(72, page.y + 20, "\u2022").line("paint the ferry.", x=90, gap=20)
    page.text("Then it rests.", gap=30)
    drafts = lay(pdf_kit, page).drafts
    opener, one, two, after = drafts[-4:]
    assert opener.text == "The board will:"
    assert (one.kind, one.number, one.level) == (ITEM, "\u2022", 1)
    assert one.text.endswith("damaged in two places;")
    assert one.lead_in is opener and two.lead_in is opener
    assert (after.kind, after.lead_in) == (PARAGRAPH, None)


def test_nested_items_have_their_depth_and_opener(pdf_kit, sheet):
    page = filler(sheet(), 1).text("The plan covers:", gap=27)
    page.line("(a) quays, namely:", x=90, gap=20)
    page.line("(i) the north quay; and", x=110, gap=20)
    page.line("(ii) the south quay;", x=110, gap=20)
    page.line("(b) the market.", x=90, gap=20)
    items = [draft for draft in lay(pdf_kit, page).drafts if draft.kind is ITEM]
    assert [(it.number, it.level) for it in items] == [
        ("(a)", 1),
        ("(i)", 2),
        ("(ii)", 2),
        ("(b)", 1),
    ]
    assert items[1].lead_in is items[0] and items[2].lead_in is items[0]
    assert items[3].lead_in is items[0].lead_in


def test_numbered_paragraphs_carry_their_provision(pdf_kit, sheet):
    page = filler(sheet(), 1)
    for number in ("4.17", "4.18"):
        page.at(72, page.y + 26, number).line(f"{FULL[:60]}", x=108, gap=26)
        page.line("quay, and must:", x=108)
    page.at(108, page.y + 20, "(a)").line("mend it.", x=130, gap=20)
    drafts = lay(pdf_kit, page).drafts[-3:]
    assert [(it.kind, it.number, it.provision) for it in drafts] == [
        (PARAGRAPH, "4.17", "4.17"),
        (PARAGRAPH, "4.18", "4.18"),
        (ITEM, "(a)", "4.18(a)"),
    ]
    assert drafts[0].text.startswith("The council met")


def test_policies_with_a_code_number_their_paragraphs(pdf_kit, sheet):
    page = filler(sheet(), 1).line("HB3: Moorings", bold=True, gap=27)
    page.line("1. Moorings should be safe and should:", gap=24)
    page.line("a. be lit at night;", x=90, gap=20).line("b. be marked.", x=90, gap=20)
    page.line("2. Fees should be fair.", gap=24)
    drafts = lay(pdf_kit, page).drafts[-4:]
    assert [draft.provision for draft in drafts] == ["HB3(1)", "HB3(1)(a)", "HB3(1)(b)", "HB3(2)"]


def test_bare_numbers_that_count_through_the_document_are_markers(pdf_kit, sheet):
    pages = []
    for start in (1, 7):
        page = sheet()
        for number in range(start, start + 6):
            page.text(f"{number} {FULL.replace('council', NAMES[number])}", "quay.")
        pages.append(page)
    drafts = lay(pdf_kit, *pages).drafts
    assert [draft.number for draft in drafts] == [str(number) for number in range(1, 13)]
    assert all(draft.text.startswith("The ") for draft in drafts)


def test_a_bare_number_at_a_line_start_is_text(pdf_kit, sheet):
    page = sheet().text(FULL, "12 Harbours were closed.")
    assert lay(pdf_kit, page).drafts[0].text == f"{FULL} 12 Harbours were closed."


def test_footnotes_and_their_marks(pdf_kit, sheet):
    page = filler(sheet(), 2).text("The bridge was closed in 2022", gap=27)
    page.content.append(pdf_kit.Text(226, 842 - page.y + 4, "15", 6.5))
    page.at(72, 760, "15", size=6).at(80, 762, "See the report of the harbour master.", size=8.5)
    drafts = lay(pdf_kit, page).drafts
    text, note = drafts[-2:]
    assert text.text == "The bridge was closed in 2022"
    assert text.note_marks == [(len(text.text), "15")]
    assert (note.kind, note.number) == (NOTE, "15")
    assert note.text == "See the report of the harbour master."


def test_boxed_text_is_kept_apart_and_does_not_stop_the_text(pdf_kit, sheet):
    page = filler(sheet(), 1).text(FULL, gap=27)
    top = page.y + 20
    page.raw(f"0.8 0.9 1 rg 60 {842 - top - 80} 470 80 re f")
    page.at(80, top + 30, "In a small town the mayor opened a new market hall, and the traders")
    page.at(80, top + 43.5, "came from all over the county to see it.")
    page.y = top + 90
    page.line("quay was mended at once.", gap=24)
    drafts = lay(pdf_kit, page).drafts
    assert [(it.region, it.text) for it in drafts[1:]] == [
        (Region.BODY, f"{FULL} quay was mended at once."),
        (
            Region.BOX,
            "In a small town the mayor opened a new market hall, and the traders "
            "came from all over the county to see it.",
        ),
    ]


def test_text_goes_on_over_the_page(pdf_kit, sheet):
    one = filler(sheet(), 8).text(FULL, FULL)
    two = sheet().line("quay, where the boats lie in winter.").text("A new matter.", gap=27)
    drafts = lay(pdf_kit, one, two).drafts
    assert drafts[-2].text == f"{FULL} {FULL} quay, where the boats lie in winter."
    assert [line.page for line in drafts[-2].lines] == [1, 1, 2]


@pytest.mark.parametrize("size", [11, 14])
def test_a_date_in_large_letters_is_no_heading_and_its_day_no_number(pdf_kit, sheet, size):
    page = sheet().line("Harbours", size=20, bold=True).line("17 May 2030", size=size, gap=40)
    filler(page, 2)
    found = next(it for it in lay(pdf_kit, page).drafts if "2030" in it.text)
    assert (found.kind, found.number, found.text) == (PARAGRAPH, None, "17 May 2030")


def test_text_does_not_go_on_beyond_a_heading(pdf_kit, sheet):
    one = filler(sheet(), 8).text(FULL, FULL)
    two = sheet().line("Markets", size=16, bold=True)
    filler(two, 1)
    assert [draft.kind for draft in lay(pdf_kit, one, two).drafts[-2:]] == [HEADING, PARAGRAPH]


def test_running_heads_and_page_numbers_are_artifacts(pdf_kit, sheet):
    pages = []
    for number in range(4):
        page = filler(sheet(150), 3)
        page.at(72, 40, "The harbour plan", size=9).at(290, 810, str(number + 1), size=9)
        pages.append(page)
    laid = lay(pdf_kit, *pages)
    assert not [it for it in laid.drafts if "harbour plan" in it.text or it.text.isdigit()]
    assert laid.artifacts == dict.fromkeys((1, 2, 3, 4), 15)
    assert laid.labels == {number: str(number) for number in (1, 2, 3, 4)}


def test_every_visible_character_is_counted_once(pdf_kit, sheet):
    pages = []
    for number in range(3):
        page = filler(sheet(150), 2)
        page.at(72, 40, "The harbour plan", size=9).at(290, 810, str(number + 1), size=9)
        page.line("(a) quays;", x=90, gap=27)
        pages.append(page)
    data = pdf_kit.write([page.page for page in pages])
    with PdfFile(data) as pdf:
        shown = {number: pdf.read(number).visible for number in (1, 2, 3)}
    laid = lay(pdf_kit, *pages)
    for number, visible in shown.items():
        assert laid.characters[number] + laid.artifacts[number] == visible


def table(sheet: Sheet, top: float, rows: list[list[str]], heads: bool = False) -> None:
    """A ruled table of three columns."""
    xs, height = [72, 220, 420, 523], 40.0
    ys = [top + height * k for k in range(len(rows) + 1)]
    rules = "".join(f"{x} {842 - ys[0]} m {x} {842 - ys[-1]} l S " for x in xs)
    rules += "".join(f"{xs[0]} {842 - y} m {xs[-1]} {842 - y} l S " for y in ys)
    sheet.raw(rules)
    for y, row in zip(ys, rows, strict=False):
        for x, words in zip(xs, row, strict=False):
            if words:
                sheet.at(x + 5, y + 18, words, bold=heads and y == ys[0])
    sheet.y = ys[-1]


def test_a_table_goes_on_over_the_page_without_its_header(pdf_kit, sheet):
    head = ["Proposal", "Answer", "When"]
    one = filler(sheet(), 2)
    table(
        one, 300, [head, ["Mend the quay", "We agree", "Spring"], ["Dig", "The mayor will"]], True
    )
    two = sheet()
    table(two, 80, [head, ["", "and must ask first.", ""], ["Paint", "We disagree", "Never"]], True)
    laid = lay(pdf_kit, one, two)
    cells = [(it.cell, it.text) for it in laid.drafts if it.kind is CELL]
    assert {cell.table for cell, _ in cells if cell} == {0}
    assert [(cell.row, cell.column, cell.header, text) for cell, text in cells if cell] == [
        (0, 0, True, "Proposal"),
        (0, 1, True, "Answer"),
        (0, 2, True, "When"),
        (1, 0, False, "Mend the quay"),
        (1, 1, False, "We agree"),
        (1, 2, False, "Spring"),
        (2, 0, False, "Dig"),
        (2, 1, False, "The mayor will and must ask first."),
        (3, 0, False, "Paint"),
        (3, 1, False, "We disagree"),
        (3, 2, False, "Never"),
    ]
    assert laid.artifacts[2] == len("ProposalAnswerWhen")


def test_contents_captions_and_covers_are_no_running_text(pdf_kit, sheet):
    cover = sheet().line("The harbour plan", size=30, bold=True, gap=200)
    imprint = sheet().line("\u00a9 Crown copyright 2020")
    contents = sheet().line("Contents", size=18, bold=True)
    for number, name in enumerate(("Quays", "Markets", "Ferries"), 4):
        contents.line(f"{name} ........................................ {number}", gap=20)
    page = filler(sheet(), 2).text("Figure 2: Boats in the harbour", gap=27)
    laid = lay(pdf_kit, cover, imprint, contents, page)
    by_page = {}
    for draft in laid.drafts:
        by_page.setdefault(draft.lines[0].page, []).append(draft)
    assert {draft.region for draft in by_page[1] + by_page[2]} == {Region.FRONT}
    assert [it.text for it in by_page[3] if it.kind is BlockKind.CONTENTS] == [
        "Quays 4",
        "Markets 5",
        "Ferries 6",
    ]
    assert by_page[4][-1].kind is BlockKind.CAPTION


def test_a_heading_that_was_drawn_last_stands_where_it_is_seen(pdf_kit, sheet):
    page = sheet(140)
    filler(page, 3)
    page.at(72, 110, "Harbours", size=22, bold=True)
    assert lay(pdf_kit, page).drafts[0].text == "Harbours"


def test_columns_stay_in_content_order(pdf_kit, sheet):
    page = sheet()
    left = [f"Left line number {k} of the column" for k in range(8)]
    right = [f"Right line number {k} of the column" for k in range(8)]
    for k, words in enumerate(left):
        page.at(72, 100 + 13.5 * k, words)
    for k, words in enumerate(right):
        page.at(310, 100 + 13.5 * k, words)
    text = " ".join(draft.text for draft in lay(pdf_kit, page).drafts)
    assert text == " ".join(left + right)


def test_only_wanted_pages_give_drafts(pdf_kit, sheet):
    pages = [filler(sheet(), 2) for _ in range(3)]
    with PdfFile(pdf_kit.write([page.page for page in pages])) as pdf:
        looked = []
        for number in (1, 2, 3):
            with pdf.page(number) as page:
                looked.append(look(pdf, page))
    drafts = layout_drafts(looked, only={2}).drafts
    assert {draft.lines[0].page for draft in drafts} == {2}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["edwp-2024", "nppf-draft-2025", "permit-guidance-1-2020"])
def test_real_documents_lose_nothing_and_leak_nothing(shared, name):
    path = shared / "documents" / f"{name}.pdf"
    if not path.exists():
        pytest.skip(f"{name}.pdf is not here")
    with PdfFile(path.read_bytes()) as pdf:
        looked, shown = [], {}
        for number in range(1, pdf.page_count + 1):
            with pdf.page(number) as page:
                looked.append(look(pdf, page))
                shown[number] = page.data().visible
    laid = layout_drafts(looked)
    for number, count in shown.items():
        kept = laid.characters[number] + laid.artifacts[number]
        assert abs(kept - count) <= 0.02 * count + 8, number
    written = sum(
        len("".join(it.text.split())) + len("".join((it.number or "").split()))
        for it in laid.drafts
    )
    assert written == pytest.approx(sum(laid.characters.values()), rel=0.01)
    heads = [
        it for it in laid.drafts
        if it.kind in (PARAGRAPH, ITEM) and it.text.isdigit() and it.region is Region.BODY
    ]  # fmt: skip
    assert heads == []
