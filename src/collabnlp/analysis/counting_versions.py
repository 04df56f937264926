"""Which documents are versions of one text: stages of a bill and its act, drafts and editions."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from collabnlp.errors import DataError
from collabnlp.schema import DocumentInfo


@cache
def _marks() -> tuple[re.Pattern[str], ...]:
    path = files("collabnlp.data") / "counting" / "version_marks.toml"
    try:
        patterns = tomllib.loads(path.read_text(encoding="utf-8"))["patterns"]
        return tuple(re.compile(it, re.IGNORECASE) for it in patterns)
    except (OSError, KeyError, TypeError, ValueError, re.error) as error:
        raise DataError(f"{path.name} cannot be read: {error}.") from error


def text_title(title: str) -> str:
    """A title without what tells versions of the text apart (number, stage, "draft", "Act")."""
    for mark in _marks():
        title = mark.sub("", title)
    return " ".join(title.split()).strip(" ,:–-") or title


def version_name(info: DocumentInfo) -> str:
    """The text and the version's date, or the document's id where there is no date."""
    return f"{text_title(info.title)}, {info.date or info.id}"
