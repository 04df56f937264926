"""Bills and acts read from printed rows: numbers, nesting, quoted text, schedules, margins."""

from __future__ import annotations

import pytest

from collabnlp.extraction.mending import Vocabulary
from collabnlp.extraction.pdf_bill import bill_drafts, is_bill
from collabnlp.extraction.pdf_paragraphs import Metrics
from collabnlp.extraction.pdf_rows import Row
from collabnlp.schema import BlockDraft, BlockKind, Region

LEFT, RIGHT, PITCH = 72.0, 490.0, 13.0
# Where a marker and the words after it stand: clause, subsection, paragraph, sub-paragraph.
CLAUSE, SUB, PARA, SUBPARA = (72, 102), (83, 108), (119, 144), (150, 172)


class Print:
    """Prints rows downwards on one page after the other."""

    def __init__(self) -> None:
        self.pages: list[list[Row]] = [[]]
        self.y = 60.0

    def row(self, text, x, *, to=None, gap=PITCH, marker=None, text_x=None, **style) -> Row:
        self.y += gap
        size = style.pop("size", 11.0)
        width = len(text) * 0.45 * size
        row = Row(
            len(self.pages), text, x, self.y - size, to or min(RIGHT, x + width), self.y, size,
            style.pop("bold", False), style.pop("italic", False), text_x=text_x or x,
            marker=marker, seen=len(text.replace(" ", "")), **style,
        )  # fmt: skip
        self.pages[-1].append(row)
        return row

    def turn(self) -> Print:
        self.pages.append([])
        self.y = 60.0
        return self

    def head(self) -> Print:
        self.row("An Act to make provision about harbours; and for connected purposes.", LEFT)
        self.row("BE IT ENACTED by the King as follows:—", LEFT, gap=30)
        return self

    def clause(self, number, title) -> Print:
        self.row(f"{number} {title}", CLAUSE[0], gap=30, marker=number, text_x=CLAUSE[1], bold=True)
        return self

    def marked(self, place, marker, *lines, shift=0.0, gap=22.0) -> Print:
        x, text_x = place
        first = f"{marker} {lines[0]}"
        full = RIGHT if len(lines) > 1 else None
        self.row(first, x + shift, gap=gap, marker=marker, text_x=text_x + shift, to=full)
        for index, words in enumerate(lines[1:], 2):
            self.row(words, text_x + shift, to=RIGHT if index < len(lines) else None)
        return self

    def drafts(self) -> tuple[list[BlockDraft], list[Row]]:
        dropped: list[Row] = []
        words = Vocabulary(row.text for page in self.pages for row in page)
        found = bill_drafts(self.pages, Metrics.of(self.pages), words, dropped.append)
        return found, dropped


@pytest.fixture
def bill() -> Print:
    """An act with three subsections in its first section, so that it is told for a bill."""
    page = Print().head()
    page.clause("1", "Harbour plans")
    page.marked(SUB, "(1)", "A council must prepare a plan for each harbour in its", "area.")
    page.marked(SUB, "(2)", "The plan must—")
    page.marked(PARA, "(a)", "name the harbour master, and", gap=15)
    page.marked(PARA, "(b)", "say how—", gap=15)
    page.marked(SUBPARA, "(i)", "boats are moored, and", gap=15)
    page.marked(SUBPARA, "(ii)", "fees are set,", gap=15)
    page.row("and the council must publish it.", SUB[1], gap=15)
    page.marked(SUB, "(3)", "In this section “harbour” includes a dock.")
    return page


def brief(drafts, region=None):
    return [
        (it.number, it.provision, it.level, it.text)
        for it in drafts
        if it.region is not Region.FRONT and (region is None or it.region is region)
    ]


def test_a_bill_is_told_by_its_enacting_words_and_subsections(bill):
    assert is_bill([*bill.pages, *Print().clause("2", "Fees").pages]) is False  # one (1) only
    for number in ("2", "3"):
        bill.clause(number, "Fees").marked(SUB, "(1)", "Fees are paid.")
    assert is_bill(bill.pages)
    assert not is_bill([[row for row in bill.pages[0] if "ENACTED" not in row.text]])


