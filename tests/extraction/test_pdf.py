"""Reading PDFs: the document that comes out, what is lost, what is refused."""

from __future__ import annotations

import csv

import pytest

from collabnlp.errors import CollabnlpError, DamagedFile, NoText
from collabnlp.extraction.pdf import read_pdf
from collabnlp.extraction.pdf_text import PdfFile
from collabnlp.schema import BlockKind, Reading, Region

LONG = "The regional board will publish a plan every year and consult the councils on it."


class Paper:
    """Builds a tagged paper line by line: every line a mark, elements as told."""

    def __init__(self, kit):
        self.kit = kit
        self.pages, self.content, self.kids = [], [], []
        self.y = 780

    def line(self, text, *, size=12, font="F1", x=72, gap=0):
        self.y -= gap + 1.2 * size
        mcid = sum(isinstance(it, self.kit.Mark) and it.mcid is not None for it in self.content)
        self.content.append(self.kit.Mark([self.kit.Text(x, self.y, text, size, font)], mcid))
        return (len(self.pages), mcid)

    def add(self, kind, *texts, **style):
        style.setdefault("gap", 10)
        marks = [self.line(texts[0], **style)]
        marks += [self.line(text, **{**style, "gap": 0}) for text in texts[1:]]
        self.kids.append(self.kit.Node(kind, marks))
        return self

    def items(self, *items, x=72):
        node = self.kit.Node
        made = []
        for label, text in items:
            self.y -= 4
            first = self.line(label, x=x)
            self.y += 14.4
            made.append(
                node("LI", [node("Lbl", [first]), node("LBody", [self.line(text, x=x + 20)])])
            )
        self.kids.append(node("L", made))
        return self

    def artifact(self, text, y, x=280):
        self.content.append(self.kit.Mark([self.kit.Text(x, y, text, 9)]))
        return self

    def raw(self, operators):
        self.content.append(operators)
        return self

    def next_page(self):
        self.pages.append(self.kit.Page(self.content))
        self.content, self.y = [], 780
        return self

    def bytes(self, **options):
        if self.content:
            self.next_page()
        return self.kit.write(self.pages, self.kit.Node("Document", self.kids), **options)

    def read(self, **options):
        return read_pdf(self.bytes(), name="paper.pdf", **options)


@pytest.fixture
def paper(pdf_kit):
    return Paper(pdf_kit)


def table(document):
    return [(str(it.kind), it.level, it.number, it.text) for it in document.blocks]


def test_headings_paragraphs_and_lists(paper):
    paper.add("H1", "1. Roads", size=24, font="F2").add("H2", "1.1 Bridges", size=16, font="F2")
    paper.add("P", LONG).add("P", "We will:")
    paper.items(("(a)", "mend bridges; and"), ("(b)", "mend roads."))
    document = paper.read()
    assert table(document) == [
        ("heading", 1, "1.", "Roads"),
        ("heading", 2, "1.1", "Bridges"),
        ("paragraph", None, None, LONG),
        ("paragraph", None, None, "We will:"),
        ("list_item", 1, "(a)", "mend bridges; and"),
        ("list_item", 1, "(b)", "mend roads."),
    ]
    assert [it.lead_in for it in document.blocks[4:]] == [3, 3]
    assert document.pages[0].reading is Reading.TAGS
    assert not document.partial


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Authorities", "Authorities should tell operators of the works."),
        ("It", "It should tell operators of the works."),
        ("(a)", "should tell operators of the works."),
        ("a", "should tell operators of the works."),
        ("viii", "should tell operators of the works."),
        ("Note:", "should tell operators of the works."),
    ],
)
def test_a_first_word_that_is_tagged_as_a_label_is_no_label(paper, label, text):
    paper.add("P", LONG)
    paper.items((label, "should tell operators of the works."))
    block = paper.read().blocks[1]
    assert (block.text, block.number) == (text, None if text.startswith(label) else label)


