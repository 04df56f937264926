"""The codebook as a page beside the unit."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from markupsafe import Markup


@cache
def codebook_html() -> Markup:
    """The packaged codebook as HTML; its headings start at the second rank."""
    from markdown_it import MarkdownIt

    text = files("collabnlp.data").joinpath("codebook.md").read_text(encoding="utf-8")
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))
