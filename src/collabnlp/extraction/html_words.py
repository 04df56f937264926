"""Inline text of an HTML block: words as a browser joins them, note marks, and what is bold."""

from __future__ import annotations

import re

from collabnlp.extraction.outline import Piece, clean

BREAK = "\n"  # a <br>
_LAYOUT = "\x1e"  # white space with a line end between elements: the file's layout, perhaps
_BLANK_RUN = re.compile(r"[ \t\r\n\f]+")
_NOTE = "\x1d"
_BEFORE_CLOSING = re.compile(
    rf"{_LAYOUT}+(?={_NOTE}*{_LAYOUT}*[,;:.)\]’”](?:\s|[{_LAYOUT}{_NOTE}]|\Z|[)\]’”]))"
)
_AFTER_OPENING = re.compile(rf"(?<=[(\[“‘]){_LAYOUT}+")


class Words:
    """Collects the inline content of one block."""

    __slots__ = ("_labels", "_parts", "bold", "linked", "visible")

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._parts: list[str] = []
        self._labels: list[str] = []
        self.visible = self.bold = self.linked = 0  # characters

    @property
    def empty(self) -> bool:
        return not self.visible and not self._labels

    def add(self, text: str, *, bold: bool = False, linked: bool = False) -> None:
        """A text node."""
        if not text.strip():
            if text:
                self._parts.append(_LAYOUT if "\n" in text else " ")
            return
        # Only a blank at the border of an element can be the file's layout.
        body = text.strip(" \t\r\n\f")
        before, after = text[: text.index(body)], text[text.index(body) + len(body) :]
        self._parts.append(_LAYOUT if "\n" in before else before and " ")
        self._parts.append(_BLANK_RUN.sub(" ", body))
        self._parts.append(_LAYOUT if "\n" in after else after and " ")
        count = sum(map(len, body.split()))
        self.visible += count
        if bold:
            self.bold += count
        if linked:
            self.linked += count

    def line_break(self) -> None:
        self._parts.append(BREAK)

    def note(self, label: str) -> None:
        """A note mark, which is not part of the text."""
        self._parts.append(_NOTE)
        self._labels.append(label)

    @property
    def all_bold(self) -> bool:
        return self.visible > 0 and self.bold == self.visible

    def paragraphs(self) -> list[Piece]:
        """The content cut where two line breaks follow each other; a single one is a blank."""
        text = "".join(self._parts)
        text = _AFTER_OPENING.sub("", _BEFORE_CLOSING.sub("", text)).replace(_LAYOUT, " ")
        labels = iter(self._labels)
        pieces: list[Piece] = []
        for part in re.split(rf"{BREAK}[ \u00a0]*(?:{BREAK}[ \u00a0]*)+", text):
            plain, notes, length = [], [], 0
            for index, stretch in enumerate(part.split(_NOTE)):
                if index:
                    notes.append((length, next(labels)))
                plain.append(stretch)
                length += len(stretch)
            piece = clean("".join(plain), notes)
            if piece.text:
                pieces.append(piece)
            elif piece.notes and pieces:
                end = len(pieces[-1].text)
                pieces[-1].notes.extend((end, label) for _, label in piece.notes)
        return pieces
