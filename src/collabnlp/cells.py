"""Cells of spreadsheets: what a document or a person wrote must never run as a formula."""

from __future__ import annotations

import re
from typing import Any

# A spreadsheet runs a cell that begins with one of these as a formula; documents are untrusted.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# Characters that XML 1.0, and so a workbook, cannot hold.
NOT_XML = {code: None for code in range(32) if code not in (9, 10, 13)} | {
    0xFFFE: None,
    0xFFFF: None,
}
CELL_LIMIT = 32767
"""Characters of a cell of a workbook."""
ROW_LIMIT = 1048576
"""Rows of a sheet of a workbook."""

# The wide forms run in spreadsheets set to Chinese, Japanese or Korean. A cell may also begin
# inside a text: after a semicolon, tab or line break, where a reader divides cells by these.
_STARTS = "=+\\-@\t\r\n＝＋－＠"
_GUARD = re.compile(f"(?:^|(?<=[;\t\r\n]))(?='*[{_STARTS}])")
_GUARDED = re.compile(f"(?:^|(?<=[;\t\r\n]))'(?='*[{_STARTS}])")


def defused(value: Any) -> Any:
    """The value, with an apostrophe before what a spreadsheet would run as a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def guarded(text: str) -> str:
    """The text with an apostrophe wherever a cell could begin as a formula, also after a semicolon
    or a line break; `unguarded` gives the text back."""
    return _GUARD.sub("'", text)


def unguarded(text: str) -> str:
    """The text without the apostrophes of `guarded`; a text that has none of them is unchanged."""
    return _GUARDED.sub("", text)
