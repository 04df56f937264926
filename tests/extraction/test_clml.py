"""legislation.gov.uk XML: an act written for these tests, and the real ones."""

# ruff: noqa: E501 - lines of markup are easier to read unbroken

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from collabnlp.errors import NoContent, UnsupportedXml
from collabnlp.extraction.clml import read_clml
from collabnlp.schema import Block, BlockKind, Document, Region

HEAD = """<Legislation xmlns="http://www.legislation.gov.uk/namespaces/legislation"
 xmlns:ukm="http://www.legislation.gov.uk/namespaces/metadata"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/">
<ukm:Metadata><dc:title>Quays Act 1931</dc:title><dc:publisher>Law Database</dc:publisher>
<dct:valid>2031-04-05</dct:valid><ukm:PrimaryMetadata><ukm:DocumentClassification>
<ukm:DocumentMainType Value="UnitedKingdomPublicGeneralAct"/></ukm:DocumentClassification>
<ukm:EnactmentDate Date="1931-06-07"/></ukm:PrimaryMetadata></ukm:Metadata><Primary>"""
COMMENTARIES = """<Commentaries>
<Commentary id="c2" Type="C"><Para><Text>S. 2 applied.</Text></Para></Commentary>
<Commentary id="f1" Type="F"><Para><Text>Words in <Citation>s. 2</Citation> inserted</Text></Para></Commentary>
<Commentary id="f9" Type="F"><Para><Text>Never referred to.</Text></Para></Commentary></Commentaries>"""


def act(body: str) -> Document:
    text = f"{HEAD}<Body>{body}</Body></Primary>{COMMENTARIES}</Legislation>"
    return read_clml(text.encode(), name="quays.clml.xml")


def laws(document: Document) -> list[Block]:
    return [block for block in document.blocks if block.kind is not BlockKind.FOOTNOTE]


