"""Plain text: numbered acts and ordinary files written for these tests, and the real ones."""

# ruff: noqa: E501 - lines of markup are easier to read unbroken

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collabnlp.errors import EmptyFile, NoText
from collabnlp.extraction.numbered_lines import mend, pieces_of
from collabnlp.extraction.plain import read_plain
from collabnlp.extraction.provisions import join_provision, schedule_provision
from collabnlp.extraction.run_on import run_on_drafts, run_on_parts
from collabnlp.schema import Block, BlockKind, Document, Region

HEADER = "Title: Quays Act 2031\nDate: 2032-01-02\nPublisher: Law Database\nIdentifier: http://example.org/ukpga/2031/4\n\n## Quays Act 2031\n\n"


def act(body: str) -> Document:
    """A numbered act: paragraphs are parted by "/" in ``body``."""
    return read_plain((HEADER + body.replace(" / ", "\n\n") + "\n").encode(), name="quays.txt")


def plain(text: str) -> Document:
    return read_plain(text.encode(), name="note.txt")


def block_of(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


def opening_of(document: Document, start: str) -> str | None:
    lead_in = block_of(document, start).lead_in
    return None if lead_in is None else document.blocks[lead_in].text


@pytest.mark.parametrize(
    ("outer", "printed", "expected"),
    [
        (None, "12", "12"),
        (None, "12.", "12"),
        ("12", "(3)", "12(3)"),
        ("12(3)", "(a)", "12(3)(a)"),
        ("12(3)(a)", "(ii)", "12(3)(a)(ii)"),
        ("Sch 1", "3", "Sch 1 para 3"),
        ("Sch 1", "(3)", "Sch 1 para 3"),
        ("Sch", "3A", "Sch para 3A"),
        ("Sch 1 para 3", "(2)", "Sch 1 para 3(2)"),
        ("Annex A", "4", "Annex A para 4"),
        ("7", "a.", "7(a)"),
        ("7", "•", "7"),
        (None, "•", None),
        ("7", None, "7"),
        ("Sch 2 para 5", "Step 1", "Sch 2 para 5 step 1"),
        (None, "Article 8A", "8A"),
        (None, "“9A", "9A"),
    ],
)
def test_join_provision(outer: str | None, printed: str | None, expected: str | None) -> None:
    assert join_provision(outer, printed) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("SCHEDULE 1", "Sch 1"), ("Schedule", "Sch"), ("Annex B", "Annex B"), (None, "Sch"), ("4", "Sch 4")],
)  # fmt: skip
def test_schedule_provision(printed: str | None, expected: str) -> None:
    assert schedule_provision(printed) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("under  subsections (3)  and\n(4) , and", "under subsections (3) and (4), and"),
        ("section  49 (1)", "section 49(1)"),
        ("paragraph  (3) (a) (i)", "paragraph (3)(a)(i)"),
        ("section A2D5 (3) ;", "section A2D5(3);"),
        ("the Act 2008 (a) thing", "the Act 2008 (a) thing"),
        ("“ relevant body ” means", "“relevant body” means"),
        ("sub-\nparagraph (2)", "sub-paragraph (2)"),
        ("B e it enacted  by", "Be it enacted by"),
        (". . . . .", ". . . . ."),
        ("( S.I. 2009/1 )", "(S.I. 2009/1)"),
        ("this section —", "this section—"),
    ],
)
def test_stray_blanks(raw: str, expected: str) -> None:
    assert mend(raw) == expected


def test_run_on_definitions_are_parted() -> None:
    raw = "      “ quay ” means a wall;           “ pier ” means a structure which—\nis long, and           is wet."
    assert pieces_of(raw) == [
        "“quay” means a wall;",
        "“pier” means a structure which—",
        "is long, and",
        "is wet.",
    ]


