"""Tagged pages whose heads, feet and footnotes no tag tells: what is running text, what is not."""

from __future__ import annotations

import pytest

from collabnlp.extraction.furniture import find_unclaimed
from collabnlp.extraction.pdf import read_pdf
from collabnlp.schema import BlockKind

HEIGHT = 842.0
CHAPTERS = ("Rivers", "Bridges", "Markets", "Harbours", "Gardens", "Libraries")


def paper(kit, pages, *, feet=(), heads=True):
    """A tagged paper: a heading and paragraphs a page, heads, page numbers and ``feet`` untagged.

    ``feet``: (page index, text, size) of lines at the foot, in neutral elements.
    """
    made, kids = [], []
    for index, lines in enumerate(pages):
        content, mcid = [], 0
        for line, text in enumerate(lines):
            y = 740 - 24 * line
            content.append(kit.Mark([kit.Text(72, y, text, 20 if not line else 12)], mcid))
            kids.append(kit.Node("H1" if not line else "P", [(index, mcid)]))
            mcid += 1
        y = 110
        for page, text, size in feet:
            if page == index:
                content.append(kit.Mark([kit.Text(72, y, text, size)], mcid))
                kids.append(kit.Node("NonStruct", [kit.Node("Span", [(index, mcid)])]))
                mcid, y = mcid + 1, y - 12
        if heads:
            head = f"Living places: {CHAPTERS[index]}"
            content.append(kit.Mark([kit.Text(72, 800, head, 9)], 50))
            content.append(kit.Mark([kit.Text(290, 40, str(index + 1), 9)], 51))
        made.append(kit.Page(content))
    return read_pdf(kit.write(made, kit.Node("Document", kids)), name="paper.pdf")


PAGES = [
    [name, f"{name} are kept by the councils of the valley.", "The board will publish a plan."]
    for name in CHAPTERS
]


def test_heads_and_feet_in_no_element_are_left_out(pdf_kit):
    document = paper(pdf_kit, PAGES)
    assert not [it.text for it in document.blocks if "Living places" in it.text]
    assert not [it.text for it in document.blocks if it.text.isdigit()]
    assert [page.label for page in document.pages] == ["1", "2", "3", "4", "5", "6"]
    assert all(page.artifacts > 10 for page in document.pages)


def test_small_numbered_lines_at_the_foot_are_notes(pdf_kit):
    feet = [
        (0, "1. See the survey of the valley.", 8),
        (0, "It was made in spring.", 8),
        (0, "2. Some bridges are private.", 8),
        (3, "3 Except for the old harbour.", 8),
    ]
    notes = [it for it in paper(pdf_kit, PAGES, feet=feet).blocks if it.kind is BlockKind.FOOTNOTE]
    assert [(it.number, it.text) for it in notes] == [
        ("1", "See the survey of the valley. It was made in spring."),
        ("2", "Some bridges are private."),
        ("3", "Except for the old harbour."),
    ]


@pytest.mark.parametrize(
    "foot",
    [
        (0, "1. We will pay for the bridges.", 12),  # of the text's size
        (0, "Photographs by the archive.", 8),  # no number
    ],
)
def test_other_lines_at_the_foot_are_no_notes(pdf_kit, foot):
    blocks = paper(pdf_kit, PAGES, feet=[foot]).blocks
    assert not [it for it in blocks if it.kind is BlockKind.FOOTNOTE]
    assert any(foot[1].endswith(it.text) for it in blocks)


def noted(kit, note_size, list_size):
    """A tagged page: text, then a note at the foot of which a numbered list is a part."""
    marks = [
        kit.Mark([kit.Text(72, 760, "Rivers", 20)], 0),
        kit.Mark([kit.Text(72, 730, "The councils keep all of the bridges of the valley.")], 1),
        kit.Mark([kit.Text(72, 700, "1.")], 2),
        kit.Mark([kit.Text(90, 700, "The board will publish a plan.", list_size)], 3),
        kit.Mark([kit.Text(72, 680, "2.")], 4),
        kit.Mark([kit.Text(90, 680, "The ferries run each day.", list_size)], 5),
        kit.Mark([kit.Text(72, 100, "Except for the old harbour.", note_size)], 6),
    ]
    node = kit.Node
    items = [
        node("LI", [node("Lbl", [(0, mark)]), node("LBody", [(0, mark + 1)])]) for mark in (2, 4)
    ]
    note = node("Note", [node("P", [(0, 6)]), node("L", items)])
    tree = node("Document", [node("H1", [(0, 0)]), node("P", [(0, 1)]), note])
    blocks = read_pdf(kit.write([kit.Page(marks)], tree), name="paper.pdf").blocks
    return {it.text: str(it.kind) for it in blocks}


