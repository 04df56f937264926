"""A highlighted PDF: words covered, nothing else changed, and what cannot be marked named."""

from __future__ import annotations

import importlib.util
import io
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pypdf
import pypdf.annotations
import pypdfium2
import pytest
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

import collabnlp
from collabnlp.cli.main import run
from collabnlp.data.palette import palette
from collabnlp.errors import CollabnlpError
from collabnlp.schema import Document, TaggedUnit
from collabnlp.workflows.api import Classifier
from collabnlp.workflows.highlighting import MarkablePdf
from collabnlp.workflows.inputs import Source

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "demo" / "regional-partnership-2.pdf"
LINES = (
    "The bridge was opened in 1903. We will work with mayors to",
    "deliver safer streets in every town. The ferry stopped in 1950.",
)
PROMISE = "We will work with mayors to deliver safer streets in every town."


@pytest.fixture(scope="module")
def tagger() -> Classifier:
    return collabnlp.load()


def pdf(
    *,
    lines: tuple[str, ...] = LINES,
    rotate: int = 0,
    media: tuple[float, ...] = (0, 0, 500, 400),
    crop: tuple[float, ...] | None = None,
    pages: int = 1,
    change: Callable[[pypdf.PdfWriter], None] | None = None,
) -> bytes:
    """A PDF whose lines stand 60 points from the left of the page as shown, 80 from its top."""
    writer = pypdf.PdfWriter()
    left, low, right, high = crop or media
    for _ in range(pages):
        page = writer.add_blank_page(width=10, height=10)
        page[NameObject("/MediaBox")] = ArrayObject(map(FloatObject, media))
        if crop:
            page[NameObject("/CropBox")] = ArrayObject(map(FloatObject, crop))
        page[NameObject("/Rotate")] = NumberObject(rotate)
        parts = []
        for number, line in enumerate(lines):
            x, down = 60.0, 80.0 + 16 * number
            matrix = {
                0: f"1 0 0 1 {left + x} {high - down}",
                90: f"0 1 -1 0 {left + down} {low + x}",
                180: f"-1 0 0 -1 {right - x} {low + down}",
                270: f"0 -1 1 0 {right - down} {high - x}",
            }[rotate % 360]
            parts.append(f"BT /F1 11 Tf {matrix} Tm ({line}) Tj ET")
        content = DecodedStreamObject()
        content.set_data("\n".join(parts).encode())
        page[NameObject("/Contents")] = writer._add_object(content)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    if change is not None:
        change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def mark(tagger: Classifier, data: bytes, **options: Any) -> bytes:
    result = tagger.classify("paper.pdf", data=data)
    source = Source(Path("paper.pdf"), data)
    return MarkablePdf(source, **options).marked(result.document, result.tagged).data


def highlights(data: bytes) -> list[tuple[int, Any]]:
    return [
        (number, it.get_object())
        for number, page in enumerate(pypdf.PdfReader(io.BytesIO(data)).pages)
        for it in page.get("/Annots") or ()
        if it.get_object()["/Subtype"] == "/Highlight"
    ]


def words_under(data: bytes, number: int, annotation: Any) -> str:
    """What PDFium finds under the quads of a highlight, in the page's own coordinates."""
    document = pypdfium2.PdfDocument(data)
    text = document[number].get_textpage()
    sides = [float(side) for side in annotation["/QuadPoints"]]
    found = []
    for at in range(0, len(sides), 8):
        xs, ys = sides[at : at + 8 : 2], sides[at + 1 : at + 8 : 2]
        found.append(text.get_text_bounded(min(xs), min(ys), max(xs), max(ys)).strip())
    return " ".join(found)


