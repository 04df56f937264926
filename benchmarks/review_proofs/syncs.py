"""Every confirmed label was on the disk before its answer was begun: read off system calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from review_proofs import stores, traces
from review_proofs.accounts import Account, account
from review_proofs.clients import Client, Crowd
from review_proofs.serving import Server
from review_proofs.traces import Verdict


@dataclass(frozen=True, slots=True)
class Synced:
    """The verdict on a run of several clients at once, and the account of its store."""

    verdict: Verdict
    account: Account
    threads: int


def trace_saves(
    folder: Path, *, each: int, seed: int = 5, clients: int = 4, synced: bool = True
) -> Synced:
    """Let clients save ``each`` steps on a traced server; ``synced=False`` takes its fsync away."""
    folder.mkdir(parents=True, exist_ok=True)
    path, out = folder / "labels.sqlite", folder / "trace"
    sentences = stores.build(path, clients * each + 50, seed=seed)
    options = () if synced else ("--unsynced",)
    with Server(path, before=traces.command(out), options=options) as server:
        crowd = Crowd(
            [Client(server.address, f"reviewer {number + 1}") for number in range(clients)],
            sentences,
            seed,
            steps=each,
        )
        for client in crowd.clients:
            client.enter()
        crowd.start()
        crowd.join()
    if crowd.failures:
        raise RuntimeError("; ".join(crowd.failures))
    ids = [
        step.request
        for client in crowd.clients
        for step in client.confirmed
        # With nothing left to take back, nothing is written.
        if step.kind != "undo" or step.unit[0]
    ]
    verdict = traces.judge(out, ids)
    missed = len(ids) - verdict.confirmed
    if missed:
        verdict.violations.append(f"{missed} confirmed steps were not found in the trace")
    return Synced(verdict, account(path, crowd.clients), traces.writers(out))
