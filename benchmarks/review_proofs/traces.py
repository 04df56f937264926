"""What strace saw of a serving process: was each saved label on the disk before it was confirmed?

strace stops a thread at the entry and at the exit of every call and writes what it saw in that
order into one file, so "the sync returned before the answer was begun" is an order of lines.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

CALLS = "openat,close,fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg,recvfrom,read"
_LINE = re.compile(r"(\d+)\s+(\d+\.\d+)\s+(.*)$")
_CALL = re.compile(r"(\w+)\((.*)$", re.DOTALL)
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)$", re.DOTALL)
_FD = re.compile(r"(\d+)(?:<(.*?)>)?(?:,|\)|\s|$)")
_RESULT = re.compile(r"\)\s+= (-?\d+|\?)(?:<[^>]*>)?(?: .*)?$")
_REQUEST = re.compile(r"POST (\S+) HTTP")
_STATUS = re.compile(r'"HTTP/1\.[01] (\d{3})')
_SYNCS = {"fsync", "fdatasync"}
_SENDS = {"sendto", "sendmsg", "write", "writev"}
_RECEIVES = {"recvfrom", "read"}
_WRITES = {"pwrite64", "pwritev", "write", "writev"}


def missing() -> str:
    """Why no process can be traced here; empty where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"ptrace is not allowed here: {tried.stderr.strip()}"


def command(out: Path) -> list[str]:
    """What to put before a command so that it is traced into a file."""
    # Whole pages and whole requests: a label is known by its request's id in them.
    options = ["-f", "-ttt", "-y", "-s", "9000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    return ["strace", *options, "-o", str(out)]


@dataclass(frozen=True, slots=True)
class Call:
    """One system call. ``start`` and ``end`` are the lines of its entry and its exit."""

    thread: int
    name: str
    fd: int
    path: str
    text: str
    start: int
    end: int
    result: int


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls of a trace, in the order in which they ended; one that never ended is left out."""
    open_calls: dict[int, tuple[Call, str]] = {}
    for number, line in enumerate(lines):
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        thread, rest = int(found[1]), found[3]
        resumed = _RESUMED.match(rest)
        if resumed:
            begun = open_calls.pop(thread, None)
            if begun is not None:
                call, text = begun
                yield _ended(call, text + resumed[2], number)
            continue
        called = _CALL.match(rest)
        if called is None:
            continue
        fd = _FD.match(called[2])
        call = Call(
            thread=thread,
            name=called[1],
            fd=int(fd[1]) if fd else -1,
            path=(fd[2] or "") if fd else "",
            text="",
            start=number,
            end=number,
            result=0,
        )
        if rest.endswith("<unfinished ...>"):
            open_calls[thread] = (call, called[2].removesuffix("<unfinished ...>"))
        else:
            yield _ended(call, called[2], number)


def _ended(call: Call, text: str, number: int) -> Call:
    result = _RESULT.search(text)
    value = int(result[1]) if result and result[1] != "?" else -1
    return replace(call, text=text, end=number, result=value)


@dataclass(slots=True)
class Answer:
    """A request that changed something, and its answer."""

    requests: tuple[str, ...]
    received: int
    sent: int
    status: int


@dataclass(slots=True)
class _Connection:
    received: str = ""
    last: int = 0
    answered: bool = True


@dataclass(slots=True)
class Verdict:
    """What the trace shows of the labels that were confirmed.

    confirmed   how many confirmations of a label were looked at
    syncs       how many times the log was brought to the disk
    violations  one line each: confirmed before it was on the disk
    """

    confirmed: int = 0
    syncs: int = 0
    violations: list[str] = field(default_factory=list)


def answers(found: list[Call], ids: frozenset[str], *, good: frozenset[int]) -> list[Answer]:
    """Every good answer to a request that named one of the ids, with the lines between."""
    connections: dict[int, _Connection] = {}
    results: list[Answer] = []
    for call in sorted(found, key=lambda it: it.end if it.name in _RECEIVES else it.start):
        if "socket:" not in call.path and "TCP" not in call.path:
            continue
        if call.name == "close":
            connections.pop(call.fd, None)
        elif call.name in _RECEIVES and call.result > 0:
            there = connections.setdefault(call.fd, _Connection())
            if there.answered:
                there.received, there.answered = "", False
            there.received += call.text
            there.last = call.end
        elif call.name in _SENDS:
            there = connections.setdefault(call.fd, _Connection())
            if there.answered:
                continue
            # The first bytes of the answer; what is sent after them belongs to the same one.
            there.answered = True
            status = _STATUS.search(call.text)
            named = tuple(it for it in ids if it in there.received)
            is_post = bool(_REQUEST.search(there.received))
            if named and is_post and status and int(status[1]) in good:
                results.append(Answer(named, there.last, call.start, int(status[1])))
    return results


def judge(
    trace: Path, ids: Iterable[str], *, good: frozenset[int] = frozenset({200, 303})
) -> Verdict:
    """Holds every good answer against the log's writes and syncs before it.

    For a request, the thread that first wrote its id into the log (``…-wal``) did the transaction.
    The last write of that thread to the log before the answer must be followed by an fsync or
    fdatasync of the log that was begun after it, returned 0, and ended before the answer's first
    byte was sent.
    """
    with trace.open(encoding="utf-8", errors="replace") as lines:
        found = list(calls(lines))
    wanted = frozenset(ids)
    writes = [it for it in found if it.name in _WRITES and it.path.endswith("-wal")]
    syncs = [it for it in found if it.name in _SYNCS and it.path.endswith("-wal")]
    first: dict[str, Call] = {}
    for call in writes:
        for request in wanted:
            if request not in first and request in call.text:
                first[request] = call
    verdict = Verdict(syncs=len(syncs))
    for answer in answers(found, wanted, good=good):
        for request in answer.requests:
            verdict.confirmed += 1
            begun = first.get(request)
            if begun is None or begun.start > answer.sent:
                verdict.violations.append(f"{request}: confirmed, and not written before")
                continue
            last = (
                max(it.end for it in writes if it.thread == begun.thread and it.end < answer.sent)
                if answer.received < begun.start
                else begun.end
            )
            if not any(it.start > last and it.end < answer.sent and it.result == 0 for it in syncs):
                verdict.violations.append(f"{request}: confirmed before the log was synced")
    return verdict


def writers(trace: Path) -> int:
    """How many threads wrote to the log."""
    with trace.open(encoding="utf-8", errors="replace") as lines:
        return len(
            {it.thread for it in calls(lines) if it.name in _WRITES and it.path.endswith("-wal")}
        )
