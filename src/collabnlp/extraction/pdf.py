"""Reads a PDF: page by page through its tags, or by its layout where the tags are no use.

A page is read by tags when the tree claims nearly all of its text. A document whose tags say
little (paragraphs within paragraphs, as typesetters of bills and acts write them; nothing but
paragraphs in a bill) is read by layout as a whole.

Whatever a page shows must end up in blocks or be counted as artifact; else the page has a problem.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from collabnlp.errors import DamagedFile, NoText
from collabnlp.extraction.collector import paused_collector
from collabnlp.extraction.furniture import find_furniture, find_unclaimed, page_number
from collabnlp.extraction.mending import LINE_END_HYPHEN, Vocabulary
from collabnlp.extraction.metadata import SourceMetadata, describe
from collabnlp.extraction.pdf_bill import is_bill
from collabnlp.extraction.pdf_claims import Claimer, PageClaims
from collabnlp.extraction.pdf_drafts import Drafter
from collabnlp.extraction.pdf_fields import Field, fields_of
from collabnlp.extraction.pdf_glued_items import part_items
from collabnlp.extraction.pdf_layout import LayoutPage, layout_drafts, look, look_again
from collabnlp.extraction.pdf_notes import gather_notes, part_notes, release_text
from collabnlp.extraction.pdf_roles import TaggedPage
from collabnlp.extraction.pdf_rows import Row
from collabnlp.extraction.pdf_run_ins import part_run_ins
from collabnlp.extraction.pdf_tags import Element, TreeReader
from collabnlp.extraction.pdf_targets import Role
from collabnlp.extraction.pdf_text import OpenPage, PageText, PdfFile, visible
from collabnlp.schema import BlockDraft, Document, Page, Reading, assemble

_CLAIMED = 0.85  # share of a page's text that the tags must claim
_CLAIMED_ALONE = 0.97  # … where they claim so much of a few pages only
_GOOD = 0.4  # share of pages from which on they are not few
_NESTED = 0.3  # share of text in nested paragraphs from which on a document's tags are no use
_MARKED = 0.6  # share of pages with marked heads or feet from which on the marks are believed
_AROUND = 4  # pages on either side that layout sees of a document whose other pages are tagged
_LOST = 0.95  # share of a page's text that must be accounted for
_UNDECODED = 0.02  # share of glyphs without meaning from which on a page has a problem
_CREATED = re.compile(r"(?:D:)?((?:19|20)\d\d)(\d\d)(\d\d)")
_BAD_TITLE = re.compile(
    r"(?:microsoft word|untitled|document\d*\Z|title\Z|\d{6,})"
    r"|\.(?:docx?|indd|pdf|pptx?|qxd|rtf)\Z",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Sheet:
    """One page while the document is read."""

    text: PageText
    tree: list[Element] = field(default_factory=list)
    claimed: set[int] = field(default_factory=set)  # marks that the tree claims
    awaited: set[int] = field(default_factory=set)  # … and those that it claims on other pages
    fields: list[Field] = field(default_factory=list)
    layout: LayoutPage | None = None
    claims: PageClaims | None = None
    reading: Reading = Reading.LAYOUT
    label: str | None = None
    characters: int = 0
    artifacts: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.text.number


@paused_collector()
def read_pdf(
    data: bytes,
    *,
    name: str,
    document_id: str | None = None,
    ignore_tags: bool = False,
) -> Document:
    """Read a PDF's blocks in reading order, with every line's place.

    ``name`` is the file's name; ``ignore_tags`` reads every page by its layout.
    Raises EmptyFile, EncryptedPdf, DamagedFile; NoText where no page has a text layer.
    """
    with PdfFile(data, name=name) as pdf:
        metadata = pdf.metadata()
        reader = _Reader(pdf, data, tagged=pdf.tagged and not ignore_tags)
        sheets = reader.sheets
        if not any(sheet.text.visible for sheet in sheets):
            if all(sheet.problems and not sheet.text.width for sheet in sheets):
                raise DamagedFile(f"No page of {name} can be opened.")
            if all(sheet.reading is Reading.BLANK for sheet in sheets):
                raise NoText(f"{name} shows nothing: its pages are blank.")
            raise NoText(f"{name} has no text layer: it only shows pictures of its pages.")
        drafts = reader.drafts()
    info = describe(
        drafts,
        SourceMetadata(title=_title(metadata), created=_created(metadata)),
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        document_id=document_id,
    )
    return assemble(info, drafts, format="pdf", pages=[_page(sheet) for sheet in sheets])


class _Reader:
    """Opens every page once, decides how each is read, and collects the drafts."""

    def __init__(self, pdf: PdfFile, data: bytes, *, tagged: bool) -> None:
        self._pdf, self._data = pdf, data
        self._trees = TreeReader() if tagged else None
        self.sheets = [self._open(number) for number in range(1, pdf.page_count + 1)]

    def _open(self, number: int) -> _Sheet:
        try:
            with self._pdf.page(number) as page:
                sheet = _Sheet(page.data())
                if not sheet.text.visible:
                    _look_at_textless(sheet, page)
                elif self._trees is not None:
                    sheet.tree = _read_tree(self._trees, page)
                    sheet.claimed, sheet.awaited = self._trees.claimed, self._trees.awaited
                if sheet.tree:
                    sheet.fields = fields_of(page)
                elif sheet.text.visible and self._trees is None:
                    sheet.layout = look(self._pdf, page)
        except DamagedFile:
            sheet = _Sheet(PageText(number, None, 0.0, 0.0, "", [], 0, 0))
            sheet.reading = Reading.BLANK
            sheet.problems.append("The page is damaged and could not be opened.")
        if sheet.text.undecoded > max(4, _UNDECODED * sheet.text.visible) or sheet.problems:
            self._try_careful(sheet)
        return sheet

    def _try_careful(self, sheet: _Sheet) -> None:
        """Read a page by the careful engine; keep the result where it is better."""
        from collabnlp.extraction.pdf_careful import careful_page

        if sheet.reading is Reading.PICTURE:
            return
        found = careful_page(self._data, sheet.number)
        lost = sheet.text.undecoded
        if found is not None and found.visible > 0.5 * sheet.text.visible:
            better = found.visible and (
                not sheet.text.visible
                or found.undecoded * sheet.text.visible < 0.5 * lost * found.visible
            )
            if better:
                found.label = sheet.text.label
                sheet.text, sheet.layout, sheet.tree = found, look_again(found), []
                sheet.claimed, sheet.awaited = set(), set()
                sheet.reading = Reading.CAREFUL
                sheet.problems.clear()
                lost = found.undecoded
        if lost > max(4, _UNDECODED * sheet.text.visible):
            sheet.problems.append(
                f"{lost} of {sheet.text.visible} characters have no meaning: "
                "a font lacks its table."
            )

    def drafts(self) -> list[BlockDraft]:
        """All drafts in reading order; settles every sheet's reading and counts."""
        tagged: list[_Sheet] = []
        if any(sheet.tree for sheet in self.sheets):
            tagged = self._claim(
                [it for it in self.sheets if it.text.visible and it.reading is Reading.LAYOUT]
            )
        if not tagged:
            return self._lay_out(None)
        words = _vocabulary(self.sheets)
        drafter = Drafter(words)
        pages = [
            TaggedPage(
                it.number, it.text.width, it.text.height,
                it.claims.targets if it.claims else [], it.fields,
            )
            for it in tagged
        ]  # fmt: skip
        release_text(pages)
        part_notes(pages)
        gather_notes(pages)
        part_run_ins(pages)
        part_items(pages)
        entries = drafter.entries(pages)
        drafter.prepare(entries, pages)
        for sheet in tagged:
            assert sheet.claims is not None
            sheet.reading, sheet.artifacts = Reading.TAGS, sheet.claims.artifacts
        by_number = {sheet.number: sheet for sheet in self.sheets}
        for entry in entries:
            for page, count in entry.wording.kept.items():
                by_number[page].characters += count
            for page, count in entry.wording.dropped.items():
                by_number[page].artifacts += count
            for run in entry.target.label:
                by_number[entry.page].characters += visible(run.text)
        for page, count in drafter.ornaments.items():
            by_number[page].artifacts += count
        others = {it.number for it in self.sheets if it.claims is None and it.text.visible}
        laid: dict[int, list[BlockDraft]] = {}
        if others:
            for draft in self._lay_out(others):
                laid.setdefault(draft.lines[0].page or 0, []).append(draft)
        waiting = sorted(laid)
        for entry in entries:
            while waiting and waiting[0] < entry.page:
                drafter.take(laid[waiting.pop(0)])
            drafter.add(entry)
        for number in waiting:
            drafter.take(laid[number])
        return drafter.outline.drafts

    def _claim(self, tagged: list[_Sheet]) -> list[_Sheet]:
        """Share out the tagged pages' text; the pages on which that worked."""
        furniture = self._furniture(tagged)
        claimer = Claimer()
        nested = total = 0
        for sheet in tagged:
            claims = claimer.page(
                sheet.number, sheet.text.lines, sheet.tree, furniture.get(sheet.number, set())
            )
            sheet.claims = claims
            total += claims.claimed
            nested += claims.nested
        if nested > _NESTED * total or self._is_flat_bill(tagged):
            good: list[_Sheet] = []
        else:
            good = [sheet for sheet in tagged if _trusted(sheet)]
            if len(good) < _GOOD * len(tagged):  # tags with holes cut words in two
                good = [sheet for sheet in good if _trusted(sheet, _CLAIMED_ALONE)]
        chosen = {sheet.number for sheet in good}
        for sheet in tagged:
            if sheet.number not in chosen:
                sheet.claims, sheet.tree = None, []
        return good

    def _is_flat_bill(self, tagged: list[_Sheet]) -> bool:
        """A bill or act in which no heading is tagged: its clauses are told by layout only."""
        if any(
            target.role is Role.HEADING
            for sheet in tagged
            if sheet.claims
            for target in sheet.claims.targets
        ):
            return False
        # Lines have the only thing it asks of rows: their text.
        return is_bill(cast("list[list[Row]]", [sheet.text.lines for sheet in tagged]))

    def _furniture(self, tagged: list[_Sheet]) -> dict[int, set[int]]:
        """Lines of tagged pages that are running heads or feet though no mark says so."""
        marked = 0
        for sheet in tagged:
            artifacts = [line for line in sheet.text.lines if line.artifact]
            marked += bool(artifacts)
            printed = [label for line in artifacts if (label := page_number(line.text))]
            sheet.label = printed[-1] if len(printed) == 1 else None
        pages = [sheet.text.lines for sheet in tagged]
        heights = [sheet.text.height for sheet in tagged]
        chosen = find_unclaimed(pages, heights, _unclaimed(tagged))
        for sheet, indices in zip(tagged, chosen, strict=True):
            numbers = [page_number(sheet.text.lines[index].text) for index in sorted(indices)]
            sheet.label = sheet.label or next((it for it in numbers if it), None)
        if marked < _MARKED * len(tagged):
            found = find_furniture(pages, heights)
            for sheet, label in zip(tagged, found.labels, strict=True):
                sheet.label = label or sheet.label
            chosen = [one | other for one, other in zip(chosen, found.lines, strict=True)]
        return {sheet.number: lines for sheet, lines in zip(tagged, chosen, strict=True)}

    def _lay_out(self, only: set[int] | None) -> list[BlockDraft]:
        chosen = self.sheets
        if only is not None:  # pages around them tell what repeats and what is usual
            near = {page + by for page in only for by in range(-_AROUND, _AROUND + 1)}
            chosen = [sheet for sheet in self.sheets if sheet.number in near]
        for sheet in chosen:
            if sheet.layout is None and sheet.text.visible:
                with self._pdf.page(sheet.number) as page:
                    sheet.layout = look(self._pdf, page)
        laid = layout_drafts([it.layout for it in chosen if it.layout], only=only)
        for sheet in self.sheets:
            if sheet.layout is None or (only is not None and sheet.number not in only):
                continue
            sheet.characters = laid.characters.get(sheet.number, 0)
            sheet.artifacts = laid.artifacts.get(sheet.number, 0)
            sheet.label = laid.labels.get(sheet.number)
        return laid.drafts


