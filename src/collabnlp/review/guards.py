"""Who may talk to the page: this machine's browser, by its own address, with the token given.

The page listens on the loopback address alone, but every site open in the same browser can send
requests there. So the Host header must be ours (against DNS rebinding), a session is had by a token
that only the program's own output tells, and whatever changes something must come from a page of
ours: its Origin, and a token of the session that no other site can read.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, Response, request, session

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    # Not "no-referrer": under it a browser sends plain forms with the Origin "null".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Refused(Exception):
    """A request that is not answered: why, in a sentence for the person."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What is known of requests that may be answered.

    port    on which the page listens
    token   opens a session; told by the program's output alone
    secret  signs the sessions
    """

    port: int
    token: str
    secret: bytes

    @property
    def hosts(self) -> frozenset[str]:
        """The values that the Host header may have."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def check_host(self) -> None:
        """Raises Refused for a request that was sent to another name."""
        if request.headers.get("Host", "") not in self.hosts:
            raise Refused("This page answers at its own local address alone.")

    def opens(self, token: str) -> bool:
        """True for the token of this start."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def start(self) -> str:
        """A name of this start of the program, from which the token cannot be told."""
        return hashlib.sha256(b"start " + self.token.encode()).hexdigest()[:16]

    def check_session(self) -> None:
        """Raises Refused without a session that was opened by the token."""
        if not session.get("id"):
            raise Refused("This browser has not been let in, or too long ago.")

    def check_own(self) -> None:
        """Raises Refused for a change that does not come from a page of ours."""
        origin = request.headers.get("Origin")
        if origin is not None:
            if origin != f"http://{request.headers['Host']}":
                raise Refused("The request came from another site.")
        elif request.headers.get("Sec-Fetch-Site") != "same-origin":
            referrer = urlsplit(request.headers.get("Referer", ""))
            if (referrer.scheme, referrer.netloc) != ("http", request.headers["Host"]):
                raise Refused("The request does not tell which page it came from.")
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            raise Refused("The request came from another site.")
        given = request.headers.get("X-Form-Token") or request.form.get("form_token", "")
        if not hmac.compare_digest(given.encode(), self.form_token().encode()):
            raise Refused("The form is of an earlier session: load the page again.")

    def form_token(self) -> str:
        """What every form of this session carries."""
        key = self.secret + b" form token"
        return hmac.new(key, session.get("id", "").encode(), hashlib.sha256).hexdigest()

    def store_mark(self) -> str:
        """What tells pages of this store from those of another one on the same port."""
        return hmac.new(self.secret, b"store mark", hashlib.sha256).hexdigest()[:16]


def new_session() -> str:
    """An id for a session."""
    return secrets.token_urlsafe(18)


def protect(app: Flask, guard: Guard) -> None:
    """Put the guard before every route and its headers on every answer."""

    def before() -> None:
        guard.check_host()
        # The way in: the token stands in the place of a session there.
        if request.endpoint == "enter" and "token" in request.args:
            return
        guard.check_session()
        if request.method not in SAFE:
            guard.check_own()

    def after(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    app.before_request(before)
    app.after_request(after)