def test_nesting_numbers_levels_and_openers(bill):
    drafts, _ = bill.drafts()
    assert brief(drafts) == [
        ("1", "1", 1, "Harbour plans"),
        ("(1)", "1(1)", 2, "A council must prepare a plan for each harbour in its area."),
        ("(2)", "1(2)", 2, "The plan must—"),
        ("(a)", "1(2)(a)", 3, "name the harbour master, and"),
        ("(b)", "1(2)(b)", 3, "say how—"),
        ("(i)", "1(2)(b)(i)", 4, "boats are moored, and"),
        ("(ii)", "1(2)(b)(ii)", 4, "fees are set,"),
        (None, "1(2)", 2, "and the council must publish it."),
        ("(3)", "1(3)", 2, "In this section “harbour” includes a dock."),
    ]
    by_number = {it.provision: it for it in drafts if it.number}
    opener = by_number["1(2)"]
    assert by_number["1(2)(a)"].lead_in is opener
    assert by_number["1(2)(b)(ii)"].lead_in is by_number["1(2)(b)"]
    closing = next(it for it in drafts if it.closing)
    assert closing.lead_in is opener


def test_front_matter_is_apart(bill):
    drafts, _ = bill.drafts()
    front = [it.text for it in drafts if it.region is Region.FRONT]
    assert front == [
        "An Act to make provision about harbours; and for connected purposes.",
        "BE IT ENACTED by the King as follows:—",
    ]


def test_line_numbers_in_the_margin_are_dropped_wherever_content_puts_them(bill):
    rows = bill.pages[0]
    for at, number in ((4, "5"), (8, "10")):
        beside = rows[at]
        rows.insert(
            at + 1,
            Row(1, number, 513, beside.top, 522, beside.bottom, 9.0, False, True, seen=len(number)),
        )
    drafts, dropped = bill.drafts()
    assert [row.text for row in dropped] == ["5", "10"]
    assert not [it for it in drafts if it.text.endswith((" 5", " 10"))]


def test_line_numbers_beside_a_page_of_small_tables_are_dropped(bill):
    bill.turn()
    for at, words in enumerate(("Sailing at night", "without a lamp", "near the harbour")):
        beside = bill.row(words, 110, size=8.0)
        number = str(5 * at + 5)
        bill.pages[-1].append(
            Row(2, number, 513, beside.top, 522, beside.bottom, 11.0, False, True, seen=len(number))
        )
    assert [row.text for row in bill.drafts()[1]] == ["5", "10", "15"]


def test_a_marker_that_content_puts_after_its_words_is_found(bill):
    rows = bill.pages[0]
    row = next(row for row in rows if row.marker == "(3)")
    lone = Row(1, "(3)", 83, row.top, 96, row.bottom, 11.0, False, False, text_x=83, seen=3)
    row.text, row.x0, row.marker = row.text[4:], 108.0, None
    rows.append(lone)
    assert bill.drafts()[0][-1].provision == "1(3)"


def test_a_wrapped_reference_is_no_marker(bill):
    bill.marked(SUB, "(4)", "This section is subject to the rules in subsections", "(2) and (3).")
    assert brief(bill.drafts()[0])[-1] == (
        "(4)", "1(4)", 2, "This section is subject to the rules in subsections (2) and (3).",
    )  # fmt: skip


def test_a_clause_without_subsections(bill):
    bill.clause("2", "Extent").row("This Act extends to every coast.", CLAUSE[1], gap=20)
    assert brief(bill.drafts()[0])[-2:] == [
        ("2", "2", 1, "Extent"),
        (None, "2", 1, "This Act extends to every coast."),
    ]


