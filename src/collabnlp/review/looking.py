"""The pages that only show something: search, labels, codebook, keys, pictures, colours."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import NotFound

from collabnlp.review.codebook import codebook_html
from collabnlp.review.desk import Desk
from collabnlp.review.saving import Person
from collabnlp.review.showing import said
from collabnlp.review.unit_page import NAMES
from collabnlp.schema import Box, Level

PagePicture = Callable[[str, int, tuple[Box, ...]], bytes | None]
"""PNG of a page (from 1) of the file of a sha256, boxes outlined; None where it cannot be had."""


def no_picture(_sha256: str, _page: int, _boxes: tuple[Box, ...]) -> bytes | None:
    """For a page without pictures."""
    return None


class Looking:
    """Routes that change nothing. ``here`` gives the person, or says that nobody is there."""

    def __init__(self, desk: Desk, here: Callable[[], Person], page_picture: PagePicture) -> None:
        self.desk, self.here, self.page_picture = desk, here, page_picture

    def add(self, app: Flask) -> None:
        """Add the routes to the application."""
        picture = "/picture/<sha256>/<unit_hash>/<int:occurrence>/<int:page>.png"
        for rule, view in (
            ("/search", self.search),
            ("/labels", self.labels),
            ("/codebook", self.codebook),
            ("/help", self.help),
            (picture, self.picture),
            ("/palette.css", self.palette),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=["GET"])

    def search(self) -> str:
        self.here()
        words = " ".join(request.args.get("q", "").split())[:200]
        found = self.desk.units.search(words, limit=100) if words else []
        return render_template(
            "search.html", words=words, found=found, documents=self.desk.units.documents()
        )

    def labels(self) -> str:
        person = self.here()
        rows = []
        for entry in self.desk.last_entries(person.reader):
            it = entry.annotation
            unit = self.desk.kept_unit(it.document, it.unit)
            rows.append((entry, said(entry), unit, NAMES.get(it.role, "")))
        return render_template("labels.html", rows=rows)

    def codebook(self) -> str:
        return render_template("codebook.html", text=codebook_html(), version=self.desk.codebook)

    def help(self) -> str:
        return render_template("help.html")

    def picture(self, sha256: str, unit_hash: str, occurrence: int, page: int) -> Response:
        unit = self.desk.units.unit((sha256, unit_hash, occurrence))
        if unit is None:
            raise NotFound
        boxes = tuple(box for box in unit.boxes if box.page == page)
        found = self.page_picture(sha256, page, boxes) if boxes else None
        if found is None:
            raise NotFound
        return Response(found, mimetype="image/png")

    def palette(self) -> Response:
        return Response(render_template("palette.css", levels=list(Level)), mimetype="text/css")
