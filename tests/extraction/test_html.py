"""HTML: the document without the page around it; lists, tables, notes, provisions."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collabnlp.errors import NoContent
from collabnlp.extraction.html import read_html
from collabnlp.schema import Block, BlockKind, Document, Region


def read(body: str, head: str = "") -> Document:
    page = f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"
    return read_html(page.encode(), name="page.html")


def texts(body: str) -> list[str]:
    return [block.text for block in read(body).blocks]


def only(body: str) -> Block:
    (block,) = read(body).blocks
    return block


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>The <b>com</b>mission will act.</p>", "The commission will act."),
        ("<p>We will<br>consult councils.</p>", "We will consult councils."),
        ("<p>One\n   two\tthree.</p>", "One two three."),
        ("<p>See <a href='/x'>the plan</a>, now.</p>", "See the plan, now."),
        ("<p>CO<sub>2</sub> and 10<sup>th</sup> place.</p>", "CO2 and 10th place."),
        ("<p>A&nbsp;&amp;&nbsp;B councils.</p>", "A & B councils."),
        ("<p>soft&shy;ware teams.</p>", "software teams."),
        ("<p><span>the Act</span>\n   <span>, as amended</span></p>", "the Act, as amended"),
        ("<p>(<span>\n</span><span>the plan</span>) stands</p>", "(the plan) stands"),
        ("<p><abbr title='Local Transport Plan'>LTP</abbr> teams.</p>", "LTP teams."),
        ("<div>Loose text stands too.</div>", "Loose text stands too."),
    ],
)
def test_words_are_joined_as_a_browser_shows_them(body: str, text: str) -> None:
    assert only(body).text == text


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><ul><li><a href='/'>Home of everything</a></li></ul></nav>",
        "<div class='govuk-cookie-banner'><p>We use some essential cookies.</p></div>",
        "<div id='global-cookie-message'><p>We use cookies.</p></div>",
        "<a class='govuk-skip-link' href='#c'>Skip to main content</a>",
        "<div class='gem-c-related-navigation'><p>Related content</p></div>",
        "<div class='gem-c-contextual-sidebar'><p>Explore the topic</p></div>",
        "<div class='gem-c-print-link'><button>Print this page</button></div>",
        "<p><a href='#contents'>Back to contents</a></p>",
        "<a href='#top'>↑ Back to top</a>",
        "<div class='gem-c-feedback'><p>Is this page useful?</p></div>",
        "<footer><p>All content is available under the licence.</p></footer>",
        "<p hidden>Nobody sees this.</p>",
        "<p aria-hidden='true'>Nobody hears this.</p>",
        "<p style='color:red; display : none'>Nobody sees this.</p>",
        "<span class='govuk-visually-hidden'>Opens in a new tab</span>",
        "<script>var words = 'not text';</script><style>p {color: red}</style>",
        "<template><p>Not there.</p></template><noscript><p>Turn it on.</p></noscript>",
        "<form><label>Search</label><input value='x'><button>Go</button></form>",
        "<div class='LegAnnotations'><p>Words substituted by another act.</p></div>",
    ],
)
def test_what_is_around_the_document_is_left_out(furniture: str) -> None:
    sentence = "The authority will consult the mayor before it decides."
    assert texts(f"{furniture}<p>{sentence}</p>{furniture}") == [sentence]


def test_main_content_is_found_on_a_page() -> None:
    words = "The board will publish its plan each year and take account of what councils say. " * 3
    page = f"<div><p>Menu of the site</p></div><main><h2>Aims</h2><p>{words}</p></main>"
    assert texts(page) == ["Aims", words.strip()]


def test_headings_close_their_gaps() -> None:
    levels = [
        block.level
        for block in read("<h2>A</h2><h3>B</h3><h6>C</h6><p>Words.</p><h2>D</h2>").blocks
        if block.kind is BlockKind.HEADING
    ]
    assert levels == [1, 2, 3, 1]


def test_heading_number_stands_apart() -> None:
    block = read("<h2>3.2 National bodies</h2><p>Words.</p>").blocks[0]
    assert (block.number, block.text) == ("3.2", "National bodies")


def test_the_only_first_level_heading_is_the_front() -> None:
    blocks = read("<h1>A plan</h1><h2>Aims</h2><p>Words.</p>").blocks
    assert [block.region for block in blocks] == [Region.FRONT, Region.BODY, Region.BODY]
    assert blocks[1].level == 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("<p><strong>Monitoring and review</strong></p>", BlockKind.HEADING),
        ("<p><strong>We will:</strong></p>", BlockKind.PARAGRAPH),
        ("<p><strong>We will consult the mayors.</strong></p>", BlockKind.PARAGRAPH),
        ("<p><strong>Note</strong> that this stands.</p>", BlockKind.PARAGRAPH),
    ],
)
def test_a_bold_line_that_is_no_sentence_is_a_heading(line: str, kind: BlockKind) -> None:
    assert read(f"<h2>Aims</h2>{line}<p>Words follow here.</p>").blocks[1].kind is kind


def test_lists_have_depth_marker_and_lead_in() -> None:
    blocks = read(
        "<p>We will:</p><ul><li>consult councils</li><li>work with<ul><li>mayors</li>"
        "<li>boards</li></ul></li></ul><p>Then we act:</p><ol type='a'><li>one thing</li>"
        "<li>another</li></ol><ol start='4'><li>a fourth</li></ol>"
    ).blocks
    assert [(b.text, b.number, b.level, b.lead_in) for b in blocks] == [
        ("We will:", None, None, None),
        ("consult councils", "•", 1, 0),
        ("work with", "•", 1, 0),
        ("mayors", "•", 2, 2),
        ("boards", "•", 2, 2),
        ("Then we act:", None, None, None),
        ("one thing", "(a)", 1, 5),
        ("another", "(b)", 1, 5),
        ("a fourth", "4.", 1, 5),
    ]


def test_a_list_after_a_heading_has_no_lead_in() -> None:
    blocks = read("<p>Before.</p><h2>Aims</h2><ul><li>One aim is this.</li></ul>").blocks
    assert blocks[-1].lead_in is None


def test_paragraphs_of_an_item_and_words_that_close_it() -> None:
    blocks = read(
        "<p>It must:</p><ul><li><p>publish a plan, which</p><ul><li>lists aims</li></ul>"
        "and send it to the mayor.</li><li><p>First.</p><p>Second.</p></li></ul>"
    ).blocks
    assert blocks[3].closing and blocks[3].lead_in == 1
    assert (blocks[4].kind, blocks[5].kind) == (BlockKind.LIST_ITEM, BlockKind.PARAGRAPH)
    assert blocks[5].lead_in is None


def test_further_paragraphs_of_an_item_keep_its_number() -> None:
    blocks = read("<p>7. Do:</p><ul><li><p>this.</p><p>At once.</p></li></ul>").blocks
    assert [block.provision for block in blocks] == ["7", "7", "7"]


def test_typed_markers_make_items() -> None:
    blocks = read(
        "<p>4.17 The council must:</p><p>(a) consult; and</p><p>(b) publish:</p><p>(i) a map</p>"
        "<p>(ii) a list</p><p>(c) reply.</p><p>4.18 Then it acts.</p>"
    ).blocks
    assert [(b.text, b.number, b.level, b.lead_in, b.provision) for b in blocks] == [
        ("The council must:", "4.17", None, None, "4.17"),
        ("consult; and", "(a)", 1, 0, "4.17(a)"),
        ("publish:", "(b)", 1, 0, "4.17(b)"),
        ("a map", "(i)", 2, 2, "4.17(b)(i)"),
        ("a list", "(ii)", 2, 2, "4.17(b)(ii)"),
        ("reply.", "(c)", 1, 0, "4.17(c)"),
        ("Then it acts.", "4.18", None, None, "4.18"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "3.5 million homes are planned.",
        "2024 was a good year.",
        "A3 Paper is used.",
        "1 in 5 councils replied.",
        "(see the annex) it is so.",
        "i.e. the councils.",
    ],
)
def test_what_only_looks_like_a_marker_stays(sentence: str) -> None:
    assert only(f"<p>{sentence}</p>").text == sentence


def test_tables_expand_spans_to_the_first_cell() -> None:
    blocks = read(
        "<table><thead><tr><th>Body</th><th colspan='2'>Duties</th></tr></thead><tbody>"
        "<tr><td rowspan='2'>Mayor</td><td>plan</td><td>chair</td></tr>"
        "<tr><td>fund</td><td>lead</td></tr></tbody></table>"
    ).blocks
    assert [(b.text, b.cell.row, b.cell.column, b.cell.header) for b in blocks if b.cell] == [
        ("Body", 0, 0, True),
        ("Duties", 0, 1, True),
        ("Mayor", 1, 0, False),
        ("plan", 1, 1, False),
        ("chair", 1, 2, False),
        ("fund", 2, 1, False),
        ("lead", 2, 2, False),
    ]


def test_a_first_row_in_bold_is_a_header() -> None:
    row = "<tr><td><b>Body</b></td><td><b>Duty</b></td></tr>"
    blocks = read(f"<table>{row}<tr><td>Mayor</td><td>plans</td></tr></table>").blocks
    assert [block.cell.header for block in blocks if block.cell] == [True, True, False, False]


def test_paragraphs_and_lists_in_a_cell_keep_the_cell() -> None:
    blocks = read(
        "<ul><li>outer<table><tr><td>Mayor</td><td><p>Must:</p><ul><li>plan</li></ul>1. Fund:"
        "<br><br>(i) buses<br><br>(ii) trams</td></tr></table></li></ul>"
    ).blocks
    place = [(b.text, b.kind, b.lead_in, b.cell is not None and b.cell.column) for b in blocks]
    assert place == [
        ("outer", BlockKind.LIST_ITEM, None, False),
        ("Mayor", BlockKind.TABLE_CELL, None, 0),
        ("Must:", BlockKind.TABLE_CELL, None, 1),
        ("plan", BlockKind.LIST_ITEM, 2, 1),
        ("Fund:", BlockKind.TABLE_CELL, None, 1),
        ("buses", BlockKind.LIST_ITEM, 4, 1),
        ("trams", BlockKind.LIST_ITEM, 4, 1),
    ]


def test_a_table_of_one_cell_is_no_table() -> None:
    assert only("<table><tr><td>Words in a frame stand here.</td></tr></table>").cell is None


@pytest.mark.parametrize(
    ("mark", "notes"),
    [
        (
            "<sup><a href='#fn:1' class='footnote' rel='footnote'>[footnote 1]</a></sup>",
            "<div class='footnotes'><ol><li id='fn:1'><p>A source. "
            "<a href='#fnref:1' class='reversefootnote'>↩</a></p></li></ol></div>",
        ),
        (
            "\n <a class='fn' href='#fn-1'>1</a>\n ",
            "<footer class='footnotes'><div class='footnote'><p><a class='marker' id='fn-1'>1</a>"
            " A source.</p></div></footer>",
        ),
    ],
)
def test_notes_leave_the_text_and_keep_their_mark(mark: str, notes: str) -> None:
    document = read(f"<article><p>The plan{mark} stands.</p>{notes}</article>")
    plan, note = document.blocks
    assert plan.text == "The plan stands."
    assert plan.note_marks[0].label == "1"
    assert document.text[: plan.note_marks[0].offset].rstrip() == "The plan"
    assert (note.kind, note.number, note.text) == (BlockKind.FOOTNOTE, "1", "A source.")


def test_a_numbered_figure_is_no_heading() -> None:
    block = read("<h2>Aims</h2><p><b>Figure 2: a map of routes</b></p><p>Words.</p>").blocks[1]
    assert block.kind is BlockKind.CAPTION


def test_captions_and_contents_are_no_text() -> None:
    kinds = [
        block.kind
        for block in read(
            "<ul><li><a href='#a'>Aims</a></li><li><a href='#b'>Means</a></li>"
            "<li><a href='#c'>Ends</a></li></ul><p>Words of the document itself.</p>"
            "<figure><img alt='x'><figcaption>Figure 1: a map</figcaption></figure>"
        ).blocks
    ]
    assert kinds == [*[BlockKind.CONTENTS] * 3, BlockKind.PARAGRAPH, BlockKind.CAPTION]


@pytest.mark.parametrize(
    ("title", "region"),
    [
        ("Case study 2: buses in the valley", Region.BOX),
        ("Example of joint work", Region.BOX),
        ("Our next steps", Region.BODY),
    ],
)
def test_a_call_out_is_a_box_if_it_tells_a_case(title: str, region: Region) -> None:
    blocks = read(
        f"<h2>Aims</h2><div class='call-to-action'><h3>{title}</h3><p>The town did it.</p></div>"
        "<p>We go on.</p>"
    ).blocks
    assert [block.region for block in blocks] == [Region.BODY, region, region, Region.BODY]


def test_drafting_system_notes() -> None:
    blocks = read(
        "<article id='doc'><div class='preface'><p><b>WIDGETS ACT 2031</b></p></div>"
        "<section class='section heading'><h2><span class='heading'>Overview</span></h2>"
        "<section class='level'><p><span>Section 1: Widgets</span></p></section>"
        "<section class='paragraph num'><h2><span class='num'>7 </span></h2><p>The Act asks:</p>"
        "<section class='subparagraph num'><h2><span class='num'>a.</span></h2><p>makers;</p>"
        "</section></section></section>"
        "<div class='blockContainer'><p><span class='num'>8 </span> <span>It applies here:</span>"
        "</p></div><div class='blockContainer'><p><span class='num'>a</span> in towns;</p></div>"
        "<div class='blockContainer'><p><span class='num'>b</span> at sea.</p></div></article>"
    ).blocks
    assert [(b.kind, b.text, b.number, b.provision) for b in blocks] == [
        (BlockKind.HEADING, "WIDGETS ACT 2031", None, None),
        (BlockKind.HEADING, "Overview", None, None),
        (BlockKind.HEADING, "Section 1: Widgets", None, None),
        (BlockKind.PARAGRAPH, "The Act asks:", "7", "7"),
        (BlockKind.LIST_ITEM, "makers;", "a.", "7(a)"),
        (BlockKind.PARAGRAPH, "It applies here:", "8", "8"),
        (BlockKind.LIST_ITEM, "in towns;", "a", "8(a)"),
        (BlockKind.LIST_ITEM, "at sea.", "b", "8(b)"),
    ]
    assert [block.lead_in for block in blocks[4:]] == [3, None, 5, 5]


_ACT = """<div class="LegSnippet"><h1 class="LegTitle">Widgets Act 2031</h1>
<h2 class="LegPartFirst"><span class="LegPartNo">PART 1</span><span class="LegPartTitle">Widgets
</span></h2><h3 class="LegClearFix LegP1ContainerFirst"><span class="LegDS LegP1No">1</span>
<span class="LegDS LegP1GroupTitleFirst">Duty to plan</span></h3>
<p class="LegClearFix LegP2Container"><span class="LegDS LegLHS LegP2No">(1)</span><span
 class="LegDS LegRHS LegP2Text">The board must—</span></p>
