"""The archive that a DOCX file is: checked before it is unpacked, then opened part by part."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from collabnlp.errors import DamagedFile, DocumentTooLarge, UnsafeXml
from collabnlp.extraction.docx_numbering import W

_MAX_BYTES = 400_000_000  # unpacked
_MAX_RATIO = 150  # unpacked to packed, where it is much in all
_SMALL = 40_000_000
_MAX_PARTS = 20_000


def check_archive(data: bytes, name: str) -> None:
    """Raises DocumentTooLarge, UnsafeXml (a document type in a part) or DamagedFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if (
                len(parts) > _MAX_PARTS
                or unpacked > _MAX_BYTES
                or (unpacked > _SMALL and unpacked > _MAX_RATIO * len(data))
            ):
                raise DocumentTooLarge(
                    f"{name} would unpack to {unpacked // 1_000_000} MB, which no document needs."
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as file:
                        head = file.read(2000)
                    if b"<!DOCTYPE" in head.replace(b"\0", b"").upper():
                        raise UnsafeXml(f"{name} declares a document type in {part.filename}.")
    except (DocumentTooLarge, UnsafeXml):
        raise
    except Exception as error:  # zipfile and zlib raise a dozen kinds for broken archives
        raise DamagedFile(f"{name} is a broken archive ({error}).") from error


def open_package(data: bytes, name: str) -> Any:
    """The document as python-docx has it. Raises DamagedFile."""
    import docx

    try:
        return docx.Document(io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # python-docx lets KeyError, lxml's and its own errors through
        raise DamagedFile(f"{name} is not a readable Word document ({error}).") from error


def part_element(part: Any, kind: str) -> Any | None:
    """Root element of the part that stands in a relation ("styles", "footnotes") to a part."""
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            return _element(relation.target_part)
    return None


def _element(part: Any) -> Any:
    from docx.oxml import parse_xml

    element = getattr(part, "element", None)
    return parse_xml(part.blob) if element is None else element


def note_elements(part: Any, kind: str) -> dict[str, Any]:
    """The footnotes ("foot") or endnotes ("end") by their ids, separators left out."""
    root = part_element(part, f"{kind}notes")
    if root is None:
        return {}
    return {
        note.get(f"{W}id"): note
        for note in root.iterfind(f"{W}{kind}note")
        if note.get(f"{W}type") in (None, "normal")
    }
