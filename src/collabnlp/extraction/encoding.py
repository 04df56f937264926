"""Bytes to text: which encoding a document is in, the surest evidence first."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# UTF-32's little-endian mark begins with UTF-16's: longest first.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']"""
    rb"""|<meta[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_DECLARATION_WITHIN = 4096  # browsers look at the first 1,024 bytes; some pages are late
_SAMPLE = 200_000
# What calls itself Latin-1 or ASCII on the web is Windows-1252 (WHATWG Encoding Standard).
_WINDOWS = frozenset({"iso8859-1", "ascii", "cp1252"})


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read in, and how many characters could not be read."""

    text: str
    encoding: str
    unreadable: int = 0


def decode(data: bytes) -> Decoded:
    """Decode a document: byte order mark, valid UTF-8 or UTF-16 without a mark, declaration, guess.

    Valid UTF-8 outranks a declaration: text in another encoding is practically never valid UTF-8
    by chance, while pages saved by browsers often keep a declaration that is no longer true.
    Never raises; characters that cannot be read become U+FFFD and are counted.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    wide = _wide(data)
    if wide:
        return _decoded(data, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    encoding = declared_encoding(data) or _guess(data)
    return _decoded(data, encoding)


def declared_encoding(data: bytes) -> str | None:
    """The encoding that the XML declaration or the HTML meta element names, if Python knows it."""
    match = _DECLARED.search(data, 0, _DECLARATION_WITHIN)
    if match is None:
        return None
    name = (match[1] or match[2]).decode("ascii", "ignore")
    try:
        known = codecs.lookup(name).name
    except LookupError:
        return None
    if known.startswith(("utf-16", "utf-32", "utf-8")):
        return None  # it was just shown to be neither
    return "cp1252" if known in _WINDOWS else known


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of the beginning is zero."""
    head = data[:512]
    if len(head) < 4 or b"\0" not in head:
        return None
    pairs = len(head) // 2
    if head[1::2].count(0) > 0.7 * pairs and head[0::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if head[0::2].count(0) > 0.7 * pairs and head[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    return None


def _guess(data: bytes) -> str:
    try:
        # A document cut off, or with one stray byte, is still UTF-8.
        broken = data.decode("utf-8", "replace").count("�")
        if broken <= max(2, len(data) // 5000) and len(data) > 200:
            return "utf-8"
    except ValueError:  # pragma: no cover - "replace" does not raise
        pass
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE]).best()
    if best is None:
        return "cp1252"
    name = codecs.lookup(best.encoding).name
    # Western single-byte guesses differ in a few signs; only Windows-1252 is ever meant here.
    western = name in _WINDOWS or name in {"cp1250", "cp1254", "cp1257", "iso8859-15", "mac-roman"}
    return "cp1252" if western and _plausible_windows(data) else name


def _plausible_windows(data: bytes) -> bool:
    """Whether the bytes read as English typography in Windows-1252."""
    high = [byte for byte in data[:_SAMPLE] if byte >= 0x80]
    usual = frozenset(
        b"\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa3\xa7\xa9\xb0\xb2\xb3\xb7\xbd\xe9"
    )
    return sum(byte in usual for byte in high) * 2 >= len(high)


def _decoded(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    unreadable = text.count("�")
    if unreadable and encoding == "cp1252":
        # The five bytes that Windows-1252 leaves free are control characters to every browser.
        text = data.decode("latin-1") if unreadable > len(data) // 10 else text
    return Decoded(text, encoding, unreadable)
