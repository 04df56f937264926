"""What a report costs beside the classification that it shows.

    python benchmarks/reporting.py [FOLDER] [--json]

Every document of the folder (the shared ones, else the demo) is read and tagged in this process
with the model in memory; then the report of all of them is made: counts, correction, page, charts
as SVG and PNG, workbook. Seconds do not travel between machines; their ratio, taken in one run,
does. The bar is 1.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from pathlib import Path

from collabnlp.analysis.word_diff import word_diff
from collabnlp.reporting.page import report_page
from collabnlp.reporting.page_charts import report_charts
from collabnlp.reporting.page_sheets import write_report
from collabnlp.settings import SHIPPED_MODEL
from collabnlp.workflows.assembling import assemble_report
from collabnlp.workflows.inputs import Source, find_sources
from collabnlp.workflows.reading import Task, read_document, tagger_named

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "documents"
BAR = 1.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    folder = SHARED if SHARED.exists() else ROOT / "demo"
    parser.add_argument("folder", nargs="?", type=Path, default=folder)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    tagger_named(SHIPPED_MODEL)
    started = time.perf_counter()
    outcomes = [
        read_document(Task(path=source.path, model=SHIPPED_MODEL))
        for source in find_sources([str(options.folder)])
        if isinstance(source, Source)
    ]
    steps = {"classify": time.perf_counter() - started}

    started = time.perf_counter()
    report = assemble_report(outcomes, model=SHIPPED_MODEL, beside=Path())
    steps["count"] = time.perf_counter() - started
    started = time.perf_counter()
    page = report_page(report, word_diff)
    steps["page"] = time.perf_counter() - started
    started = time.perf_counter()
    for chart in report_charts(report):
        chart.svg()
        chart.png()
    steps["chart files"] = time.perf_counter() - started
    started = time.perf_counter()
    write_report(report, io.BytesIO())
    steps["workbook"] = time.perf_counter() - started

    whole = sum(taken for name, taken in steps.items() if name != "classify")
    found = {
        "documents": len(outcomes),
        "units": report.units,
        "commitments": len(report.commitments),
        "page megabytes": round(len(page) / 1e6, 2),
        "seconds": {name: round(taken, 2) for name, taken in steps.items()},
        "report / classify": round(whole / steps["classify"], 3),
    }
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 0 if whole <= BAR * steps["classify"] else 1


if __name__ == "__main__":
    sys.exit(main())