def test_lists_nest_by_indent(paper):
    paper.add("P", LONG).add("P", "The board will:")
    paper.items(("(a)", "consult:"))
    paper.items(("(i)", "the mayor, and"), ("(ii)", "the councils;"), x=100)
    paper.items(("(b)", "publish the results."))
    blocks = paper.read().blocks
    assert [(it.number, it.level, it.lead_in) for it in blocks[2:]] == [
        ("(a)", 1, 1),
        ("(i)", 2, 2),
        ("(ii)", 2, 2),
        ("(b)", 1, 1),
    ]


def test_lines_have_places_in_the_text(paper):
    paper.add("P", "The board will meet every month and", "its minutes will be published.")
    document = paper.read()
    block = document.blocks[0]
    assert [document.text[it.start : it.end] for it in block.lines] == [
        "The board will meet every month and",
        "its minutes will be published.",
    ]
    first, second = (it.box for it in block.lines)
    assert first.page == 1
    assert first.bottom <= second.top + 2
    assert first.x0 == pytest.approx(72, abs=1)


def test_numbered_paragraphs_keep_their_number(paper):
    paper.add("P", f"4.17 {LONG}")
    block = paper.read().blocks[0]
    assert (block.number, block.provision, block.text) == ("4.17", "4.17", LONG)


def test_bare_numbers_count_when_they_count_up(paper):
    for number in range(10, 18):
        paper.add("P", f"{number} {LONG}")
    assert [it.provision for it in paper.read().blocks] == [str(it) for it in range(10, 18)]


def test_a_lone_bare_number_belongs_to_the_text(paper):
    paper.add("P", "12 Councils have joined the board since it was founded.").add("P", LONG)
    assert paper.read().blocks[0].text.startswith("12 Councils")


@pytest.mark.parametrize(
    ("kind", "text", "size", "font", "found"),
    [
        ("H3", LONG, 12, "F1", BlockKind.PARAGRAPH),
        ("H3", "A short title", 12, "F2", BlockKind.HEADING),
        ("P", "A short title", 18, "F1", BlockKind.HEADING),
        ("P", "A short title", 12, "F2", BlockKind.HEADING),
        ("P", "A bold sentence is a sentence.", 12, "F2", BlockKind.PARAGRAPH),
        ("P", "A short line", 12, "F1", BlockKind.PARAGRAPH),
    ],
)
def test_style_corrects_the_tag(paper, kind, text, size, font, found):
    paper.add("P", LONG).add(kind, text, size=size, font=font).add("P", LONG)
    assert paper.read().blocks[1].kind is found


def test_a_heading_in_two_elements_is_one(paper):
    paper.add("P", LONG).add("H1", "How the board", size=24, font="F2")
    paper.add("H1", "will work", size=24, font="F2", gap=0).add("P", LONG)
    assert [it.text for it in paper.read().blocks if it.level] == ["How the board will work"]


def test_a_name_below_a_foreword_is_no_heading(paper):
    paper.add("P", LONG).add("P", "Alex Example", font="F2").next_page()
    paper.add("H1", "Chapter", size=24, font="F2").add("P", LONG)
    assert [it.text for it in paper.read().blocks if it.level] == ["Chapter"]


def test_levels_are_dense_and_ordered_by_tag_then_size(paper):
    for kind, text, size in (
        ("H2", "Chapter", 30), ("H3", "Part", 18), ("H4", "Section", 16), ("H4", "Topic", 14),
    ):  # fmt: skip
        paper.add(kind, text, size=size, font="F2").add("P", LONG)
    assert [it.level for it in paper.read().blocks if it.level] == [1, 2, 3, 4]


def test_a_paragraph_over_a_page_break_is_one(paper):
    paper.add("P", LONG).add("P", "The board will work with").artifact("1", 30).next_page()
    paper.add("P", "every council in the region.").artifact("2", 30)
    document = paper.read()
    block = document.blocks[1]
    assert block.text == "The board will work with every council in the region."
    assert [it.page for it in block.lines] == [1, 2]
    assert [page.label for page in document.pages] == ["1", "2"]