ACT = (
    "### Ports / #### Duties / 1 / 1.1 / The council must—\n / 1.1.a / keep the\nquay, / 1.1.b / ask—"
    " / 1.1.b.i / each port, and / 1.1.b.ii / each master, / about its plan. / 1.2 / It may charge. / "
    "For this purpose “ charge ” means— / 1.2.a / a due, or / 1.2.b / a toll. / #### Extent / 2 / "
    "This Act extends to the coast."
)


def test_numbered_act() -> None:
    document = act(ACT)
    seen = [(b.kind, b.level, b.number, b.provision, b.text) for b in document.blocks[1:]]
    heading, provision = BlockKind.HEADING, BlockKind.PROVISION
    assert seen == [
        (heading, 1, None, None, "Ports"),
        (heading, 2, "1", "1", "Duties"),
        (provision, 2, "(1)", "1(1)", "The council must—"),
        (provision, 3, "(a)", "1(1)(a)", "keep the quay,"),
        (provision, 3, "(b)", "1(1)(b)", "ask—"),
        (provision, 4, "(i)", "1(1)(b)(i)", "each port, and"),
        (provision, 4, "(ii)", "1(1)(b)(ii)", "each master,"),
        (provision, 2, None, "1(1)", "about its plan."),
        (provision, 2, "(2)", "1(2)", "It may charge."),
        (provision, 2, None, "1(2)", "For this purpose “charge” means—"),
        (provision, 3, "(a)", "1(2)(a)", "a due, or"),
        (provision, 3, "(b)", "1(2)(b)", "a toll."),
        (heading, 2, "2", "2", "Extent"),
        (provision, 1, None, "2", "This Act extends to the coast."),
    ]
    assert opening_of(document, "each port") == "ask—"
    assert opening_of(document, "about its plan") == "The council must—"
    assert block_of(document, "about its plan").closing
    assert opening_of(document, "a due") == "For this purpose “charge” means—"
    info = document.info
    assert (info.title, info.date, info.kind) == ("Quays Act 2031", "2032-01-02", "act")


def test_closing_words_of_an_inner_list() -> None:
    document = act(
        "### P / 1 / 1.1 / X must— / 1.1.a / do— / 1.1.a.i / this, or / that at once; / 1.1.b / rest. / 1.2 / End."
    )
    assert opening_of(document, "that at once") == "do—"
    assert block_of(document, "that at once").provision == "1(1)(a)"


