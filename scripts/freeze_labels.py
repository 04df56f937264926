"""Freeze the labels of the corpus as they are now: what every retraining is measured against.

    python scripts/freeze_labels.py --mirror ../shared/documents --reason "why"

Needs every document of the manifest. Figures of models judged before and after are not comparable,
so do it seldom: when readers have found many of the frozen labels wrong, or many documents are new.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from collabnlp.errors import CollabnlpError
from collabnlp.sources.mirror import Mirror
from collabnlp.workflows.corpus import BUILD, read_table
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.frozen import FROZEN, levels_to_freeze, write_frozen
from collabnlp.workflows.quality import table_digest

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", type=Path, required=True, help="the manifest's documents")
    parser.add_argument("--reason", required=True, help="why the labels are frozen (again)")
    parser.add_argument("--build", type=Path, default=ROOT / BUILD, help="where units are built")
    options = parser.parse_args()
    corpus = Corpus(ROOT / "corpus")
    try:
        table_digest(corpus, options.build, Mirror(options.mirror))
        levels = levels_to_freeze(read_table(options.build), options.build)
        made = write_frozen(corpus.folder / FROZEN, levels, options.reason)
    except CollabnlpError as error:
        print(f"{error.name}: {error}", file=sys.stderr)
        return 1
    units = sum(map(len, levels.values()))
    print(f"{units} units of {len(made.documents)} documents frozen: {made.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
