"""Reports of documents made up for tests, and how a page is read without a browser."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from collabnlp.analysis.word_diff import word_diff
from collabnlp.errors import DocumentError
from collabnlp.reporting.page import report_page
from collabnlp.reporting.page_parts import Report
from collabnlp.schema import (
    LADDER,
    ActorTier,
    Basis,
    BlockKind,
    DepartmentTag,
    Document,
    DocumentInfo,
    Force,
    Level,
    Page,
    Partner,
    PartnerMention,
    Reading,
    Tag,
    TaggedUnit,
    Unit,
)
from collabnlp.workflows.assembling import assemble_report
from collabnlp.workflows.reading import Outcome

VOID = {"meta", "link", "input", "br", "img", "hr"}


def info(name: str, *, title: str = "", date: str | None = "2025-01-01") -> DocumentInfo:
    return DocumentInfo(id=name, title=title or name, sha256="0" * 64, date=date, kind="plan")


def unit(
    document: DocumentInfo,
    index: int,
    level: Level = Level.SUPPORT,
    *,
    text: str = "We will work with councils.",
    departments: Sequence[str] = (),
    partners: Sequence[Partner] = (Partner.SUBNATIONAL,),
    mentions: Sequence[PartnerMention] = (),
    tier: ActorTier = ActorTier.NATIONAL,
    force: Force = Force.POLICY,
    headings: tuple[str, ...] = (),
    provision: str | None = None,
    page: int | None = 3,
    review: bool = False,
) -> TaggedUnit:
    """A tagged unit without a document to stand in."""
    shares = [0.05] * 5
    shares[LADDER.index(level) if level is not Level.NONE else 1] = 0.8
    return TaggedUnit(
        document,
        Unit(
            unit_id=f"{document.id}:{index:08x}",
            index=index,
            text=text,
            own_text=text,
            start=0,
            end=len(text),
            block=0,
            kind=BlockKind.PARAGRAPH,
            headings=headings,
            provision=provision,
            page=page,
        ),
        Tag(
            level=level,
            commitment_probability=0.05 if level is Level.NONE else 0.5 + index % 50 / 100,
            level_probabilities=(shares[0], shares[1], shares[2], shares[3], shares[4]),
            actor_tier=tier,
            force=force,
            partners=tuple(partners),
            partner_mentions=tuple(mentions),
            departments=tuple(DepartmentTag(it, Basis.INFERRED, None, 0.9) for it in departments),
            needs_review=review,
            model="test",
        ),
    )


def outcome(
    document: DocumentInfo,
    tagged: Sequence[TaggedUnit],
    *,
    path: Path | None = None,
    problems: tuple[str, ...] = (),
    format: str = "pdf",
) -> Outcome:
    """A document that was read."""
    return Outcome(
        path=path or Path(f"{document.id}.pdf"),
        document=Document(
            info=document,
            format=format,
            text="",
            blocks=(),
            pages=(Page(number=1, reading=Reading.TAGS, problems=problems),),
        ),
        units=tuple(one.unit for one in tagged),
        tagged=tuple(tagged),
    )


def refused(name: str, error: DocumentError) -> Outcome:
    """A document that could not be read."""
    return Outcome(path=Path(name), error=error)


def random_outcomes(seed: int, *, documents: int = 3, units: int = 60) -> list[Outcome]:
    """Documents with tags drawn at random, among them values that are awkward in addresses."""
    draw = random.Random(seed)
    found = []
    for number in range(documents):
        one = info(f"a & b/{number}?x=1#y+é%20", title=f"Plan <{number}> & more")
        found.append(
            outcome(
                one,
                [
                    unit(
                        one,
                        index,
                        draw.choice(list(Level)),
                        departments=draw.sample(["MHCLG", "DFT", "DEFRA"], draw.randrange(3)),
                        partners=draw.sample(list(Partner), draw.randrange(1, 4)),
                        mentions=[
                            PartnerMention("it", Partner.PUBLIC_BODY, body)
                            for body in draw.sample(["ofgem", "homes-england"], draw.randrange(3))
                        ],
                        tier=draw.choice(list(ActorTier)),
                        force=draw.choice(list(Force)),
                        review=draw.random() < 0.2,
                    )
                    for index in range(units)
                ],
            )
        )
    return found


def report_of(outcomes: Sequence[Outcome], **options: Any) -> Report:
    return assemble_report(outcomes, model="level", beside=Path(), **options)


def page_of(outcomes: Sequence[Outcome], **options: Any) -> str:
    return report_page(report_of(outcomes, **options), word_diff).decode()


@dataclass
class Element:
    """An element of a page with its text."""

    tag: str
    attributes: dict[str, str | None]
    parents: tuple[str, ...]
    text: str = ""


@dataclass
class PageReader(HTMLParser):
    """Every element of a page in order."""

    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), tuple(it.tag for it in self.open))
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), tuple(it.tag for it in self.open)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1].tag == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read_page(page: str) -> list[Element]:
    """The elements of a page; fails where one is not closed."""
    reader = PageReader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader.elements


def facets_of(elements: Sequence[Element]) -> dict[str, Any]:
    """What the page's script filters by."""
    (data,) = [it for it in elements if it.attributes.get("id") == "facets"]
    found: dict[str, Any] = json.loads(data.text)
    return found


def rows_of(address: str, facets: dict[str, Any]) -> list[int]:
    """Indexes of the rows that an address shows, computed apart from the program's own code."""
    name, _, query = address.removeprefix("#").partition("?")
    table = facets[name]
    keys = list(table["keys"])
    wanted = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    shown = []
    for index, row in enumerate(table["rows"]):
        if all(table["keys"][key].index(value) in row[keys.index(key)] for key, value in wanted):
            shown.append(index)
    return shown
