"""Structure trees: what they claim, in which order, and what goes on over pages."""

from __future__ import annotations

import pytest

from collabnlp.extraction.mending import Vocabulary
from collabnlp.extraction.pdf import read_pdf
from collabnlp.extraction.pdf_claims import Claimer
from collabnlp.extraction.pdf_tags import TreeReader
from collabnlp.extraction.pdf_targets import Role
from collabnlp.extraction.pdf_text import PdfFile
from collabnlp.extraction.pdf_wording import word


def claim(data: bytes):
    """(targets in order, artifacts, claimed, unclaimed) of each page."""
    trees, claimer, found = TreeReader(), Claimer(), []
    with PdfFile(data) as pdf:
        for number in range(1, pdf.page_count + 1):
            with pdf.page(number) as page:
                found.append(claimer.page(number, page.lines, trees.read(page)))
    return found


def words(target) -> str:
    return word(target.fragments, Vocabulary()).text


def single(pdf_kit, texts, tree):
    """One page: each text in a mark of its own, lines downwards, under a tree."""
    content = [
        pdf_kit.Mark([pdf_kit.Text(72, 760 - 20 * mcid, text)], mcid)
        for mcid, text in enumerate(texts)
    ]
    return claim(pdf_kit.write([pdf_kit.Page(content)], tree))[0]


def test_a_page_without_tags_has_no_tree(pdf_kit):
    data = pdf_kit.write([pdf_kit.Page([pdf_kit.Text(72, 700, "Plain")])])
    with PdfFile(data) as pdf, pdf.page(1) as page:
        assert TreeReader().read(page) == []


@pytest.mark.parametrize(
    ("kind", "role", "rank"),
    [
        ("P", Role.PARAGRAPH, 0),
        ("H1", Role.HEADING, 1),
        ("H4", Role.HEADING, 4),
        ("Note", Role.NOTE, 0),
        ("Caption", Role.CAPTION, 0),
        ("TOCI", Role.CONTENTS, 0),
        ("Figure", Role.FIGURE, 0),
        ("Sect", Role.PARAGRAPH, 0),
        ("Oddity", Role.PARAGRAPH, 0),
    ],
)
def test_roles_of_types(pdf_kit, kind, role, rank):
    node = pdf_kit.Node
    got = single(pdf_kit, ["Some words"], node("Document", [node(kind, [(0, 0)])]))
    assert [(it.role, it.rank, words(it)) for it in got.targets] == [(role, rank, "Some words")]


