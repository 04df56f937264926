"""One text in two formats: do both give the same sentences?

    python benchmarks/parity.py [--show N]

Agreement is that of ``../shared/reference/unit_f1.py --no-pages``; without ../shared the demo
documents are compared by the same figure (own words, letters and digits alone).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

from collabnlp.extraction import open_document
from collabnlp.schema import Region, unit_record
from collabnlp.segmentation.units import make_units

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
BAR = 0.97
# reference, other, whether the bar holds (enacted against revised text is described only)
PAIRS = (
    ("natural-environment-bill-akn.akn.xml", "natural-environment-bill-pdf.pdf", True),
    ("saf-bill-akn.akn.xml", "saf-bill-pdf.pdf", True),
    ("online-safety-notes-akn.akn.xml", "online-safety-notes-html.html", True),
    ("online-safety-notes-akn.akn.xml", "online-safety-notes-docx.docx", True),
    ("online-safety-notes-html.html", "online-safety-notes-docx.docx", True),
    ("passenger-railway-notes-akn.akn.xml", "passenger-railway-notes-html.html", True),
    ("automated-vehicles-act-txt.txt", "automated-vehicles-act-pdf.pdf", False),
)
DEMO = (
    ("regional-partnership-bill.xml", "regional-partnership-bill.pdf", True),
    ("regional-partnership-1.html", "regional-partnership-1.pdf", True),
    ("regional-partnership-2.html", "regional-partnership-2.pdf", True),
)


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def units_of(path: Path) -> list[dict[str, object]]:
    """The records of a document; covers and imprints, which formats do not share, are left out."""
    document = open_document(path)
    units = make_units(document)
    return [unit_record(document.info, it) for it in units if it.region is not Region.FRONT]


def agreement(one: list[dict[str, object]], other: list[dict[str, object]]) -> float:
    asked, found = (Counter(folded(str(it["own_text"])) for it in units) for units in (one, other))
    right = sum((asked & found).values())
    return 2 * right / max(1, sum(asked.values()) + sum(found.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="differences to print")
    options = parser.parse_args()
    missed = 0
    script = SHARED / "reference" / "unit_f1.py"
    sets = [(DEMO, ROOT / "demo")]
    if script.exists():
        sets.append((PAIRS, SHARED / "documents"))
    for pairs, folder in sets:
        for first, second, barred in pairs:
            one, other = units_of(folder / first), units_of(folder / second)
            own = agreement(one, other)
            missed += barred and own < BAR
            verdict = ("reached" if own >= BAR else "MISSED") if barred else "no bar"
            print(f"{first} / {second}: own {own:.4f} ({len(one)}/{len(other)} units, {verdict})")
            if script.exists() and (options.show or folder != ROOT / "demo"):
                with tempfile.TemporaryDirectory() as temporary:
                    paths = []
                    for name, units in (("a", one), ("b", other)):
                        path = Path(temporary, name)
                        path.write_text("".join(json.dumps(it) + "\n" for it in units))
                        paths.append(str(path))
                    command = [sys.executable, str(script), *paths, "--no-pages"]
                    command += ["--show", str(options.show)]
                    print("   ", subprocess.run(command, capture_output=True, text=True).stdout)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