def test_schedules_restart() -> None:
    document = act(
        ACT + " / ## SCHEDULES / Tolls / Section 1 / ##### Rates / 1 / 1.1 / A toll is low. / "
        "1.2 / A due is\nlower. /   Modification of the\nPiers Act / Article 9 / 1 / Piers are ports."
    )
    assert block_of(document, "A due").provision == "Sch 1 para 1(2)"
    assert block_of(document, "A toll is").number == "1 (1)"
    assert block_of(document, "Piers are").provision == "Sch 2 para 1"
    heads = [(b.number, b.text) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert ("Schedule 1", "Tolls") in heads
    assert ("Schedule 2", "Modification of the Piers Act") in heads
    assert block_of(document, "Article 9").kind is BlockKind.FOOTNOTE


def test_quoted_insertions() -> None:
    document = act(
        "### P / #### Amendments / 1 / 1.1 / After section 5 insert— / ########## Dues / 1.1.5A / 1.1.5A.1 / "
        "Ports may— / 1.1.5A.1.a / charge dues, / ; / 1.2 / In section 6, after “ port ” insert “ or pier ” . / "
        "1.3 / For section 7 there is substituted— /       “ pier ” means a quay; / ."
    )
    heading, item = block_of(document, "Dues"), block_of(document, "charge dues")
    assert (heading.region, heading.number, heading.provision) == (Region.QUOTED, "5A", "1(1)")
    assert (item.region, item.number, item.provision) == (Region.QUOTED, "(a)", "1(1)")
    assert item.text == "charge dues,”;"
    assert opening_of(document, "charge dues") == "Ports may—"
    assert opening_of(document, "Ports may") is None
    inline = block_of(document, "In section 6")
    assert (inline.region, inline.text) == (
        Region.BODY,
        "In section 6, after “port” insert “or pier”.",
    )
    pier = block_of(document, "“pier” means")
    assert (pier.region, pier.provision, pier.text) == (
        Region.QUOTED,
        "1(3)",
        "“pier” means a quay;”.",
    )


def test_run_on_insertion() -> None:
    raw = (
        "Ports policy     15A       1     A port may—     a     agree, or         b\ndecline.         "
        "2     This ends—     a     if—     i     it rains, or         ii     it\nsnows;     b     else never."
    )
    drafts = run_on_drafts(run_on_parts(raw), "Sch 7")
    seen = [(d.number, d.level, d.text, d.lead_in.text if d.lead_in else None) for d in drafts]
    assert seen == [
        ("15A", 8, "Ports policy", None),
        ("(1)", 2, "A port may—", None),
        ("(a)", 3, "agree, or", "A port may—"),
        ("(b)", 3, "decline.", "A port may—"),
        ("(2)", 2, "This ends—", None),
        ("(a)", 3, "if—", "This ends—"),
        ("(i)", 4, "it rains, or", "if—"),
        ("(ii)", 4, "it snows;", "if—"),
        ("(b)", 3, "else never.", "This ends—"),
    ]


NOTE = """HARBOUR NOTE

1. Purpose

This note says how the ministry will work with the councils of the coast, and
what it will ask of them. It is wrapped at some eighty columns, as old files
are.

Next steps

We will:
  * consult every council on the harbour plan before the spring, so that it
    can be published;
  * share our data, and
  * report once a year on the harbours of the coast and on their ports.

Background
----------

The council must (a) agree the plan, and (b) publish it.
"""


def test_ordinary_text() -> None:
    document = plain(NOTE)
    heads = [(b.level, b.number, b.text) for b in document.blocks if b.kind is BlockKind.HEADING]
    assert heads == [
        (1, None, "HARBOUR NOTE"),
        (1, "1.", "Purpose"),
        (2, None, "Next steps"),
        (2, None, "Background"),
    ]
    assert block_of(document, "This note").text.endswith("as old files are.")
    items = [block for block in document.blocks if block.kind is BlockKind.LIST_ITEM]
    assert [item.number for item in items] == ["*", "*", "*"]
    assert {document.blocks[item.lead_in or 0].text for item in items} == {"We will:"}
    assert items[0].text.endswith("so that it can be published;")
    assert block_of(document, "The council must").text.count("(") == 2


def test_page_furniture_goes_and_sentences_join() -> None:
    sentences = (
        "The plan of the first year was agreed by all of the councils on the coast.",
        "In the second year the ports were asked, and each of them gave its answer.",
        "The third plan was laid before the harbour boards and the ports on the coast and",
    )
    pages = [f"Harbour report\n\n{text}\n\n{n}\n" for n, text in enumerate(sentences, start=1)]
    text = "\f".join(pages) + "\fHarbour report\n\nthen it was published.\n\n4\n"
    words = [block.text for block in plain(text).blocks]
    assert not any("Harbour report" in text or re.fullmatch(r"\d", text) for text in words)
    assert words[-1].endswith("on the coast and then it was published.")


@pytest.mark.parametrize(
    "text",
    [
        "From: a@example.org\nTo: b@example.org\nSubject: Quays\n\nDear B,\n\n> quoted\n\nBest\nA\n",
        "2031-01-02 10:00:00 INFO start\n2031-01-02 10:00:01 ERROR stop\n",
        "one line",
        "a\r\nb\r\n\r\nc",
        "\x00\x01 odd \x07 control\n",
        "(" * 20_000 + " word",
        " ".join(["word"] * 50_000),
        "-\n" * 2_000 + "end of list\n",
        "1\n\n2\n\n3\n\nthree numbers\n",
        "=====\n\nword\n\n=====\n",
    ],
)
def test_odd_files_are_read(text: str) -> None:
    start = time.monotonic()
    document = plain(text)
    assert time.monotonic() - start < 5
    kept = re.sub(r"\W", "", "".join(block.text for block in document.blocks))
    assert kept


@pytest.mark.parametrize(
    ("data", "error"), [(b"", EmptyFile), (b" \n\f", EmptyFile), (b"-- ?\n", NoText)]
)
def test_refusals(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_plain(data, name="note.txt")


def test_encodings() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        document = read_plain("The council’s plan – agreed.".encode(encoding), name="note.txt")
        assert [block.text for block in document.blocks] == ["The council’s plan – agreed."]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab A1.()-•#=:—“”\n\f\t ", max_size=300))
def test_letters_of_any_text_are_kept_in_order(text: str) -> None:
    letters = re.sub(r"[^abA]", "", text)
    if not re.search(r"[abA1]", text):
        return
    try:
        document = plain(text)
    except (EmptyFile, NoText):
        return
    words = "".join((block.number or "") + block.text for block in document.blocks)
    assert re.sub(r"[^abA]", "", words) == letters


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "1",
                "1.1",
                "1.1.a",
                "2",
                "2.1",
                "1.1.5A",
                "## SCHEDULES",
                "Section 2",
                "### Head",
                "########## Head",
                "Text insert—",
                "words—",
                "more words,",
                "The end.",
                ";",
                "“ a ” means b;",
                "   x;           y—           z",
            ]
        ),
        max_size=25,
    )
)
def test_numbered_lines_in_any_order_never_fail(lines: list[str]) -> None:
    act(" / ".join(["1", "1.1", "Words.", "1.2", "Words.", *lines, "3.1", "End."]))


