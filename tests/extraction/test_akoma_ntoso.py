"""Akoma Ntoso: bills and explanatory notes written for these tests, and the real ones."""

# ruff: noqa: E501 - lines of markup are easier to read unbroken

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from collabnlp.errors import NoContent, UnsupportedXml
from collabnlp.extraction.akoma_ntoso import read_akoma_ntoso
from collabnlp.schema import Block, BlockKind, Document, Region

NS = 'xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"'
UKL = 'xmlns:ukl="https://www.legislation.gov.uk/namespaces/UK-AKN"'
META = """<meta><identification source="#a"><FRBRWork>
<FRBRdate date="9999-01-01" name="draft"/><FRBRdate date="2031-02-03T10:00:00Z" name="published"/>
</FRBRWork></identification><references source="#a">
<TLCConcept eId="varBillTitle" showAs="Harbour Partnerships Bill"/>
<TLCConcept eId="varBillNo" showAs="Bill 7"/>
<TLCProcess eId="varStageVersion" showAs="As introduced"/>
<TLCConcept eId="varPublicationDate" showAs="2031-02-04"/>
<TLCPerson eId="p1" showAs="Ada Pier"/></references></meta>"""
INVISIBLE = re.compile("[\\s\u00ad\u200a\u200b\u200c\u200d\u2060\ufeff]")


def bill(body: str, *, before: str = "", after: str = "", meta: str = META) -> Document:
    text = (
        f'<akomaNtoso {NS} {UKL}><bill name="ukpubb">{meta}{before}<body>{body}</body>{after}'
        "</bill></akomaNtoso>"
    )
    return read_akoma_ntoso(text.encode(), name="harbour.akn.xml")


def notes(body: str) -> Document:
    text = f'<akomaNtoso {NS}><doc name="ExplanatoryNotes"><meta/><mainBody>{body}</mainBody></doc></akomaNtoso>'
    return read_akoma_ntoso(text.encode(), name="notes.xml")


def whole(document: Document, block: Block) -> str:
    """The block's text after all its opening words."""
    words = [block.text]
    while block.lead_in is not None:
        block = document.blocks[block.lead_in]
        words.insert(0, block.text)
    return " ".join(words)


