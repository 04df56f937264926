"""The codebook as a page beside the unit."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup


@cache
def codebook_html() -> Markup:
    """The packaged codebook as HTML; marks of HTML in it stay words."""
    from markdown_it import MarkdownIt

    text = files("collabnlp.data").joinpath("codebook.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    return Markup(reader.render(text))
