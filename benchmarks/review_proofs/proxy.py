"""A bad line between browser and page: a TCP proxy that loses requests, or their answers.

Every connection carries one request: on a reused connection a browser would repeat a lost request
by itself, and the page would never learn of it.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

_PATIENCE = 30.0


@dataclass(slots=True)
class Losses:
    """How often what is lost: shares of the requests that ``of`` names (by method, path and head),
    and how often it was."""

    answers: float = 0.0
    requests: float = 0.0
    of: Callable[[str, str, str], bool] = lambda method, _path, _head: method == "POST"
    passed: int = 0
    answers_lost: int = 0
    requests_lost: int = 0
    lost: list[tuple[str, str, str]] = field(default_factory=list)


class Proxy:
    """Listens on a free port of the loopback address and passes on to another port of it."""

    def __init__(self, target: int, *, seed: int = 5, losses: Losses | None = None) -> None:
        self.target = target
        self.losses = losses or Losses()
        self.cut = False  # True: every connection is refused at once, as where the line is dead
        self._draw = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _listen(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(_PATIENCE)
            if self.cut:
                return
            request = _message(client)
            if not request:
                return
            head, _, body = request.partition(b"\r\n\r\n")
            first = head.split(b"\r\n", 1)[0].decode("latin-1")
            method, path = [*first.split(), "", ""][:2]
            fate = self._fate(method, path, head.decode("latin-1"))
            if fate == "request":
                return
            # The page knows its own address only: Host, Origin and Referer name this port.
            head = head.replace(b":%d" % self.port, b":%d" % self.target)
            with socket.create_connection(("127.0.0.1", self.target), timeout=_PATIENCE) as server:
                server.sendall(_closing(head) + b"\r\n\r\n" + body)
                answer = _message(server, whole=True)
            if fate == "answer":
                return
            head, _, body = answer.partition(b"\r\n\r\n")
            head = head.replace(b":%d" % self.target, b":%d" % self.port)
            client.sendall(_closing(head) + b"\r\n\r\n" + body)

    def _fate(self, method: str, path: str, head: str) -> str:
        with self._lock:
            if not self.losses.of(method, path, head):
                return ""
            drawn = self._draw.random()
            if drawn < self.losses.answers:
                self.losses.answers_lost += 1
                self.losses.lost.append(("answer", method, path))
                return "answer"
            if drawn < self.losses.answers + self.losses.requests:
                self.losses.requests_lost += 1
                self.losses.lost.append(("request", method, path))
                return "request"
            self.losses.passed += 1
            return ""


def _closing(head: bytes) -> bytes:
    """The head with "Connection: close" in the place of what it said of the connection."""
    lines = [it for it in head.split(b"\r\n") if not it.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"])


def _message(source: socket.socket, *, whole: bool = False) -> bytes:
    """One HTTP message: up to its Content-Length; ``whole``: up to the end of the connection."""
    data = b""
    while True:
        head, separator, body = data.partition(b"\r\n\r\n")
        if separator and not whole:
            lengths = [
                int(line.split(b":", 1)[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length:")
            ]
            if len(body) >= (lengths[0] if lengths else 0):
                return data
        part = source.recv(65536)
        if not part:
            return data
        data += part