def test_definitions_have_the_number_of_what_they_stand_in(bill):
    bill.clause("2", "Meanings").row("In this Act—", CLAUSE[1], gap=20)
    bill.row("“boat” includes any thing that floats and is meant to carry a", 126, gap=15, to=RIGHT)
    bill.row("person;", 138)
    bill.row("“quay” includes a pier.", 126, gap=15)
    opener, boat, quay = bill.drafts()[0][-3:]
    assert boat.text == "“boat” includes any thing that floats and is meant to carry a person;"
    assert (boat.provision, boat.level, boat.number) == ("2", 2, None)
    assert boat.lead_in is opener and quay.lead_in is opener


def test_parts_and_cross_headings_nest(bill):
    page = Print().head()
    page.row("A line as wide as the page is printed before the parts begin.", LEFT, to=RIGHT)
    page.row("PART 1", 260, gap=30, bold=True)
    page.row("HARBOURS", 250, gap=20, size=9.0)
    page.row("General", 262, gap=30, italic=True)
    page.clause("1", "Plans").row("Plans are made.", CLAUSE[1], gap=20)
    page.row("PART 2", 260, gap=30, bold=True)
    page.row("FERRIES", 252, gap=20, size=9.0)
    page.clause("2", "Fares").row("Fares are fair.", CLAUSE[1], gap=20)
    headings = [it for it in page.drafts()[0] if it.kind is BlockKind.HEADING]
    assert [(it.level, it.number, it.text) for it in headings] == [
        (1, "Part 1", "HARBOURS"),
        (2, None, "General"),
        (3, "1", "Plans"),
        (1, "Part 2", "FERRIES"),
        (2, "2", "Fares"),
    ]


def test_quoted_text_keeps_the_inserting_provision(bill):
    bill.clause("2", "Changes")
    bill.marked(SUB, "(1)", "After section 8 of that Act insert—")
    bill.row("“8A Ferries", 130, gap=24, marker="“8A", text_x=158, bold=True)
    bill.marked((141, 168), "(1)", "A ferry must be safe.")
    bill.marked((141, 168), "(2)", "In this section “ferry” includes a raft.”")
    bill.marked(SUB, "(2)", "Section 9 is repealed.")
    drafts, _ = bill.drafts()
    assert brief(drafts, Region.QUOTED) == [
        ("8A", "2(1)", 2, "Ferries"),
        ("(1)", "2(1)", 2, "A ferry must be safe."),
        ("(2)", "2(1)", 2, "In this section “ferry” includes a raft.”"),
    ]
    assert brief(drafts)[-1] == ("(2)", "2(2)", 2, "Section 9 is repealed.")


def test_a_quotation_that_is_never_closed_ends_with_its_indent(bill):
    bill.clause("2", "Changes")
    bill.marked(SUB, "(1)", "For subsection (3) substitute—")
    bill.row("“(3) A ferry must be safe.", 141, gap=22, marker="“(3)", text_x=168)
    bill.marked(SUB, "(2)", "Section 9 is repealed.")
    last = bill.drafts()[0][-1]
    assert (last.region, last.provision) == (Region.BODY, "2(2)")


def test_schedules_count_paragraphs(bill):
    bill.turn()
    bill.row("SCHEDULE 2", 250, gap=30)
    bill.row("Section 1", 440, gap=0)
    bill.row("FEES", 270, gap=20)
    bill.row("Notices", 262, gap=24, italic=True)
    bill.marked((78, 120), "1", "This Schedule is about fees.")
    first = bill.row("2 Before setting a fee a council must ask the users", 78, gap=22, marker="2",
                     text_x=120, to=RIGHT)  # fmt: skip
    bill.row("of the harbour.", 120)
    bill.pages[-1].append(
        Row(2, "(1)", 97, first.top, 110, first.bottom, 11.0, False, False, text_x=97, seen=3)
    )
    bill.marked((97, 120), "(2)", "It must listen.")
    drafts, _ = bill.drafts()
    assert brief(drafts)[-5:] == [
        (None, None, None, "Section 1"),
        (None, None, 2, "Notices"),
        ("1", "Sch 2 para 1", 1, "This Schedule is about fees."),
        ("2 (1)", "Sch 2 para 2(1)", 2,
         "Before setting a fee a council must ask the users of the harbour."),
        ("(2)", "Sch 2 para 2(2)", 2, "It must listen."),
    ]  # fmt: skip
    title = next(it for it in drafts if it.number == "Schedule 2")
    assert (title.text, title.provision, title.level) == ("FEES", "Sch 2", 1)


