"""The reviewers' page as a Flask application.

Addresses (GET changes nothing; every POST needs the session's cookie, an Origin of the page's own,
and the form's ``form_token``, as a field or in the header ``X-Form-Token``):

====== =================================== =====================================================
GET    ``/?token=…``                       the way in: opens the session, then to ``/start``
GET    ``/start``                          who are you, blind or not, which documents
POST   ``/start``                          ``reader``, ``mode`` (suggestions, blind, adjudicate),
                                           ``document`` (id, or empty for all); to ``/next``
GET    ``/next``                           to the next unit (``?skipped=1``: of those skipped);
                                           a page that says so where nothing is left
GET    ``/unit/SHA256/HASH/N``             one unit; ``?as=repeat`` or ``adjudicate``,
                                           ``?choice=ENTRY`` shows that entry's choice again,
                                           ``?readings=1`` the readings of others
POST   ``/unit/SHA256/HASH/N``             keep a decision (fields below)
POST   ``/unit/SHA256/HASH/N/skip``        ``request``, ``note``
POST   ``/undo``                           ``request``: take this session's last step back
GET    ``/search?q=…``                     all kept units that hold the words
GET    ``/labels``                         the reader's last labels
GET    ``/codebook``, ``/help``            the codebook; the keys
GET    ``/picture/SHA256/HASH/N/PAGE.png`` a page of the PDF, the unit outlined; 404 without
GET    ``/palette.css``, ``/static/…``     looks and script
====== =================================== =====================================================

Fields of a decision: ``request`` (UUID made once a decision: the same one again is not kept twice),
``level`` (none … lead), ``partner`` (any number), ``tier``, ``department`` (codes, any number),
``basis``, ``unsure`` (1), ``note``, ``seconds``; and what the page showed: ``as``, ``shown``,
``model``, ``own`` (id of the reader's own entry, or empty), ``seen`` (ids of entries in force),
``reader`` (whose page it was: refused where the session is somebody else's by now).

A POST with ``Accept: application/json`` answers in JSON, any other with a page or a redirect (303):

- 200 ``{"saved": true, "entry": id, "next": address, "message": text}``: it is on the disk;
- 409 ``{"error", "html"}``: the reader's own entry was changed in another window; nothing was
  kept, ``html`` is a form that puts this choice in its place;
- 422 ``{"error", "field"}``: the form is not complete; 403, 404, 413 ``{"error"}``;
- 503 ``{"error"}``: the store cannot be written, nothing was kept; the same request may come again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, jsonify, redirect, render_template, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from collabnlp.data.palette import palette
from collabnlp.labels.database import LabelDatabase
from collabnlp.review import decisions, guards
from collabnlp.review.answers import tell_failures, unit_address, wants_json
from collabnlp.review.decisions import WrongForm
from collabnlp.review.desk import Desk
from collabnlp.review.entering import MODES, Entering
from collabnlp.review.keys import key_groups
from collabnlp.review.looking import Looking, PagePicture, no_picture
from collabnlp.review.picking import Claims, Picked, open_keys, pick
from collabnlp.review.progress import progress
from collabnlp.review.saving import OwnChanged, Person, Saver, TakenBack, utc_now
from collabnlp.review.showing import PARTNER_KEYS, TIER_KEYS, department_codes, in_words, said
from collabnlp.review.telling import Told, told_saved
from collabnlp.review.unit_page import ROLES, unit_page
from collabnlp.schema import Role, StoredUnit

Application = Flask
_LARGEST_FORM = 64 * 1024
_SESSION = timedelta(days=7)


def create_app(
    database: LabelDatabase,
    *,
    codebook: str,
    port: int,
    token: str,
    secret: bytes,
    page_picture: PagePicture = no_picture,
    reader: str = "",
    mode: str = MODES[0],
    clock: Callable[[], str] = utc_now,
) -> Flask:
    """The application.

    codebook      version that is read by
    port          on which it will listen; requests to other names and ports are refused
    token         lets a browser in; secret: signs the sessions (keep it to outlive a restart)
    reader, mode  put into the first form; with a reader the form is passed over
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret,
        SESSION_COOKIE_NAME=f"collabnlp-review-{port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        PERMANENT_SESSION_LIFETIME=_SESSION,
        # Else a late answer (a picture) would bring back the session of before.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=_LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=_LARGEST_FORM,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    guard = guards.Guard(port=port, token=token, secret=secret)
    guards.protect(app, guard)
    desk = Desk(database, codebook=codebook)
    entering = Entering(desk, guard, clock=clock, reader=reader, mode=mode)
    _Pages(app, guard, desk, Saver(desk, clock=clock), entering, page_picture).add()
    return app