def test_types_go_through_the_role_map(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    page = pdf_kit.Page([mark([text(72, 700, "A title")], 0)])
    data = pdf_kit.write([page], node("Document", [node("Kopf", [(0, 0)])]), roles="/Kopf /H2")
    target = claim(data)[0].targets[0]
    assert (target.role, target.rank) == (Role.HEADING, 2)


def test_lists_have_labels_and_items(pdf_kit):
    node = pdf_kit.Node
    item = [node("LI", [node("Lbl", [(0, at)]), node("LBody", [(0, at + 1)])]) for at in (1, 3)]
    tree = node("Document", [node("P", [(0, 0)]), node("L", item)])
    got = single(pdf_kit, ["We will:", "(a)", "mend roads", "(b)", "mend bridges"], tree)
    assert [(it.role, "".join(run.text for run in it.label).strip()) for it in got.targets] == [
        (Role.PARAGRAPH, ""),
        (Role.ITEM, "(a)"),
        (Role.ITEM, "(b)"),
    ]
    assert len({it.item for it in got.targets}) == 3


def test_the_paragraph_in_an_item_is_the_item(pdf_kit):
    node = pdf_kit.Node
    body = node("LBody", [node("P", [(0, 0)]), node("P", [(0, 1)])])
    tree = node("Document", [node("L", [node("LI", [body])])])
    got = single(pdf_kit, ["First part.", "Second part."], tree)
    assert [(it.role, it.item) for it in got.targets] == [(Role.ITEM, 1), (Role.ITEM, 1)]


def test_tables_count_rows_columns_and_headers(pdf_kit):
    node = pdf_kit.Node
    head = node("TR", [node("TH", [(0, 0)]), node("TH", [(0, 1)])])
    row = node("TR", [node("TD", [node("P", [(0, 2)])]), node("TD", [node("P", [(0, 3)])])])
    tree = node("Document", [node("Table", [node("THead", [head]), node("TBody", [row])])])
    got = single(pdf_kit, ["Body", "Task", "Board", "Plan"], tree)
    cells = [(words(it), it.cell.row, it.cell.column, it.cell.header) for it in got.targets]
    assert cells == [
        ("Body", 0, 0, True),
        ("Task", 0, 1, True),
        ("Board", 1, 0, False),
        ("Plan", 1, 1, False),
    ]


def test_a_table_of_one_cell_is_a_box(pdf_kit):
    node = pdf_kit.Node
    cell = node("TR", [node("TD", [node("P", [(0, 0)])])])
    got = single(pdf_kit, ["A case study"], node("Document", [node("Table", [cell])]))
    assert [(it.role, it.aside) for it in got.targets] == [(Role.PARAGRAPH, True)]


def test_letters_without_an_id_inherit_the_mark_around_them(pdf_kit):
    inner = "/Span <</Lang (en)>> BDC BT /F1 12 Tf 90 700 Td (AB) Tj ET EMC "
    content = (
        "/P <</MCID 0>> BDC BT /F1 12 Tf 72 700 Td (The ) Tj ET "
        f"{inner}BT /F1 12 Tf 106 700 Td ( met.) Tj ET EMC\n"
    )
    node = pdf_kit.Node
    data = pdf_kit.write([pdf_kit.Page([content])], node("Document", [node("P", [(0, 0)])]))
    got = claim(data)[0]
    assert [words(it).replace(" ", "") for it in got.targets] == ["TheABmet."]
    assert got.unclaimed == 0


def test_an_element_that_goes_on_to_the_next_page_is_one(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    pages = [
        pdf_kit.Page([mark([text(72, 60, "A sentence that")], 0)]),
        pdf_kit.Page(
            [mark([text(72, 780, "ends here.")], 1), mark([text(72, 740, "Another one.")], 2)]
        ),
    ]
    tree = node("Document", [node("P", [(0, 0), (1, 1)]), node("P", [(1, 2)])])
    first, second = claim(pdf_kit.write(pages, tree))
    assert [words(it) for it in first.targets] == ["A sentence that ends here."]
    assert [words(it) for it in second.targets] == ["Another one."]
    assert [it.page for it in first.targets[0].fragments] == [1, 2]


def test_what_nothing_claims_is_grouped_by_place_and_counted(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    page = pdf_kit.Page(
        [
            mark([text(72, 700, "Tagged.")], 0),
            text(72, 640, "Loose words on"),
            text(72, 626, "two lines."),
            text(72, 500, "Far away."),
            mark([text(300, 30, "12")]),
        ]
    )
    got = claim(pdf_kit.write([page], node("Document", [node("P", [(0, 0)])])))[0]
    assert [words(it) for it in got.targets] == [
        "Tagged.",
        "Loose words on two lines.",
        "Far away.",
    ]
    assert [it.loose for it in got.targets] == [False, True, True]
    assert (got.artifacts, got.claimed) == (2, len("Tagged."))
    assert got.unclaimed == len("Loosewordsontwolines.Faraway.")


def test_text_after_an_inner_list_closes_the_paragraph(pdf_kit):
    node = pdf_kit.Node
    inner = node("L", [node("LI", [node("LBody", [(0, 1)])])])
    got = single(
        pdf_kit,
        ["The board must", "keep a register", "and publish it."],
        node("Document", [node("P", [(0, 0), inner, (0, 2)])]),
    )
    assert [(words(it), it.resumed) for it in got.targets] == [
        ("The board must", False),
        ("keep a register", False),
        ("and publish it.", True),
    ]


def test_boxes_that_are_drawn_first_are_read_where_they_stand(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    page = pdf_kit.Page(
        [
            mark([text(72, 400, "In the box.")], 0),
            mark([text(72, 700, "Before it.")], 1),
            mark([text(72, 300, "After it.")], 2),
        ]
    )
    for order in ((1, 0, 2), (0, 1, 2)):  # the tree knows, or it does not
        tree = node("Document", [node("P", [(0, mcid)]) for mcid in order])
        got = claim(pdf_kit.write([page], tree))[0]
        assert [words(it) for it in got.targets] == ["Before it.", "In the box.", "After it."]


def test_columns_are_left_in_the_order_of_the_content(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    places = [(72, 700), (72, 680), (330, 700), (330, 680)]
    content = [mark([text(x, y, f"Part {at}.")], at) for at, (x, y) in enumerate(places)]
    tree = node("Document", [node("P", [(0, at)]) for at in range(4)])
    got = claim(pdf_kit.write([pdf_kit.Page(content)], tree))[0]
    assert [words(it) for it in got.targets] == [f"Part {at}." for at in range(4)]


def test_a_long_element_read_in_a_hurry_gives_the_same(pdf_kit):
    node, mark, text = pdf_kit.Node, pdf_kit.Mark, pdf_kit.Text
    pages, kids = [], []
    for number in range(4):
        mcids = range(20)
        pages.append(
            pdf_kit.Page(
                [mark([text(72, 780 - 30 * at, f"Page {number}, {at}.")], at) for at in mcids]
            )
        )
        kids += [node("P", [(number, at)]) for at in mcids]
    data = pdf_kit.write(pages, node("Document", [node("Sect", kids)]))
    hurried, slow = TreeReader(), TreeReader()
    with PdfFile(data) as pdf:
        for number in range(1, 5):
            with pdf.page(number) as page:
                hurried.read(page, hurried=True)
                slow.read(page)
                assert hurried.claimed == slow.claimed == set(range(20))


def test_nested_paragraphs_are_counted(pdf_kit):
    node = pdf_kit.Node
    tree = node("Document", [node("P", [node("P", [node("P", [(0, 0)])])])])
    got = single(pdf_kit, ["Deep"], tree)
    assert got.nested == 4


def raised_runs(pdf_kit, *texts):
    with PdfFile(pdf_kit.write([pdf_kit.Page([pdf_kit.Text(*it) for it in texts])])) as pdf:
        lines = pdf.read(1).lines
    claims = Claimer().page(1, lines, [])
    return word(claims.targets[0].fragments, Vocabulary())


def test_note_marks_are_taken_out_and_placed(pdf_kit):
    got = raised_runs(
        pdf_kit, (72, 700, "since 2022"), (132, 705, "15", 7), (141, 700, ", the board")
    )
    assert got.text == "since 2022, the board"
    assert got.marks == [(len("since 2022"), "15")]
    assert got.dropped == {1: 2}


def test_a_mark_at_the_beginning_is_the_label(pdf_kit):
    got = raised_runs(pdf_kit, (72, 705, "7", 7), (80, 700, "See the annual report."))
    assert (got.label, got.text, got.marks) == ("7", "See the annual report.", [])


def test_units_keep_their_power(pdf_kit):
    got = raised_runs(
        pdf_kit, (72, 700, "an area of 40 m"), (156, 705, "2", 7), (160, 700, " of land")
    )
    assert got.text == "an area of 40 m² of land"
    assert got.marks == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("1. Ferries run daily.", "2. Bridges are kept."),
            ["Ferries run daily.", "Bridges are kept."],
        ),
        (("1. Ferries run daily.", "3. Bridges are kept."), 1),  # does not count on
        (("1. Ferries run on each", "2. May of the year."), 1),  # the sentence is open
        (("Ferries run daily.", "2. Bridges are kept."), 1),  # no number before
    ],
)
def test_numbered_items_under_one_tag_are_parted(pdf_kit, lines, expected):
    kit = pdf_kit
    marks = [kit.Mark([kit.Text(72, 700 - 16 * at, text)], at) for at, text in enumerate(lines)]
    item = kit.Node("LI", [kit.Node("LBody", [(0, at) for at in range(len(lines))])])
    tree = kit.Node("Document", [kit.Node("L", [item])])
    blocks = read_pdf(kit.write([kit.Page(marks)], tree), name="paper.pdf").blocks
    found = [it.text for it in blocks]
    assert found == expected if isinstance(expected, list) else len(found) == expected