def _read_tree(trees: TreeReader, page: OpenPage) -> list[Element]:
    """The page's tree: read in a hurry, and once more in full if that missed some of the text."""
    tree = trees.read(page, hurried=True)
    if tree:
        ids = {run.mcid for line in page.lines for run in line.runs if run.mcid >= 0}
        if not ids <= trees.claimed:
            return trees.read(page)
    return tree


def _unclaimed(sheets: Sequence[_Sheet]) -> list[set[int]]:
    """Indices of each page's lines of which no element claims anything."""
    result: list[set[int]] = []
    awaited: set[int] = set()  # marks of elements of the page before, which go on
    for sheet in sheets:
        claimed = sheet.claimed | awaited
        result.append(
            {
                index
                for index, line in enumerate(sheet.text.lines)
                if not line.artifact and not any(run.mcid in claimed for run in line.runs)
            }
        )
        awaited = sheet.awaited
    return result


def _trusted(sheet: _Sheet, share: float = _CLAIMED) -> bool:
    claims = sheet.claims
    return claims is not None and claims.claimed >= share * (claims.claimed + claims.unclaimed)


def _vocabulary(sheets: Sequence[_Sheet]) -> Vocabulary:
    """The document's words, if any of its lines ends in a hyphen that has to be judged."""
    texts = [sheet.text.text for sheet in sheets]
    return Vocabulary(texts if any(LINE_END_HYPHEN in text for text in texts) else ())


