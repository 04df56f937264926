"""What a file is: told by its content; its name only has a say between text and Markdown."""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum
from pathlib import PurePath

from collabnlp.errors import DamagedFile, EmptyFile, FalseExtension, UnknownFormat
from collabnlp.extraction.encoding import decode
from collabnlp.extraction.safe_xml import root_name


class Format(StrEnum):
    """The formats that have a reader. The value is what a document's ``format`` says."""

    PDF = "pdf"
    HTML = "html"
    AKOMA_NTOSO = "akoma_ntoso"
    CLML = "clml"
    OTHER_XML = "xml"
    DOCX = "docx"
    MARKDOWN = "markdown"
    PLAIN = "text"


_ENDINGS = {
    Format.PDF: ("pdf",),
    Format.HTML: ("html", "htm", "xhtml", "xht", "shtml", "mhtml"),
    Format.AKOMA_NTOSO: ("xml", "akn"),
    Format.CLML: ("xml", "clml"),
    Format.OTHER_XML: ("xml",),
    Format.DOCX: ("docx", "docm", "dotx"),
    Format.MARKDOWN: ("md", "markdown", "mdown", "mkd", "txt", "text"),
    Format.PLAIN: ("txt", "text", "md", "markdown", "asc", "log"),
}
_NAMES = {
    Format.PDF: "a PDF",
    Format.HTML: "an HTML page",
    Format.AKOMA_NTOSO: "Akoma Ntoso XML",
    Format.CLML: "CLML XML",
    Format.OTHER_XML: "XML",
    Format.DOCX: "a Word document (DOCX)",
    Format.MARKDOWN: "Markdown",
    Format.PLAIN: "plain text",
}
_CLAIMED = frozenset(ending for endings in _ENDINGS.values() for ending in endings) | frozenset(
    [
        "doc",
        "odt",
        "rtf",
        "epub",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "tif",
        "tiff",
        "webp",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "csv",
        "tsv",
        "json",
        "jsonl",
        "zip",
        "gz",
        "ps",
        "djvu",
        "pages",
    ]
)
# Beginnings of what people try to open and nothing here can read.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"BM", "a bitmap picture"),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Office file (DOC, XLS or PPT) or a protected one",
    ),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
)
_ZIPPED = (
    ("application/vnd.oasis.opendocument.text", "an OpenDocument text (ODT)"),
    ("application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (ODS)"),
    ("application/vnd.oasis.opendocument.presentation", "an OpenDocument presentation (ODP)"),
    ("application/epub+zip", "an EPUB book"),
)
_PDF_WITHIN = 1024  # readers accept junk before the header, up to here
_HTML_TRAIT = re.compile(
    r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<(?:div|p|article|main|section|table|ul|ol"
    r"|h[1-6]|meta|title)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)
_HTML_START = re.compile(
    r"\s*(?:<!--.*?-->\s*)*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*"
    r"<(?:!doctype\s+html|html|head|body|div|p|article|main|section|table|h[1-6]|meta|title|ul|ol)"
    r"[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_XML_START = re.compile(
    r"\s*<(?:\?xml|!DOCTYPE|!--|[A-Za-z_][\w.:-]*(?:\s[^<>]*)?/?>)", re.IGNORECASE
)
_MARKDOWN = re.compile(
    r"^#{1,6} \S|^\[\^[^\]\s]+\]:|^\|.*\|[ \t]*\n\|[ :|-]+\|[ \t]*$"
    r"|\*\*\w[^*\n]*\*\*|\[[^\]\n]+\]\([^)\s]+\)",
    re.MULTILINE,
)
_HEAD = 20_000  # characters


def sniff(data: bytes, *, name: str) -> Format:
    """The format of a file's bytes.

    Raises EmptyFile, UnknownFormat (saying what it is, if that can be told), UnsafeXml (a document
    type in XML), DamagedFile (a broken archive) and FalseExtension (the ending of ``name`` promises
    another format).
    """
    if not data.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n\f"):
        raise EmptyFile(f"{name} is empty.")
    found = _by_content(data, name)
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ending in _CLAIMED and ending not in _ENDINGS[found]:
        raise FalseExtension(f"{name} ends in .{ending}, but it holds {_NAMES[found]}.")
    if found in (Format.PLAIN, Format.MARKDOWN) and ending:
        if ending in ("md", "markdown", "mdown", "mkd"):
            return Format.MARKDOWN
        if ending in ("txt", "text", "asc", "log"):
            return Format.PLAIN
    return found


def _by_content(data: bytes, name: str) -> Format:
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return Format.PDF
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _zipped(data, name)
    for magic, what in _FOREIGN:
        if data.startswith(magic) and not (len(magic) == 2 and magic.isalpha() and _texty(data)):
            raise UnknownFormat(f"{name} is {what}.")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise UnknownFormat(f"{name} is a WebP picture.")
    if data[4:8] == b"ftyp":
        raise UnknownFormat(f"{name} is a video or a picture.")
    head = decode(data[: 4 * _HEAD]).text[:_HEAD]
    if not _readable(head):
        raise UnknownFormat(f"{name} is a binary file of a kind that is not known here.")
    if _HTML_START.match(head):
        return Format.HTML
    if _XML_START.match(head):
        return _xml(data, head, name)
    if len(_HTML_TRAIT.findall(head)) >= 5 and _MARKDOWN.search(head) is None:
        return Format.HTML
    if re.match(r"\s*[\[{]", head) and re.search(r"[\]}]\s*\Z", head) and re.search(r'"\s*:', head):
        raise UnknownFormat(f"{name} is a JSON file.")
    return Format.MARKDOWN if _looks_like_markdown(head) else Format.PLAIN


def _zipped(data: bytes, name: str) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
            if "word/document.xml" in names:
                return Format.DOCX
            declared = b""
            if "mimetype" in names:
                with archive.open("mimetype") as file:
                    declared = file.read(200)
            types = b""
            if "[Content_Types].xml" in names:
                with archive.open("[Content_Types].xml") as file:
                    types = file.read(200_000)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise DamagedFile(f"{name} is a broken archive ({error}).") from error
    except Exception as error:  # zlib errors have no common base
        raise DamagedFile(f"{name} is a broken archive ({error}).") from error
    if b"wordprocessingml.document.main" in types or b"wordprocessingml.template.main" in types:
        return Format.DOCX
    mimetype = declared.decode("ascii", "ignore").strip()
    for kind, what in _ZIPPED:
        if mimetype.startswith(kind):
            raise UnknownFormat(f"{name} is {what}.")
    for folder, what in (("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint file")):
        if any(it.startswith(folder) for it in names):
            raise UnknownFormat(f"{name} is {what}.")
    raise UnknownFormat(f"{name} is a ZIP archive.")


def _xml(data: bytes, head: str, name: str) -> Format:
    namespace, local = root_name(data, name=name)
    if "legaldocml" in namespace or "akomantoso" in namespace.lower() or local == "akomaNtoso":
        return Format.AKOMA_NTOSO
    if namespace == "http://www.legislation.gov.uk/namespaces/legislation" or (
        local == "Legislation" and "legislation" in namespace
    ):
        return Format.CLML
    if local.lower() == "html" or namespace == "http://www.w3.org/1999/xhtml":
        return Format.HTML
    return Format.OTHER_XML


def _readable(head: str) -> bool:
    """Whether a text is words rather than the bytes of a program or a picture."""
    odd = sum(1 for sign in head if sign == "�" or (sign < " " and sign not in "\t\n\r\f\x0b"))
    return odd <= max(3, len(head) // 50)


def _texty(data: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\r\n\f" for byte in data[:200])


def _looks_like_markdown(head: str) -> bool:
    return len(_MARKDOWN.findall(head)) >= 2