def test_footnotes_stand_apart_and_leave_marks(paper, pdf_kit):
    paper.add("P", "The rate has doubled since 2022")
    x = 72 + 180
    paper.content[-1].texts = [
        pdf_kit.Text(72, paper.y, "The rate has doubled since 2022"),
        pdf_kit.Text(x, paper.y + 5, "15", 7),
        pdf_kit.Text(x + 9, paper.y, ", and we will act."),
    ]
    paper.add("Note", "15 The annual report of the example board.", size=9)
    paragraph, note = paper.read().blocks
    assert paragraph.text == "The rate has doubled since 2022, and we will act."
    assert [(it.offset, it.label) for it in paragraph.note_marks] == [(31, "15")]
    assert (note.kind, note.number) == (BlockKind.FOOTNOTE, "15")


def test_running_heads_are_left_out(paper):
    paper.artifact("The example paper", 820).add("P", LONG).artifact("7", 30)
    document = paper.read()
    assert [it.text for it in document.blocks] == [LONG]
    assert document.pages[0].artifacts == len("Theexamplepaper7")


def test_text_on_a_coloured_field_is_boxed(paper):
    paper.add("P", LONG).raw("0.8 0.9 1 rg 60 560 480 150 re f 0 g\n")
    paper.y = 700
    paper.add("P", "Case study: the example bridge", font="F2").add("P", LONG)
    paper.y = 500
    paper.add("P", LONG)
    assert [it.region for it in paper.read().blocks] == [
        Region.BODY,
        Region.BOX,
        Region.BOX,
        Region.BODY,
    ]


def test_cover_and_contents_are_front_matter(paper):
    paper.add("H1", "The example paper", size=40, font="F2").next_page()
    paper.add("H2", "Contents", size=20, font="F2")
    for title, page in (("Roads", 3), ("Bridges", 4), ("Rivers", 5)):
        paper.add("P", f"{title} {page}")
    for title in ("Roads", "Bridges"):
        paper.next_page().add("H2", title, size=20, font="F2").add("P", LONG).add("P", LONG)
    blocks = paper.read().blocks
    assert [(it.region, it.kind) for it in blocks[2:5]] == [(Region.FRONT, BlockKind.CONTENTS)] * 3
    assert {it.region for it in blocks[:5]} == {Region.FRONT}
    assert {it.region for it in blocks[5:]} == {Region.BODY}


def test_every_visible_character_is_counted(paper):
    paper.artifact("Head", 820).add("H1", "Title", size=24, font="F2").add("P", LONG)
    paper.content.append(paper.kit.Text(72, 200, "Nobody claims this line of text."))
    paper.items(("•", "one item"))
    data = paper.bytes()
    with PdfFile(data) as pdf:
        seen = pdf.read(1).visible
    page = read_pdf(data, name="paper.pdf").pages[0]
    assert page.characters + page.artifacts == seen


def test_tags_can_be_ignored(paper):
    paper.add("P", LONG).add("P", LONG)
    assert {page.reading for page in paper.read(ignore_tags=True).pages} == {Reading.LAYOUT}


def test_a_page_with_too_little_tagged_is_read_by_layout(paper):
    paper.add("P", "Tagged.")
    for y in range(600, 300, -20):
        paper.content.append(paper.kit.Text(72, y, "The tags of this paper leave out most of it."))
    document = paper.read()
    assert document.pages[0].reading is Reading.LAYOUT
    assert not document.partial


@pytest.mark.parametrize(("holes", "reading"), [(3, Reading.LAYOUT), (0, Reading.TAGS)])
def test_a_page_with_holes_is_read_by_layout_where_most_tags_are_no_use(paper, holes, reading):
    def fill(top, count):
        for line in range(count):
            text = "The tags of this paper leave out most of it."
            paper.content.append(paper.kit.Text(72, top - 20 * line, text))

    for _ in range(3):
        paper.add("P", "Tagged.")
        fill(600, 15)
        paper.next_page()
    for _ in range(12):
        paper.add("P", LONG)
    fill(300, holes)
    assert paper.read().pages[3].reading is reading


