"""PDFium's text: lines, runs, places, marks, errors."""

from __future__ import annotations

import pytest

from collabnlp.errors import DamagedFile, EmptyFile, EncryptedPdf
from collabnlp.extraction.pdf_text import PdfFile, undecoded, visible


def read(data: bytes, number: int = 1, **options: bool):
    with PdfFile(data) as pdf:
        return pdf.read(number, **options)


def test_lines_with_places_sizes_and_fonts(pdf_kit):
    text = pdf_kit.Text
    page = pdf_kit.Page(
        [text(72, 700, "Roads and rivers", 20, "F2"), text(72, 660, "The bridge is open.")]
    )
    got = read(pdf_kit.write([page]))
    assert [line.text for line in got.lines] == ["Roads and rivers", "The bridge is open."]
    title, body = got.lines
    assert (title.size, body.size) == (20, 12)
    assert (title.bold, body.bold) == (True, False)
    assert title.x0 == pytest.approx(72, abs=1)
    assert title.top < 842 - 700 < title.bottom
    assert title.bottom < body.bottom
    assert got.text[body.start : body.end] == body.text
    assert (got.width, got.height) == (595, 842)


def test_size_is_the_matrix_times_the_font_size(pdf_kit):
    page = pdf_kit.Page(["BT /F1 1 Tf 14 0 0 14 72 700 Tm (Scaled) Tj ET\n"])
    assert read(pdf_kit.write([page])).lines[0].size == pytest.approx(14)


def test_places_follow_the_rotation_of_the_page(pdf_kit):
    upright = pdf_kit.Page([pdf_kit.Text(72, 700, "Turn")])
    turned = pdf_kit.Page([pdf_kit.Text(72, 700, "Turn")], rotate=90)
    got = read(pdf_kit.write([upright, turned]), 2)
    assert (got.width, got.height) == (842, 595)
    line = got.lines[0]
    assert line.x0 == pytest.approx(700, abs=6)
    assert line.top == pytest.approx(72, abs=1)


def test_runs_part_where_the_mark_changes(pdf_kit):
    text, mark = pdf_kit.Text, pdf_kit.Mark
    page = pdf_kit.Page(
        [
            mark([text(72, 700, "One ")], 0),
            mark([text(96, 700, "two")], 1),
            mark([text(300, 40, "7")]),
        ]
    )
    got = read(pdf_kit.write([page]))
    runs = [run for line in got.lines for run in line.runs]
    assert [(run.text.strip(), run.mcid, run.artifact) for run in runs] == [
        ("One", 0, False),
        ("two", 1, False),
        ("7", -1, True),
    ]


@pytest.mark.parametrize(
    ("mark", "rise", "raised"),
    [("15", 5, True), ("*", 5, True), ("2", -3, False), ("st", 5, False)],
    ids=["note mark", "asterisk", "low 2", "ordinal"],
)
def test_raised_marks(pdf_kit, mark, rise, raised):
    text = pdf_kit.Text
    page = pdf_kit.Page([text(72, 700, "in the year 2022"), text(160, 700 + rise, mark, 7)])
    runs = [run for line in read(pdf_kit.write([page])).lines for run in line.runs]
    found = [run.text.strip() for run in runs if run.raised]
    assert found == ([mark] if raised else [])


def test_a_line_that_jumps_back_is_two(pdf_kit):
    text = pdf_kit.Text
    page = pdf_kit.Page([text(200, 700, "The end of one row "), text(72, 684, "and the next row")])
    assert [line.text.strip() for line in read(pdf_kit.write([page])).lines] == [
        "The end of one row",
        "and the next row",
    ]


def test_objects_get_runs_of_their_own(pdf_kit):
    text = pdf_kit.Text
    page = pdf_kit.Page([text(72, 700, "Left"), text(300, 700, "Right")])
    runs = [run for line in read(pdf_kit.write([page]), objects=True).lines for run in line.runs]
    assert [run.text.strip() for run in runs] == ["Left", "Right"]
    assert runs[0].x1 < 300 <= runs[1].x0 + 1


def test_characters_are_placed_one_by_one(pdf_kit):
    page = pdf_kit.Page([pdf_kit.Text(72, 700, "Two words")])
    with PdfFile(pdf_kit.write([page])) as pdf, pdf.page(1) as open_page:
        got = open_page.characters()
    assert got.text == "Two words"
    assert got.x0 == sorted(got.x0)
    assert set(got.size) == {12.0}


def test_labels_and_metadata(pdf_kit):
    data = pdf_kit.write(
        [pdf_kit.Page(), pdf_kit.Page()], labels="0 <</S/r>> 1 <</S/D>>", info="/Title(On bridges)"
    )
    with PdfFile(data) as pdf:
        assert [pdf.page_label(number) for number in (1, 2)] == ["i", "1"]
        assert pdf.metadata() == {"Title": "On bridges"}
        assert not pdf.tagged


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"", EmptyFile), (b"%PDF-1.7\nno objects", DamagedFile), (b"plain text", DamagedFile)],
)
def test_files_that_are_no_pdf(data, error):
    with pytest.raises(error):
        PdfFile(data)


def test_a_page_beyond_the_last_is_damaged(pdf_kit):
    with (
        PdfFile(pdf_kit.write([pdf_kit.Page()])) as pdf,
        pytest.raises(DamagedFile),
        pdf.page(2),
    ):
        pass


def test_closing_twice_does_no_harm(pdf_kit):
    pdf = PdfFile(pdf_kit.write([pdf_kit.Page()]))
    pdf.close()
    pdf.close()


@pytest.mark.parametrize(
    ("text", "count"),
    [("a b", 2), ("a\u200ab\u200b", 2), ("", 0), ("\r\n \u00a0", 0), ("“é”", 3)],
)
def test_visible_characters(text, count):
    assert visible(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("plain", 0), ("a\ufffdb\ufffd", 2), ("\uf0b7 item\r\n\uf0b7 item", 0), ("x (cid:12)", 1)],
)
def test_undecoded_characters(text, count):
    assert undecoded(text) == count


def test_a_page_that_looks_printed_is_told_from_a_picture(pdf_kit):
    rows = "".join(f"0 g 72 {y} 400 6 re f\n" for y in range(100, 760, 22))
    pages = [pdf_kit.Page([rows]), pdf_kit.Page(["0 g 0 0 595 842 re f\n"]), pdf_kit.Page()]
    with PdfFile(pdf_kit.write(pages)) as pdf:
        seen = []
        for number in (1, 2, 3):
            with pdf.page(number) as page:
                seen.append((page.shows_pictures(), page.looks_printed()))
    assert seen == [(True, True), (True, False), (False, False)]


@pytest.mark.shared
def test_an_encrypted_file_asks_for_its_password(shared):
    path = shared / "hostile" / "cabinet" / "encryption_openpassword.pdf"
    with pytest.raises(EncryptedPdf):
        PdfFile(path.read_bytes())