def block_of(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


SECTION = """<hcontainer name="crossheading" class="group7"><heading>Plans</heading>
<section><num>12</num><heading>Harbour plans</heading>
 <subsection><num>(1)</num><content><p>The Minister must publish a plan.</p></content></subsection>
 <subsection><num>(2)</num><intro><p>Before publishing it, the Minister must—</p></intro>
  <level class="para1"><num>(a)</num><content><p>consult each coastal council, and</p></content></level>
  <level class="para1"><num>(b)</num><intro><p>have regard to—</p></intro>
   <level class="para2"><num>(i)</num><content><p>its views, and</p></content></level>
   <level class="para2"><num>(ii)</num><content><p>its tide tables,</p></content></level>
   <wrapUp><p>as they stand on the day,</p></wrapUp></level>
  <wrapUp><p>unless the council agrees otherwise.</p></wrapUp></subsection></section>
<section><num>13</num><heading>Extent</heading><content><p>This Act extends to the coast.</p></content></section>
</hcontainer>"""


def test_provisions_numbers_depths_and_lead_ins() -> None:
    document = bill(SECTION)
    seen = [
        (block.kind, block.level, block.number, block.provision, block.closing)
        for block in document.blocks
    ]
    heading, provision = BlockKind.HEADING, BlockKind.PROVISION
    assert seen == [
        (heading, 1, None, None, False),
        (heading, 2, "12", "12", False),
        (provision, 2, "(1)", "12(1)", False),
        (provision, 2, "(2)", "12(2)", False),
        (provision, 3, "(a)", "12(2)(a)", False),
        (provision, 3, "(b)", "12(2)(b)", False),
        (provision, 4, "(i)", "12(2)(b)(i)", False),
        (provision, 4, "(ii)", "12(2)(b)(ii)", False),
        (provision, 3, None, "12(2)(b)", True),
        (provision, 2, None, "12(2)", True),
        (heading, 2, "13", "13", False),
        (provision, 1, None, "13", False),
    ]
    opening = "Before publishing it, the Minister must—"
    assert (
        whole(document, block_of(document, "its views"))
        == f"{opening} have regard to— its views, and"
    )
    assert (
        whole(document, block_of(document, "unless"))
        == f"{opening} unless the council agrees otherwise."
    )
    assert (
        whole(document, block_of(document, "as they"))
        == f"{opening} have regard to— as they stand on the day,"
    )


def test_words_after_items_that_are_a_sentence_do_not_close() -> None:
    document = bill(
        SECTION.replace("unless the council agrees otherwise.", "(See also section 13.)")
    )
    block = block_of(document, "(See also")
    assert not block.closing and block.lead_in is None


SCHEDULE = """<hcontainer name="schedules"><heading>Schedules</heading>
<hcontainer name="schedule"><num>{number}<authorialNote class="referenceNote"><p>Section 12</p></authorialNote></num>
<heading>Penalties</heading><part class="schGroup2"><num>Part 1</num><heading>Notices</heading>
<paragraph class="schProv1"><num>3</num>
 <subparagraph class="schProv2"><num>(2)</num><intro><p>A notice must—</p></intro>
  <level><num>(a)</num><content><p>be in writing.</p></content></level></subparagraph></paragraph>
</part></hcontainer></hcontainer>"""


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("Schedule 1", "Sch 1 para 3(2)(a)"),
        ("schedule 2A", "Sch 2A para 3(2)(a)"),
        ("Schedule", "Sch para 3(2)(a)"),
    ],
)
def test_schedules(number: str, expected: str) -> None:
    document = bill(SCHEDULE.format(number=number))
    assert block_of(document, "be in writing").provision == expected
    assert block_of(document, "A notice").number == "3 (2)"
    penalties = block_of(document, "Penalties")
    assert (penalties.number, penalties.kind) == (number, BlockKind.HEADING)
    assert block_of(document, "Section 12").kind is BlockKind.FOOTNOTE


QUOTED = """<section><num>4</num><heading>Amendments</heading><subsection><num>(1)</num><content>
<p><mod>After section 9 insert—<quotedStructure startQuote="“" endQuote="”">
 <section><num>9A</num><heading>Duty to agree</heading>
  <subsection><num>(1)</num><intro><p>Ministers must—</p></intro>
   <level><num>(a)</num><content><p>agree the plan, and</p></content></level></subsection></section>
</quotedStructure><inline name="AppendText">; and</inline></mod></p></content></subsection>
<subsection><num>(2)</num><content><p>In section 10, for <quotedText startQuote="“" endQuote="”">may</quotedText>
 substitute <quotedText startQuote="“" endQuote="”">must</quotedText>.</p></content></subsection></section>"""


def test_quoted_structure_keeps_the_amending_number() -> None:
    document = bill(QUOTED)
    item, opening = block_of(document, "agree the plan"), block_of(document, "Ministers must")
    assert (item.region, item.number, item.provision, item.level) == (
        Region.QUOTED,
        "(a)",
        "4(1)",
        3,
    )
    assert item.text == "agree the plan, and”; and"
    assert document.blocks[item.lead_in or 0] is opening
    assert opening.lead_in is None  # not "After section 9 insert— …"
    assert block_of(document, "“Duty to agree").number == "9A"
    assert block_of(document, "In section 10").text == "In section 10, for “may” substitute “must”."
    assert block_of(document, "In section 10").region is Region.BODY


