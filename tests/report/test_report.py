"""Reports: every number is that of its rows, nothing of a document runs, nothing is left out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from report_cases import (
    Element,
    facets_of,
    info,
    outcome,
    page_of,
    random_outcomes,
    read_page,
    refused,
    report_of,
    rows_of,
    unit,
)
from report_payloads import PAYLOADS

from collabnlp.errors import NoText, UsageError
from collabnlp.reporting.page_charts import report_charts
from collabnlp.reporting.page_sheets import write_report
from collabnlp.reporting.page_tables import selection
from collabnlp.reporting.selections import change_facets, commitment_facets
from collabnlp.schema import Level, Partner, PartnerMention
from collabnlp.workflows.assembling import CODEBOOK

DIGITS = re.compile(r"\d[\d,]*\Z")


def versions(count: int) -> list:
    """Versions of one text: a commitment that rises a step each time, one that is dropped."""
    found = []
    for number in range(count):
        one = info(f"plan-{number}", title="Plan for places", date=f"202{number}-01-01")
        texts = [
            ("Ministers will work with mayors on the plan for buses in each area.", 1 + number),
            ("The department will publish what it hears about roads and paths.", None),
        ]
        if not number:
            texts.append(("We will consult councils on the rules for street cafés.", 1))
        found.append(
            outcome(
                one,
                [
                    unit(
                        one,
                        index,
                        Level.NONE if rung is None else list(Level)[rung + 1],
                        text=text,
                    )
                    for index, (text, rung) in enumerate(texts)
                ],
            )
        )
    return found


def numbers(elements: list[Element]) -> list[tuple[str, int]]:
    """Every link of the page to rows, with the number that it shows."""
    return [
        (str(it.attributes["href"]), int(it.text.replace(",", "")))
        for it in elements
        if it.tag == "a"
        and "?" in str(it.attributes.get("href"))
        and str(it.attributes["href"]).startswith("#")
        and "svg" not in it.parents
        and DIGITS.match(it.text)
    ]


CASES = {
    "random": lambda: (random_outcomes(1), {}),
    "another": lambda: (random_outcomes(2, documents=1), {}),
    "all": lambda: (random_outcomes(3), {"pyramid": False}),
    "pair": lambda: (versions(2), {}),
    "chain": lambda: (versions(4), {"compare": True}),
    "unlike": lambda: (random_outcomes(4, documents=2, units=20), {"compare": True}),
}


@pytest.mark.parametrize("case", CASES)
def test_every_number_opens_the_rows_that_it_counts(case: str) -> None:
    outcomes, options = CASES[case]()
    elements = read_page(page_of(outcomes, **options))
    facets = facets_of(elements)
    found = numbers(elements)
    assert len(found) > 10
    for address, number in found:
        assert len(rows_of(address, facets)) == number, address


@pytest.mark.parametrize("case", CASES)
def test_every_colour_of_a_chart_opens_rows(case: str) -> None:
    outcomes, options = CASES[case]()
    elements = read_page(page_of(outcomes, **options))
    facets = facets_of(elements)
    links = [it for it in elements if it.tag == "a" and "svg" in it.parents]
    assert links
    for link in links:
        shown = rows_of(str(link.attributes["href"]), facets)
        assert shown, link.attributes["href"]
        if DIGITS.match(link.text.strip()):
            assert len(shown) == int(link.text.replace(",", "")), link.attributes["href"]


@pytest.mark.parametrize("case", ["random", "all"])
def test_the_rows_of_every_cell_are_those_that_were_counted(case: str) -> None:
    outcomes, options = CASES[case]()
    report = report_of(outcomes, **options)
    table = commitment_facets(report.commitments)
    ids = [(it.tagged.document.id, it.tagged.unit.unit_id) for it in report.commitments]
    counts = [report.by_level, report.by_level_of_all, report.departments, report.documents]
    for one in [*counts, *report.single.values()]:
        for cell in (*one.cells, one.total):
            shown = [ids[index] for index in table.chosen(selection(one, cell))]
            assert sorted(shown) == sorted(cell.rows), (one.by, cell.values)


def test_tables_list_every_commitment_and_every_change() -> None:
    outcomes = versions(2)
    report = report_of(outcomes)
    assert report.comparison is not None
    elements = read_page(page_of(outcomes))
    rows = Counter(str(it.attributes.get("id"))[0] for it in elements if it.tag == "tr")
    facets = facets_of(elements)
    assert rows["c"] == len(facets["commitments"]["rows"]) == 3
    assert rows["d"] == len(facets["changes"]["rows"]) == 2
    shifts = Counter(
        row["shift"][0]
        for row in change_facets([it for it in report.comparison if it.old or it.new]).rows
    )
    assert shifts["strengthened"] == 1
    assert shifts["dropped"] == 1


def test_equal_documents_give_equal_bytes() -> None:
    assert page_of(random_outcomes(5)) == page_of(random_outcomes(5))
    first, second = (report_charts(report_of(random_outcomes(5))) for _ in range(2))
    assert [(it.svg(), it.png()) for it in first] == [(it.svg(), it.png()) for it in second]
    books = []
    for _ in range(2):
        stream = BytesIO()
        write_report(report_of(versions(3), compare=True), stream)
        books.append(stream.getvalue())
    assert books[0] == books[1]


# --- what the page may do ------------------------------------------------------------------------


def hostile() -> list:
    """Documents whose every text is a payload, and whose file names are."""
    found = []
    for number in range(2):
        name = PAYLOADS[number].replace("/", "∕").replace("\x00", "")
        one = info(name, title=" ".join(PAYLOADS), date=None)
        tagged = [
            unit(
                one,
                index,
                Level.SUPPORT,
                text=payload,
                mentions=[PartnerMention(payload, Partner.SUBNATIONAL, payload)],
                departments=["DFT"],
                headings=(payload, payload),
                provision=payload if index % 2 else None,
            )
            for index, payload in enumerate(PAYLOADS)
        ]
        found.append(outcome(one, tagged, path=Path(name + ".pdf"), problems=tuple(PAYLOADS)))
    found.append(refused(PAYLOADS[3].replace("/", "∕"), NoText(PAYLOADS[4])))
    return found


def test_payloads_are_text_and_nothing_else() -> None:
    assert len(PAYLOADS) >= 50
    page = page_of(hostile(), title=PAYLOADS[0], compare=True)
    elements = read_page(page)
    assert Counter(it.tag for it in elements if it.tag in ("script", "style")) == {
        "script": 2,
        "style": 1,
    }
    allowed = {it.tag for it in read_page(page_of(versions(2)))}
    assert {it.tag for it in elements} <= allowed | {"details", "summary", "li", "mark"}
    for element in elements:
        for name, value in element.attributes.items():
            assert not name.startswith("on"), element
            assert name != "style", element
            if name in ("href", "src", "action"):
                assert str(value).startswith(("#", "./", "data:,")), element
    shown = {it.text for it in elements if it.tag == "td"}
    for payload in PAYLOADS:
        assert any(payload in text for text in shown), payload


def test_the_policy_allows_the_pages_own_script_and_style_alone() -> None:
    elements = read_page(page_of(random_outcomes(6)))
    (policy,) = [
        str(it.attributes["content"])
        for it in elements
        if it.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    hashes = re.findall(r"'sha256-([^']+)'", policy)
    own = [it.text for it in elements if it.tag == "script" and "type" not in it.attributes]
    own += [it.text for it in elements if it.tag == "style"]
    assert hashes == [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own
    ]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy and "http" not in policy


def test_nothing_is_fetched() -> None:
    page = page_of(random_outcomes(6), compare=True)
    without_names = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import|//[a-z]", without_names.split("<script>")[0])


# --- what the page must have ---------------------------------------------------------------------


def test_headings_tables_and_controls_are_named() -> None:
    elements = read_page(page_of(versions(3), compare=True))
    levels = [int(it.tag[1]) for it in elements if re.fullmatch(r"h[1-6]", it.tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tables = sum(it.tag == "table" for it in elements)
    assert tables == sum(it.tag == "caption" for it in elements)
    for element in elements:
        if element.tag == "th":
            assert element.attributes.get("scope") in ("col", "row")
        if element.tag in ("select", "input"):
            assert "label" in element.parents
    ids = [it.attributes["id"] for it in elements if "id" in it.attributes]
    assert len(ids) == len(set(ids))
    regions = [
        it.attributes["aria-label"] for it in elements if it.attributes.get("role") == "region"
    ]
    assert len(regions) == len(set(regions))
    targets = [
        str(it.attributes["href"])[1:]
        for it in elements
        if it.tag == "a" and re.fullmatch(r"#[^?]+", str(it.attributes.get("href")))
    ]
    assert set(targets) <= set(ids)


def test_partial_and_refused_documents_are_told_with_reasons() -> None:
    one = info("half")
    page = page_of(
        [
            outcome(one, [unit(one, 0)], problems=("2 characters were lost.",)),
            refused("scan.pdf", NoText("scan.pdf shows pictures alone.")),
        ]
    )
    assert "2 given: 0 read whole, 1 partly, 1 refused." in page
    assert "page 1: 2 characters were lost." in page
    assert "NoText: scan.pdf shows pictures alone. Run text recognition" in page


def test_the_same_document_twice_counts_once() -> None:
    one = info("twice")
    report = report_of(
        [
            outcome(one, [unit(one, 0)], path=Path("twice.pdf")),
            outcome(one, [unit(one, 0)], path=Path("twice.html"), format="html"),
        ]
    )
    assert len(report.commitments) == 1
    assert [it.same_as for it in report.sources] == ["", "twice.pdf"]
    assert report.units == report.by_level.total.units == 1


def test_documents_of_one_name_are_told_apart() -> None:
    first, second = info("plan", title="A"), info("plan", title="B")
    report = report_of(
        [outcome(it, [unit(it, 0)], path=Path(it.title, "plan.pdf")) for it in (first, second)]
    )
    assert report.titles == {"plan": "A", "plan-2": "B"}


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("a.pdf", "./a.pdf#page=3"),
        ("a b#c?.pdf", "./a%20b%23c%3F.pdf#page=3"),
        ("javascript:alert(1).pdf", "./javascript%3Aalert%281%29.pdf#page=3"),
        ("sub/é.pdf", "./sub/%C3%A9.pdf#page=3"),
    ],
)
def test_places_link_to_the_page_of_the_file(name: str, link: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"%PDF")
    one = info("a")
    from collabnlp.analysis.word_diff import word_diff
    from collabnlp.reporting.page import report_page
    from collabnlp.workflows.assembling import assemble_report

    report = assemble_report(
        [outcome(one, [unit(one, 0)], path=path)], model="level", beside=tmp_path
    )
    elements = read_page(report_page(report, word_diff).decode())
    assert link in [it.attributes.get("href") for it in elements]
    assert str(tmp_path) not in report_page(report, word_diff).decode()


def test_other_formats_are_cited_by_provision_or_heading() -> None:
    one = info("bill")
    tagged = [unit(one, 0, provision="12(3)", page=None, headings=("Part 1", "Duties"))]
    page = page_of([outcome(one, tagged, path=Path("bill.xml"), format="akn")])
    assert ">12(3)</td>" in page
    assert "Part 1 › Duties" in page


def test_cues_are_marked_where_they_stand() -> None:
    from collabnlp.reporting.page_rows import pieces
    from collabnlp.schema import Cue, Segment

    one = unit(info("a"), 0, text="We will: consult councils")
    segments = (Segment(0, 8, 100), Segment(9, 25, 300))
    cues = (Cue("consult", 300, 307, 2.0), Cue("will", 103, 107, 1.0), Cue("will", 104, 107, 1.0))
    one = replace(one, unit=replace(one.unit, segments=segments), tag=replace(one.tag, cues=cues))
    assert pieces(one) == [
        ("We ", False),
        ("will", True),
        (": ", False),
        ("consult", True),
        (" councils", False),
    ]


# --- versions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "compare", "compared"),
    [
        (versions(2), None, ["plan-0", "plan-1"]),
        (versions(2)[::-1], None, ["plan-0", "plan-1"]),
        (versions(2)[::-1], True, ["plan-1", "plan-0"]),
        (versions(2), False, None),
        (versions(3), None, None),
        (versions(3), True, ["plan-0", "plan-1", "plan-2"]),
        (random_outcomes(1, documents=2, units=3), None, None),
    ],
)
def test_what_is_compared(outcomes: list, compare: bool | None, compared: list | None) -> None:
    comparison = report_of(outcomes, compare=compare).comparison
    assert (comparison and [it.id for it in comparison.documents]) == compared


def test_one_document_cannot_be_compared() -> None:
    with pytest.raises(UsageError, match="needs two"):
        report_of(versions(1), compare=True)


# --- the workbook, the charts, the method --------------------------------------------------------


def test_the_workbook_has_a_sheet_a_table_and_no_formula() -> None:
    openpyxl = pytest.importorskip("openpyxl")
    one = info("=cmd|'/c calc'!A0", title="@SUM(1)", date=None)
    tagged = [unit(one, at, text=it) for at, it in enumerate(["=1+1", "+1", "-1", "@A1", "\t=1"])]
    stream = BytesIO()
    report = report_of([outcome(one, tagged), *versions(2)], compare=True)
    write_report(report, stream)
    book = openpyxl.load_workbook(stream)
    for name in ("commitments", "levels", "departments", "documents", "changes", "sources"):
        assert name in book.sheetnames
    assert book["commitments"].max_row == 1 + len(report.commitments)
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=1+1" in {cell.value for cell in cells}


def test_charts_are_files_of_their_own() -> None:
    charts = report_charts(report_of(versions(2)))
    assert [it.name for it in charts] == ["pyramid", "departments", "documents", "shifts"]
    for chart in charts:
        svg = chart.svg().decode()
        assert "<title>" in svg and "<desc>" in svg and "href" not in svg
        assert chart.png().startswith(b"\x89PNG")


def test_titles_that_no_chart_can_draw_are_drawn_all_the_same() -> None:
    one = info("a", title="$\\frac{x$ \x07 \ud800 漢字 <&> \u202e")
    page_of([outcome(one, [unit(one, 0)])])
    for chart in report_charts(report_of([outcome(one, [unit(one, 0)])])):
        assert chart.svg() and chart.png()


def test_a_report_without_commitments_is_a_report() -> None:
    one = info("a")
    page = page_of([outcome(one, [unit(one, 0, Level.NONE)])])
    assert "0 (" not in facets_of(read_page(page))
    assert facets_of(read_page(page))["commitments"]["rows"] == []


def test_a_report_of_a_document_without_units_is_a_report() -> None:
    one = info("a")
    assert numbers(read_page(page_of([outcome(one, [])]))) == []
    write_report(report_of([outcome(one, [])]), BytesIO())


def test_the_method_names_model_corpus_codebook_and_correction(root: Path) -> None:
    report = report_of(random_outcomes(1))
    page = page_of(random_outcomes(1))
    made = report.provenance
    for said in (made.model, made.digest, made.labels, f"Version {CODEBOOK}", made.program):
        assert said in page
    codebook = (root / "docs/codebook.md").read_text(encoding="utf-8")
    assert f"(v{CODEBOOK})" in codebook.splitlines()[0]


# --- the command, and real documents -------------------------------------------------------------


def command(*arguments: str | Path) -> int:
    from collabnlp.cli.main import run

    return run(["report", *map(str, arguments)])


def test_the_command_writes_page_workbook_and_charts(root: Path, tmp_path: Path) -> None:
    demo = sorted((root / "demo").glob("regional-partnership-[12].pdf"))
    assert command(*demo, "-o", tmp_path / "r.html", "--charts", tmp_path / "charts") == 0
    assert command(*demo, "-o", tmp_path / "r.xlsx", "--no-compare", "--all", "--title", "T") == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    elements = read_page(page)
    facets = facets_of(elements)
    assert "changes" in facets
    for address, number in numbers(elements):
        assert len(rows_of(address, facets)) == number, address
    assert {it.name for it in (tmp_path / "charts").iterdir()} == {
        f"{name}.{ending}"
        for name in ("pyramid", "departments", "documents", "shifts")
        for ending in ("svg", "png")
    }
    links = [str(it.attributes["href"]) for it in elements if it.tag == "a"]
    places = [it for it in links if ".pdf#page=" in it]
    assert places and all((tmp_path / it.split("#")[0]).is_file() for it in places)


@pytest.mark.parametrize(
    ("paths", "output", "status", "written"),
    [
        (["good.md", "missing.pdf"], "r.html", 2, True),
        (["missing.pdf"], "r.html", 3, False),
        (["good.md", "missing.pdf", "--compare"], "r.html", 2, True),
        (["good.md", "--compare"], "r.html", 1, False),
        (["missing.pdf", "--compare"], "r.html", 3, False),
        (["good.md"], "r.docx", 1, False),
        (["good.md"], "no-folder/r.html", 1, False),
    ],
)
def test_the_commands_exit_status(
    paths: list[str], output: str, status: int, written: bool, tmp_path: Path
) -> None:
    text = "# Plan\n\nWe will work with councils to design the new bus fund.\n"
    (tmp_path / "good.md").write_text(text, encoding="utf-8")
    arguments = [it if it.startswith("--") else tmp_path / it for it in paths]
    assert command(*arguments, "-o", tmp_path / output) == status
    assert (tmp_path / output).exists() == written
    if written:
        assert "MissingPath" in (tmp_path / output).read_text(encoding="utf-8")


FIVE = (
    "ai-action-plan-response-2025.pdf",
    "plan-for-drivers-2023.pdf",
    "lura-2023.txt",
    "street-works-response-2022.pdf",
    "social-housing-act-2023.txt",
)


@pytest.mark.shared
def test_the_report_of_five_real_documents(shared: Path, tmp_path: Path) -> None:
    paths = [shared / "documents" / name for name in FIVE]
    for name in ("one.html", "two.html"):
        assert command(*paths, "-o", tmp_path / name, "--jobs", "1") == 0
    page = (tmp_path / "one.html").read_bytes()
    assert page == (tmp_path / "two.html").read_bytes()
    assert len(page) < 10_000_000
    elements = read_page(page.decode())
    facets = facets_of(elements)
    found = numbers(elements)
    assert len(found) > 100
    for address, number in found:
        assert len(rows_of(address, facets)) == number, address
