"""The way in, and who is here: the token, the first form, and the person of a session."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from collabnlp.review import decisions, guards
from collabnlp.review.acts import Began
from collabnlp.review.answers import Unknown
from collabnlp.review.decisions import WrongForm
from collabnlp.review.desk import Desk
from collabnlp.review.saving import Person

MODES = ("suggestions", "blind", "adjudicate")


class Entering:
    """Routes that let a browser in and ask who sits before it.

    clock         gives the UTC time
    reader, mode  put into the first form; with a reader the form is passed over
    """

    def __init__(
        self,
        desk: Desk,
        guard: guards.Guard,
        *,
        clock: Callable[[], str],
        reader: str = "",
        mode: str = MODES[0],
    ) -> None:
        self.desk, self.guard, self.clock = desk, guard, clock
        self.reader, self.mode = reader, mode

    def add(self, app: Flask) -> None:
        """Add the routes to the application."""
        for rule, view, method in (
            ("/", self.enter, "GET"),
            ("/start", self.start, "GET"),
            ("/start", self.begin, "POST"),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])

    # -- who is here

    def person(self) -> Person | None:
        """Whoever said who they are in this session."""
        if not session.get("reader"):
            return None
        began = Began(int(session["since"]), str(session["began"]))
        return Person(session["reader"], session["id"], began)

    def here(self) -> Person:
        """The person; raises Unknown where nobody said who they are, Refused where the form is
        of somebody else: another window of the same browser said so meanwhile."""
        found = self.person()
        if found is None:
            raise Unknown
        asked = request.form.get("reader", found.reader) if request.method == "POST" else ""
        if asked and asked != found.reader:
            raise guards.Refused(
                f"This browser is {found.reader}'s now, the page was {asked}'s. "
                "Two people at once need two browsers."
            )
        return found

    def welcome(self, reader: str, mode: str, document: str) -> None:
        """Note in the session who is here. The same person going on keeps their steps."""
        if session.get("reader") != reader:
            session["since"] = self.desk.database.sequence
            session["began"] = self.clock()
        session.update(reader=reader, mode=mode, document=document)

    # -- the way in

    def enter(self) -> AnyResponse:
        token = request.args.get("token")
        if token is None:
            return redirect(url_for("next"), 303)
        if not self.guard.opens(token):
            raise guards.Refused("The address has an old or a wrong token.")
        if not session.get("id"):
            session["id"] = guards.new_session()
            session.permanent = True
        # The address of another start of the program opens the page anew.
        start = self.guard.start()
        name = session.get("reader") or self.reader
        if session.get("start") != start and name:
            session["reader"] = ""
            self.welcome(name, session.get("mode", self.mode), session.get("document", ""))
        session["start"] = start
        answer = redirect(url_for("next" if session.get("reader") else "start"), 303)
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    def start(self) -> str:
        return render_template(
            "start.html",
            documents=self.desk.units.documents(),
            queued=len(self.desk.queue()),
            disputed=len(self.desk.disputed()),
            name=session.get("reader") or self.reader,
            chosen_mode=session.get("mode") or self.mode,
            chosen_document=session.get("document", ""),
        )

    def begin(self) -> AnyResponse:
        name = decisions.read_name(request.form.get("reader", ""))
        mode = request.form.get("mode", MODES[0])
        document = request.form.get("document", "")
        known = {info["id"] for info in self.desk.units.documents().values()}
        if mode not in MODES or (document and document not in known):
            raise WrongForm("The form has a choice that is not there: load the page again.")
        self.welcome(name, mode, document)
        return redirect(url_for("next"), 303)