@pytest.mark.parametrize(
    ("inline", "expected"),
    [
        ("sub<b>section</b> <ref>(1)</ref><ref>(a)</ref>", "subsection (1)(a)"),
        ("the <i>Pilot</i> Act\n  1987", "the Pilot Act 1987"),
        ("keep <ins>this</ins><del>not that</del>, please", "keep this, please"),
        ("CO<sub>2</sub> at 10 m<sup>2</sup>", "CO2 at 10 m2"),
        ('<def ukl:startQuote="“" ukl:endQuote="”">quay</def> means a wall', "“quay” means a wall"),
        ("one<br/>two", "one two"),
        ("some <unheardOf>new <b>mark</b></unheardOf> here", "some new mark here"),
        ("a<!-- remark -->b<?pi x?>c", "abc"),
        ("soft\u00adly\u200b spoken", "softly spoken"),
        ('by <ref class="placeholder" href="#p1"/>', "by Ada Pier"),
        ('on <ref class="placeholder" href="#varPublicationDate"/>', "on 4 February 2031"),
        ("&lt;5 &amp; more", "<5 & more"),
    ],
)
def test_inline_elements_neither_glue_nor_split(inline: str, expected: str) -> None:
    document = bill(f"<section><num>1</num><content><p>{inline}</p></content></section>")
    assert [block.text for block in document.blocks] == [expected]


def test_front_matter_contents_and_metadata() -> None:
    before = """<coverPage><block name="title"><docTitle><ref class="placeholder" href="#varBillTitle"/>
    </docTitle></block><toc><tocItem href="#s1" level="5"><inline name="tocNum">1</inline>
    <inline name="tocHeading">Harbours</inline></tocItem></toc></coverPage>
    <preface><longTitle><p>A</p><p>Bill</p><p>to</p><p>Make provision about harbours.</p></longTitle></preface>
    <preamble><formula><p><inline>B</inline><inline>e it enacted</inline> as follows:—</p></formula></preamble>"""
    document = bill(SECTION, before=before)
    front = [block for block in document.blocks if block.region is Region.FRONT]
    assert [block.text for block in front] == [
        "Harbour Partnerships Bill",
        "Harbours",
        "A Bill to Make provision about harbours.",
        "Be it enacted as follows:—",
    ]
    assert (front[1].kind, front[1].number) == (BlockKind.CONTENTS, "1")
    info = document.info
    assert info.title == "Harbour Partnerships Bill, Bill 7, as introduced"
    assert (info.id, info.date, info.kind) == ("harbour", "2031-02-04", "bill")
    assert document.format == "akoma_ntoso"


def test_dates_that_are_no_dates_are_passed_over() -> None:
    meta = META.replace('showAs="2031-02-04"', 'showAs=""')
    assert bill(SECTION, meta=meta).info.date == "2031-02-03"
    meta = meta.replace("2031-02-03T10:00:00Z", "9999-01-01")
    assert bill(SECTION, meta=meta).info.date is None


def test_tables_with_spans() -> None:
    table = """<tblock><foreign><table xmlns="http://www.w3.org/1999/xhtml"><tbody>
    <tr><td rowspan="2"><p><b>Port</b></p></td><td colspan="2"><p><b>Dues</b></p></td></tr>
    <tr><td><p>Summer</p></td><td><p>Winter</p><p>and spring</p></td></tr></tbody></table></foreign></tblock>"""
    document = bill(f"<section><num>1</num><content><p>As follows—</p>{table}</content></section>")
    cells = [
        (block.text, block.cell.row, block.cell.column, block.cell.header)
        for block in document.blocks
        if block.cell is not None
    ]
    assert cells == [
        ("Port", 0, 0, True),
        ("Dues", 0, 1, True),
        ("Summer", 1, 1, False),
        ("Winter", 1, 2, False),
        ("and spring", 1, 2, False),
    ]