def _look_at_textless(sheet: _Sheet, page: OpenPage) -> None:
    """Tell blank paper, pictures and print without a text layer apart."""
    if not page.shows_pictures():
        sheet.reading = Reading.BLANK
        return
    sheet.reading = Reading.PICTURE
    if page.looks_printed():
        sheet.problems.append("The page shows print but has no text layer.")


def _page(sheet: _Sheet) -> Page:
    seen = sheet.text.visible
    accounted = sheet.characters + sheet.artifacts
    if seen >= 20 and accounted < _LOST * seen:
        sheet.problems.append(f"Only {accounted} of {seen} characters were placed in the text.")
    return Page(
        number=sheet.number,
        reading=sheet.reading,
        label=sheet.text.label or sheet.label,
        width=sheet.text.width,
        height=sheet.text.height,
        characters=sheet.characters,
        artifacts=sheet.artifacts,
        problems=tuple(sheet.problems),
    )


def _created(metadata: dict[str, str]) -> str | None:
    """The day on which the file was made ("D:20300514093000Z"), as ISO date."""
    found = _CREATED.match(metadata.get("CreationDate", ""))
    try:
        return datetime.date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def _title(metadata: dict[str, str]) -> str:
    """The title that the file gives, where it is one."""
    title = metadata.get("Title", "")
    return "" if len(title) < 4 or _BAD_TITLE.search(title) else title
