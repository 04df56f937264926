"""Compare sentence splitters on the boundary cases of tests/cases/boundaries.

Each case is one block's text with its exact partition into sentences (rules: that folder's
README.md). A splitter is measured on the boundaries *inside* blocks: the offset where a sentence
ends, trailing blanks ignored, the block's own end left out. A case of one sentence can therefore
only cost precision.

    python benchmarks/boundaries.py            # a table on standard output
    python benchmarks/boundaries.py --json     # the same figures as JSON

Splitters that are not installed are named on standard error and left out.
"""

from __future__ import annotations

import argparse
import importlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

CASES = Path(__file__).resolve().parents[1] / "tests" / "cases" / "boundaries"
FILES = ("visible.jsonl", "held_out.jsonl", "held_out_2.jsonl")
RESAMPLES = 2000
SEED = 20261122

Spans = list[tuple[int, int]]
Splitter = Callable[[str], Spans]


@dataclass(frozen=True)
class Case:
    """One block's text and where its sentences truly end.

    ``ends`` holds the internal boundaries: offsets just after each sentence's last character that
    is not blank, without the block's own end.
    """

    id: str
    text: str
    topic: str
    genre: str
    ends: frozenset[int]


@dataclass(frozen=True)
class Score:
    """How one splitter did on one file. Rates lie in 0..1; low and high bound F1 (95%)."""

    splitter: str
    file: str
    cases: int
    boundaries: int
    precision: float
    recall: float
    f1: float
    f1_low: float
    f1_high: float
    exact: float


def find_spans(text: str, sentences: Iterable[str]) -> Spans:
    """Half-open spans of consecutive `sentences` in `text`; ValueError if they don't cover it."""
    spans: Spans = []
    at = 0
    for sentence in sentences:
        start = text.find(sentence, at)
        if start < 0 or text[at:start].strip():
            raise ValueError(f"sentence not found in its place: {sentence!r} in {text!r}")
        at = start + len(sentence)
        spans.append((start, at))
    if text[at:].strip():
        raise ValueError(f"text left over after the last sentence: {text[at:]!r}")
    return spans


