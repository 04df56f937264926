"""A full disk, a limit on files, a folder that may only be read: an error and no confirmation; the
choice is kept, and the same request is saved once when there is room again."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from collabnlp.labels.database import LabelDatabase
from review_proofs import stores
from review_proofs.accounts import Account, account
from review_proofs.clients import Client, Refused
from review_proofs.serving import Server

BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


@dataclass(slots=True)
class Starved:
    """What came of saving without room.

    before   labels confirmed while there was room
    refused  answers that said it was not saved: status and words, each once
    wrongly  confirmations given while nothing could be kept
    tries    sendings of the same request without room; ``after``: until it was confirmed
    looks    pages of units that were shown meanwhile
    """

    account: Account = field(default_factory=Account)
    before: int = 0
    refused: set[tuple[int, str]] = field(default_factory=set)
    wrongly: int = 0
    tries: int = 0
    after: int = 0
    looks: int = 0

    @property
    def clean(self) -> bool:
        """True where every try was refused, none confirmed wrongly, and nothing lost or damaged."""
        return (
            self.account.clean
            and not self.wrongly
            and bool(self.refused)
            and {status for status, _ in self.refused} == {503}
        )

    def rows(self) -> list[tuple[str, str]]:
        """For a table: what, and how many."""
        said = {json.loads(words)["error"] for _, words in self.refused}
        return [
            ("confirmed while there was room", f"{self.before}"),
            ("tries of one label without room", f"{self.tries + 1}"),
            ("confirmed without room", f"{self.wrongly}"),
            ("units shown meanwhile", f"{self.looks} of {self.tries}"),
            ("tries until it was saved, with room again", f"{self.after}"),
            (
                "lost, doubled or wrong",
                f"{len(self.account.lost + self.account.doubled + self.account.wrong)}",
            ),
            ("problems of the store", f"{len(self.account.problems)}"),
            ("what the page said", "; ".join(sorted(said))),
        ]


def starve(
    store: Path,
    server: Server,
    sentences: list[stores.Sentence],
    *,
    fill: Callable[[], object],
    free: Callable[[], object],
    first: int = 5,
    tries: int = 12,
) -> Starved:
    """Save some labels, take the room away, try one again and again, give room, send it again.
    Without a ``first`` one the room is taken before anybody comes.

    Between taking and giving, a few may still be confirmed: the log has room of its own. They are
    held against the store like all others.
    """
    result = Starved()
    client = Client(server.address, "ann")
    if not first:
        fill()
    client.enter()
    waiting = list(reversed(sentences))
    for _ in range(first):
        one = waiting.pop()
        client.label(one.unit, one.truth)
        result.before += 1
    if first:
        fill()
    stuck = None
    while stuck is None:
        one = waiting.pop()
        job = client.job(one.unit, one.truth)
        try:
            client.post(job)
            result.before += 1
        except Refused as refused:
            stuck = job
            result.refused.add((refused.status, refused.body))
    entries = _entries(store)
    for _ in range(tries):
        result.tries += 1
        try:
            client.post(stuck)
            result.wrongly += 1
        except Refused as refused:
            result.refused.add((refused.status, refused.body))
        if "Not saved" not in client.look(f"/unit/{'/'.join(map(str, stuck.unit.key))}"):
            result.looks += 1
    result.wrongly += _entries(store) != entries
    free()
    while result.after < tries:
        result.after += 1
        try:
            client.post(stuck)
            break
        except Refused as refused:
            result.refused.add((refused.status, refused.body))
    # Once more, as where the answer was lost: it is the same label still.
    client.post(stuck)
    server.stop()
    result.account = account(store, [client])
    return result


def _entries(store: Path) -> int:
    database = LabelDatabase(store)
    try:
        return database.sequence
    finally:
        database.close()


@contextmanager
def small_disk(folder: Path, *, megabytes: int = 4) -> Iterator[Path]:
    """A disk of its own in memory. Raises OSError where this user may mount none."""
    folder.mkdir(parents=True, exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)]
    tried = subprocess.run(["mount", *options], capture_output=True, text=True)
    if tried.returncode:
        raise OSError(f"no disk can be mounted here: {tried.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def full_disk(folder: Path) -> Starved:
    """On a disk of 4 MB that another program fills."""
    with small_disk(folder / "disk") as disk:
        store, filler = disk / "labels.sqlite", disk / "filler"
        sentences = stores.build(store, 400)

        def fill() -> None:
            with filler.open("wb", buffering=0) as stream:
                try:
                    while True:
                        stream.write(b"\0" * 4096)
                except OSError:
                    pass

        with Server(store) as server:
            result = starve(store, server, sentences, fill=fill, free=filler.unlink)
    return result


def limited_files(folder: Path) -> Starved:
    """A limit on the size of the server's files: needs no rights, and fails as a disk does."""
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "labels.sqlite"
    sentences = stores.build(store, 200)
    with Server(store) as server:
        assert server.process is not None
        number = server.process.pid
        _, hard = resource.prlimit(number, resource.RLIMIT_FSIZE)

        def limit(size: int) -> None:
            resource.prlimit(number, resource.RLIMIT_FSIZE, (size, hard))

        log = store.with_name(f"{store.name}-wal")
        return starve(
            store,
            server,
            sentences,
            fill=lambda: limit(log.stat().st_size),
            free=lambda: limit(hard),
        )


def read_only(folder: Path) -> Starved:
    """A folder that may only be read once the server runs; then it may be written again. As root
    it runs without the right to pass over the rights of files."""
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "labels.sqlite"
    sentences = stores.build(store, 60)
    before = BOUND if os.geteuid() == 0 else ()
    files = [folder, *(store.with_name(store.name + end) for end in ("", "-wal", "-shm"))]
    files.append(store.with_name(f"{store.name}.session-key"))

    def rights(may_write: bool) -> None:
        for file in files:
            if file.exists():
                file.chmod(0o700 if may_write else 0o500)

    with Server(store, before=before) as server:
        return starve(
            store,
            server,
            sentences,
            fill=lambda: rights(may_write=False),
            free=lambda: rights(may_write=True),
            first=0,
        )
