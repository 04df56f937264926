"""Names of the register in running text: which words count, which do not, and how fast."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass

import pytest

from collabnlp.register import Form, load_register
from collabnlp.tagging.mentions import MentionMatcher


@pytest.fixture(scope="module")
def matcher() -> MentionMatcher:
    return MentionMatcher(load_register())


DAY = "2025-03-01"
FOUND = [
    # text, date, [(as written, entry)]
    ("The Department for Transport’s plan.", DAY, [("Department for Transport", "DFT")]),
    ("A DfT-funded scheme (DfT’s own).", DAY, [("DfT", "DFT"), ("DfT", "DFT")]),
    ("DBT/DSIT joint work", DAY, [("DBT", "DBT"), ("DSIT", "DSIT")]),
    ("We ask HMT, CO and HO to agree.", DAY, [("HMT", "HMT"), ("CO", "CO"), ("HO", "HO")]),
    (
        "The Ministry of Housing, Communities & Local Government will lead.",
        DAY,
        [("Ministry of Housing, Communities & Local Government", "MHCLG")],
    ),
    (
        "the secretary of state for transport agrees",
        DAY,
        [("secretary of state for transport", "DFT")],
    ),
    ("DEPARTMENT FOR EDUCATION", DAY, [("DEPARTMENT FOR EDUCATION", "DFE")]),
    # The longest name wins, wherever it begins.
    (
        "The Chancellor of the Duchy of Lancaster chairs it.",
        DAY,
        [("Chancellor of the Duchy of Lancaster", "CO")],
    ),
    ("The Chancellor will set this out.", DAY, [("The Chancellor", "HMT")]),
    ("HM Treasury and the Treasury", DAY, [("HM Treasury", "HMT"), ("Treasury", "HMT")]),
    (
        "Shadow Great British Railways",
        DAY,
        [("Shadow Great British Railways", "shadow-great-british-railways")],
    ),
    (
        "the Office of the Deputy Prime Minister",
        "2005-01-01",
        [("Office of the Deputy Prime Minister", "ODPM")],
    ),
    ("NHS England and the CQC", DAY, [("NHS England", "nhs-england"), ("CQC", "cqc")]),
    (
        "Medicines and Healthcare Products Regulatory Agency",
        DAY,
        [("Medicines and Healthcare Products Regulatory Agency", "mhra")],
    ),
    # As of the date.
    ("DLUHC and MHCLG", "2022-12-01", [("DLUHC", "DLUHC")]),
    ("DLUHC and MHCLG", "2026-01-01", [("MHCLG", "MHCLG")]),
    ("the Deputy Prime Minister", "2025-01-01", [("Deputy Prime Minister", "MHCLG")]),
    ("the Deputy Prime Minister", "2026-01-01", [("Deputy Prime Minister", "MOJ")]),
    ("the UK Infrastructure Bank", "2026-06-01", []),
    ("the UK Infrastructure Bank", None, [("UK Infrastructure Bank", "national-wealth-fund")]),
]
NOT_FOUND = [
    "We will cut CO2 and CO₂.",
    "Emissions of CO 2 fell.",
    "The ORRery stands in the hall.",
    "SO THAT PEOPLE KNOW",
    "This is the so called ho hum plan.",
    "A nice place to live, with transport focus.",
    "The Secretary of State must consult.",
    "The Department will publish the data.",
    "Section 337 of GLAA 1999 is amended.",
    "a national highways policy for homes in England",
    "the environment agency of another country",
    "",
    "… — !",
]


@pytest.mark.parametrize(("text", "day", "wanted"), FOUND, ids=lambda it: str(it)[:40])
def test_found(
    matcher: MentionMatcher, text: str, day: str | None, wanted: list[tuple[str, str]]
) -> None:
    mentions = matcher.find(text, day)
    assert [(it.text, it.entry.id) for it in mentions] == wanted
    for mention in mentions:
        assert text[mention.start : mention.end] == mention.text


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(matcher: MentionMatcher, text: str) -> None:
    assert matcher.find(text, DAY) == []


def test_form_and_order(matcher: MentionMatcher) -> None:
    found = matcher.find("Ofgem, the Energy Secretary and DESNZ", DAY)
    assert [it.form for it in found] == [Form.NAME, Form.MINISTER, Form.ABBREVIATION]
    assert [it.start for it in found] == sorted(it.start for it in found)


@pytest.mark.parametrize(
    ("introduced", "later", "wanted"),
    [
        ("Each Shared Delivery Scheme (SDS) has a lead.", "An SDS sets aims.", []),
        (
            "The UK Statistics Authority (UKSA) advises.",
            "UKSA will help.",
            ["uk-statistics-authority"],
        ),
        ("The UK Space Agency (“UKSA”) advises.", "UKSA will help.", ["uk-space-agency"]),
        (
            "The Office of Rail and Road (ORR) regulates.",
            "ORR will help.",
            ["office-of-rail-and-road"],
        ),
        ("Rates of carbon intensity (see CO) vary.", "CO will help.", ["CO"]),
        ("Our Common Outcomes (CO) matter.", "Every CO is shared.", []),
        ("Nothing is introduced here.", "DVSA will help.", ["dvsa"]),
        ("The Competition and Market Authority (CMA) rules.", "The CMA will help.", ["cma"]),
        ("Nothing is introduced here.", "Each MCA will agree a plan.", []),
        ("A mayoral combined authority (MCA) has a mayor.", "Each MCA will agree a plan.", []),
        (
            "The Maritime and Coastguard Agency (MCA) inspects ships.",
            "The MCA will help ports.",
            ["maritime-and-coastguard-agency"],
        ),
    ],
)
def test_a_document_defines_its_abbreviations(
    matcher: MentionMatcher, introduced: str, later: str, wanted: list[str]
) -> None:
    defined = matcher.definitions(f"{introduced}\n{later}\n", DAY)
    assert [it.entry.id for it in matcher.find(later, DAY, defined)] == wanted


def test_anything_with_a_text_will_do(matcher: MentionMatcher) -> None:
    @dataclass
    class Doc:
        text: str

    assert [it.entry.id for it in matcher.find(Doc("Ofwat will agree"), DAY)] == ["ofwat"]


def test_long_odd_text_takes_little_time(matcher: MentionMatcher) -> None:
    begun = time.perf_counter()
    assert matcher.find("(" * 100_000 + "Ofwat", DAY)[0].entry.id == "ofwat"
    assert matcher.find("Department for " * 20_000, DAY) == []
    assert time.perf_counter() - begun < 5


def test_filling_the_matcher_is_fast() -> None:
    register = load_register()
    gc.collect()
    best = min(_seconds(register) for _ in range(3))
    assert best < 0.08


def _seconds(register: object) -> float:
    begun = time.process_time()
    MentionMatcher(register)  # type: ignore[arg-type]
    return time.process_time() - begun
