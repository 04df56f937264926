"""HTML pages (gov.uk, legislation.gov.uk and others): the document without the page around it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from collabnlp.errors import NoContent
from collabnlp.extraction.encoding import decode
from collabnlp.extraction.front_matter import mark_front
from collabnlp.extraction.html_furniture import furniture
from collabnlp.extraction.html_walk import Walk
from collabnlp.extraction.metadata import SourceMetadata, describe
from collabnlp.schema import BlockDraft, BlockKind, Document, Region, assemble

# Where documents stand in a page, the surest place first.
_ROOTS = (
    "article#doc",
    "#viewLegContents",
    ".LegSnippet",
    "main",
    "[role=main]",
    "#content",
    "article",
)
_UNITS = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.PROVISION, BlockKind.TABLE_CELL}
)
_MAX_ERROR_PAGE = 150  # words
_INDEX_LINKS = 0.6  # share of the characters
_MIN_ROOT = 20  # words
_SITE = re.compile(r"\s*[-|–]\s*(?:GOV\.UK|legislation\.gov\.uk)\s*\Z", re.IGNORECASE)
_EDITION = re.compile(r"\s*\((?:HTML|(?:accessible|web|online) version)\)\s*\Z", re.IGNORECASE)


def read_html(data: bytes, *, name: str = "page.html", document_id: str | None = None) -> Document:
    """Read an HTML page.

    Raises NoContent where the page shows no document (an error, search or index page, or one
    that a script would have to fill).
    """
    from selectolax.lexbor import LexborHTMLParser

    decoded = decode(data)
    tree = LexborHTMLParser(decoded.text)
    metadata = _metadata(tree)
    walk = Walk()
    root = _root(tree)
    drafts = walk.read(root) if root is not None else []
    _refuse_empty(name, metadata, drafts, walk.link_share)
    _page_title(drafts)
    mark_front(drafts)
    _level_headings(drafts)
    problems = []
    if decoded.unreadable:
        problems.append(f"{decoded.unreadable} characters could not be read as {decoded.encoding}.")
    info = describe(
        drafts,
        metadata,
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        document_id=document_id,
    )
    return assemble(info, drafts, format="html", problems=problems)


def _root(tree: Any) -> Any:
    for selector in _ROOTS:
        found = tree.css(selector)
        if len(found) == 1 and _words(found[0]) >= _MIN_ROOT:
            return found[0]
    return tree.body or tree.root


def _words(node: Any) -> int:
    return len((node.text(deep=True) or "").split()) if node is not None else 0


def _metadata(tree: Any) -> SourceMetadata:
    named: dict[str, str] = {}
    for element in tree.css("meta[content]"):
        attributes = element.attributes
        key = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
        if key:
            named.setdefault(key.lower(), attributes.get("content") or "")
    title = named.get("og:title") or named.get("dc.title") or _text(tree, "title")
    heading = _text(tree, "h1")
    first = re.split(r"T", named.get("govuk:first-published-at", ""))[0]
    return SourceMetadata(
        title=_EDITION.sub("", heading or _SITE.sub("", title)),
        date=first or _date_in(named),
        publisher=named.get("govuk:primary-publishing-organisation") or named.get("dc.publisher"),
        kind_hint=_text(tree, ".gem-c-heading__context, .govuk-caption-xl, .govuk-caption-l"),
        page_title=title,
    )


def _date_in(named: dict[str, str]) -> str | None:
    for key in ("dc.date", "dcterms.issued", "dcterms.created", "article:published_time", "date"):
        if match := re.match(r"\d{4}-\d{2}-\d{2}", named.get(key, "")):
            return match[0]
    return None


def _text(tree: Any, selector: str) -> str:
    found = tree.css_first(selector)
    return " ".join((found.text(deep=True) or "").split()) if found is not None else ""


def _refuse_empty(
    name: str, metadata: SourceMetadata, drafts: list[BlockDraft], link_share: float
) -> None:
    words = sum(len(draft.text.split()) for draft in drafts if draft.kind in _UNITS)
    if words == 0:
        raise NoContent(f"{name} shows no text of a document.")
    if words <= _MAX_ERROR_PAGE:
        openings = [metadata.title, metadata.page_title, *(it.text for it in drafts[:2])]
        said = " ".join(openings).lower()
        for phrase in furniture().empty_page_phrases:
            if re.search(rf"\b{re.escape(phrase)}\b", said):
                raise NoContent(f"{name} is no document but a page that says “{phrase}”.")
    if link_share > _INDEX_LINKS and not any(
        draft.kind in _UNITS and len(draft.text.split()) > 60 for draft in drafts
    ):
        raise NoContent(f"{name} is a list of links, not a document.")


def _page_title(drafts: list[BlockDraft]) -> None:
    """The page's only heading of the top level names the document: it stands on its front."""
    top = [draft for draft in drafts if draft.kind is BlockKind.HEADING and draft.level == 1]
    if len(top) == 1 and drafts[0] is top[0]:
        others = [it for it in drafts if it.kind is BlockKind.HEADING and it is not top[0]]
        if others:
            top[0].region = Region.FRONT


def _level_headings(drafts: list[BlockDraft]) -> None:
    """Close the gaps in heading levels: what a page writes as h2, h3, h5 is 1, 2, 3."""
    headings = [
        it for it in drafts if it.kind is BlockKind.HEADING and it.region is not Region.FRONT
    ]
    ranks = {level: rank for rank, level in enumerate(sorted({it.level for it in headings}), 1)}  # type: ignore[type-var]
    for heading in headings:
        heading.level = ranks[heading.level]