@pytest.mark.parametrize(
    ("note_size", "list_size", "kind"),
    [(8, 12, "list_item"), (8, 8, "footnote"), (12, 12, "footnote")],
)
def test_text_that_hangs_below_a_note_is_no_note(pdf_kit, note_size, list_size, kind):
    kinds = noted(pdf_kit, note_size, list_size)
    assert kinds["Except for the old harbour."] == "footnote"
    assert kinds["The board will publish a plan."] == kinds["The ferries run each day."] == kind


@pytest.mark.parametrize("tagged", [True, False])
def test_a_raised_number_within_a_line_begins_the_next_note(pdf_kit, tagged):
    kit = pdf_kit
    marks = [
        kit.Mark([kit.Text(72, 760, "Rivers", 20)], 0),
        kit.Mark([kit.Text(72, 730, "The councils keep all of the bridges of the valley.")], 1),
        kit.Mark(
            [
                kit.Text(72, 104, "1 ", 5),
                kit.Text(78, 100, "Except for the old harbour. ", 8),
                kit.Text(190, 104, "2 ", 5),
                kit.Text(196, 100, "Some are private.", 8),
            ],
            2,
        ),
    ]
    kids = [kit.Node("H1", [(0, 0)]), kit.Node("P", [(0, 1)])]
    kids.append(kit.Node("Note" if tagged else "P", [(0, 2)]))
    blocks = read_pdf(kit.write([kit.Page(marks)], kit.Node("Document", kids)), name="a.pdf").blocks
    assert [(it.number, it.text) for it in blocks if it.kind is BlockKind.FOOTNOTE] == [
        ("1", "Except for the old harbour."),
        ("2", "Some are private."),
    ]


def test_notes_that_are_tagged_at_random_are_cut_by_their_numbers(pdf_kit):
    kit = pdf_kit
    notes = [
        ("1 Survey of the valley, www.example.org/", 0),
        ("Reports/valley", 1),
        ("2 Board of the harbour,", 1),
        ("minutes of the spring.", 2),
        ("3 Tides", 3),
        ("4 of them are small.", 3),  # no number that begins a note
    ]
    marks = [kit.Mark([kit.Text(72, 780, "The councils keep all of the bridges.")], 0)]
    marks += [
        kit.Mark([kit.Text(72, 700 - 12 * line, text, 8)], line + 1)
        for line, (text, _) in enumerate(notes)
    ]
    kids = [kit.Node("P", [(0, 0)])] + [
        kit.Node("Note", [(0, line + 1) for line, (_, its) in enumerate(notes) if its == number])
        for number in range(4)
    ]
    blocks = read_pdf(kit.write([kit.Page(marks)], kit.Node("Document", kids)), name="a.pdf").blocks
    assert [(it.number, it.text) for it in blocks if it.kind is BlockKind.FOOTNOTE] == [
        ("1", "Survey of the valley, www.example.org/Reports/valley"),
        ("2", "Board of the harbour, minutes of the spring."),
        ("3", "Tides 4 of them are small."),
    ]


class Line:
    def __init__(self, text, top, size=12.0):
        self.text, self.top, self.size, self.artifact = text, top, size, False
        self.bottom = top + size


def body(*tops):
    return [Line(f"text {top}", top) for top in tops]


