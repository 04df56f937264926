"""Markdown: CommonMark with tables and footnotes, and the numbered paragraphs of policy documents.

Many such files were made from PDFs and hold "17. Text:" and below it, without a blank line,
"a) item; and". CommonMark would read the second line as words of the first paragraph.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from collabnlp.errors import NoText
from collabnlp.extraction.encoding import decode
from collabnlp.extraction.front_matter import has_imprint, mark_front
from collabnlp.extraction.html_walk import Walk
from collabnlp.extraction.markers import Style, parse_marker
from collabnlp.extraction.mending import Vocabulary, join
from collabnlp.extraction.metadata import SourceMetadata, describe
from collabnlp.extraction.outline import Outline, Piece, clean
from collabnlp.schema import BlockDraft, BlockKind, Cell, Document, assemble

if TYPE_CHECKING:
    from markdown_it.token import Token

_NOTE = re.compile(r"[ ]{0,3}\[\^([^\]\s]+)\]:[ \t]*(.*)")
_NOTE_MARK = re.compile(r"\[\^([^\]\s]+)\]")
_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_FIELD = re.compile(
    r"^(title|date|publisher|author)[ \t]*:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.M | re.I
)
_PARTED = re.compile(r"(\w[\w’'-]*-) (?=\w)")
# "unless: i. the first; or ii. the second" within one line
_INLINE_ITEM = re.compile(r"(?<=[:;,])( (?:and |or )?)([ivx]{1,4})\. (?=\w)")
_MAX_HEADING = 120
_ANNEX = re.compile(r"(?:annex|appendix|schedule|part|chapter|section|glossary|foreword)\b", re.I)


def read_markdown(
    data: bytes, *, name: str = "document.md", document_id: str | None = None
) -> Document:
    """Read a Markdown document. Raises NoText where nothing is in it."""
    from markdown_it import MarkdownIt

    decoded = decode(data)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    source, text = _front_matter(text)
    text, notes = _take_notes(text)
    cover = re.split(r"^#", text, maxsplit=1, flags=re.MULTILINE)[0]
    reader = _Reader(Vocabulary([text]), cover=has_imprint(cover))
    reader.read(MarkdownIt("commonmark").enable(["table"]).parse(text))
    for label, note in notes:
        reader.outline.plain(BlockKind.FOOTNOTE, reader.mended(note), label)
    drafts = reader.outline.drafts
    if not drafts:
        raise NoText(f"{name} has no text.", advice="Check that it is the right file.")
    _nest_unnumbered(drafts)
    mark_front(drafts)
    problems = []
    if decoded.unreadable:
        problems.append(f"{decoded.unreadable} characters could not be read as {decoded.encoding}.")
    info = describe(
        drafts,
        source,
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        document_id=document_id,
    )
    return assemble(info, drafts, format="markdown", problems=problems)


def _front_matter(text: str) -> tuple[SourceMetadata, str]:
    match = _MATTER.match(text)
    if match is None:
        return SourceMetadata(), text
    fields = {key.lower(): value for key, value in _FIELD.findall(match[1])}
    date = re.match(r"\d{4}-\d{2}-\d{2}", fields.get("date", ""))
    return (
        SourceMetadata(
            title=fields.get("title", ""),
            date=date[0] if date else None,
            publisher=fields.get("publisher") or fields.get("author"),
        ),
        text[match.end() :],
    )


def _take_notes(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text without its footnotes, and the footnotes with their labels in order."""
    kept: list[str] = []
    notes: list[tuple[str, str]] = []
    inside = False
    for line in text.split("\n"):
        if match := _NOTE.match(line):
            notes.append((match[1], match[2]))
            inside = True
        elif inside and line.startswith(("    ", "\t")):
            notes[-1] = (notes[-1][0], f"{notes[-1][1]}\n{line.strip()}")
        else:
            inside = inside and not line.strip()
            kept.append(line)
    return "\n".join(kept), notes


