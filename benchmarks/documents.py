"""Every document of a folder in one call: units, pages, how they were read, seconds, reasons.

python benchmarks/documents.py [FOLDER] [--markdown]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

from collabnlp.workflows.inputs import find_sources
from collabnlp.workflows.reading import read_all

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "documents"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    folder = options.folder if options.folder.is_dir() else ROOT / "demo"
    done = partial = refused = 0
    print("| document | format | pages | read by | blocks | units | seconds | partial because |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for outcome in read_all(find_sources([str(folder)]), jobs=options.jobs):
        name = outcome.path.name
        if outcome.document is None:
            refused += 1
            print(f"| {name} | | | | | | | refused: {outcome.error} |")
            continue
        document = outcome.document
        partial += document.partial
        done += not document.partial
        ways = Counter(str(page.reading) for page in document.pages)
        read = ", ".join(f"{way} {count}" for way, count in sorted(ways.items()))
        pages = str(len(document.pages)) if document.pages else ""
        print(
            f"| {name} | {document.format} | {pages} | {read} | {len(document.blocks)} "
            f"| {len(outcome.units)} | {outcome.seconds:.2f} | {'; '.join(document.reasons)} |"
        )
    print()
    print(
        f"{done + partial + refused} documents: {done} done, {partial} partial, {refused} refused"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