SHAPES: dict[str, dict[str, Any]] = {
    "plain": {},
    "origin elsewhere": {"media": (100, 200, 600, 600)},
    "cropped": {"media": (0, 0, 700, 700), "crop": (90, 110, 590, 510)},
    "crop beyond the page": {"media": (0, 0, 500, 400), "crop": (-50, -50, 900, 900)},
    "turned 90": {"rotate": 90},
    "turned 180": {"rotate": 180},
    "turned 270": {"rotate": 270},
    "turned -90": {"rotate": -90},
    "turned and cropped": {"rotate": 90, "media": (0, 0, 700, 700), "crop": (90, 110, 590, 610)},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_highlight_covers_its_words_and_no_others(tagger: Classifier, shape: str) -> None:
    options = dict(SHAPES[shape])
    if shape == "crop beyond the page":
        data = pdf(media=options["media"])
        data = pdf(change=lambda it: _set(it, "/CropBox", options["crop"]))
    else:
        data = pdf(**options)
    marked = mark(tagger, data)
    ((number, annotation),) = highlights(marked)
    assert words_under(marked, number, annotation) == PROMISE
    assert len(annotation["/QuadPoints"]) == 16  # two lines
    page = pypdfium2.PdfDocument(marked)[0]
    picture = page.render(scale=2, may_draw_forms=True).to_pil().convert("RGB")
    tint = palette()[collabnlp.schema.Level.SUPPORT].tint
    wanted = tuple(int(tint[at : at + 2], 16) for at in (1, 3, 5))
    # Between the lines of text as shown: within the first line's end and the second's beginning.
    for x, down in ((340, 78), (65, 94)):
        near = {
            picture.getpixel((int(2 * x) + dx, int(2 * down) + dy))
            for dx in range(-6, 7)
            for dy in range(-6, 7)
        }
        assert any(max(abs(a - b) for a, b in zip(it, wanted, strict=True)) < 6 for it in near)
    left = {picture.getpixel((2 * 62 + dx, 2 * 77)) for dx in range(20)}
    assert wanted not in left, "the sentence before is not highlighted"


def _set(writer: pypdf.PdfWriter, key: str, values: tuple[float, ...]) -> None:
    for page in writer.pages:
        page[NameObject(key)] = ArrayObject(map(FloatObject, values))


def test_a_page_in_other_units(tagger: Classifier) -> None:
    def change(writer: pypdf.PdfWriter) -> None:
        writer.pages[0][NameObject("/UserUnit")] = FloatObject(2.5)

    marked = mark(tagger, pdf(change=change))
    ((number, annotation),) = highlights(marked)
    assert words_under(marked, number, annotation) == PROMISE


def test_the_annotation_is_what_viewers_expect(tagger: Classifier) -> None:
    marked = mark(tagger, pdf())
    ((_, annotation),) = highlights(marked)
    assert annotation["/F"] == 4
    assert annotation["/CA"] == 1
    assert len(annotation["/C"]) == 3
    look = annotation["/AP"]["/N"].get_object()
    assert look["/Subtype"] == "/Form"
    assert look["/BBox"] == annotation["/Rect"]
    assert look["/Resources"]["/ExtGState"]["/Multiply"]["/BM"] == "/Multiply"
    x0, y0, x1, y1 = map(float, annotation["/Rect"])
    sides = list(map(float, annotation["/QuadPoints"]))
    assert all(x0 <= x <= x1 for x in sides[::2]) and all(y0 <= y <= y1 for y in sides[1::2])
    upper_left, upper_right, lower_left = sides[0:2], sides[2:4], sides[4:6]
    assert upper_left[0] == lower_left[0] < upper_right[0]
    assert lower_left[1] < upper_left[1] == upper_right[1]
    note = str(annotation["/Contents"]).splitlines()
    assert note[0].startswith("Support (") and "commitment" in note[0]
    assert note[1].startswith("Departments: ")
    assert note[2] == "Partners: subnational (mayors)"
    assert note[-1].startswith("paper:")
    assert str(annotation["/NM"]) in note[-1]


def _furnished(writer: pypdf.PdfWriter) -> None:
    """Everything that must survive: outline, metadata, link, attachment, tags, labels."""
    writer.add_outline_item(title="Streets", page_number=0)
    writer.add_metadata({"/Title": "A plan – for streets", "/Author": "Ministry"})
    writer.add_attachment("costs.csv", b"item,cost\nlamp,4\n")
    writer.add_annotation(
        0, pypdf.annotations.Link(rect=(60, 300, 90, 330), url="https://example.org/")
    )
    root = writer._root_object
    tree = DictionaryObject({NameObject("/Type"): NameObject("/StructTreeRoot")})
    root[NameObject("/StructTreeRoot")] = writer._add_object(tree)
    root[NameObject("/Lang")] = TextStringObject("en-GB")
    writer.set_page_label(0, 0, style="/r")


def _raw(value: Any) -> bytes:
    out = io.BytesIO()
    value.write_to_stream(out)
    return out.getvalue()


def _redefined(data: bytes, marked: bytes) -> list[tuple[Any, Any]]:
    """Objects of the file that its update writes again: as they were and as they are."""
    old, new = pypdf.PdfReader(io.BytesIO(data)), pypdf.PdfReader(io.BytesIO(marked))
    size = int(old.trailer["/Size"])
    added = re.findall(rb"(?m)^(\d+) (\d+) obj$", marked[len(data) :])
    references = [
        (IndirectObject(int(number), int(generation), old), int(number), int(generation))
        for number, generation in added
        if int(number) < size
    ]
    return [
        (old.get_object(it), new.get_object(IndirectObject(number, generation, new)))
        for it, number, generation in references
    ]


@pytest.mark.parametrize("name", ["made here", "demo"])
def test_nothing_else_changes(tagger: Classifier, name: str) -> None:
    data = DEMO.read_bytes() if name == "demo" else pdf(pages=2, change=_furnished)
    marked = mark(tagger, data)
    assert marked.startswith(data)
    assert highlights(marked)
    # Of the file's own objects only pages and their lists of annotations are written again.
    redefined = _redefined(data, marked)
    assert 0 < len(redefined) <= len(pypdf.PdfReader(io.BytesIO(data)).pages)
    for old, new in redefined:
        if isinstance(old, ArrayObject):
            assert [_raw(it) for it in new[: len(old)]] == [_raw(it) for it in old]
            continue
        assert old["/Type"] == "/Page"
        assert new.keys() - {"/Annots"} == old.keys() - {"/Annots"}
        for key in old.keys() - {"/Annots"}:
            assert _raw(new.raw_get(key)) == _raw(old.raw_get(key))
        there = old.get("/Annots", ArrayObject())
        assert [_raw(it) for it in new["/Annots"][: len(there)]] == [_raw(it) for it in there]
    trailers = [pypdf.PdfReader(io.BytesIO(it)).trailer for it in (data, marked)]
    for key in ("/Root", "/Info"):
        assert _raw(trailers[1].raw_get(key)) == _raw(trailers[0].raw_get(key))
    if name == "made here":
        reader = pypdf.PdfReader(io.BytesIO(marked))
        assert reader.attachments["costs.csv"] == [b"item,cost\nlamp,4\n"]
        assert reader.metadata is not None and reader.metadata.title == "A plan – for streets"
        assert "/StructTreeRoot" in reader.root_object
        kinds = [it.get_object()["/Subtype"] for it in reader.pages[0]["/Annots"]]
        assert kinds == ["/Link", "/Stamp", "/Highlight"]
    before, after = pypdfium2.PdfDocument(data), pypdfium2.PdfDocument(marked)
    assert before.get_metadata_dict() == after.get_metadata_dict()
    assert [it.get_title() for it in before.get_toc()] == [it.get_title() for it in after.get_toc()]
    for number in range(len(before)):
        assert (
            before[number].get_textpage().get_text_range()
            == after[number].get_textpage().get_text_range()
        )
        assert before.get_page_label(number) == after.get_page_label(number)
    again = tagger.classify("paper.pdf", data=marked)
    assert again.document.text == tagger.classify("paper.pdf", data=data).document.text


def test_equal_calls_give_equal_bytes(tagger: Classifier) -> None:
    data = pdf(change=_furnished)
    assert mark(tagger, data) == mark(tagger, data)


def test_marking_a_marked_file_adds_to_it(tagger: Classifier) -> None:
    once = mark(tagger, pdf())
    twice = mark(tagger, once)
    assert twice.startswith(once)
    assert len(highlights(twice)) == 2 * len(highlights(once))


def _with_object_streams(data: bytes) -> bytes:
    """The same file written by PDFium anew: cross-reference stream instead of a table where it has
    one. pypdf writes tables only, so the stream is made here."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    size = int(reader.trailer["/Size"])
    start = int(data.rsplit(b"startxref", 1)[1].split()[0])
    body = data[:start]
    rows = [b"\x00\x00\x00\x00\x00\xff"]
    rows += [b"\x01" + reader.xref[0][it].to_bytes(4, "big") + b"\x00" for it in range(1, size)]
    rows.append(b"\x01" + start.to_bytes(4, "big") + b"\x00")
    root = reader.trailer.raw_get("/Root").idnum
    stream = b"".join(rows)
    head = (
        f"{size} 0 obj\n<</Type/XRef/Size {size + 1}/W[1 4 1]/Root {root} 0 R"
        f"/Length {len(stream)}>>\nstream\n"
    ).encode()
    return body + head + stream + f"\nendstream\nendobj\nstartxref\n{start}\n%%EOF".encode()


def test_the_update_is_of_the_kind_the_file_has(tagger: Classifier) -> None:
    table = pdf()
    stream = _with_object_streams(table)
    for data, kind in ((table, b"xref\n"), (stream, b"/XRef")):
        marked = mark(tagger, data)
        assert marked.startswith(data)
        added = marked[len(data) :]
        assert kind in added and (b"trailer" in added) == (kind == b"xref\n")
        ((number, annotation),) = highlights(marked)
        assert words_under(marked, number, annotation) == PROMISE


def test_a_list_of_annotations_that_pages_share(tagger: Classifier) -> None:
    def change(writer: pypdf.PdfWriter) -> None:
        link = writer.add_annotation(
            0, pypdf.annotations.Link(rect=(60, 300, 90, 330), url="https://example.org/")
        )
        shared = writer._add_object(ArrayObject([link.indirect_reference]))
        for page in writer.pages:
            page[NameObject("/Annots")] = shared

    marked = mark(tagger, pdf(pages=2, change=change))
    assert [number for number, _ in highlights(marked)] == [0, 1]


def test_what_stands_before_the_file_is_kept(tagger: Classifier) -> None:
    data = b"From: the ministry\r\n\r\n" + pdf()
    marked = mark(tagger, data)
    assert marked.startswith(data)
    assert len(pypdfium2.PdfDocument(marked)) == 1
    ((number, annotation),) = highlights(marked)
    assert words_under(marked, number, annotation) == PROMISE


# what cannot or should not be marked


def _encrypted(algorithm: str, rights: int = -1, user: str = "") -> bytes:
    from pypdf.constants import UserAccessPermissions

    return pdf(
        change=lambda it: it.encrypt(
            user,
            "owner",
            algorithm=algorithm,
            permissions_flag=UserAccessPermissions(rights & 0xFFFFFFFF),
        )
    )


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_a_pdf_encrypted_without_a_password(tagger: Classifier, algorithm: str) -> None:
    data = _encrypted(algorithm)
    marked = mark(tagger, data)
    assert marked.startswith(data)
    ((number, annotation),) = highlights(marked)
    assert words_under(marked, number, annotation) == PROMISE
    assert str(annotation["/Contents"]).startswith("Support (")
    assert b"Support (" not in marked[len(data) :]
    picture = pypdfium2.PdfDocument(marked)[0].render(may_draw_forms=True).to_pil()
    assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 5


def _signed(writer: pypdf.PdfWriter) -> None:
    value = DictionaryObject({NameObject("/Type"): NameObject("/Sig")})
    field = DictionaryObject(
        {
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("Signature1"),
            NameObject("/V"): writer._add_object(value),
        }
    )
    group = DictionaryObject(
        {
            NameObject("/T"): TextStringObject("Group"),
            NameObject("/Kids"): ArrayObject([writer._add_object(field)]),
        }
    )
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([writer._add_object(group)])})
    writer._root_object[NameObject("/AcroForm")] = form


def _broken(data: bytes) -> bytes:
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n7\n%%EOF\n"


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: b"We will work with mayors.\n", "NotAPdf"),
    "empty": (lambda: b"", "EmptyFile"),
    "password": (lambda: _encrypted("AES-256", user="secret"), "EncryptedPdf"),
    "annotations forbidden": (lambda: _encrypted("AES-256", rights=~32), "LockedPdf"),
    "signed": (lambda: pdf(change=_signed), "SignedPdf"),
    "table of objects lost": (lambda: _broken(pdf()), "DamagedFile"),
    "cut short": (lambda: pdf()[:600], "DamagedFile"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_marked_is_named(
    case: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    data, error = BAD[case][0](), BAD[case][1]
    path, out = tmp_path / "paper.txt", tmp_path / "marked.pdf"
    path = path if case == "text" else path.with_suffix(".pdf")
    path.write_bytes(data)
    assert run(["highlight", str(path), "-o", str(out)]) == 3
    seen = capfd.readouterr()
    assert f"refused: {path}: {error}: " in seen.err
    assert seen.err.splitlines()[-1] == "1 document: 0 done, 0 partial, 1 refused"
    assert not out.exists() and not seen.out


def test_a_signed_pdf_is_marked_on_request(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "signed.pdf", tmp_path / "marked.pdf"
    path.write_bytes(pdf(change=_signed))
    assert run(["highlight", str(path), "-o", str(out), "--signed"]) == 0
    assert out.read_bytes().startswith(path.read_bytes())


def test_the_input_is_never_overwritten(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, link = tmp_path / "paper.pdf", tmp_path / "link.pdf"
    path.write_bytes(pdf())
    link.symlink_to(path)
    before = path.read_bytes()
    for out in (path, link, tmp_path / "." / "paper.pdf"):
        assert run(["highlight", str(path), "-o", str(out)]) == 1
        assert "never overwritten" in capfd.readouterr().err
    assert path.read_bytes() == before


def test_no_commitments_no_change(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "plain.pdf", tmp_path / "marked.pdf"
    path.write_bytes(pdf(lines=("The bridge was opened in 1903.", "The ferry stopped in 1950.")))
    assert run(["highlight", str(path), "-o", str(out)]) == 0
    assert out.read_bytes() == path.read_bytes()
    assert "no commitments found" in capfd.readouterr().err


def test_the_command_and_its_options(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out, some = tmp_path / "marked.pdf", tmp_path / "some.pdf"
    assert run(["highlight", str(DEMO), "-o", str(out)]) == 0
    told = capfd.readouterr().err.splitlines()
    assert told[-1] == "1 document: 1 done, 0 partial, 0 refused"
    total = len({str(it["/NM"]).partition("/")[0] for _, it in highlights(out.read_bytes())})
    assert told[-2].startswith(f"highlighted {total}: explore ")
    arguments = ["--level", "lead", "--level", "co_create", "--no-legend"]
    assert run(["highlight", str(DEMO), "-o", str(some), *arguments]) == 0
    chosen = {str(it["/Subj"]) for _, it in highlights(some.read_bytes())}
    assert chosen == {"Lead", "Co-create"}
    stamps = [
        [it.get_object()["/Contents"] for it in page.get("/Annots") or ()
         if it.get_object()["/Subtype"] == "/Stamp"]
        for page in (pypdf.PdfReader(path).pages[0] for path in (out, some))
    ]  # fmt: skip
    assert len(stamps[0]) == 1 and not stamps[1]
    assert str(stamps[0][0]).startswith(f"{total} commitments highlighted")
    assert run(["highlight", str(tmp_path), "-o", str(out)]) == 1
    assert run(["highlight", str(tmp_path / "none.pdf"), "-o", str(out)]) == 3


def _benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "highlights.py"
    spec = importlib.util.spec_from_file_location("highlights_benchmark", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _own_texts(tagged: tuple[TaggedUnit, ...]) -> dict[str, str]:
    return {one.unit.unit_id: one.unit.own_text for one in tagged}


@pytest.mark.parametrize("name", ["regional-partnership-1.pdf", "regional-partnership-2.pdf"])
def test_every_highlight_of_the_demo_covers_its_words(tagger: Classifier, name: str) -> None:
    data = (ROOT / "demo" / name).read_bytes()
    result = tagger.classify("paper.pdf", data=data)
    found = list(_benchmark().covers(mark(tagger, data), _own_texts(result.tagged)))
    assert len(found) == len(result.commitments) > 10
    assert [it for it in found if not it.covered] == []
    # Note marks on a unit's lines are under its highlight too.
    assert sum(it.exact for it in found) >= 0.9 * len(found)


def test_a_document_of_another_file_is_refused(tagger: Classifier) -> None:
    result = tagger.classify("paper.pdf", data=pdf())
    document: Document = result.document
    other = MarkablePdf(Source(Path("paper.pdf"), pdf(pages=2)))
    with pytest.raises(ValueError, match="another file"):
        other.marked(document, result.tagged)


@pytest.mark.shared
def test_hostile_files_are_marked_or_named(shared: Path) -> None:
    """Whatever opens as a PDF is checked without a crash: errors are the program's own."""
    files = sorted((shared / "hostile").rglob("*.pdf"))
    assert files
    for path in files:
        try:
            MarkablePdf(Source(path))
        except CollabnlpError as error:
            assert error.advice, path
