"""Acts and orders as text files with numbered lines to blocks.

The form: a header ("Title:", "Date:", …), headings marked with "#" (the more, the lower; eight and
more stand in text quoted for insertion), and before each provision a line of its own with its full
number, dots between the parts ("10.4.a.i"). Text is hard-wrapped; definitions run on in one
paragraph, held apart by wide gaps. Each schedule counts from 1; its title has no mark.

The document's date is the day on which it was made where the text says so; else the header's date,
which is that of the revision (the manifest knows the day of enactment). Numbers follow
`collabnlp.extraction.provisions`. Closing words, which have no number in the file, are told by
their small first letter after an item, and belong to the item's parent.
"""

from __future__ import annotations

import re
from calendar import month_name
from dataclasses import dataclass
from datetime import date

from collabnlp.extraction.numbered_lines import (
    HEADER,
    NUMBER,
    following_numbers,
    mend,
    paragraphs_of,
    pieces_of,
)
from collabnlp.extraction.provisions import join_provision
from collabnlp.extraction.run_on import is_run_on, run_on_drafts, run_on_parts
from collabnlp.extraction.xml_flow import closes_quotation
from collabnlp.schema import BlockDraft, BlockKind, DocumentInfo, Region

_HEADING = re.compile(r"(#{2,})\s+(\S.*)\Z")
_REFERENCE = re.compile(
    r"(?:articles?|sections?|regulations?|rules?|paragraphs?) \d[\w()]*"
    r"(?:(?:,| and| to) \(?\d?[\w()]*)*\Z",
    re.I,
)
_SCHEDULES = re.compile(r"the schedules?\Z|schedules?\Z", re.I)
_TERM = re.compile(r"“[^”]{1,120}”[^—]{0,160}?\b(?:means|mean|has|have|includes?|is|are|\()")
_MADE = re.compile(r"\bMade\s+(\d{1,2})(?:st|nd|rd|th)\s+([A-Z][a-z]+)\s+(\d{4})")
_INSERTS = re.compile(
    r"(?<!may )(?<!must )(?<!\bto )\b(?:insert(?:ed)?|substituted?|(?:there (?:were|was|shall be)|"
    r"is|are) added|at the end add)\b[^.;:—]{0,80}(?:—|“[^”]{0,40}|\Z)\Z"
)
_FINISHED = re.compile(r"(?:[.;,”)]|\b(?:and|or))\Z")
_QUOTED_DEPTH = 8


@dataclass(slots=True)
class _Node:
    """A numbered provision: where it stands, and the words of it that may open others."""

    path: tuple[str, ...]
    provision: str
    depth: int
    quoted: bool
    opening: BlockDraft | None = None
    inserts: bool = False


def is_numbered_act(text: str) -> bool:
    """Whether a text file has this form: a header, marked headings and lines of numbers."""
    head = text.lstrip("\ufeff \n\r\t")[:2000].splitlines()
    if not head or not HEADER.match(head[0]):
        return False
    numbers = sum(1 for line in text.splitlines() if NUMBER.match(line) and "." in line)
    return numbers >= 3 and "\n## " in text


def read_numbered_act(text: str, *, id: str, sha256: str) -> tuple[DocumentInfo, list[BlockDraft]]:
    """The record and the drafts of an act or order in this form."""
    header, paragraphs = paragraphs_of(text)
    reader = _Reader(title=header.get("Title", ""))
    following = following_numbers(paragraphs)
    for paragraph, (path, number) in zip(paragraphs, following, strict=True):
        reader.read(paragraph, path, restart=number in ("", "1"))
    reader.finish()
    made = _made("\n".join(paragraphs[:12]))
    title = header.get("Title") or id
    info = DocumentInfo(
        id=id,
        title=title,
        sha256=sha256,
        date=made or _iso(header.get("Date", "")),
        kind=_kind(header.get("Identifier", ""), title),
        publisher=header.get("Publisher") or None,
    )
    return info, reader.drafts