<p class="LegClearFix LegP3Container"><span class="LegDS LegLHS LegP3No">(a)</span><span
 class="LegDS LegRHS LegP3Text">ask the mayor<a class="LegCommentaryLink" href="#c">F1</a>, and
</span></p><p class="LegRHS LegP2Text">then publish the answer.</p>
<p class="LegClearFix LegP2Container"><span class="LegDS LegLHS LegP2No">(2)</span><span
 class="LegDS LegRHS LegP2Text">In the Gadgets Act 2001 insert—</span></p>
<p class="LegClearFix LegP2ContainerC1Amend"><span class="LegDS LegLHS LegP2NoC1Amend">“(3)</span>
<span class="LegDS LegRHS LegP2TextC1Amend">A council may look.”</span></p>
<h3 class="LegClearFix LegP1Container"><span class="LegDS LegP1No">2</span><span
 class="LegDS LegP1GroupTitle">Title</span></h3><p class="LegRHS LegP1Text">This is the Act.</p>
<h2 class="LegScheduleFirst"><span class="LegScheduleNo">SCHEDULE 1</span><span
 class="LegScheduleTitle">Boards</span></h2><p class="LegClearFix LegSP1Container"><span
 class="LegDS LegSN1No">1</span><span class="LegDS LegRHS LegP1Text">The mayor chairs.</span></p>
