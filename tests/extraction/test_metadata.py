"""Title, date, kind and publisher, guessed from the first blocks."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from collabnlp.errors import CollabnlpError
from collabnlp.extraction import open_document
from collabnlp.extraction.html import read_html
from collabnlp.extraction.metadata import (
    SourceMetadata,
    complete,
    describe,
    guess_date,
    guess_kind,
    guess_publisher,
    guess_title,
)
from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, assemble

SHA = "0" * 64


def paragraphs(*lines: str) -> list[BlockDraft]:
    return [BlockDraft(kind=BlockKind.PARAGRAPH, text=line) for line in lines]


@pytest.mark.parametrize(
    ("lines", "date"),
    [
        (["December 2031"], "2031-12-01"),
        (["A plan for buses", "May 2030"], "2030-05-01"),
        (["3rd March 2031"], "2031-03-03"),
        (["Published: 12 December 2031"], "2031-12-12"),
        (["The Act received Royal Assent on 1 May 2031 (c. 4)."], "2031-05-01"),
        (["An Act to plan buses.", "[20th July 2031]"], "2031-07-20"),
        (["Made - - - - 19th December 2031"], "2031-12-19"),
        (["It corrects the text as published on 12 December 2031."], "2031-12-12"),
        (["Updated 3 August 2031", "June 2030"], "2030-06-01"),
        (["The consultation closes on 4 June 2031."], None),
        (["In May 2030 the mayors met and agreed how the buses should be run from then on."], None),
        (["31 February 2031"], None),
        (["No date at all"], None),
        ([*["Words"] * 50, "May 2030"], None),
    ],
)
def test_dates(lines: list[str], date: str | None) -> None:
    assert guess_date(paragraphs(*lines)) == date


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Buses Bill [HL], Bill 12, as introduced", "bill"),
        ("Buses Act 2031", "act"),
        ("Buses Act 2031 (c. 10)", "act"),
        ("Buses Act 2031: explanatory notes", "explanatory notes"),
        ("The Valley Combined Authority Order 2031", "order"),
        ("The Buses (Fares) Regulations 2031", "regulations"),
        ("Buses white paper", "white paper"),
        ("Better buses: a strategy", "strategy"),
        ("The plan for buses", "strategy"),
        ("Better buses: government response", "response"),
        ("Government response to the consultation on buses", "consultation response"),
        ("Better buses: consultation", "consultation"),
        ("Buses: statutory guidance for councils", "statutory guidance"),
        ("Bus playbook", "guidance"),
        ("National Bus Policy Framework", "policy framework"),
        ("Billing and budgets", None),
        ("A history of buses", None),
    ],
)
def test_kinds_by_title(title: str, kind: str | None) -> None:
    assert guess_kind(paragraphs("Words."), title=title) == kind


@pytest.mark.parametrize(
    ("lines", "hint", "kind"),
    [
        (["These Explanatory Notes relate to the Buses Act 2031."], "", "explanatory notes"),
        (["An Act to plan buses."], "", "act"),
        (["A Bill to plan buses."], "", "bill"),
        (["This white paper is ours."] * 4, "", "white paper"),
        (["This white paper was theirs."], "", None),
        (["Words."], "Statutory guidance", "guidance"),
        (["Words."], "Policy paper", "policy paper"),
        (["This statutory guidance binds."] * 2, "Guidance", "statutory guidance"),
    ],
)
def test_kinds_by_what_the_text_says(lines: list[str], hint: str, kind: str | None) -> None:
    assert guess_kind(paragraphs(*lines), title="Buses", hint=hint) == kind


@pytest.mark.parametrize(
    ("lines", "kind", "publisher"),
    [
        (["Department for Transport Great Minster House 33 Road"], None,
         "Department for Transport"),
        (["Ministry of Housing, Communities and Local Government", "SW1"], None,
         "Ministry of Housing, Communities and Local Government"),
        (["Words"], "bill", "Parliament"),
        (["Words"], None, None),
    ],
)  # fmt: skip
def test_publishers(lines: list[str], kind: str | None, publisher: str | None) -> None:
    assert guess_publisher(paragraphs(*lines), kind) == publisher


def test_titles() -> None:
    heading = BlockDraft(kind=BlockKind.HEADING, text="Better buses", level=1)
    assert guess_title([*paragraphs("May 2031."), heading]) == "Better buses"
    assert guess_title(paragraphs("Better buses for all", "More.")) == "Better buses for all"
    assert guess_title(paragraphs("This is a sentence and ends with a stop.")) == ""


def test_what_the_format_says_outranks_guesses() -> None:
    source = SourceMetadata(title="Named", date="2031-02-03", publisher="Board")
    info = describe(paragraphs("May 2030"), source, sha256=SHA, name="a.b.html")
    assert (info.id, info.title, info.date, info.publisher) == ("a", "Named", "2031-02-03", "Board")


def test_complete_fills_only_what_is_open() -> None:
    info = DocumentInfo(id="plan", title="plan", sha256=SHA, kind="bill")
    document = assemble(info, paragraphs("The plan for buses", "May 2030"), format="pdf")
    filled = complete(document).info
    assert (filled.title, filled.kind, filled.date) == ("The plan for buses", "bill", "2030-05-01")


def test_html_metadata() -> None:
    page = (
        "<html><head><meta name='govuk:first-published-at' content='2031-01-13T10:21:55+00:00'>"
        "<meta name='govuk:primary-publishing-organisation' content='Board of Buses'>"
        "<title>Bus plan - GOV.UK</title></head><body><main><h1>Bus plan (HTML)</h1>"
        "<p>We will consult the mayors on each of their routes.</p></main></body></html>"
    )
    info = read_html(page.encode(), name="bus-plan.html").info
    assert (info.title, info.date, info.publisher, info.kind) == (
        "Bus plan", "2031-01-13", "Board of Buses", "strategy",
    )  # fmt: skip


@pytest.mark.shared
def test_kinds_and_dates_of_real_pages(shared: Path) -> None:
    folder = shared / "documents"
    asked = kinds = months = 0
    with (folder / "documents.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if not row["file"].endswith((".html", ".docx", ".md", ".xml")):
                continue
            try:
                info = open_document(folder / row["file"]).info
            except CollabnlpError:
                continue
            asked += 1
            kinds += info.kind == row["kind"]
            months += (info.date or "")[:7] == row["date"][:7]
    assert asked >= 20
    assert kinds >= 0.95 * asked
    assert months >= 0.85 * asked


def test_a_paper_without_a_department_s_name_is_its_minister_s() -> None:
    lines = [
        "A plan for rivers",
        "Presented to Parliament",
        "by the Secretary of State for Rivers and Lakes by Command of His Majesty",
    ]
    blocks = [BlockDraft(kind=BlockKind.PARAGRAPH, text=line) for line in lines]
    assert guess_publisher(blocks, "white paper") == "Secretary of State for Rivers and Lakes"
    named = BlockDraft(kind=BlockKind.PARAGRAPH, text="Department for Rivers")
    assert guess_publisher([*blocks, named], "white paper") == "Department for Rivers"
    assert guess_publisher(blocks, "bill") == "Parliament"


@pytest.mark.parametrize(
    ("lines", "created", "date"),
    [
        (["May 2030"], "2030-05-14", "2030-05-14"),  # the day that the cover leaves out
        (["May 2030"], "2030-06-02", "2030-05-01"),  # made again later
        (["3 May 2030"], "2030-05-14", "2030-05-03"),  # what is printed holds
        (["No date at all"], "2030-05-14", "2030-05-14"),
        (["No date at all"], None, None),
    ],
)
def test_the_day_of_making_completes_dates(
    lines: list[str], created: str | None, date: str | None
) -> None:
    assert guess_date(paragraphs(*lines), created=created) == date