def test_text_goes_on_over_the_page(bill):
    bill.marked(
        SUB, "(4)", "A council may charge the owner of a boat that lies in the", "harbour for"
    )
    bill.turn().row("more than a week.", SUB[1])
    bill.row("Short.", 300, gap=60)
    draft = next(it for it in bill.drafts()[0] if it.provision == "1(4)")
    assert draft.text.endswith("lies in the harbour for more than a week.")
    assert [line.page for line in draft.lines] == [1, 1, 2]


def test_editors_notes_and_marks(bill):
    bill.marked(SUB, "(4)", "The [F12harbour] master decides.")
    bill.row("Textual Amendments", 97, gap=40, bold=True, size=9.5)
    bill.row("F12 Word in s. 1(4) put in (1.1.2020) by S.I. 2020/1,", 103, size=9.0)
    bill.row("art. 2", 127, size=9.0)
    bill.clause("2", "Extent").row("This Act extends to every coast.", CLAUSE[1], gap=20)
    drafts, _ = bill.drafts()
    marked = next(it for it in drafts if it.provision == "1(4)")
    assert marked.text == "The harbour master decides."
    assert marked.note_marks == [(4, "F12")]
    notes = [it for it in drafts if it.kind is BlockKind.FOOTNOTE]
    assert [(it.number, it.text) for it in notes] == [
        (None, "Textual Amendments"),
        ("F12", "Word in s. 1(4) put in (1.1.2020) by S.I. 2020/1, art. 2"),
    ]
    assert brief(drafts)[-1][1] == "2"


def test_tables_without_rules_are_read_by_their_columns(bill):
    bill.clause("2", "Penalties").row("The penalties are these.", CLAUSE[1], gap=20)
    bill.row("Sailing at night", 110, gap=24)
    bill.row("a fine of level 2 for", 300, gap=0)
    bill.row("without a lamp", 110)
    bill.row("each boat", 300, gap=0)
    bill.row("Fishing", 110, gap=24)
    bill.row("a fine of level 1", 300, gap=0)
    bill.clause("3", "Extent")
    cells = [it for it in bill.drafts()[0] if it.kind is BlockKind.TABLE_CELL]
    assert [(it.cell.row, it.cell.column, it.text) for it in cells if it.cell] == [
        (0, 0, "Sailing at night without a lamp"),
        (0, 1, "a fine of level 2 for each boat"),
        (1, 0, "Fishing"),
        (1, 1, "a fine of level 1"),
    ]


@pytest.mark.shared
def test_a_real_bill_reads_like_its_xml(shared):
    from collections import Counter

    from collabnlp.extraction.akoma_ntoso import read_akoma_ntoso
    from collabnlp.extraction.pdf import read_pdf

    for name in ("saf-bill", "natural-environment-bill"):
        pdf = shared / "documents" / f"{name}-pdf.pdf"
        xml = shared / "documents" / f"{name}-akn.akn.xml"
        if not (pdf.exists() and xml.exists()):
            pytest.skip(f"{name} is not here in both formats")
        printed = read_pdf(pdf.read_bytes(), name=pdf.name, ignore_tags=True)
        marked = read_akoma_ntoso(xml.read_bytes(), name=xml.name)

        def bag(document):
            return Counter(
                (it.provision, it.number, "".join(filter(str.isalnum, it.text.lower())))
                for it in document.blocks
                if it.kind is BlockKind.PROVISION
            )

        one, two = bag(printed), bag(marked)
        both = sum((one & two).values())
        assert 2 * both / (one.total() + two.total()) > 0.95, name
