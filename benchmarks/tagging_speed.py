"""Units per second on one core: the whole tagger beside spaCy's own text classifiers.

    python benchmarks/tagging_speed.py [FOLDER…] [--rounds N] [--json]

The tagger gives level, calibrated probabilities, actor tier, partners, departments and cues, its
model alone the first two; spaCy's `textcat` (a blank English pipeline, its default ensemble and
its plain bag of words) gives six scores. spaCy's are trained
for a moment on the written sentences, so that their weights are no zeros; how well they then do is
not measured. All read the same units and tokenize them themselves, in turns within one run. Ratios
travel between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "documents"
LEVELS = ("none", "explore", "support", "have_regard", "co_create", "lead")
TRAINING = 600
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
ARCHITECTURES = {
    "spaCy textcat, default ensemble": {
        "@architectures": "spacy.TextCatEnsemble.v2",
        "linear_model": {
            "@architectures": "spacy.TextCatBOW.v3",
            **{"exclusive_classes": True, "length": 262144, "ngram_size": 1},
            "no_output_layer": False,
        },
        "tok2vec": {
            "@architectures": "spacy.Tok2Vec.v2",
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                **{"width": 64, "rows": [2000, 2000, 500, 1000, 500]},
                "attrs": ["NORM", "LOWER", "PREFIX", "SUFFIX", "SHAPE"],
                "include_static_vectors": False,
            },
            "encode": {
                "@architectures": "spacy.MaxoutWindowEncoder.v2",
                **{"width": 64, "window_size": 1, "maxout_pieces": 3, "depth": 2},
            },
        },
    },
    "spaCy textcat, bag of words": {
        "@architectures": "spacy.TextCatBOW.v3",
        **{"exclusive_classes": True, "length": 262144, "ngram_size": 1},
        "no_output_layer": False,
    },
}


def written() -> list[tuple[str, str]]:
    """Every so many-th written sentence with its level."""
    found = []
    for path in sorted((ROOT / "corpus" / "written").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found.append((record["text"], record["level"]))
    return found[:: max(1, len(found) // TRAINING)]


def trained(model: dict[str, Any], sentences: Sequence[tuple[str, str]]) -> Any:
    """A blank English pipeline with a text classifier, trained for two rounds."""
    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(7)
    pipeline = spacy.blank("en")
    pipeline.add_pipe("textcat", config={"model": model, "threshold": 0.5})
    examples = [
        Example.from_dict(
            pipeline.make_doc(text), {"cats": {it: float(it == level) for it in LEVELS}}
        )
        for text, level in sentences
    ]
    optimizer = pipeline.initialize(lambda: examples)
    for _ in range(2):
        for batch in minibatch(examples, 64):
            pipeline.update(batch, sgd=optimizer)
    return pipeline


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=12, help="documents of each folder")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for name in THREADS:
        os.environ[name] = "1"  # read when NumPy is imported
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    from collabnlp import extract, load
    from collabnlp.tagging.features import views_of

    folders = options.folders or [it for it in (ROOT / "demo", SHARED) if it.is_dir()]
    paths = [
        path
        for folder in folders
        for path in sorted(
            it for it in folder.iterdir() if it.suffix in {".pdf", ".html", ".xml", ".docx"}
        )[: options.most]
    ]
    documents = [extract(path) for path in paths]
    texts = [unit.text for _, units in documents for unit in units]
    print(f"{len(documents)} documents, {len(texts)} units", file=sys.stderr)
    tagger = load("level").tagger
    ways: dict[str, Callable[[], object]] = {
        "collabnlp: everything": lambda: [tagger.tag(*it) for it in documents],
        "collabnlp: level and probabilities": lambda: [
            tagger.model.predict(views_of(*it)) for it in documents
        ],
    }
    sentences = written()
    for name, model in ARCHITECTURES.items():
        pipeline = trained(model, sentences)
        ways[name] = lambda pipeline=pipeline: [doc.cats for doc in pipeline.pipe(texts)]
    for work in ways.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, work in ways.items():
            times[name].append(seconds(work))
    own = times["collabnlp: everything"]
    rows = {
        name: {
            "units a second": len(texts) / statistics.median(taken),
            "ratio": statistics.median(one / other for one, other in zip(own, taken, strict=True)),
        }
        for name, taken in times.items()
    }
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"{'tagger':34} {'units/s':>8} {'its speed / ours':>17}")
    for name, row in rows.items():
        print(f"{name:34} {row['units a second']:8.0f} {row['ratio']:17.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
