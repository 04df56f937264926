"""Files in, documents out: `open_document` tells the format by content and calls its reader."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from collabnlp.errors import MissingPath, UnreadablePath, UnsupportedXml
from collabnlp.schema import Document

__all__ = ["open_document"]


def open_document(
    path: str | Path,
    *,
    data: bytes | None = None,
    document_id: str | None = None,
    ignore_tags: bool = False,
) -> Document:
    """Read one document, whatever its format.

    path         the file; with ``data`` only its name counts (for messages, the ending and the id)
    data         the file's bytes, where they are at hand already (standard input)
    document_id  the id to give it; by default the file name's part before the first dot
    ignore_tags  read a PDF by its layout even where it is tagged
    Raises a DocumentError that says what is wrong: MissingPath, UnreadablePath, EmptyFile,
    UnknownFormat, FalseExtension, UnsafeXml, and what the format's reader raises.
    """
    path = Path(path)
    if data is None:
        data = read_bytes(path)
    return _read(data, name=path.name, document_id=document_id, ignore_tags=ignore_tags)


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises MissingPath or UnreadablePath."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingPath(f"There is no file {path}.") from None
    except IsADirectoryError:
        raise UnreadablePath(
            f"{path} is a folder, not a file.", advice="Name the files in it."
        ) from None
    except NotADirectoryError:
        raise MissingPath(f"There is no file {path}.") from None
    except PermissionError:
        raise UnreadablePath(f"{path} may not be read by you.") from None
    except OSError as error:
        raise UnreadablePath(
            f"{path} cannot be read ({error.strerror or error}).", advice="Copy it and try again."
        ) from error


def _read(data: bytes, *, name: str, document_id: str | None, ignore_tags: bool) -> Document:
    from collabnlp.extraction.formats import Format, sniff

    found = sniff(data, name=name)
    document: Document
    if found is Format.PDF:
        from collabnlp.extraction.pdf import read_pdf

        document = read_pdf(data, name=name, ignore_tags=ignore_tags)
    elif found is Format.HTML:
        from collabnlp.extraction.html import read_html

        document = read_html(data, name=name)
    elif found is Format.AKOMA_NTOSO:
        from collabnlp.extraction.akoma_ntoso import read_akoma_ntoso

        document = read_akoma_ntoso(data, name=name)
    elif found is Format.CLML:
        from collabnlp.extraction.clml import read_clml

        document = read_clml(data, name=name)
    elif found is Format.DOCX:
        from collabnlp.extraction.docx import read_docx

        document = read_docx(data, name=name)
    elif found is Format.MARKDOWN:
        from collabnlp.extraction.markdown import read_markdown

        document = read_markdown(data, name=name)
    elif found is Format.PLAIN:
        from collabnlp.extraction.plain import read_plain

        document = read_plain(data, name=name)
    else:
        raise UnsupportedXml(f"{name} is XML, but neither Akoma Ntoso nor CLML.")
    from collabnlp.extraction.metadata import complete

    document = complete(document)
    if document_id and document.info.id != document_id:
        info = dataclasses.replace(document.info, id=document_id)
        document = dataclasses.replace(document, info=info)
    return document
