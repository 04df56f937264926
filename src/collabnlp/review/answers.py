"""What every route shares: addresses of units, JSON or a page, and what is said of failures."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from collabnlp.errors import StoreError, StoreUnwritable
from collabnlp.review import guards
from collabnlp.review.decisions import WrongForm
from collabnlp.review.unit_page import NAMES
from collabnlp.schema import Role


class Unknown(HTTPException):
    """Nobody said who they are."""

    code = 403


def unit_address(key: tuple[str, str, int], role: Role = Role.REVIEWED, **more: str) -> str:
    """The address of a unit's page, and as what it is shown."""
    sha256, unit_hash, occurrence = key
    values: dict[str, Any] = {
        name: value for name, value in {"as": NAMES.get(role, ""), **more}.items() if value
    }
    return url_for("show", sha256=sha256, unit_hash=unit_hash, occurrence=occurrence, **values)


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def tell_failures(app: Flask) -> None:
    """Answer every failure with a sentence for the person: a page, or JSON where it was asked."""
    app.register_error_handler(guards.Refused, _refused)
    app.register_error_handler(WrongForm, _wrong_form)
    app.register_error_handler(StoreError, _store_failed)
    app.register_error_handler(HTTPException, _no_page)


def _refused(error: guards.Refused) -> tuple[Any, int]:
    if wants_json():
        return jsonify(error=error.why), 403
    return render_template("refused.html", why=error.why), 403


def _wrong_form(error: WrongForm) -> tuple[Any, int]:
    return _failed(error.message, 422, field=error.field)


def _store_failed(error: StoreError) -> tuple[Any, int]:
    message = f"Not saved. {error}" if request.method == "POST" else str(error)
    return _failed(message, 503 if isinstance(error, StoreUnwritable) else 500)


def _no_page(error: HTTPException) -> tuple[Any, int] | AnyResponse:
    if isinstance(error, Unknown):
        if wants_json():
            return jsonify(error="Say first who you are."), 403
        return redirect(url_for("start"), 303)
    told = {404: "There is no such page, or the unit is not kept in the store any more."}
    told[413] = "The form is too large."
    return _failed(told.get(error.code or 500, error.name), error.code or 500)


def _failed(message: str, status: int, *, field: str = "") -> tuple[Any, int]:
    if wants_json():
        return jsonify(error=message, field=field), status
    return render_template("failed.html", message=message), status
