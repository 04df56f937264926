"""The tagger as a whole, with the model that comes with the program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from collabnlp.errors import ModelError
from collabnlp.schema import (
    ActorTier,
    Block,
    BlockKind,
    Document,
    DocumentInfo,
    Force,
    Level,
    Partner,
    Region,
    Segment,
    TaggedUnit,
    Unit,
)
from collabnlp.tagging.tagger import MOST_CUES, Tagger, load_tagger

SENTENCES = (
    "We will work with local councils to improve the harbour road.",
    "The quay was built by a local company in 1911.",
    "We will consult the combined authorities on the new ferry timetable.",
    "Prices rose over the same time.",
)


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger("level")


def document_of(sentences: Sequence[str], kind: str = "white paper") -> Document:
    blocks, at = [], 0
    for sentence in sentences:
        end = at + len(sentence)
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=sentence, start=at, end=end))
        at = end + 1
    return Document(
        info=DocumentInfo(
            id="ferry-paper", title="Ferries", sha256="0" * 64, date="2025-03-01", kind=kind
        ),
        format="text",
        text="".join(f"{sentence}\n" for sentence in sentences),
        blocks=tuple(blocks),
    )


def units_of(document: Document) -> list[Unit]:
    return [
        Unit(
            unit_id=f"ferry-paper:{index:08x}",
            index=index,
            text=block.text,
            own_text=block.text,
            start=block.start,
            end=block.end,
            block=index,
            kind=block.kind,
            segments=(Segment(0, len(block.text), block.start),),
        )
        for index, block in enumerate(document.blocks)
    ]


def tagged(tagger: Tagger, sentences: Sequence[str], kind: str = "white paper") -> list[TaggedUnit]:
    document = document_of(sentences, kind)
    return tagger.tag(document, units_of(document))


def test_plain_promises_and_plain_history(tagger: Tagger) -> None:
    found = tagged(tagger, SENTENCES)
    assert [one.tag.level for one in found] == [
        Level.SUPPORT,
        Level.NONE,
        Level.SUPPORT,
        Level.NONE,
    ]
    assert found[0].tag.partners == (Partner.SUBNATIONAL,)
    assert found[0].tag.actor_tier is ActorTier.NATIONAL
    assert found[0].tag.force is Force.POLICY
    assert all(one.tag.model.startswith("level-") for one in found)


def test_a_cover_promises_nothing(tagger: Tagger) -> None:
    document = document_of(SENTENCES)
    cover = [replace(unit, region=Region.FRONT) for unit in units_of(document)]
    for one in tagger.tag(document, cover):
        assert (one.tag.level, one.tag.commitment_probability) == (Level.NONE, 0.0)
        assert not one.tag.needs_review


def test_none_carries_no_partners_departments_or_cues(tagger: Tagger) -> None:
    tag = tagged(tagger, SENTENCES)[1].tag
    assert (tag.partners, tag.partner_mentions, tag.departments, tag.cues) == ((), (), (), ())


def test_cues_point_at_their_words(tagger: Tagger) -> None:
    document = document_of(SENTENCES)
    for one in tagger.tag(document, units_of(document)):
        cues = one.tag.cues
        assert len(cues) <= MOST_CUES
        assert [cue.weight for cue in cues] == sorted((cue.weight for cue in cues), reverse=True)
        for cue in cues:
            assert cue.weight > 0
            assert document.text[cue.start : cue.end] == cue.text
        if one.tag.level is not Level.NONE:
            assert cues


def test_cues_of_a_joined_item_stand_where_they_are_printed(tagger: Tagger) -> None:
    lead_in, item = "We will:", "Work with local councils to mend the quay."
    document = document_of((lead_in, item))
    text = "We will work with local councils to mend the quay."
    unit = Unit(
        unit_id="ferry-paper:1",
        index=0,
        text=text,
        own_text=item,
        start=9,
        end=9 + len(item),
        block=1,
        kind=BlockKind.LIST_ITEM,
        lead_in=lead_in,
        segments=(Segment(0, 7, 0), Segment(8, len(text), 9)),
    )
    (one,) = tagger.tag(document, [unit])
    assert one.tag.level is not Level.NONE
    assert one.tag.cues
    for cue in one.tag.cues:
        printed = document.text[cue.start : cue.end]
        assert printed.lower().split()[-1] == cue.text.lower().split()[-1]


def test_law_is_statutory(tagger: Tagger) -> None:
    sentence = "The harbour board must consult each local authority before it makes an order."
    (one,) = tagged(tagger, [sentence], kind="bill")
    assert one.tag.force is Force.STATUTORY
    assert one.tag.level is Level.SUPPORT


def test_nothing_to_tag(tagger: Tagger) -> None:
    document = document_of(SENTENCES)
    assert tagger.tag(document, []) == []


def test_twice_is_the_same(tagger: Tagger) -> None:
    assert tagged(tagger, SENTENCES) == tagged(load_tagger("level"), SENTENCES)


def test_an_unsure_unit_asks_for_review(tagger: Tagger) -> None:
    """Whatever the model, a probability at the threshold is not sure."""
    threshold = tagger.model.calibration.threshold
    for one in tagged(
        tagger, [*SENTENCES, "Councils and ferries will meet.", "Support for ports."]
    ):
        if abs(one.tag.commitment_probability - threshold) < 0.05:
            assert one.tag.needs_review


@pytest.mark.parametrize("name", ["nothing", "../level", ""])
def test_a_model_that_is_not_there(name: str) -> None:
    with pytest.raises(ModelError):
        load_tagger(name)


@pytest.mark.shared
def test_a_real_paper(tagger: Tagger, shared: Path) -> None:
    from collabnlp.extraction import open_document
    from collabnlp.segmentation.units import make_units

    document = open_document(shared / "documents" / "plan-for-drivers-2023.pdf")
    units = make_units(document)
    found = tagger.tag(document, units)
    assert [one.unit for one in found] == list(units)
    hits = [one for one in found if one.tag.level is not Level.NONE]
    assert 20 <= len(hits) <= 120
    for one in hits:
        for cue in one.tag.cues:
            assert 0 <= cue.start < cue.end <= len(document.text)
