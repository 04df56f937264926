"""A whole sitting at the review page in Chromium, by keyboard alone, held against the store.

    python benchmarks/review_session.py [--units 60] [--undo 22] [--seed 5] [--pictures FOLDER]

The program is started as its user starts it. Units of the project's own written sentences are
labelled with varied levels, partners, departments, comments and doubts, some skipped; over a line
that loses a tenth of the answers and a twentieth of the requests; with a page loaded again before
a choice was kept, a server killed and started again, a page closed before it could save, over
twenty acts taken back and done otherwise, another reviewer on the same unit, and the same reviewer
in two windows. Then the store is compared with what was keyed, decision by decision.

Exit status 1 where they differ, or a loss was not told.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from review_proofs.driving import chromium
from review_proofs.session import Session, differences


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--undo", type=int, default=22)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()

    def shot(browser: Any, name: str) -> None:
        if options.pictures is not None:
            options.pictures.mkdir(parents=True, exist_ok=True)
            browser.save_screenshot(str(options.pictures / f"review-{name}.png"))

    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        session = Session(
            Path(folder), browser, units=options.units, undo=options.undo, seed=options.seed
        )
        course = session.run(shot)
        found = differences(session)
    kinds = [act.kind for act in course.acts]
    rows = [
        ("labelled", f"{kinds.count('label')}, and {kinds.count('repeat')} a second time"),
        ("skipped", f"{kinds.count('skip')}"),
        ("taken back one after another", f"{len(course.undone)}"),
        ("requests or answers lost", f"{course.lost} ({course.answers_lost} answers)"),
        ("losses that the page told", f"{course.told}"),
        ("choices through a reload, a restart, a closed page", "3"),
        ("told to the second reviewer", course.conflict),
        ("told to the same one in another window", " ".join(course.changed.split())),
        ("messages in the console", f"{len(course.console)}"),
        ("differences between what was keyed and the store", f"{len(found)}"),
        ("seconds", f"{course.seconds:.0f}"),
    ]
    print("| what | how many |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")
    for line in (*course.console, *found):
        print(line)
    return 1 if found or course.console or course.told != course.lost else 0


if __name__ == "__main__":
    sys.exit(main())