class _Pages:
    """The routes, and what they share."""

    def __init__(
        self,
        app: Flask,
        guard: guards.Guard,
        desk: Desk,
        saver: Saver,
        entering: Entering,
        page_picture: PagePicture,
    ) -> None:
        self.app, self.guard, self.desk, self.saver = app, guard, desk, saver
        self.entering = entering
        self.page_picture = page_picture
        self.claims = Claims()
        self.codes = department_codes()

    def add(self) -> None:
        """Add every route to the application."""
        unit = "/unit/<sha256>/<unit_hash>/<int:occurrence>"
        for rule, view, method in (
            ("/next", self.next, "GET"),
            (unit, self.show, "GET"),
            (unit, self.save, "POST"),
            (f"{unit}/skip", self.skip, "POST"),
            ("/undo", self.undo, "POST"),
        ):
            self.app.add_url_rule(rule, view.__name__, view, methods=[method])
        self.entering.add(self.app)
        Looking(self.desk, self.entering.here, self.page_picture).add(self.app)
        tell_failures(self.app)
        self.app.context_processor(self.common)

    def common(self) -> dict[str, Any]:
        """What every page has."""
        person = self.entering.person() if session.get("id") else None
        return {
            "form_token": self.guard.form_token() if session.get("id") else "",
            "reader": person.reader if person else "",
            "store_mark": self.guard.store_mark(),
            "mode": session.get("mode", ""),
            "key_groups": key_groups(),
            "swatches": palette(),
            "partner_keys": PARTNER_KEYS,
            "tier_keys": TIER_KEYS,
            "fresh_request": lambda: str(uuid.uuid4()),
            "unit_address": unit_address,
            "in_words": in_words,
        }

    # -- units

    def next(self) -> AnyResponse | str:
        person = self.entering.here()
        document = session.get("document", "")
        skipped = request.args.get("skipped", "")
        if session.get("mode") == "adjudicate":
            picked = self._disputed(person.reader, document)
        else:
            picked = pick(
                self.desk,
                self.claims,
                reader=person.reader,
                document=document,
                skipped=bool(skipped),
            )
        if picked is not None:
            self.claims.claim(picked.key[1], person.reader)
            return redirect(unit_address(picked.key, picked.role, skipped=skipped), 303)
        passed = open_keys(self.desk, person.reader, document=document, skipped=True)
        return render_template(
            "done.html",
            skipped=len(passed),
            document=document,
            queued=len(self.desk.queue()),
            disputed=len(self.desk.disputed()),
            progress=self._progress(person),
        )

    def _disputed(self, reader: str, document: str) -> Picked | None:
        taken = self.claims.of_others(reader)
        waiting = [it for it in self.desk.disputed() if self._inside(it[0], document)]
        waiting.sort(key=lambda it: it[1] in taken)
        return Picked(waiting[0], Role.ADJUDICATED) if waiting else None

    def _inside(self, sha256: str, document: str) -> bool:
        return not document or self.desk.units.documents()[sha256]["id"] == document

    def _unit(self, sha256: str, unit_hash: str, occurrence: int) -> StoredUnit:
        found = self.desk.units.unit((sha256, unit_hash, occurrence))
        if found is None:
            raise NotFound
        return found

    def _role(self, unit: StoredUnit, name: str) -> Role:
        role = ROLES.get(name)
        if role is None:
            raise NotFound
        if (
            role is Role.REPEAT
            and self.desk.own(unit, self.entering.here().reader, Role.REVIEWED) is None
        ):
            raise WrongForm("You have not read this unit before: there is nothing to repeat.")
        return role

    def show(self, sha256: str, unit_hash: str, occurrence: int) -> str:
        unit = self._unit(sha256, unit_hash, occurrence)
        role = self._role(unit, request.args.get("as", ""))
        return self._page(unit, role)

    def _page(self, unit: StoredUnit, role: Role, *, error: WrongForm | None = None) -> str:
        person = self.entering.here()
        self.claims.claim(unit.unit_hash, person.reader)
        shown = unit_page(
            self.desk,
            unit,
            reader=person.reader,
            role=role,
            blind=session.get("mode") == "blind",
            chosen=request.args.get("choice", ""),
            form=request.form if error is not None else None,
            show_readings=bool(request.args.get("readings")),
        )
        return render_template(
            "unit.html",
            page=shown,
            error=error,
            disputed=len(self.desk.disputed()) if role is Role.ADJUDICATED else 0,
            whose=bool(request.args.get("whose")),
            skipped=request.args.get("skipped", ""),
            progress=self._progress(person),
            undo_count=self.saver.acts.count(person.session, person.reader, person.began),
        )

    def _progress(self, person: Person) -> Any:
        return progress(self.desk, person.reader, since=person.began.sequence)

    # -- what changes something

    def save(self, sha256: str, unit_hash: str, occurrence: int) -> AnyResponse | tuple[Any, int]:
        person = self.entering.here()
        unit = self._unit(sha256, unit_hash, occurrence)
        role = self._role(unit, request.form.get("as", ""))
        try:
            decision = decisions.read_decision(request.form, codes=self.codes)
            saved = self.saver.save(unit, decision, person, role)
        except OwnChanged as changed:
            return self._changed(unit, role, changed)
        except WrongForm as error:
            if wants_json():
                raise
            return self._page(unit, role, error=error), 422
        told = told_saved(saved, unit, blind=session.get("mode") == "blind")
        return self._done({"entry": saved.entry.id}, told)

    def _changed(
        self, unit: StoredUnit, role: Role, changed: OwnChanged
    ) -> tuple[AnyResponse | str, int]:
        fields = [
            (name, value)
            for name, value in request.form.items(multi=True)
            if name not in {"own", "request", "form_token"}
        ]
        decision = decisions.read_decision(request.form, codes=self.codes)
        values = {
            "unit": unit,
            "role": role,
            "standing": said(changed.standing) if changed.standing else None,
            "mine": in_words(decision.judgement),
            "fields": fields,
            "address": unit_address(unit.key, Role.REVIEWED),
        }
        if wants_json():
            html = render_template("changed_form.html", **values)
            message = "You labelled this unit in another window. Say above which label stands."
            return jsonify(error=message, html=html), 409
        return render_template("changed.html", **values), 409

    def skip(self, sha256: str, unit_hash: str, occurrence: int) -> AnyResponse:
        unit = self._unit(sha256, unit_hash, occurrence)
        number = decisions.read_request(request.form)
        self.saver.skip(
            unit, self.entering.here(), request=number, note=decisions.read_note(request.form)
        )
        return self._done({}, Told(kind="saved", words="Skipped."))

    def undo(self) -> AnyResponse:
        number = decisions.read_request(request.form)
        found = self.saver.undo(self.entering.here(), request=number)
        if found is None:
            return self._done({}, Told(kind="told", words="Nothing is left to take back."))
        if found.stays:
            words = "This unit's label was changed elsewhere since, and stays as it is."
            told = Told(kind="conflict", words=words)
        elif found.entry:
            told = Told(kind="saved", words="Taken back: this is what you had chosen.")
        else:
            told = Told(kind="saved", words="Back at the unit that you skipped.")
        return self._done({}, told, address=_address_of(found))

    def _done(self, values: dict[str, Any], told: Told, *, address: str = "") -> AnyResponse:
        told.next_page()
        skipped = request.form.get("skipped", "")
        address = address or url_for("next", skipped="1" if skipped else None)
        if wants_json():
            return jsonify(saved=True, next=address, message=str(told), **values)
        return redirect(address, 303)


def _address_of(found: TakenBack) -> str:
    return unit_address(found.key, found.role, choice=found.entry)
