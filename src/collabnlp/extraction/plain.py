"""Plain text files to blocks: numbered acts, and ordinary text by the shape of its lines."""

from __future__ import annotations

import hashlib

from collabnlp.errors import EmptyFile, NoText
from collabnlp.extraction.encoding import decode
from collabnlp.extraction.numbered_acts import is_numbered_act, read_numbered_act
from collabnlp.extraction.text_layout import lay_out
from collabnlp.schema import Document, DocumentInfo, assemble


def read_plain(data: bytes, *, name: str) -> Document:
    """Read a text file.

    data  the file's bytes, in any encoding that `collabnlp.extraction.encoding` knows
    name  its file name; the document's id is the part before the first dot
    Raises EmptyFile, and NoText where the file holds neither letter nor digit. Characters that
    cannot be read make the document partial.
    """
    if not data.strip():
        raise EmptyFile(f"{name} is empty.")
    decoded = decode(data)
    identifier, sha256 = name.split(".")[0], hashlib.sha256(data).hexdigest()
    if is_numbered_act(decoded.text):
        info, drafts = read_numbered_act(decoded.text, id=identifier, sha256=sha256)
    else:
        info = DocumentInfo(id=identifier, title="", sha256=sha256)
        drafts = lay_out(decoded.text)
    if not any(character.isalnum() for draft in drafts for character in draft.text):
        raise NoText(f"{name} holds no words.", advice="Give a file that holds text.")
    unread = decoded.unreadable
    problems = (f"{unread} of its characters could not be read.",) if unread else ()
    return assemble(info, drafts, format="plain", problems=problems)