class _Reader:
    """Turns markdown-it's tokens into drafts; nesting is counted, never followed by recursion."""

    def __init__(self, words: Vocabulary, *, cover: bool = False) -> None:
        self.outline = Outline()
        self._cover = cover  # an imprint stands before the first heading
        self._words = words
        self._lists: list[tuple[bool, BlockDraft | None]] = []  # real list?, what opens it
        self._items: list[tuple[str, BlockDraft | None]] = []  # marker, draft once there is one
        self._heading = 0
        self._table = -1
        self._row = self._column = -1
        self._header = False

    def read(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            kind = token.type
            if kind == "inline":
                self._inline(token)
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self._open_list(token)
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif kind == "list_item_open":
                number = f"{token.info}{token.markup}" if token.info else "•"
                self._items.append((number, None))
            elif kind == "list_item_close":
                self._items.pop()
            elif kind == "heading_open":
                self._heading, self._cover = int(token.tag[1]), False
            elif kind == "heading_close":
                self._heading = 0
            elif kind == "table_open":
                self.outline.interrupt()
                self._table, self._row = self._table + 1, -1
            elif kind == "table_close":
                self.outline.interrupt()
                self._row = self._column = -1
            elif kind == "tr_open":
                self._row, self._column = self._row + 1, -1
            elif kind in ("th_open", "td_open"):
                self._column += 1
                self._header = kind == "th_open"
                self.outline.interrupt()
            elif kind == "html_block":
                self._html(token.content)
            elif kind in ("fence", "code_block"):
                self.outline.paragraph(clean(token.content.replace("\n", " ")), typed=False)

    def _open_list(self, token: Token) -> None:
        opener = self._items[-1][1] if self._items else self.outline.opener
        ordered = token.type == "ordered_list_open"
        starts = token.attrGet("start") in (None, 1)
        real = not ordered or bool(self._lists) or (
            starts and opener is not None and opener.provision is None
        )  # fmt: skip
        if opener is not None and not self._items and opener.kind is BlockKind.LIST_ITEM:
            opener = opener.lead_in  # a new list right after another
        self._lists.append((real, opener))

    def _inline(self, token: Token) -> None:
        lines, bold = _rendered(token.children or [])
        if self._row >= 0 and self._column >= 0:
            cell = Cell(self._table, self._row, self._column, header=self._header)
            for text in re.split(r"\n\n+", "\n".join(lines)):
                self.outline.paragraph(self.mended(text), cell=cell)
            return
        if self._heading:
            self._emit_heading(self.mended("\n".join(lines)))
            return
        if self._cover:
            for line in lines:  # a cover's lines are no sentences of one paragraph
                self.outline.paragraph(self.mended(line), typed=False)
            return
        stretches = _split_items(lines, self.outline.paragraph_number)
        first, rest = self.mended(stretches[0]), stretches[1:]
        if self._items and self._lists:
            self._pieces(first, self._item)
        elif bold and not rest and _reads_like_heading(first.text):
            self.outline.heading(first, self.outline.heading_level + 1, pseudo=True)
        else:
            self._paragraph(first)
        for stretch in rest:
            self._paragraph(self.mended(stretch))

    def _item(self, piece: Piece) -> None:
        number, draft = self._items[-1]
        real, opener = self._lists[-1]
        if draft is not None:
            self.outline.continued(piece, provision=draft.provision)
            return
        if real:
            depth = sum(1 for is_real, _ in self._lists if is_real)
            parent = opener.provision if opener is not None else None
            draft = self.outline.item(
                piece, depth=depth, number=number, lead_in=opener, parent=parent
            )
        else:
            draft = self.outline.numbered(piece, number)
        self._items[-1] = (number, draft)

    def _paragraph(self, piece: Piece) -> None:
        self._pieces(piece, self.outline.paragraph)

    def _pieces(self, piece: Piece, emit: Callable[[Piece], object]) -> None:
        """Emit a piece, cut where Roman items stand within the line."""
        starts = _inline_items(piece.text)
        ends = [*starts[1:], len(piece.text)] if starts else []
        emit(piece if not starts else _slice(piece, 0, starts[0]))
        for start, end in zip(starts, ends, strict=True):
            self.outline.paragraph(_slice(piece, start, end))

    def _emit_heading(self, piece: Piece) -> None:
        if len(piece.text) > _MAX_HEADING or piece.text.endswith((";", ",")):
            # A line that a converter took for a heading: the list around it goes on.
            self.outline.continued(piece)
            return
        self.outline.heading(piece, self._heading)

    def _html(self, content: str) -> None:
        from selectolax.lexbor import LexborHTMLParser

        if not re.search(r"<\w", content):
            return
        walk = Walk(self.outline, tables=self._table + 1)
        walk.read(LexborHTMLParser(content).body)
        self._table = walk.table_count - 1

    def mended(self, text: str) -> Piece:
        """Lines joined and words that a line end broke mended; note marks taken out."""
        lines = [line for line in text.split("\n") if line.strip()]
        joined = lines[0] if lines else ""
        for line in lines[1:]:
            joined = join(joined, line, self._words)
        joined = _PARTED.sub(lambda it: self._joint(joined, it), joined)
        parts: list[str] = []
        notes: list[tuple[int, str]] = []
        at = length = 0
        for mark in _NOTE_MARK.finditer(joined):
            parts.append(joined[at : mark.start()])
            length += mark.start() - at
            notes.append((length, mark[1]))
            at = mark.end()
        return clean("".join([*parts, joined[at:]]), notes)

    def _joint(self, text: str, match: re.Match[str]) -> str:
        following = re.match(r"\S+", text[match.end() :])
        right = following[0] if following else ""
        whole = join(match[1], right, self._words)
        return whole[: len(whole) - len(right)]


def _rendered(children: Sequence[Token]) -> tuple[list[str], bool]:
    """The lines of an inline token, and whether all of it is bold."""
    parts: list[str] = []
    depth = plain = 0
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type in ("strong_open", "strong_close"):
            depth += child.nesting
        elif child.type in ("text", "code_inline"):
            parts.append(child.content)
            if depth == 0:
                plain += len(_NOTE_MARK.sub("", child.content).strip())
        elif child.type == "html_inline" and re.match(r"<br\b", child.content, re.IGNORECASE):
            parts.append("\n")
    return "".join(parts).split("\n"), plain == 0


def _split_items(lines: list[str], numbered: int) -> list[str]:
    """Lines that begin with a typed marker which opens or continues a list begin a new stretch.

    ``numbered`` is the number of the last numbered paragraph, which a line may count on from.
    """
    stretches: list[list[str]] = [[]]
    count: dict[Style, int] = {Style.DECIMAL: numbered}
    for line in lines:
        marker = parse_marker(line.strip())
        if stretches[0] and marker is not None:
            before = "".join(stretches[-1]).rstrip()
            opens = before.endswith((":", "—", "–"))
            for style, number in marker.readings:
                bullet = style is Style.BULLET and marker.printed not in "-–—*"
                if bullet or (style not in (Style.DOTTED, Style.BULLET) and (
                    number == count.get(style, -1) + 1 or (opens and number == 1)
                )):  # fmt: skip
                    count[style] = number
                    stretches.append([])
                    break
        elif marker is not None:
            count.update(dict(marker.readings))
        stretches[-1].append(line)
    return ["\n".join(stretch) for stretch in stretches]


def _inline_items(text: str) -> list[int]:
    """Where "i. …", "ii. …" begin within a line, if they count up from one after a colon."""
    starts: list[int] = []
    expected = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
    for match in _INLINE_ITEM.finditer(text):
        if len(starts) < len(expected) and match[2] == expected[len(starts)]:
            if not starts and text[match.start() - 1] != ":":
                continue
            starts.append(match.start(2))
    return starts if len(starts) > 1 else []


def _slice(piece: Piece, start: int, end: int) -> Piece:
    marks = [
        (at - start, label)
        for at, label in piece.notes
        if start < at <= end or (at == 0 and start == 0)
    ]
    return clean(piece.text[start:end], marks)


def _reads_like_heading(text: str) -> bool:
    return (
        0 < len(text) <= _MAX_HEADING
        and not text.endswith((".", ";", ":", ","))
        and text[0].isupper()
    )


def _nest_unnumbered(drafts: list[BlockDraft]) -> None:
    """Where chapters and their sections are marked alike, those without a number go below."""
    headings = [it for it in drafts if it.kind is BlockKind.HEADING]
    by_level: dict[int, list[BlockDraft]] = {}
    for heading in headings:
        by_level.setdefault(heading.level or 1, []).append(heading)
    for level, group in sorted(by_level.items()):
        numbered = [it for it in group if it.number and re.fullmatch(r"\d+\.?", it.number)]
        if len(numbered) < 3 or len(numbered) == len(group):
            continue
        first = group.index(numbered[0])
        demoted: list[Any] = [
            it for it in group[first:] if it.number is None and not _ANNEX.match(it.text)
        ]
        below = {id(it) for it in demoted}
        pushed = False
        for heading in headings:
            if id(heading) in below:
                heading.level, pushed = level + 1, True
            elif heading.level == level:
                pushed = False
            elif pushed and (heading.level or 0) > level:
                heading.level = (heading.level or 0) + 1