def block_of(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


def section(inner: str) -> str:
    return f"""<Part><Number>Part I</Number><Title> Ports</Title><P1group>
    <Title>Quay duties.</Title><P1><Pnumber><CommentaryRef Ref="c2"/>2</Pnumber>
    <P1para>{inner}</P1para></P1></P1group></Part>"""


SUBSECTION = """<P2><Pnumber>1</Pnumber><P2para><Text>The council must—</Text>
<P3><Pnumber>a</Pnumber><P3para><Text>keep the quay, or</Text></P3para></P3>
<P3><Pnumber>b</Pnumber><P3para><Text>where it cannot—</Text>
 <P4><Pnumber>i</Pnumber><P4para><Text>say so, and</Text></P4para></P4></P3para></P3>
<Text>as the harbour master directs.</Text></P2para></P2>"""


def test_provisions_and_headings() -> None:
    blocks = laws(act(section(SUBSECTION)))
    seen = [(b.kind, b.level, b.number, b.provision, b.lead_in, b.closing) for b in blocks]
    heading, provision = BlockKind.HEADING, BlockKind.PROVISION
    assert seen == [
        (heading, 1, "Part I", None, None, False),
        (heading, 2, "2", "2", None, False),
        (provision, 2, "(1)", "2(1)", None, False),
        (provision, 3, "(a)", "2(1)(a)", 2, False),
        (provision, 3, "(b)", "2(1)(b)", 2, False),
        (provision, 4, "(i)", "2(1)(b)(i)", 4, False),
        (provision, 2, None, "2(1)", 2, True),
    ]


def test_annotations_become_footnotes_with_the_publishers_labels() -> None:
    text = """<P2><Pnumber>1</Pnumber><P2para><Text>Every quay
     <Addition ChangeId="k1" CommentaryRef="f1">, wall </Addition><Addition ChangeId="k1"
     CommentaryRef="f1">and pier</Addition> is public.</Text></P2para></P2>"""
    document = act(section(text))
    block = block_of(document, "Every quay")
    assert block.text == "Every quay, wall and pier is public."
    marks = [(mark.label, mark.offset - block.start) for mark in block.note_marks]
    assert marks == [("C1", 0), ("F1", len("Every quay"))]
    notes = [(b.number, b.text) for b in document.blocks if b.kind is BlockKind.FOOTNOTE]
    assert notes == [
        ("C1", "S. 2 applied."),
        ("F1", "Words in s. 2 inserted"),
        ("F2", "Never referred to."),
    ]


@pytest.mark.parametrize(
    ("inline", "expected"),
    [
        ("under <Citation>the <Emphasis>Pilots</Emphasis> Act</Citation> 1920", "under the Pilots Act 1920"),
        ("for <InlineAmendment>may</InlineAmendment> put <InlineAmendment>must</InlineAmendment>",
         "for “may” put “must”"),
        ("<Repeal RetainText='true'>old</Repeal> <Substitution>new</Substitution> words", "old new words"),
        ("a<Character Name='EmSpace'/>gap", "a gap"),
        (". . . . . . .", ". . . . . . ."),
        ("item TP<Inferior>2</Inferior>", "item TP2"),
    ],
)  # fmt: skip
def test_inline(inline: str, expected: str) -> None:
    document = act(section(f"<Text>{inline}</Text>"))
    assert laws(document)[-1].text == expected


def test_block_amendment_is_quoted() -> None:
    document = act(
        section("""<P2><Pnumber>3</Pnumber><P2para><Text>After section 5 there is inserted—</Text>
    <BlockAmendment Format="default"><P2><Pnumber>2A</Pnumber><P2para><Text>Dues include—</Text>
    <P3><Pnumber>a</Pnumber><P3para><Text>tolls.</Text></P3para></P3></P2para></P2></BlockAmendment>
    <AppendText>; and</AppendText></P2para></P2>""")
    )
    opening, item = block_of(document, "Dues include"), block_of(document, "tolls")
    assert (opening.region, opening.number, opening.provision) == (Region.QUOTED, "(2A)", "2(3)")
    assert opening.lead_in is None
    assert (item.text, item.level, item.provision) == ("tolls.”; and", 2, "2(3)")
    assert document.blocks[item.lead_in or 0] is opening


def test_schedule_and_lists() -> None:
    document = act("""<P1group><Title>One</Title><P1><Pnumber>1</Pnumber><P1para><Text>Text.</Text></P1para></P1>
    </P1group></Body><Schedules><Title>SCHEDULES</Title><Schedule><Number>SCHEDULE 3</Number><TitleBlock>
    <Title>Tolls</Title></TitleBlock><Reference>Section 2</Reference><ScheduleBody><P1><Pnumber>4</Pnumber>
    <P1para><P2><Pnumber>1</Pnumber><P2para><Text>In this paragraph—</Text><UnorderedList><ListItem><Para>
    <Text>“toll” means—</Text></Para><OrderedList Type="alpha" Decoration="parens"><ListItem><Para><Text>a fee;</Text>
    </Para></ListItem></OrderedList></ListItem></UnorderedList></P2para></P2></P1para></P1></ScheduleBody>
    </Schedule></Schedules><Body>""")
    opening, term, fee = (block_of(document, start) for start in ("In this", "“toll”", "a fee"))
    assert (opening.number, opening.provision) == ("4 (1)", "Sch 3 para 4(1)")
    assert (term.number, term.provision, term.kind) == (
        None,
        "Sch 3 para 4(1)",
        BlockKind.PROVISION,
    )
    assert (fee.number, fee.provision) == ("(a)", "Sch 3 para 4(1)(a)")
    assert document.blocks[fee.lead_in or 0] is term
    assert document.blocks[term.lead_in or 0] is opening
    tolls = block_of(document, "Tolls")
    assert (tolls.kind, tolls.number, tolls.level) == (BlockKind.HEADING, "SCHEDULE 3", 1)
    assert block_of(document, "Section 2").kind is BlockKind.FOOTNOTE


def test_formula_and_table() -> None:
    document = act(
        section("""<P2><Pnumber>1</Pnumber><P2para><Text>The rate is—</Text></P2para><Formula>
    <math xmlns="http://www.w3.org/1998/Math/MathML"><mfrac><mrow><mi>R</mi><mo>−</mo><mi>A</mi></mrow>
    <mi>T</mi></mfrac></math><Where><Para><Text>where—</Text><BlockText><Para><Text>R is the rate.</Text>
    </Para></BlockText></Para></Where></Formula></P2><P2><Pnumber>2</Pnumber><P2para><Text>See the table.</Text>
    <Tabular><table xmlns="http://www.w3.org/1999/xhtml"><thead><tr><th>Port</th></tr></thead>
    <tbody><tr><td>Quay</td></tr></tbody></table></Tabular></P2para></P2>""")
    )
    texts = [block.text for block in laws(document)]
    assert texts[3:6] == ["R − A / T", "where—", "R is the rate."]
    cells = [(b.text, b.cell.row, b.cell.header) for b in document.blocks if b.cell]
    assert cells == [("Port", 0, True), ("Quay", 1, False)]


def test_metadata() -> None:
    info = act(section(SUBSECTION)).info
    assert info.title == "Quays Act 1931 (as at 5 April 2031)"
    assert (info.id, info.date, info.kind, info.publisher) == (
        "quays", "1931-06-07", "act", "Law Database"
    )  # fmt: skip


def test_refusals() -> None:
    with pytest.raises(UnsupportedXml):
        read_clml(b"<akomaNtoso/>", name="bill.xml")
    with pytest.raises(NoContent):
        read_clml(f"{HEAD}</Primary></Legislation>".encode(), name="empty.xml")


@pytest.mark.shared
def test_every_character_of_the_real_documents(shared: Path) -> None:
    paths = sorted((shared / "documents").glob("*.clml.xml"))
    assert paths
    for path in paths:
        document = read_clml(path.read_bytes(), name=path.name)
        root = etree.fromstring(path.read_bytes())
        for tag in ("Metadata", "Resources", "Versions"):
            for dropped in root.findall(f".//{{*}}{tag}"):
                dropped.clear(keep_tail=True)
        wanted = Counter(re.sub(r"\s", "", "".join(str(part) for part in root.itertext())))
        have = Counter(
            re.sub(r"\s", "", "".join((b.number or "") + b.text for b in document.blocks))
        )
        assert not wanted - have, path.name
        assert document.info.kind == "act" and document.info.date