def internal_ends(text: str, spans: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Where sentences end inside `text`: trailing blanks don't count, nor does the text's end."""
    last = len(text.rstrip())
    ends = {len(text[:end].rstrip()) for start, end in spans if text[start:end].strip()}
    return frozenset(end for end in ends if end < last)


def read_cases(path: Path) -> list[Case]:
    """The cases of one JSONL file, in its order; ValueError where one is not a partition."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        ends = internal_ends(row["text"], find_spans(row["text"], row["sentences"]))
        cases.append(Case(row["id"], row["text"], row["topic"], row["genre"], ends))
    return cases


def _rates(hits: int, extra: int, missed: int) -> tuple[float, float, float]:
    precision = hits / (hits + extra) if hits + extra else 1.0
    recall = hits / (hits + missed) if hits + missed else 1.0
    f1 = 2 * hits / (2 * hits + extra + missed) if hits + extra + missed else 1.0
    return precision, recall, f1


def score(name: str, split: Splitter, file: str, cases: Sequence[Case]) -> Score:
    """Score `split` over `cases`, with a percentile bootstrap over whole cases for F1."""
    counts = []
    for case in cases:
        got = internal_ends(case.text, split(case.text))
        counts.append((len(got & case.ends), len(got - case.ends), len(case.ends - got)))
    hits, extra, missed = (sum(column) for column in zip(*counts, strict=True))
    precision, recall, f1 = _rates(hits, extra, missed)
    rng = random.Random(SEED)
    draws = []
    for _ in range(RESAMPLES):
        drawn = rng.choices(counts, k=len(counts))
        a, b, c = (sum(column) for column in zip(*drawn, strict=True))
        draws.append(_rates(a, b, c)[2])
    draws.sort()
    exact = sum(1 for _, b, c in counts if b == c == 0) / len(counts)
    return Score(
        name,
        file,
        len(cases),
        hits + missed,
        precision,
        recall,
        f1,
        draws[int(0.025 * RESAMPLES)],
        draws[int(0.975 * RESAMPLES) - 1],
        exact,
    )


# Each loader imports its library when called, so that an absent one only drops its own row.


def load_collabnlp() -> Splitter:
    module = importlib.import_module("collabnlp.segmentation.sentences")
    split = module.split_sentences
    return lambda text: [(start, end) for start, end in split(text)]


def load_pysbd() -> Splitter:
    segmenter = importlib.import_module("pysbd").Segmenter(language="en", clean=False)

    def split(text: str) -> Spans:
        # pySBD may drop or alter characters; what can't be found in its place gives no boundary.
        spans: Spans = []
        at = 0
        for sentence in segmenter.segment(text):
            words = sentence.strip()
            start = text.find(words, at)
            if words and start >= 0:
                at = start + len(words)
                spans.append((start, at))
        return spans

    return split


def load_spacy_sentencizer() -> Splitter:
    pipeline = importlib.import_module("spacy").blank("en")
    pipeline.add_pipe("sentencizer")
    return lambda text: [(s.start_char, s.end_char) for s in pipeline(text).sents]


def load_nupunkt() -> Splitter:
    spans = importlib.import_module("nupunkt").sent_spans
    return lambda text: [(start, end) for start, end in spans(text)]


def load_nupunkt_adaptive() -> Splitter:
    texts = importlib.import_module("nupunkt").sent_tokenize_adaptive
    return lambda text: find_spans(text, (s.strip() for s in texts(text)))


def load_blingfire() -> Splitter:
    offsets = importlib.import_module("blingfire").text_to_sentences_and_offsets
    return lambda text: [(start, end) for start, end in offsets(text)[1]]


def load_syntok() -> Splitter:
    analyse = importlib.import_module("syntok.segmenter").analyze

    def split(text: str) -> Spans:
        return [
            (sentence[0].offset, sentence[-1].offset + len(sentence[-1].value))
            for paragraph in analyse(text)
            for sentence in paragraph
        ]

    return split


LOADERS: dict[str, Callable[[], Splitter]] = {
    "collabnlp": load_collabnlp,
    "nupunkt": load_nupunkt,
    "nupunkt adaptive": load_nupunkt_adaptive,
    "blingfire": load_blingfire,
    "syntok": load_syntok,
    "pySBD": load_pysbd,
    "spaCy sentencizer": load_spacy_sentencizer,
}


def run(names: Iterable[str] = tuple(LOADERS)) -> list[Score]:
    """Scores of the named splitters on every file; absent ones are noted on standard error."""
    files = {file: read_cases(CASES / file) for file in FILES}
    scores: list[Score] = []
    for name in names:
        try:
            split = LOADERS[name]()
        except (ImportError, AttributeError) as error:
            print(f"{name}: left out ({error})", file=sys.stderr)
            continue
        scores.extend(score(name, split, file, cases) for file, cases in files.items())
    return scores


def format_table(scores: Iterable[Score]) -> str:
    """A Markdown table, one row for each splitter and file."""
    lines = [
        "| splitter | file | cases | boundaries | precision | recall | F1 (95% interval) | exact |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines.extend(
        f"| {s.splitter} | {s.file} | {s.cases} | {s.boundaries} | {s.precision:.3f} "
        f"| {s.recall:.3f} | {s.f1:.3f} ({s.f1_low:.3f}–{s.f1_high:.3f}) | {s.exact:.3f} |"
        for s in scores
    )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--splitter", action="append", choices=sorted(LOADERS), help="only this one (repeatable)"
    )
    options = parser.parse_args(arguments)
    scores = run(options.splitter or tuple(LOADERS))
    if options.json:
        print(json.dumps([asdict(s) for s in scores], indent=1))
    else:
        print(format_table(scores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
