"""Whole commands from a cold shell: `collabnlp classify` beside `pdftotext` on the same file.

    python benchmarks/startup.py [PDF] [--runs N] [--json]

Ratios travel between machines, seconds do not: both commands run alternately in one run, and the
medians are compared. The file is read once before, so that neither pays for the disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAPER = ROOT.parent / "shared" / "documents" / "edwp-2024.pdf"
DEMO = ROOT / "demo" / "regional-partnership-2.pdf"
BAR = 15.0


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pdf", nargs="?", type=Path, default=PAPER if PAPER.exists() else DEMO)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tool = shutil.which("pdftotext")
    if tool is None:
        print("pdftotext is not installed (apt install poppler-utils): nothing to compare with")
        return 0
    program = [sys.executable, "-m", "collabnlp"]
    commands = {
        "pdftotext": [tool, str(options.pdf), "-"],
        "collabnlp --version": [*program, "--version"],
        "collabnlp extract": [*program, "extract", str(options.pdf)],
        "collabnlp classify": [*program, "classify", str(options.pdf), "--format", "jsonl"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        seconds(command)
    for _ in range(options.runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    base = medians["pdftotext"]
    rows = {name: {"seconds": it, "ratio": it / base} for name, it in medians.items()}
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"{options.pdf.name}: whole processes, median of {options.runs}")
    for name, row in rows.items():
        print(f"  {name:22} {row['seconds']:7.3f} s  {row['ratio']:6.1f} x pdftotext")
    verdict = "within" if rows["collabnlp classify"]["ratio"] <= BAR else "NOT within"
    print(f"  classify is {verdict} {BAR:g} x pdftotext")
    return 0


if __name__ == "__main__":
    sys.exit(main())
