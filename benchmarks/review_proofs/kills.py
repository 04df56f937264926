"""The server is killed again and again while clients post labels; nothing confirmed may be lost."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from collabnlp.review.acts import UNDO
from review_proofs import stores
from review_proofs.accounts import Account, account
from review_proofs.clients import Client, Crowd
from review_proofs.serving import Server


@dataclass(slots=True)
class Killed:
    """What came of the kills.

    on_their_way  requests that were not answered yet when the server died
    kept          of these, those that were in the store already: their answers were lost
    posts         sendings of all clients; ``again``: of a request that was sent before
    damaged       kills after which SQLite's check of a copy of the files found something
    """

    account: Account
    kills: int = 0
    on_their_way: int = 0
    kept: int = 0
    damaged: int = 0
    posts: int = 0
    again: int = 0
    seconds: float = 0.0

    def rows(self) -> list[tuple[str, str]]:
        """For a table: what, and how many."""
        it = self.account
        return [
            ("kill -9", f"{self.kills}"),
            ("requests sent", f"{self.posts:,} ({self.again:,} of them again)"),
            ("on their way at a kill", f"{self.on_their_way} ({self.kept} already on the disk)"),
            ("confirmed", f"{it.labels:,} labels, {it.undone:,} undone, {it.skips:,} skips"),
            ("entries in the store", f"{it.entries:,}"),
            ("confirmed and lost", f"{len(it.lost)}"),
            ("doubled, or never confirmed", f"{len(it.doubled)}"),
            ("not as it was sent, or wrong in force", f"{len(it.wrong)}"),
            ("integrity check failed after a kill", f"{self.damaged}"),
            ("problems of the store at the end", f"{len(it.problems)}"),
            ("seconds", f"{self.seconds:.0f}"),
        ]


def kill_often(
    folder: Path,
    *,
    kills: int,
    seed: int = 5,
    clients: int = 4,
    longest: float = 1.5,
    told: Callable[[int], None] = lambda _number: None,
) -> Killed:
    """Kill a server ``kills`` times, each 0 to ``longest`` seconds after it began to answer.

    Raises RuntimeError where a client failed for another reason than a lost connection.
    """
    began = time.monotonic()
    path = folder / "labels.sqlite"
    sentences = stores.build(path, len(stores.written()) if kills > 20 else 600, seed=seed)
    server = Server(path)
    server.start()
    crowd = Crowd(
        [Client(server.address, f"reviewer {number + 1}") for number in range(clients)],
        sentences,
        seed,
    )
    for client in crowd.clients:
        client.enter()
    result = Killed(Account())
    draw = random.Random(seed)
    crowd.start()
    try:
        for number in range(kills):
            time.sleep(draw.uniform(0.0, longest))
            server.kill()
            result.kills += 1
            _look(result, path, folder / "copy", [it.pending for it in crowd.clients])
            server.start()
            told(number + 1)
        # Whatever is on its way still has to be answered.
        crowd.stop()
    finally:
        crowd.stopped.set()
        server.stop()
    if crowd.failures:
        raise RuntimeError("; ".join(crowd.failures))
    result.account = account(path, crowd.clients)
    result.posts = sum(it.counts.posts for it in crowd.clients)
    result.again = sum(it.counts.again for it in crowd.clients)
    result.seconds = time.monotonic() - began
    return result


def _look(result: Killed, path: Path, folder: Path, pending: list[str]) -> None:
    """The store as the kill left it, in a copy: the server itself is to mend the original."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        if path.with_name(name).exists():
            shutil.copyfile(path.with_name(name), folder / name)
    with closing(sqlite3.connect(folder / path.name)) as copy:
        result.damaged += copy.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
        for request in filter(None, pending):
            result.on_their_way += 1
            asked = (request, UNDO + request, request)
            result.kept += copy.execute(
                "SELECT EXISTS (SELECT 1 FROM entries WHERE request IN (?, ?)) "
                "OR EXISTS (SELECT 1 FROM skips WHERE request = ?)",
                asked,
            ).fetchone()[0]