@pytest.mark.parametrize("filler", [" " * 100_000, "(a) " * 30_000, "“a " * 50_000, "x\n" * 50_000])
def test_time_grows_with_length_alone(filler: str) -> None:
    for text in (f"word {filler} word", HEADER + f"1\n\n1.1\n\n1.2\n\n1.3\n\nword {filler} word"):
        start = time.monotonic()
        plain(text)
        assert time.monotonic() - start < 10


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "schedules"),
    [
        ("energy-act-2023", 22),
        ("lura-2023", 24),
        ("social-housing-act-2023", 5),
        ("york-order-2023", 7),
        ("automated-vehicles-act-txt", 6),
        ("skills-act-2022", 0),
    ],
)
def test_real_acts(shared: Path, name: str, schedules: int) -> None:
    path = shared / "documents" / f"{name}.txt"
    raw = path.read_bytes()
    document = read_plain(raw, name=path.name)
    heads = [
        block
        for block in document.blocks
        if block.kind is BlockKind.HEADING
        and block.region is Region.BODY
        and (block.provision or "").startswith("Sch")
    ]
    assert len(heads) == schedules
    body = [b for b in document.blocks if b.kind is BlockKind.PROVISION and b.region is Region.BODY]
    fragments = [b for b in body if b.text[0].islower() and b.lead_in is None]
    assert len(fragments) <= 0.01 * len(body), [b.text for b in fragments][:5]
    lost = _words(_text_lines(raw.decode())) - _words(
        [f"{b.number} {b.text}" for b in document.blocks]
    )
    assert not lost, sorted(lost)[:20]


def _text_lines(text: str) -> list[str]:
    text = text.partition("\n\n")[2].replace("B e it", "Be it")
    text = re.sub(r"(?<=\w-)\n\s*(?=[a-z])", "", text)
    return [
        line.lstrip("# ")
        for line in text.split("\n")
        if not re.fullmatch(r"\d[0-9A-Z]*(\.[0-9A-Za-z]+)*", line)
    ]


def _words(texts: list[str]) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)}