<p class="LegClearFix LegSP1Container"><span class="LegDS LegSN1No">2</span><span
 class="LegDS LegRHS LegP1Text">. . . . .</span></p></div>"""


def test_acts_on_the_legislation_site() -> None:
    blocks = read(_ACT).blocks
    assert [(b.text, b.number, b.provision, b.level, b.lead_in) for b in blocks[3:]] == [
        ("The board must—", "(1)", "1(1)", 2, None),
        ("ask the mayor, and", "(a)", "1(1)(a)", 3, 3),
        ("then publish the answer.", None, "1(1)", 2, 3),
        ("In the Gadgets Act 2001 insert—", "(2)", "1(2)", 2, None),
        ("“A council may look.”", "(3)", "1(2)", 2, None),
        ("Title", "2", None, 2, None),
        ("This is the Act.", "2", "2", 1, None),
        ("Boards", "SCHEDULE 1", None, 1, None),
        ("The mayor chairs.", "1", "Sch 1 para 1", 1, None),
    ]
    assert [b.text for b in blocks if b.closing] == ["then publish the answer."]
    assert [b.text for b in blocks if b.region is Region.QUOTED] == ["“A council may look.”"]
    assert (blocks[2].kind, blocks[2].number, blocks[2].text) == (
        BlockKind.HEADING, "1", "Duty to plan",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", ""),
        ("", "<div id='root'></div><script src='app.js'></script>"),
        ("", "<p>You need to enable JavaScript to run this app.</p>"),
        ("<title>Page not found - GOV.UK</title>", "<main><p>Check the address.</p></main>"),
        ("<title>Search</title>", "<h1>Search results</h1><p>We found 3 documents.</p>"),
        ("", "<ul>" + "<li><a href='/a'>A document of ours</a></li>" * 20 + "</ul>"),
    ],
)
def test_pages_without_a_document_are_refused(head: str, body: str) -> None:
    with pytest.raises(NoContent):
        read(body, head)


@pytest.mark.parametrize(
    ("piece", "count"),
    [
        ("<table><tr><td>x", 5000),
        ("<ul><li>a", 5000),
        ("<div class='example'>", 5000),
        ("<b>", 5000),
        ("<section class='paragraph num'>", 2000),
    ],
)
def test_deep_nesting_is_read_in_short_time(piece: str, count: int) -> None:
    start = time.monotonic()
    document = read(piece * count + "The council will consult the mayor.")
    assert "The council will consult the mayor." in document.text
    assert time.monotonic() - start < 20


_BITS = st.sampled_from(
    ["<p>", "</p>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "<td rowspan=3>", "<h2>",
     "<b>", "<br>", "</td>", "<ol type=i>", "</li>", "word ", "(a) ", "1. ", "<a href=#x>",
     "</a>", "<section class='paragraph num'>", "<span>", "</span>", "<blockquote>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_BITS, max_size=40))
def test_any_soup_keeps_every_word_once(bits: list[str]) -> None:
    marked = [f"w{i} " if bit == "word " else bit for i, bit in enumerate(bits)]
    body = "<p>Start of it, and more of the same to read here.</p>" + "".join(marked)
    document = read(body)
    found = re.findall(r"\bw\d+\b", " ".join(b.text for b in document.blocks))
    assert sorted(found) == sorted(bit.strip() for bit in marked if bit.startswith("w"))


def test_bytes_in_other_encodings() -> None:
    page = "<html><head><meta charset='windows-1252'></head><body><p>The mayor’s plan – ours.</p>"
    assert read_html(page.encode("cp1252")).blocks[0].text == "The mayor’s plan – ours."


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["ai-action-plan-2025", "ai-playbook-2025", "ai-regulation-white-paper-2023"],
)
def test_real_pages_have_no_furniture(shared: Path, name: str) -> None:
    document = read_html((shared / "documents" / f"{name}.html").read_bytes(), name=name)
    text = document.text.lower()
    for words in ("cookies", "print this page", "is this page useful", "[footnote", "↩"):
        assert words not in text.replace("use of cookies", "")
    assert all(block.kind is not BlockKind.CONTENTS for block in document.blocks)
    assert document.info.date and document.info.publisher
