"""A classified document as a spaCy Doc, and as displaCy shows it."""

from __future__ import annotations

import pytest

import collabnlp
from collabnlp.data.palette import palette
from collabnlp.schema import LADDER
from collabnlp.workflows.api import Result

PAPER = """# A plan

We will consult mayors on the design of the new timetable. The station opened in 1903.

The Department for Transport will:

- work with councils to deliver safer streets
- jointly agree the priorities of the fund with each combined authority
"""


@pytest.fixture(scope="module")
def result() -> Result:
    return collabnlp.load().classify("plan.md", data=PAPER.encode())


def test_spans_lead_back_to_units(result: Result) -> None:
    doc = result.to_doc()
    assert doc.text == result.document.text
    found = {span.id_: span for span in doc.spans["commitments"]}
    assert found.keys() == {one.unit.unit_id for one in result.commitments}
    for one in result.commitments:
        assert found[one.unit.unit_id].text == one.unit.own_text
        assert found[one.unit.unit_id].label_ == one.tag.level
    assert [it.text for it in doc.spans["sc"]] == [it.text for it in doc.spans["commitments"]]
    assert len(doc.spans["units"]) == len(result)


def test_displacy_shows_levels_in_their_colours(result: Result) -> None:
    from spacy import displacy

    doc = result.to_doc()
    html = displacy.render(doc, style="span", options=result.displacy_options(), jupyter=False)
    for one in result.commitments:
        assert palette()[one.tag.level].colour in html
        assert f"\n        {one.tag.level}\n" in html or str(one.tag.level) in html
    assert set(result.displacy_options()["colors"]) == {str(level) for level in LADDER}
    assert displacy.render(doc, style="span", jupyter=False).count("co_create") > 0
