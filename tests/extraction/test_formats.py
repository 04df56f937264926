"""Formats are told by content; every refusal says what the file is."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from collabnlp.errors import (
    DamagedFile,
    DocumentError,
    EmptyFile,
    FalseExtension,
    MissingPath,
    UnknownFormat,
    UnreadablePath,
    UnsafeXml,
    UnsupportedXml,
)
from collabnlp.extraction import open_document
from collabnlp.extraction.formats import Format, sniff

AKN = b'<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><bill/></akomaNtoso>'
CLML = b'<Legislation xmlns="http://www.legislation.gov.uk/namespaces/legislation"/>'
HTML = b"<!DOCTYPE html><html><body><p>The mayor leads.</p></body></html>"
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>'


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", Format.PDF),
        (b"junk before it\n%PDF-1.4\n", Format.PDF),
        (HTML, Format.HTML),
        (b"\xef\xbb\xbf" + HTML, Format.HTML),
        (HTML.decode().encode("utf-16"), Format.HTML),
        (b"<!-- saved page -->\n<html lang=en><p>Words", Format.HTML),
        (b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"/>', Format.HTML),
        (b"<div class='govspeak'><p>Words</p></div>", Format.HTML),
        (AKN, Format.AKOMA_NTOSO),
        (b"<?xml version='1.0'?>\n<!-- c -->\n" + AKN, Format.AKOMA_NTOSO),
        (b'<a:akomaNtoso xmlns:a="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"/>',
         Format.AKOMA_NTOSO),
        (CLML, Format.CLML),
        (("<?xml version='1.0' encoding='utf-16'?>" + CLML.decode()).encode("utf-16"), Format.CLML),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'/>", Format.OTHER_XML),
        (archive(word__document_xml=b"<w/>"), Format.DOCX),
        (b"# Aims\n\nWe will consult mayors.[^1]\n\n[^1]: A note.\n", Format.MARKDOWN),
        (b"We will **consult** the [mayors](http://x).\n", Format.MARKDOWN),
        (b"1 Duty to consult\n(1) The mayor must consult.\n", Format.PLAIN),
        (b"The council has < 5 members and > 2 officers.\n", Format.PLAIN),
        (b"BM is the name of a firm that the council consults.\n", Format.PLAIN),
    ],
)  # fmt: skip
def test_content_tells_the_format(data: bytes, found: Format) -> None:
    assert sniff(data, name="document") is found


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(20), "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "old Office file"),
        (b"{\\rtf1 Words}", "RTF"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.text"), "ODT"),
        (archive(mimetype=b"application/epub+zip"), "EPUB"),
        (archive(xl__workbook_xml=b"<x/>"), "Excel"),
        (archive(a_txt=b"words"), "ZIP"),
        (b'{"units": [1, 2]}', "JSON"),
        (b"\x7fELF" + bytes(100), "program"),
        (bytes(range(256)) * 4, "binary"),
    ],
)
def test_what_cannot_be_read_is_named(data: bytes, words: str) -> None:
    with pytest.raises(UnknownFormat, match=words):
        sniff(data, name="document")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("paper.pdf", HTML),
        ("paper.html", b"%PDF-1.7\n"),
        ("paper.docx", HTML),
        ("bill.xml", b"%PDF-1.7\n"),
        ("bill.pdf", AKN),
        ("paper.md", HTML),
        ("paper.pdf", b"Plain words of a text file stand here.\n"),
        ("paper.txt", archive(word__document_xml=b"<w/>")),
        ("PAPER.PDF", HTML),
    ],
)
def test_an_ending_that_is_not_true(name: str, data: bytes) -> None:
    with pytest.raises(FalseExtension, match="but it holds"):
        sniff(data, name=name)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.PDF", b"%PDF-1.7\n", Format.PDF),
        ("a.htm", HTML, Format.HTML),
        ("a.akn.xml", AKN, Format.AKOMA_NTOSO),
        ("notes.md", b"Words without any mark-up.\n", Format.MARKDOWN),
        ("notes.txt", b"# no heading, a comment\n# and another\n", Format.PLAIN),
        ("v1.2", b"Words without any mark-up.\n", Format.PLAIN),
    ],
)
def test_an_ending_that_is_true_or_says_nothing(name: str, data: bytes, found: Format) -> None:
    assert sniff(data, name=name) is found


@pytest.mark.parametrize("data", [b"", b"\n \t\r\n", b"\xef\xbb\xbf", b"\xff\xfe \0"])
def test_empty_files(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        sniff(data, name="empty.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    data = BOMB.decode().replace('1.0"', f'1.0" encoding="{encoding[:6].rstrip("-")}"')
    if encoding == "utf-8":
        data = BOMB.decode()
    with pytest.raises((UnsafeXml, DamagedFile)) as caught:
        open_document("bill.xml", data=data.encode(encoding))
    if encoding in ("utf-8", "utf-16"):
        assert isinstance(caught.value, UnsafeXml)


def test_a_broken_archive_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        sniff(archive(word__document_xml=b"<w/>" * 100)[:90], name="a.docx")


def test_paths(tmp_path: Path) -> None:
    page = tmp_path / "plan.v2.html"
    page.write_bytes(HTML)
    document = open_document(page)
    assert (document.info.id, document.format) == ("plan", "html")
    assert open_document(str(page), document_id="other").info.id == "other"
    assert open_document("-", data=HTML).blocks[0].text == "The mayor leads."
    with pytest.raises(MissingPath):
        open_document(tmp_path / "none.pdf")
    with pytest.raises(MissingPath):
        open_document(page / "inside.pdf")
    with pytest.raises(UnreadablePath):
        open_document(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    page.write_bytes(HTML)
    page.chmod(0)
    with pytest.raises(UnreadablePath):
        open_document(page)


def test_other_xml_is_unsupported() -> None:
    with pytest.raises(UnsupportedXml):
        open_document("feed.xml", data=b"<feed><entry>Words</entry></feed>")


@pytest.mark.parametrize("cut", [10, 60, 200])
@pytest.mark.parametrize("data", [HTML, AKN, CLML, archive(word__document_xml=b"<w/>")])
def test_cut_files_raise_named_errors_only(data: bytes, cut: int) -> None:
    try:
        open_document("cut", data=data[:cut])
    except DocumentError as error:
        assert error.advice and error.message.endswith(".")


@pytest.mark.shared
def test_real_documents_are_what_they_are(shared: Path) -> None:
    endings = {
        ".pdf": {Format.PDF}, ".html": {Format.HTML}, ".docx": {Format.DOCX},
        ".md": {Format.MARKDOWN}, ".txt": {Format.PLAIN},
        ".xml": {Format.AKOMA_NTOSO, Format.CLML},
    }  # fmt: skip
    for path in sorted((shared / "documents").glob("*-*.*")):
        with path.open("rb") as file:
            data = path.read_bytes() if path.suffix == ".docx" else file.read(100_000)
        assert (
            sniff(data, name="document" if path.suffix not in (".md", ".txt") else path.name)
            in (endings[path.suffix])
        )