def test_explanatory_notes() -> None:
    document = notes("""
    <section><heading><b>Overview</b></heading>
     <level><content><p><span style="color:#0070C0">Section 1: Ports</span></p></content></level>
     <paragraph><num>7 </num><intro><p>Ports must<authorialNote marker="3"><p>See the Act.</p></authorialNote>, by law:</p></intro>
      <subparagraph><num>a.</num><content><p>share data; and</p></content></subparagraph>
      <subparagraph><num>•</num><content><p>report.</p></content></subparagraph></paragraph>
     <level><content><p><span style="color:#000000">A plain sentence stays.</span></p></content></level>
    </section>""")
    seen = [(block.kind, block.number, block.provision, block.text) for block in document.blocks]
    assert seen == [
        (BlockKind.HEADING, None, None, "Overview"),
        (BlockKind.HEADING, None, None, "Section 1: Ports"),
        (BlockKind.PARAGRAPH, "7", "7", "Ports must, by law:"),
        (BlockKind.FOOTNOTE, "3", None, "See the Act."),
        (BlockKind.LIST_ITEM, "a.", "7(a)", "share data; and"),
        (BlockKind.LIST_ITEM, "•", "7", "report."),
        (BlockKind.PARAGRAPH, None, None, "A plain sentence stays."),
    ]
    opening = document.blocks[2]
    mark = opening.note_marks[0]
    assert (mark.offset - opening.start, mark.label) == (len("Ports must"), "3")
    assert [document.blocks[at].lead_in for at in (4, 5)] == [2, 2]
    assert document.info.kind == "explanatory notes"


@pytest.mark.parametrize(
    "body",
    [
        "<strange><odd>First.</odd> Second <p>Third.</p> Fourth.</strange>",
        "<section><num>1</num>Loose <b>words</b><subsection><num>(1)</num></subsection></section>",
        "<section><num>1</num><heading/><content>Bare content</content>tail</section>",
        "<part><num>Part 1</num></part>",
        "<section><num>1</num><b><subsection><num>(1)</num><content><p>In b.</p></content></subsection></b></section>",
        "<blockList><listIntroduction>We must:</listIntroduction><item><num>(a)</num><p>act.</p></item>"
        "<listWrapUp>at once.</listWrapUp></blockList>",
        "<section><num>1</num><content><p>Before<ul><li>point</li></ul>after</p></content></section>",
        "<section><num>2</num><content><p><mod>insert—<quotedStructure><p>raw <b>text</b></p>x"
        "</quotedStructure> and more words follow</mod></p></content></section>",
    ],
)  # fmt: skip
def test_no_character_is_lost(body: str) -> None:
    document = bill(body)
    wanted = Counter(INVISIBLE.sub("", "".join(etree.fromstring(f"<r>{body}</r>").itertext())))
    assert printed(document) == wanted


def printed(document: Document) -> Counter[str]:
    """Visible characters of all numbers and texts."""
    words = ((block.number or "") + block.text for block in document.blocks)
    return Counter(INVISIBLE.sub("", "".join(words)))


def test_other_vocabularies_are_refused() -> None:
    with pytest.raises(UnsupportedXml):
        read_akoma_ntoso(b"<html><body>text</body></html>", name="page.xml")
    with pytest.raises(NoContent):
        bill("")


@pytest.mark.shared
@pytest.mark.parametrize("length", [12])
def test_every_character_of_the_real_documents(shared: Path, length: int) -> None:
    paths = sorted((shared / "documents").glob("*.akn.xml"))
    assert len(paths) >= length
    for path in paths:
        document = read_akoma_ntoso(path.read_bytes(), name=path.name)
        root = etree.fromstring(path.read_bytes())
        for dropped in root.findall(".//{*}meta") + root.findall(".//{*}del"):
            dropped.clear(keep_tail=True)
        wanted = Counter(INVISIBLE.sub("", "".join(str(part) for part in root.itertext())))
        assert not wanted - printed(document), path.name


@pytest.mark.shared
def test_real_bills_read_as_sentences(shared: Path) -> None:
    for path in sorted((shared / "documents").glob("*bill*.akn.xml")):
        document = read_akoma_ntoso(path.read_bytes(), name=path.name)
        body = [
            block
            for block in document.blocks
            if block.kind is BlockKind.PROVISION and block.region is Region.BODY
        ]
        fragments = [b for b in body if b.text[0].islower() and b.lead_in is None]
        assert len(fragments) <= 0.01 * len(body), (path.name, [b.text for b in fragments][:5])
        assert all(block.provision for block in body), path.name
        assert document.info.kind == "bill" and document.info.date
