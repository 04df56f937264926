"""`collabnlp review` as its user starts it: a process, an address on its output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from signal import SIGKILL, SIGTERM
from types import TracebackType
from typing import Self

from review_proofs.serving import free_port


class Review:
    """One start after another of the program on the same store and port."""

    def __init__(self, store: Path, *options: str, port: int | None = None) -> None:
        self.store, self.options, self.port = store, options, port or free_port()
        self.address = ""
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> str:
        """Start it; the address that it prints."""
        nowhere = self.store.parent / "no-corpus"
        command = [sys.executable, "-m", "collabnlp", "review", "--no-browser"]
        command += ["--store", str(self.store), "--port", str(self.port), "--corpus", str(nowhere)]
        self._process = subprocess.Popen(
            [*command, *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=self.store.parent,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        if not self.address.startswith("http://127.0.0.1:"):
            raise RuntimeError(f"no address was printed: {self.address!r}")
        return self.address

    @property
    def pid(self) -> int:
        """Of the running program."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.send_signal(SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(SIGTERM)
            self._process.wait(20)

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