@pytest.mark.parametrize(
    ("name", "lines", "loose", "expected"),
    [
        ("a head", [Line("Head", 40, 9), *body(90, 110, 130)], {0}, {0}),
        ("a foot", [*body(90, 110, 130), Line("Foot", 800, 9)], {3}, {3}),
        ("a line just above the text", [Line("Lost words", 76), *body(90, 110)], {0}, set()),
        ("a paragraph that lost its mark", body(70, 84, 98, 300), {0, 1}, set()),
        ("no claimed text at all", body(70, 300), {0, 1}, set()),
    ],
)
def test_unclaimed_lines(name, lines, loose, expected):
    found = find_unclaimed([lines] * 6, [HEIGHT] * 6, [loose] * 6)
    assert found == [expected] * 6, name


def test_unclaimed_lines_where_other_pages_have_text():
    """The end of a paragraph of the page before stands where text begins elsewhere."""
    lost, usual = [Line("the end of it", 76), *body(120, 140)], body(76, 120)
    found = find_unclaimed([lost, lost, usual, usual], [HEIGHT] * 4, [{0}, {0}, set(), set()])
    assert found == [set()] * 4


def tagged_as_heading(kit, *texts):
    """A paragraph tagged H3 under a heading: one mark a text, bold and plain in turn."""
    text_of, mark_of, node_of = kit.Text, kit.Mark, kit.Node
    marks = [mark_of([text_of(72, 760, "Rivers", 20, "F2")], 0)]
    x, y, font = 72.0, 700.0, "F2"
    for mcid, text in enumerate(texts, 1):
        marks.append(mark_of([text_of(x, y, text, 12, font)], mcid))
        x, font = x + 6.2 * len(text), "F1"
        if text.endswith("\n"):
            x, y = 72.0, y - 15
    marks.append(
        mark_of([text_of(72, 600, "The councils keep the bridges and the river banks.")], 90)
    )
    kids = [node_of("H2", [(0, 0)]), node_of("H3", [(0, n + 1) for n in range(len(texts))])]
    tree = node_of("Document", [*kids, node_of("P", [(0, 90)])])
    blocks = read_pdf(kit.write([kit.Page(marks)], tree), name="paper.pdf").blocks
    return [(str(it.kind), it.level, it.text) for it in blocks[1:-1]]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ("Ferries and tides. ", "The board will publish a plan each year."),
            [
                ("heading", 2, "Ferries and tides."),
                ("paragraph", None, "The board will publish a plan each year."),
            ],
        ),
        (
            ("Ferries ", "run each day. The board", "will publish a plan each year."),
            [
                ("heading", 2, "Ferries"),
                ("paragraph", None, "run each day. The board will publish a plan each year."),
            ],
        ),
        # a heading in two weights is one heading
        (("Part 2: ", "ferries and tides of the valley"), 1),
        # the bold words are too many for a heading
        (
            ("We will keep all of the ferries of this valley and more. ", "The board pays. Soon."),
            1,
        ),
    ],
)
def test_run_in_headings(pdf_kit, texts, expected):
    found = tagged_as_heading(pdf_kit, *texts)
    assert found == expected if isinstance(expected, list) else len(found) == expected


def test_a_font_is_told_anew_on_every_page(pdf_kit):
    """PDFium may give a closed page's addresses to another page's fonts."""
    from collabnlp.extraction.pdf_text import PdfFile

    fonts = [("F1", "F2")[number * number % 3 == 1] for number in range(30)]
    pages = [pdf_kit.Page([pdf_kit.Text(72, 700, "Some words", 12, font)]) for font in fonts]
    with PdfFile(pdf_kit.write(pages)) as pdf:
        bold = [pdf.read(number).lines[0].bold for number in range(1, 31)]
    assert bold == [font == "F2" for font in fonts]


@pytest.mark.parametrize(
    ("made", "date"),
    [
        ("D:20300514093000Z", "2030-05-14"),
        ("20300514", "2030-05-14"),
        ("D:20309914", None),
        ("yesterday", None),
    ],
)
def test_the_date_of_making_dates_a_paper_without_one(pdf_kit, made, date):
    page = pdf_kit.Page([pdf_kit.Text(72, 700, "The ferries run each day of the year.")])
    data = pdf_kit.write([page], info=f"/CreationDate({made})")
    assert read_pdf(data, name="paper.pdf").info.date == date
