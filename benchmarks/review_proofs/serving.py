"""The review page as a process of its own, started fast, killed hard, traced or short of space.

    python -m review_proofs.serving STORE PORT [--unsynced]

It serves what `collabnlp review` serves, without looking for documents or a model first.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from os import killpg
from pathlib import Path
from signal import SIGKILL, SIGTERM
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collabnlp.labels.database import LabelDatabase

TOKEN = "token-of-the-proofs"
_FOLDER = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """One serving process after another on the same store and port."""

    def __init__(
        self,
        store: Path,
        *,
        before: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        self.store, self.port = store, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._before, self._options = list(before), list(options)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, patience: float = 60.0) -> None:
        """Start, and wait until it answers."""
        command = [sys.executable, "-m", "review_proofs.serving", str(self.store), str(self.port)]
        self.process = subprocess.Popen(
            [*self._before, *command, *self._options],
            cwd=_FOLDER,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
            try:
                # It listens before it can answer.
                line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
                line.request("GET", "/")
                line.getresponse().read()
                line.close()
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
        raise RuntimeError("the server does not answer")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self.process is not None
        self.process.send_signal(SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM to the group: a tracer would leave the server to itself."""
        if self.process is not None and self.process.poll() is None:
            killpg(self.process.pid, SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                killpg(self.process.pid, SIGKILL)
                self.process.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument(
        "--unsynced", action="store_true", help="no fsync: to see that the proof notices"
    )
    options = parser.parse_args()

    from collabnlp.labels.database import LabelDatabase
    from collabnlp.review.server import listening, serve
    from collabnlp.workflows.reviewing import review_app

    kind = _unsynced() if options.unsynced else LabelDatabase
    opened = listening(options.port)
    serve(review_app(kind(options.store), port=options.port, token=TOKEN), opened)


def _unsynced() -> type[LabelDatabase]:
    import sqlite3

    from collabnlp.labels.database import LabelDatabase

    class Unsynced(LabelDatabase):
        """A store that leaves the disk to the system."""

        def connection(self) -> sqlite3.Connection:
            there = super().connection()
            if not there.in_transaction:
                there.execute("PRAGMA synchronous = OFF")
            return there

    return Unsynced


if __name__ == "__main__":
    main()
