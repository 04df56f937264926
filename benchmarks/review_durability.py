"""Proofs that the review page loses no label, each printed as a table.

    python benchmarks/review_durability.py kills [--kills 200] [--clients 4] [--seed 5]
    python benchmarks/review_durability.py syncs [--each 100] [--clients 4] [--seed 5]
    python benchmarks/review_durability.py space

``kills``: the server is killed (SIGKILL) at random moments while clients label, correct, skip and
undo, each request repeated until it is confirmed. ``syncs``: strace's record of the serving
process, where every confirmation must follow an fsync of the log that followed the label's last
write to it; then the same without fsync, where the check must find every label. ``space``: a full
disk (a mount of 4 MB, for which one must be root), a limit on the size of files, and a folder that
may only be read.

Exit status 1 where anything confirmed is lost, doubled or wrong, or the store is damaged.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from review_proofs import kills, space, syncs, traces


def show(title: str, rows: list[tuple[str, str]]) -> None:
    """A table of two columns."""
    print(f"\n{title}\n")
    print("| what | how many |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")


def run_kills(folder: Path, options: argparse.Namespace) -> bool:
    def told(number: int) -> None:
        print(f"\r{number} of {options.kills} kills", end="", file=sys.stderr, flush=True)

    found = kills.kill_often(
        folder, kills=options.kills, seed=options.seed, clients=options.clients, told=told
    )
    print(file=sys.stderr)
    show(f"kill -9, {options.clients} clients, seed {options.seed}", found.rows())
    it = found.account
    for line in (*it.lost, *it.doubled, *it.wrong, *it.problems):
        print(line)
    return it.clean and not found.damaged


def run_syncs(folder: Path, options: argparse.Namespace) -> bool:
    why = traces.missing()
    if why:
        print(f"skipped: {why}")
        return True
    good = True
    for synced in (True, False):
        found = syncs.trace_saves(
            folder / ("synced" if synced else "unsynced"),
            each=options.each,
            seed=options.seed,
            clients=options.clients,
            synced=synced,
        )
        number = len(found.verdict.violations)
        show(
            "As it is" if synced else "With PRAGMA synchronous = OFF: the check must find it",
            [
                ("confirmed steps", f"{found.verdict.confirmed}"),
                ("threads that wrote", f"{found.threads}"),
                ("fsync or fdatasync of the log", f"{found.verdict.syncs}"),
                ("confirmed before it was on the disk", f"{number}"),
            ],
        )
        right = number == 0 if synced else number == found.verdict.confirmed
        good = good and right and found.account.clean
        if synced:
            for line in found.verdict.violations:
                print(line)
    return good


def run_space(folder: Path, _options: argparse.Namespace) -> bool:
    good = True
    cases: tuple[tuple[str, Callable[[Path], space.Starved]], ...] = (
        ("A full disk", space.full_disk),
        ("A limit on the size of files", space.limited_files),
        ("A folder that may only be read", space.read_only),
    )
    for title, case in cases:
        try:
            found = case(folder / case.__name__)
        except OSError as error:
            print(f"\n{title}: skipped: {error}")
            continue
        show(title, found.rows())
        good = good and found.clean
    return good


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("kills", "syncs", "space"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--each", type=int, default=100, help="steps of each client")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    run = {"kills": run_kills, "syncs": run_syncs, "space": run_space}[options.what]
    with tempfile.TemporaryDirectory() as folder:
        return 0 if run(Path(folder), options) else 1


if __name__ == "__main__":
    sys.exit(main())
