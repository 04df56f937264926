"""Parse XML from strangers: no entities, no document type declaration, no network, bounded depth.

The prolog is read by expat first, which stops at a document type declaration before anything in
it is acted on; only then does lxml see the file, with every risky option off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from collabnlp.errors import DamagedFile, EmptyFile, UnsafeXml

if TYPE_CHECKING:
    from lxml import etree

MAX_DEPTH = 200
_CHUNK = 1 << 14
_DOWNLOAD = "Download the file again from its publisher."


class _RootReached(Exception):
    """The prolog is over."""


def root_name(data: bytes, *, name: str) -> tuple[str, str]:
    """Namespace ("" if none) and local name of the root element.

    data  the file's bytes; the encoding is that of its mark or declaration, UTF-8 by default
    Raises UnsafeXml where a document type is declared, DamagedFile where no root is reached,
    EmptyFile where there is nothing but white space.
    """
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise EmptyFile(f"{name} is empty.")
    found: list[str] = []

    def declared(*_: object) -> NoReturn:
        raise UnsafeXml(f"{name} declares a document type, which can hide harmful entities.")

    def started(tag: str, _: object) -> NoReturn:
        found.append(tag)
        raise _RootReached

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = started
    try:
        for at in range(0, len(data), _CHUNK):
            parser.Parse(data[at : at + _CHUNK], False)
        parser.Parse(b"", True)
    except _RootReached:
        namespace, _, local = found[0].rpartition(" ")
        return namespace, local
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedFile(f"{name} is not well-formed XML ({error}).") from error
    raise DamagedFile(f"{name} holds no XML element.")


def parse_xml(data: bytes, *, name: str) -> etree._Element:
    """The root element of a well-formed document without a document type.

    Raises UnsafeXml (document type, entities, or nested deeper than ``MAX_DEPTH``), DamagedFile
    (not well-formed), EmptyFile.
    """
    from lxml import etree

    root_name(data, name=name)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower():
            raise _too_deep(name) from error
        raise DamagedFile(f"{name} is not well-formed XML ({error.msg}).") from error
    except ValueError as error:
        raise DamagedFile(f"{name} is not well-formed XML ({error}).") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeXml(f"{name} declares a document type, which can hide harmful entities.")
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise _too_deep(name)
    return root


def _too_deep(name: str) -> UnsafeXml:
    return UnsafeXml(f"{name} nests its elements more than {MAX_DEPTH} deep.", advice=_DOWNLOAD)
