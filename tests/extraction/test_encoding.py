"""Encodings: marks first, then valid UTF-8, then what is declared, then a guess."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collabnlp.extraction.encoding import declared_encoding, decode

TEXT = "The mayor’s plan – “ours” – costs £5m. " * 4


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32-le"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
        (b"<meta charset=iso-8859-1>" + TEXT.encode("cp1252"), "cp1252"),
        (b"<meta charset='us-ascii'>" + TEXT.encode("cp1252"), "cp1252"),
        (b"<meta charset=iso-8859-1>" + TEXT.encode(), "utf-8"),
        (b"<meta charset=utf-8>" + TEXT.encode("cp1252"), "cp1252"),
        (
            b"<meta http-equiv=Content-Type content='text/html; charset=ISO-8859-2'>"
            + "Łódź – plan".encode("iso-8859-2", "ignore"),
            "iso8859-2",
        ),
        (b"<?xml version='1.0' encoding='macintosh'?>" + TEXT.encode("mac-roman"), "mac-roman"),
        (b"<meta charset=no-such-thing>" + TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_decode(data: bytes, encoding: str) -> None:
    decoded = decode(data)
    assert decoded.encoding == encoding
    assert decoded.unreadable == 0
    assert "plan" in decoded.text and "\ufeff" not in decoded.text
    if "Łódź" not in decoded.text:
        assert TEXT in decoded.text


def test_one_stray_byte_does_not_turn_the_page() -> None:
    data = (TEXT * 20).encode() + b"\xff" + TEXT.encode()
    decoded = decode(data)
    assert (decoded.encoding, decoded.unreadable) == ("utf-8", 1)
    assert decoded.text.count("–") == 2 * 4 * 21


@pytest.mark.parametrize(
    ("head", "declared"),
    [
        (b"<meta charset='iso-8859-1'>", "cp1252"),
        (b'<META HTTP-EQUIV=x CONTENT="text/html; charset=windows-1250">', "cp1250"),
        (b"<meta name=description content='charsets'>", None),
        (b"<p>charset=utf-7</p>", None),
    ],
)
def test_declared_encoding(head: bytes, declared: str | None) -> None:
    assert declared_encoding(head) == declared


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    assert isinstance(decode(data).text, str)


@given(st.text(max_size=200))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    if b"\0" not in data and not data.startswith((codecs.BOM_UTF8,)):
        assert decode(data).text == data.decode()