def test_blank_pages_and_pictures_are_no_loss(paper, pdf_kit):
    paper.add("P", LONG).next_page()
    paper.pages += [pdf_kit.Page(), pdf_kit.Page(["0 0 1 rg 0 0 595 842 re f\n"])]
    document = paper.read()
    assert [it.reading for it in document.pages] == [Reading.TAGS, Reading.BLANK, Reading.PICTURE]
    assert not document.partial


def test_print_without_text_makes_the_document_partial(paper, pdf_kit):
    paper.add("P", LONG).next_page()
    rows = "".join(f"0 g 72 {y} 400 6 re f\n" for y in range(100, 760, 22))
    paper.pages.append(pdf_kit.Page([rows]))
    document = paper.read()
    assert document.partial
    assert document.reasons[0].startswith("page 2:")


@pytest.mark.parametrize("content", [[], ["0 0 1 rg 0 0 595 842 re f\n"]], ids=["blank", "picture"])
def test_a_file_without_any_text_is_refused(pdf_kit, content):
    with pytest.raises(NoText):
        read_pdf(pdf_kit.write([pdf_kit.Page(content)]), name="scan.pdf")


def test_garbage_is_refused():
    with pytest.raises(DamagedFile):
        read_pdf(b"%PDF-1.4 nothing", name="broken.pdf")


@pytest.mark.parametrize(
    ("info", "title"),
    [("/Title(A plan for bridges)", "A plan for bridges"), ("/Title(plan_v2.docx)", "Big words")],
)
def test_the_title_of_the_file_is_taken_where_it_is_one(paper, info, title):
    paper.add("H1", "Big words", size=30, font="F2").add("P", LONG)
    document = read_pdf(paper.bytes(info=info), name="x.pdf")
    assert document.info.title == title


def test_the_same_file_gives_the_same_document(paper):
    paper.add("H1", "Title", size=24, font="F2").add("P", LONG).items(("•", "one"), ("•", "two"))
    data = paper.bytes()
    assert read_pdf(data, name="a.pdf") == read_pdf(data, name="a.pdf")


def pdf_files(folder):
    return sorted(folder.glob("*.pdf"))


@pytest.mark.shared
def test_real_papers_lose_no_character(shared):
    for path in pdf_files(shared / "documents"):
        document = read_pdf(path.read_bytes(), name=path.name)
        assert not document.partial, (path.name, document.reasons[:3])
        with PdfFile(path.read_bytes()) as pdf:
            seen = {page.number: pdf.read(page.number).visible for page in document.pages}
        for page in document.pages:
            lost = seen[page.number] - page.characters - page.artifacts
            assert abs(lost) <= max(3, 0.02 * seen[page.number]), (path.name, page.number, lost)


@pytest.mark.shared
def test_the_white_paper_has_chapters_and_no_furniture(shared):
    path = shared / "documents" / "edwp-2024.pdf"
    document = read_pdf(path.read_bytes(), name=path.name)
    numbered = [
        it for it in document.blocks
        if it.kind is BlockKind.HEADING and it.region is Region.BODY and it.number
    ]  # fmt: skip
    assert len(numbered) > 40
    assert all(it.number.strip(".").count(".") + 1 == it.level for it in numbered)
    assert all(page.characters > 0 for page in document.pages if page.reading is Reading.TAGS
               and page.number != 116)  # fmt: skip


@pytest.mark.shared
def test_hostile_files_end_in_a_document_or_a_named_error(shared):
    with (shared / "hostile" / "hostile.csv").open(encoding="utf-8") as rows:
        files = [row["file"] for row in csv.DictReader(rows)]
    for file in files:
        try:
            read_pdf((shared / "hostile" / file).read_bytes(), name=file.rsplit("/")[-1])
        except CollabnlpError:
            continue
