"""Partners: who the other side is, as written and by type."""

from __future__ import annotations

from typing import Any

import pytest

from collabnlp.errors import DataError
from collabnlp.schema import ActorTier, Partner
from collabnlp.tagging.force import force_of
from collabnlp.tagging.partners import PartnerTagger, partner_terms
from collabnlp.tagging.word_lists import plural, read_words

from .conftest import Read, cases

CASES = cases("partners.toml")


@pytest.fixture(scope="module")
def tagger() -> PartnerTagger:
    return PartnerTagger()


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_types(case: dict[str, Any], tagger: PartnerTagger, read: Read) -> None:
    partners, mentions = tagger.tag(*read(case))
    assert [str(it) for it in partners] == case["partners"]
    found = {(it.name, it.body or "") for it in mentions}
    assert {(name, body) for name, body in case.get("names", [])} <= found


@pytest.mark.parametrize("case", CASES, ids=[case["text"][:50] for case in CASES])
def test_mentions_agree_with_types_and_text(
    case: dict[str, Any], tagger: PartnerTagger, read: Read
) -> None:
    partners, mentions = tagger.tag(*read(case))
    assert list(partners) == sorted(partners, key=list(Partner).index)
    assert {it.type for it in mentions} <= set(partners)
    assert all(it.name in case["text"] for it in mentions)
    places = [case["text"].index(it.name) for it in mentions]
    assert len(mentions) == len(set(mentions))
    assert places == sorted(places) or len({it.name for it in mentions}) < len(mentions)


def test_every_type_has_words() -> None:
    tables = read_words("partner_terms.toml")["terms"]
    assert {table["type"] for table in tables} == {str(it) for it in Partner}


def test_longer_wordings_win_and_masks_hide() -> None:
    closed, _ = partner_terms().find("Business rates paid by small businesses")
    named = [it for it in closed if it.types]
    assert [(it.start, it.end) for it in named] == [(23, 39)]


def test_tier_given_from_outside(tagger: PartnerTagger, read: Read) -> None:
    info, unit, mentions = read({"text": "Councils will be expected to work with schools."})
    both, _ = tagger.tag(info, unit, mentions, ActorTier.NATIONAL)
    other, _ = tagger.tag(info, unit, mentions, ActorTier.SUBNATIONAL)
    assert both == (Partner.SUBNATIONAL, Partner.PUBLIC_BODY)
    assert other == (Partner.PUBLIC_BODY,)


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("body", "bodies"),
        ("mayor", "mayors"),
        ("council", "councils"),
        ("disabled person", "disabled people"),
        ("town hall", "town halls"),
        ("business", "businesses"),
        ("trustee", "trustees"),
        ("ally", "allies"),
        ("key", "keys"),
    ],
)
def test_plural(noun: str, expected: str) -> None:
    assert plural(noun) == expected


def test_missing_word_list_is_a_data_error() -> None:
    with pytest.raises(DataError, match=r"no_such_list\.toml"):
        read_words("no_such_list.toml")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 50_000,
        "We will work with councils, " * 2_000,
        "General Medical Council " * 2_000,
        "if will, " * 5_000,
        "with " + " " * 50_000 + "x",
        "A " * 25_000,
        "which must " * 4_000,
        "not a legal duty to consult section 4 " * 1_500,
    ],
    ids=lambda text: text[:16],
)
@pytest.mark.timeout(30)
def test_very_long_units_take_no_time_to_speak_of(
    text: str, tagger: PartnerTagger, read: Read
) -> None:
    info, unit, _ = read({"text": text})
    tagger.tag(info, unit)
    force_of(info, unit)
