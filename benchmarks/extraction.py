#!/usr/bin/env python3
"""How fast and how well a PDF is read: collabnlp beside other tools, in one run.

    python benchmarks/extraction.py [FILE.pdf] [--repeat N] [--slow]

Every tool runs in fresh processes, one a turn, that read the file N times and report the times and
the peak of their memory. pages/s is one process's, the file already in memory and the libraries
loaded: the median of all runs. The tools take turns, so that a busy machine slows all of them
alike; `ratio` is against pypdfium2's raw text: the median over the turns of the ratio within each
turn (medians of its runs), `best` that of the fastest runs. Tools that give raw text are compared
with ours, which gives blocks with places; "collabnlp units" adds the splitting into units.

Where reference units lie beside the documents, the units of the very document that was timed are
compared with them: own words, joined words, order, as reference/unit_f1.py counts them.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
SLOW = frozenset({"pdfplumber", "pypdf"})
RAW, POPPLER = "pypdfium2 raw text", "pdftotext (start included)"
TURNS = 5


def pypdfium2_raw(data: bytes) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    for index in range(len(document)):
        page = document[index]
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    count = len(document)
    document.close()
    return count


def pdfplumber(data: bytes) -> int:
    import pdfplumber as library

    with library.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            page.close()
        return len(document.pages)


def pypdf(data: bytes) -> int:
    import pypdf as library

    reader = library.PdfReader(io.BytesIO(data))
    for page in reader.pages:
        page.extract_text()
    return len(reader.pages)


def collabnlp_blocks(data: bytes) -> int:
    from collabnlp.extraction.pdf import read_pdf

    return len(read_pdf(data, name="benchmark.pdf").pages)


def collabnlp_layout(data: bytes) -> int:
    from collabnlp.extraction.pdf import read_pdf

    return len(read_pdf(data, name="benchmark.pdf", ignore_tags=True).pages)


def collabnlp_units(data: bytes) -> int:
    from collabnlp.extraction.pdf import read_pdf
    from collabnlp.segmentation import make_units

    document = read_pdf(data, name="benchmark.pdf")
    list(make_units(document))
    return len(document.pages)


TOOLS: dict[str, Callable[[bytes], int]] = {
    RAW: pypdfium2_raw,
    "collabnlp blocks": collabnlp_blocks,
    "collabnlp blocks, tags ignored": collabnlp_layout,
    "collabnlp units": collabnlp_units,
    "pypdf": pypdf,
    "pdfplumber": pdfplumber,
}


def measure(tool: str, path: Path, repeat: int) -> None:
    """Run one tool in this process; print its figures as JSON."""
    data = path.read_bytes()
    function = TOOLS[tool]
    seconds, pages = [], 0
    if tool not in SLOW:
        function(data)  # the libraries' own loading is not what is measured
    for _ in range(repeat):
        begun = time.perf_counter()
        pages = function(data)
        seconds.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"pages": pages, "seconds": seconds, "peak": peak}))


@dataclass
class Figures:
    """What was measured of a tool: seconds of every run, the largest peak of memory in MB."""

    pages: int = 0
    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0
    turns: list[float] = field(default_factory=list)  # the median of each turn

    def add(self, pages: int, seconds: list[float], peak: float) -> None:
        self.pages, self.peak = pages, max(self.peak, peak)
        self.seconds += seconds
        self.turns.append(statistics.median(seconds))


def in_fresh_process(tool: str, path: Path, repeat: int, figures: Figures) -> bool:
    """Add a tool's figures; False where it fails."""
    command = [sys.executable, __file__, str(path), "--tool", tool, "--repeat", str(repeat)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode == 0:
        figures.add(**json.loads(done.stdout.splitlines()[-1]))
    return done.returncode == 0


def pdftotext(path: Path, pages: int, repeat: int, figures: Figures) -> None:
    """Poppler's pdftotext, its start included (there is no other way to call it)."""
    seconds, peak = [], 0.0
    for _ in range(repeat):
        begun = time.perf_counter()
        process = subprocess.Popen(["pdftotext", str(path), os.devnull], stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - begun)
        peak = max(peak, usage.ru_maxrss / 1024)
    figures.add(pages, seconds, peak)


def quality(path: Path) -> list[str]:
    """Agreement of the document's units with reference units, where there are any."""
    reference = SHARED / "reference" / f"{path.stem}.units.jsonl"
    script = SHARED / "reference" / "unit_f1.py"
    if not reference.is_file() or not script.is_file():
        return ["quality: no reference units for this document"]
    from collabnlp.extraction.pdf import read_pdf
    from collabnlp.schema import unit_record
    from collabnlp.segmentation import make_units

    lines = []
    for title, ignore_tags in (("tags", False), ("layout", True)):
        document = read_pdf(path.read_bytes(), name=path.name, ignore_tags=ignore_tags)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as units:
            for unit in make_units(document):
                units.write(json.dumps(unit_record(document.info, unit)) + "\n")
            units.flush()
            command = [sys.executable, str(script), str(reference), units.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        lines.append(f"quality by {title}: {done.stdout.strip() or done.stderr.strip()}")
    return lines


def default_document() -> Path:
    """The white paper where the documents are, else the largest PDF that comes with the project."""
    paper = SHARED / "documents" / "edwp-2024.pdf"
    if paper.is_file():
        return paper
    demo = sorted(
        (ROOT / "src" / "collabnlp" / "data" / "demo").glob("*.pdf"),
        key=lambda path: (-path.stat().st_size, path.name),
    )
    if not demo:
        sys.exit("Name a PDF: neither ../shared/documents nor a demo PDF is here.")
    return demo[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("--repeat", type=int, default=3, help="runs a turn (five turns)")
    parser.add_argument("--slow", action="store_true", help="pdfplumber and pypdf as often, too")
    parser.add_argument("--tool", choices=sorted(TOOLS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    path = chosen.document or default_document()
    if chosen.tool:
        measure(chosen.tool, path, chosen.repeat)
        return
    found = run_all(path, chosen.repeat, chosen.slow)
    print(f"{path.name}, {path.stat().st_size / 1e6:.1f} MB")
    print(f"{'tool':32} {'pages/s':>8} {'ratio':>6} {'best':>6} {'peak MB':>8} {'runs':>5}")
    raw = found[RAW]
    if not raw.seconds:
        sys.exit(f"{RAW} failed: there is nothing to compare with")
    for tool, figures in found.items():
        if not figures.seconds:
            print(f"{tool:32} not installed, or failed")
            continue
        seconds = statistics.median(figures.seconds)
        ratio = statistics.median(
            one / other for one, other in zip(raw.turns, figures.turns, strict=False)
        )
        best = min(raw.seconds) / min(figures.seconds)
        print(
            f"{tool:32} {figures.pages / seconds:8.0f} {ratio:6.2f} {best:6.2f} "
            f"{figures.peak:8.0f} {len(figures.seconds):5}"
        )
    for line in quality(path):
        print(line)


def run_all(path: Path, repeat: int, slow: bool) -> dict[str, Figures]:
    """Let the tools take turns; slow ones run once unless they are asked for."""
    found = {RAW: Figures(), POPPLER: Figures(), **{tool: Figures() for tool in TOOLS}}
    for turn in range(TURNS):
        for tool, figures in found.items():
            if tool == POPPLER:
                if shutil.which("pdftotext"):
                    pdftotext(path, found[RAW].pages, repeat, figures)
            elif tool in SLOW and not slow:
                if turn == 0:
                    in_fresh_process(tool, path, 1, figures)
            else:
                in_fresh_process(tool, path, repeat, figures)
    return found


if __name__ == "__main__":
    main()