class _Reader:
    def __init__(self, title: str) -> None:
        self.drafts: list[BlockDraft] = []
        self._title = title
        self._nodes: dict[tuple[str, ...], _Node] = {}
        self._node: _Node | None = None
        self._fresh = False  # the number stood last, its text is still to come
        self._pending: list[str] = []
        self._schedule: int | None = None  # 0 before the first schedule
        self._started = False  # a provision was met in this schedule or in the body
        self._loose: BlockDraft | None = None  # an unnumbered quotation's opening words
        self._heading: BlockDraft | None = None  # a heading that stood last
        self._next: tuple[str, ...] = ()
        self._restart = False
        self._held: str | None = None  # a paragraph that may be the title of a schedule

    def read(self, paragraph: str, following: tuple[str, ...], *, restart: bool) -> None:
        """One paragraph of the file: a number, a heading, or text.

        following  the path of the next number, () where a heading comes first
        restart    the next number is "1", or there is none
        """
        self._next, self._restart = following, restart
        if NUMBER.match(paragraph):
            self._release()
            self._number(tuple(paragraph.split(".")))
        elif match := _HEADING.match(paragraph.replace("\n", " ")):
            self._release()
            self._marked_heading(len(match[1]), mend(match[2]))
        elif self._refers(paragraph):
            self._begin_schedule(mend(paragraph))
        else:
            self._release()
            if self._schedule is not None and self._titlelike(paragraph):
                self._held = paragraph
            else:
                self._text(paragraph)

    def _refers(self, paragraph: str) -> bool:
        """Whether this is the line under a schedule's title that names the section behind it."""
        inside = self._fresh or self._loose or (self._node is not None and self._node.inserts)
        starts = self._schedule is not None and self._restart and not inside
        return starts and len(paragraph) <= 100 and bool(_REFERENCE.match(mend(paragraph)))

    def finish(self) -> None:
        """The file has ended."""
        self._release()
        self._waiting_number()

    # -- headings and schedules

    def _marked_heading(self, marks: int, text: str) -> None:
        self._waiting_number()
        quoted = marks >= _QUOTED_DEPTH
        if marks == 2 and not self.drafts and text == mend(self._title):
            self._add(BlockDraft(kind=BlockKind.PARAGRAPH, text=text, region=Region.FRONT))
            return
        if marks == 2:
            self._schedule = 0 if _SCHEDULES.match(text) else None
        if not quoted:
            self._close()
        if marks == 2:
            self._nodes.clear()
            self._started = False
        region = Region.QUOTED if quoted else Region.BODY
        level = max(1, marks - 2)
        draft = BlockDraft(kind=BlockKind.HEADING, text=text, region=region, level=level)
        if quoted and self._node is not None:
            draft.provision = self._node.provision
        self._heading = self._add(draft)

    def _titlelike(self, paragraph: str) -> bool:
        """Whether unnumbered text among the schedules may be the title of the next."""
        text = mend(paragraph)
        if self._fresh or len(text) > 250 or not text[:1].isupper():
            return False
        return text[-1] not in ".;,:—”" and not _TERM.search(text)

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._text(held)

    def _begin_schedule(self, reference: str) -> None:
        title, self._held = self._held, None
        self._waiting_number()
        self._open_schedule()
        text = mend(title) if title else f"Schedule {self._schedule}"
        number = f"Schedule {self._schedule}" if title else None
        self._add(
            BlockDraft(
                kind=BlockKind.HEADING,
                text=text,
                number=number,
                level=1,
                provision=f"Sch {self._schedule}",
            )
        )
        self._add(BlockDraft(kind=BlockKind.FOOTNOTE, text=reference))

    def _open_schedule(self) -> None:
        self._close()
        self._nodes.clear()
        self._started = False
        self._schedule = (self._schedule or 0) + 1

    def _close(self) -> None:
        self._node, self._loose, self._fresh = None, None, False

    # -- numbers

    def _number(self, path: tuple[str, ...]) -> None:
        if self._schedule == 0 and len(path) == 1:
            self._open_schedule()
        elif self._schedule and path == ("1",):
            self._nodes.clear()  # the parts of a schedule may count anew
        above = self._above(path)
        while self._pending and (above is None or self._node is not above):
            self._waiting_number()
        own = path[len(above.path) if above else 0 :]
        quoted = above is not None and (above.quoted or above.inserts)
        node = _Node(
            path=path,
            provision=above.provision if above and quoted else self._joined(above, own),
            depth=self._depth(above, own, quoted),
            quoted=quoted,
        )
        after_heading = self._heading is not None and self._heading is self._last()
        section = len(path) == 1 and self._schedule is None
        bare = len(path) == 1 or (quoted and after_heading)
        printed = "".join(part if bare and not at else f"({part})" for at, part in enumerate(own))
        if after_heading and self._heading is not None and (section or (quoted and bare)):
            self._heading.number = printed
            self._heading.provision = node.provision
            self._heading = None
        else:
            self._pending.append(printed)
        self._nodes[path] = self._node = node
        self._started = self._fresh = True
        self._loose = None

    def _joined(self, above: _Node | None, own: tuple[str, ...]) -> str:
        prefix = above.provision if above else None
        if prefix is None and self._schedule:
            prefix = f"Sch {self._schedule}"
        for part in own:
            bare = prefix is None or (prefix.startswith("Sch") and "para" not in prefix)
            prefix = join_provision(prefix, part if bare else f"({part})")
        return prefix or ""

    def _depth(self, above: _Node | None, own: tuple[str, ...], quoted: bool) -> int:
        if above is None:
            return len(own)
        return len(own) if quoted and not above.quoted else above.depth + len(own)

    def _above(self, path: tuple[str, ...]) -> _Node | None:
        for length in range(len(path) - 1, 0, -1):
            if path[:length] in self._nodes:
                return self._nodes[path[:length]]
        return None

    def _waiting_number(self) -> None:
        """Numbers without text of their own go before the next text; at an end they are text."""
        if self._pending and not self._fresh:
            self._pending.clear()
        if self._pending:
            number, node = " ".join(self._pending), self._node
            self._pending = []
            self._fresh = False
            if node is not None:
                self._add(self._draft(number, node))

    # -- text

    def _text(self, paragraph: str) -> None:
        node = self._node
        if is_run_on(paragraph):
            self._run_on(paragraph, node)
            return
        if self._schedule == 0 and not self._started:
            # Before the first reference: the title of a schedule that has none.
            self._held = paragraph if self._held is None else self._held
            if self._held is not paragraph:
                self._plain(paragraph)
            return
        if node is None:
            self._plain(paragraph)
            return
        pieces = [piece for piece in pieces_of(paragraph) if piece]
        for position, text in enumerate(pieces):
            self._piece(text, node, first=self._fresh and position == 0)
        self._fresh = False

    def _run_on(self, paragraph: str, node: _Node | None) -> None:
        """Opening words of an amendment, then the provisions that it inserts."""
        parts = run_on_parts(paragraph)
        while parts and parts[0][0] is None and (len(parts) == 1 or parts[0][1][-1:] == "—"):
            text = parts.pop(0)[1]
            if node is not None:
                self._piece(text, node, first=self._fresh)
            else:
                self._add(BlockDraft(kind=BlockKind.PARAGRAPH, text=text))
            self._fresh = False
        above = f"Sch {self._schedule}" if self._schedule else None
        end = parts.pop()[1] if parts and closes_quotation(parts[-1][1]) else ""
        drafts = run_on_drafts(parts, node.provision if node else above)
        if drafts and end:
            drafts[-1].text += f"”{end}"
        self.drafts += drafts

    def _piece(self, text: str, node: _Node, *, first: bool) -> None:
        if first:
            draft = self._draft(text, node)
            draft.number = " ".join(self._pending) or None
            self._pending = []
            above = self._above(node.path)
            if above is not None and above.opening is not None and above.quoted == node.quoted:
                draft.lead_in = above.opening
            self._add(draft)
            self._opens(draft, node)
            return
        last = self._last()
        if closes_quotation(text) and last.region is Region.QUOTED:
            space = "" if text[:1] in ".,;:" else " "
            last.text = f"{last.text}”{space}{text}"
            self._loose = None
            self._leave_quotation(node)
        elif node.inserts and len(text) <= 8 and not _TERM.search(text):
            last.text = f"{last.text} {text}"  # "insert" … "or": the word goes before the item
        elif node.inserts or self._loose is not None:
            self._loose = self._loose or last
            draft = self._draft(text, node, depth=1)
            draft.region = Region.QUOTED
            self._within(draft, text)
            self._add(draft)
        elif _TERM.match(text) or (node.opening is not None and node.opening is not last):
            draft = self._draft(text, node, depth=node.depth + 1)
            draft.lead_in = node.opening
            self._within(draft, text)
            self._add(draft)
        elif node.opening is not None:
            draft = self._draft(text, node, depth=node.depth + 1)
            draft.lead_in = node.opening
            self._add(draft)
        else:
            self._further(text, node)

    def _within(self, draft: BlockDraft, text: str) -> None:
        """Words after a definition that ends in a dash belong under it."""
        last = self._last()
        if not _TERM.match(text) and last.region is draft.region:
            if last.text.endswith("—"):
                draft.lead_in, draft.level = last, (last.level or 1) + 1
            elif last.lead_in is not None and (last.level or 1) > (draft.level or 1):
                draft.lead_in, draft.level = last.lead_in, last.level

    def _further(self, text: str, node: _Node) -> None:
        """More words after a provision's own: closing words, or a sentence of its own."""
        owner = self._owner(node)
        draft = self._draft(text, owner)
        if owner is not node and text[:1].islower() and owner.opening is not None:
            draft.lead_in, draft.closing = owner.opening, True
        else:
            self._opens(draft, owner)
        self._add(draft)

    def _owner(self, node: _Node) -> _Node:
        """Whose words follow an item's: the outermost list's that the next number has left."""
        owner = node
        if self._next[: len(node.path)] == node.path:
            return owner
        above = self._above(node.path)
        while above is not None and above.quoted == node.quoted and above.opening is not None:
            inside = self._next[: len(above.path)] == above.path
            if inside and owner is not node:
                break
            owner = above
            above = self._above(above.path)
        return owner

    def _opens(self, draft: BlockDraft, node: _Node) -> None:
        node.inserts = bool(_INSERTS.search(draft.text)) and not node.quoted
        unfinished = not _FINISHED.search(draft.text)
        node.opening = draft if unfinished and not node.inserts else None

    def _leave_quotation(self, node: _Node) -> None:
        """The quotation is over: what follows goes on from the provision that inserts."""
        at: _Node | None = node
        while at is not None and at.quoted:
            at = self._above(at.path)
        if at is not None:
            at.inserts = False
            self._node = at

    def _plain(self, paragraph: str) -> None:
        region = Region.BODY if self._started or self._heading else Region.FRONT
        for text in pieces_of(paragraph):
            if text:
                draft = BlockDraft(kind=BlockKind.PARAGRAPH, text=text, region=region)
                last = self.drafts[-1] if self.drafts else None
                if text[:1].islower() and last is not None:
                    draft.lead_in = last if last.text.endswith("—") else last.lead_in
                self._add(draft)

    def _draft(self, text: str, node: _Node, *, depth: int | None = None) -> BlockDraft:
        return BlockDraft(
            kind=BlockKind.PROVISION,
            text=text,
            region=Region.QUOTED if node.quoted else Region.BODY,
            level=max(1, node.depth if depth is None else depth),
            provision=node.provision,
        )

    def _add(self, draft: BlockDraft) -> BlockDraft:
        self.drafts.append(draft)
        return draft

    def _last(self) -> BlockDraft:
        return self.drafts[-1] if self.drafts else BlockDraft(kind=BlockKind.PARAGRAPH, text="")


def _made(opening: str) -> str | None:
    match = _MADE.search(opening)
    months = list(month_name)
    if match is None or match[2] not in months:
        return None
    try:
        return date(int(match[3]), months.index(match[2]), int(match[1])).isoformat()
    except ValueError:
        return None


def _iso(value: str) -> str | None:
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return None


def _kind(identifier: str, title: str) -> str | None:
    if re.search(r"/(ukpga|asp|asc|anaw|nia|ukla|ukcm)/", identifier):
        return "act"
    if re.search(r"/(uksi|ssi|wsi|nisr)/", identifier):
        return "regulations" if re.search(r"\bRegulations\b", title) else "order"
    return "act" if re.search(r"\bAct \d{4}\b", title) else None
