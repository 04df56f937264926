"""Where our units and the reference units of the white paper differ, who is right?

    python benchmarks/reference_check.py [--show]

Prints the figures of ``../shared/reference/unit_f1.py``, then looks every difference up in what
another program (pdftotext) reads on the same and the next page: a unit of ours that the reference
lacks is printed there or it is not; the same for a reference unit that we lack. Needs ../shared
and pdftotext.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from pathlib import Path

from collabnlp.extraction import open_document
from collabnlp.schema import unit_record
from collabnlp.segmentation.units import make_units

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PAPER = SHARED / "documents" / "edwp-2024.pdf"
REFERENCE = SHARED / "reference" / "edwp-2024.units.jsonl"


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print each difference")
    options = parser.parse_args()
    tool = shutil.which("pdftotext")
    if tool is None or not PAPER.exists():
        print("needs ../shared and pdftotext (poppler-utils)")
        return 0
    document = open_document(PAPER)
    units = [unit_record(document.info, it) for it in make_units(document)]
    with tempfile.TemporaryDirectory() as folder:
        found_at = Path(folder, "units.jsonl")
        found_at.write_text("\n".join(json.dumps(it) for it in units), encoding="utf-8")
        script = [sys.executable, str(SHARED / "reference" / "unit_f1.py"), str(REFERENCE)]
        print(subprocess.run([*script, str(found_at)], capture_output=True, text=True).stdout)
    reference = [json.loads(it) for it in REFERENCE.read_text(encoding="utf-8").splitlines()]
    asked_on = {it["page"] for it in reference if not it.get("optional")}
    optional = Counter((it["page"], folded(it["own_text"])) for it in reference if "optional" in it)
    asked = Counter(
        (it["page"], folded(it["own_text"])) for it in reference if "optional" not in it
    )
    found = Counter((it["page"], folded(it["own_text"])) for it in units if it["page"] in asked_on)
    found -= optional
    # -raw keeps the order of the content, so that a sentence's words stay together
    pages = subprocess.run(
        [tool, "-raw", str(PAPER), "-"], capture_output=True, text=True, check=True
    ).stdout.split("\f")
    words = [folded(page) for page in pages]

    def printed(page: int, text: str) -> bool:
        return text in words[page - 1] + (words[page] if page < len(words) else "")

    extra, missing = found - asked, asked - found
    real = sum(count for key, count in extra.items() if printed(*key))
    if options.show:
        for sign, rest in (("+", extra), ("-", missing)):
            for page, text in sorted(rest):
                print(
                    f"{sign} p{page} {'printed' if printed(page, text) else 'UNSEEN'} {text[:90]}"
                )
    total, right = sum(found.values()), sum((asked & found).values())
    print(f"{sum(extra.values())} of our {total} units are not in the reference; pdftotext reads")
    print(f"{real} of them, word for word, on their page; {sum(missing.values())} reference units")
    print("are not among ours:", ", ".join(f"p{page}" for page, _ in sorted(missing)))
    asked_for = sum(asked.values())
    precision, recall = (right + real) / total, right / asked_for
    corrected = 2 * precision * recall / (precision + recall)
    print(f"own, with what is printed counted as right: {corrected:.4f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
