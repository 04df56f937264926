"""Word documents: computed numbers, lists, tables, notes, tracked changes, boxes, bad archives."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from collabnlp.errors import DamagedFile, DocumentTooLarge, NoText, UnsafeXml
from collabnlp.extraction import docx_package
from collabnlp.extraction.docx import read_docx
from collabnlp.schema import Block, BlockKind, Document, Region

_LEVELS = """<w:abstractNum {ns} w:abstractNumId="90">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/>
<w:pPr><w:ind w:left="360"/></w:pPr></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/>
<w:pPr><w:ind w:left="720"/></w:pPr></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1.%2.%3"/>
<w:pPr><w:ind w:left="1080"/></w:pPr></w:lvl></w:abstractNum>"""
_BULLETS = """<w:abstractNum {ns} w:abstractNumId="91"><w:lvl w:ilvl="0"><w:numFmt
 w:val="bullet"/><w:lvlText w:val="&#61623;"/><w:pPr><w:ind w:left="{left}"/></w:pPr></w:lvl>
</w:abstractNum>"""


class Builder:
    """Writes a small document with python-docx and raw OOXML where that has no words for it."""

    def __init__(self) -> None:
        self.document = docx.Document()
        numbering = self.document.part.numbering_part.element
        ns = nsdecls("w")
        for element in (_BULLETS.format(ns=ns, left=720), _LEVELS.format(ns=ns)):
            numbering.insert(0, parse_xml(element))
        for number, abstract, override in ((90, 90, ""), (91, 91, ""), (92, 90, 5)):
            start = (
                f'<w:lvlOverride w:ilvl="0"><w:startOverride w:val="{override}"/></w:lvlOverride>'
                if override
                else ""
            )
            numbering.append(
                parse_xml(
                    f'<w:num {ns} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>'
                    f"{start}</w:num>"
                )
            )

    def add(self, text: str, style: str | None = None) -> Any:
        return self.document.add_paragraph(text, style=style)

    def numbered(self, text: str, list_id: int, level: int = 0) -> None:
        properties = self.add(text)._p.get_or_add_pPr()
        properties.append(
            parse_xml(
                f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/>'
                "</w:numPr>"
            )
        )

    def raw(self, xml: str) -> None:
        body = self.document.element.body
        body.insert(len(body) - 1, parse_xml(xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)))

    def bytes(self) -> bytes:
        buffer = io.BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()

    def read(self) -> Document:
        return read_docx(self.bytes(), name="paper.docx")


@pytest.fixture
def paper() -> Builder:
    return Builder()


def rows(document: Document) -> list[tuple[str, str | None, str | None, int | None, int | None]]:
    return [(b.text, b.number, b.provision, b.level, b.lead_in) for b in document.blocks]


def test_numbers_are_computed_as_word_does(paper: Builder) -> None:
    paper.add("Aims", "Heading 1")
    paper.numbered("The board must:", 90)
    paper.numbered("ask mayors; and", 90, 1)
    paper.numbered("report on:", 90, 1)
    paper.numbered("buses", 90, 2)
    paper.numbered("It meets monthly.", 90)
    paper.numbered("Its members are:", 90)
    paper.numbered("the mayor", 91)
    paper.numbered("It counts on from five.", 92)
    assert rows(paper.read()) == [
        ("Aims", None, None, 1, None),
        ("The board must:", "1.", "1", None, None),
        ("ask mayors; and", "(a)", "1(a)", 1, 1),
        ("report on:", "(b)", "1(b)", 1, 1),
        ("buses", "1.b.i", "1(b)(1.b.i)", 2, 3),
        ("It meets monthly.", "2.", "2", None, None),
        ("Its members are:", "3.", "3", None, None),
        ("the mayor", "•", "3", 1, 6),
        ("It counts on from five.", "5.", "5", None, None),
    ]


def test_a_numbered_list_that_a_paragraph_opens(paper: Builder) -> None:
    paper.add("We will:")
    paper.numbered("plan", 90)
    paper.numbered("fund", 90)
    assert rows(paper.read())[1:] == [("plan", "1.", None, 1, 0), ("fund", "2.", None, 1, 0)]


def test_headings_by_style_and_outline_level(paper: Builder) -> None:
    paper.add("A plan for buses", "Title")
    paper.add("Aims", "Heading 2")
    levelled = paper.add("Means")._p.get_or_add_pPr()
    levelled.append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="3"/>'))
    paper.add("").add_run("Ends in view").bold = True
    paper.add("").add_run("We will act on it.").bold = True
    blocks = paper.read().blocks
    assert [(b.kind, b.level) for b in blocks] == [
        (BlockKind.HEADING, 1), (BlockKind.HEADING, 2), (BlockKind.HEADING, 4),
        (BlockKind.HEADING, 5), (BlockKind.PARAGRAPH, None),
    ]  # fmt: skip
    assert blocks[0].region is Region.FRONT


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ("<w:r><w:t>con</w:t></w:r><w:r><w:t>sult</w:t></w:r>", "consult"),
        ("<w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:r><w:t>plan</w:t></w:r>", "new plan"),
        ("<w:r><w:t>plan</w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>", "plan"),
        ("<w:moveFrom><w:r><w:t>old </w:t></w:r></w:moveFrom><w:r><w:t>plan</w:t></w:r>", "plan"),
        ("<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r>", "a b c"),
        ("<w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t></w:r>",
         "a-bc"),
        ("<w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink>", "linked"),
        ("<w:r><w:t>see </w:t></w:r><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>"
         "REF x</w:instrText></w:r><w:r><w:t>4.2</w:t></w:r>", "see 4.2"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:t>seen</w:t></w:r>",
         "seen"),
        ("<w:sdt><w:sdtContent><w:r><w:t>chosen</w:t></w:r></w:sdtContent></w:sdt>", "chosen"),
        ("<w:r><w:lastRenderedPageBreak/><w:t>next</w:t></w:r>", "next"),
    ],
)  # fmt: skip
def test_words_of_a_paragraph(paper: Builder, runs: str, text: str) -> None:
    paper.raw(f"<w:p>{runs}</w:p>")
    assert [block.text for block in paper.read().blocks] == [text]


def test_a_deleted_paragraph_mark_joins_two(paper: Builder) -> None:
    paper.raw("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>One </w:t></w:r></w:p>")
    paper.raw("<w:p><w:r><w:t>sentence.</w:t></w:r></w:p>")
    assert [block.text for block in paper.read().blocks] == ["One sentence."]


def test_text_boxes_follow_their_paragraph(paper: Builder) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In the box.</w:t></w:r></w:p></w:txbxContent>"
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    paper.raw(f"<w:p><w:r><w:t>Around it.</w:t></w:r><w:r>{choice}</w:r></w:p>")
    assert [block.text for block in paper.read().blocks] == ["Around it.", "In the box."]


def test_tables_with_merged_cells(paper: Builder) -> None:
    paper.numbered("Before the table:", 91)
    table = paper.document.add_table(rows=3, cols=3)
    for row, texts in enumerate((("Body", "Duty", "Year"), ("Mayor", "", ""), ("", "b", "c"))):
        for column, text in enumerate(texts):
            run = table.cell(row, column).paragraphs[0].add_run(text)
            run.bold = row == 0
    table.cell(1, 1).merge(table.cell(1, 2)).paragraphs[0].add_run("plans")
    table.cell(1, 0).merge(table.cell(2, 0))
    cells: list[Block] = [b for b in paper.read().blocks if b.cell]
    assert [(b.text, b.cell.row, b.cell.column, b.cell.header) for b in cells if b.cell] == [
        ("Body", 0, 0, True), ("Duty", 0, 1, True), ("Year", 0, 2, True),
        ("Mayor", 1, 0, False), ("plans", 1, 1, False), ("b", 2, 1, False), ("c", 2, 2, False),
    ]  # fmt: skip


def test_a_frame_is_no_table(paper: Builder) -> None:
    paper.add("Aims", "Heading 1")
    paper.document.add_table(rows=1, cols=1).cell(0, 0).text = "Case study: buses came."
    block = paper.read().blocks[-1]
    assert (block.cell, block.region) == (None, Region.BOX)


def test_contents_are_no_text(paper: Builder) -> None:
    paper.raw(
        f"<w:sdt {nsdecls('w')}><w:sdtPr><w:docPartObj>"
        '<w:docPartGallery w:val="Table of Contents"/>'
        "</w:docPartObj></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Aims</w:t><w:tab/><w:t>4</w:t></w:r>"
        "</w:p></w:sdtContent></w:sdt>"
    )
    paper.add("We act.")
    assert [b.kind for b in paper.read().blocks] == [BlockKind.CONTENTS, BlockKind.PARAGRAPH]


def rewritten(data: bytes, change: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *change}:
            new.writestr(name, change.get(name) or old.read(name))
    return buffer.getvalue()


def test_footnotes(paper: Builder) -> None:
    paper.raw(
        '<w:p><w:r><w:t>The plan</w:t></w:r><w:r><w:footnoteReference w:id="7"/></w:r>'
        "<w:r><w:t> stands.</w:t></w:r></w:p>"
    )
    with zipfile.ZipFile(io.BytesIO(paper.bytes())) as archive:
        relations = archive.read("word/_rels/document.xml.rels")
        types = archive.read("[Content_Types].xml")
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    notes = (
        f'<w:footnotes {nsdecls("w")}><w:footnote w:type="separator" w:id="0"><w:p/></w:footnote>'
        '<w:footnote w:id="7"><w:p><w:r><w:t>A source.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    ).encode()
    data = rewritten(
        paper.bytes(),
        {
            "word/footnotes.xml": notes,
            "word/_rels/document.xml.rels": relations.replace(
                b"</Relationships>",
                b'<Relationship Id="rId99" Type="'
                + kind
                + b'" Target="footnotes.xml"/></Relationships>',
            ),
            "[Content_Types].xml": types.replace(
                b"</Types>",
                b'<Override PartName="/word/footnotes.xml" ContentType="application/'
                b'vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/></Types>',
            ),
        },
    )  # fmt: skip
    plan, note = read_docx(data).blocks
    assert (plan.text, plan.note_marks[0].label) == ("The plan stands.", "1")
    assert plan.note_marks[0].offset == plan.start + len("The plan")
    assert (note.kind, note.number, note.text) == (BlockKind.FOOTNOTE, "1", "A source.")


def test_an_archive_that_unpacks_to_absurd_size(
    paper: Builder, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.add("Words.")
    data = rewritten(paper.bytes(), {"word/big.xml": b" " * 3_000_000})
    assert read_docx(data).blocks
    monkeypatch.setattr(docx_package, "_SMALL", 1_000_000)
    monkeypatch.setattr(docx_package, "_MAX_RATIO", 50)
    with pytest.raises(DocumentTooLarge):
        read_docx(data)


def test_bad_documents(paper: Builder) -> None:
    with pytest.raises(NoText):
        paper.read()
    paper.add("Words.")
    data = paper.bytes()
    with pytest.raises(DamagedFile):
        read_docx(data[: len(data) // 2])
    with pytest.raises(DamagedFile):
        read_docx(rewritten(data, {"word/document.xml": b"<w:document"}))
    with pytest.raises(UnsafeXml):
        read_docx(rewritten(data, {"word/document.xml": b"<!DOCTYPE x []><x/>"}))


@pytest.mark.shared
def test_notes_to_an_act(shared: Path) -> None:
    name = "online-safety-notes-docx.docx"
    document = read_docx((shared / "documents" / name).read_bytes(), name=name)
    numbered = [
        b.provision for b in document.blocks if b.kind is BlockKind.PARAGRAPH and b.provision
    ]
    assert numbered == [str(number) for number in range(1, len(numbered) + 1)]
    assert len(numbered) > 900
    assert document.info.date == "2023-10-26"
