"""Puts the digests of documents that were seen for the first time into the manifest."""

from __future__ import annotations

from collections.abc import Iterable

from collabnlp.atomic import write_whole
from collabnlp.sources.fetch import Fetched
from collabnlp.sources.manifest import with_digest
from collabnlp.workflows.corpus_folder import Corpus


def pin_digests(corpus: Corpus, results: Iterable[Fetched]) -> int:
    """Write digest and size of each document that has none yet; returns how many there were."""
    new = [it for it in results if it.there and not it.entry.seen]
    text = corpus.manifest_file.read_text(encoding="utf-8")
    for it in new:
        text = with_digest(text, it.entry.id, it.sha256, it.size)
    write_whole(corpus.manifest_file, text.encode())
    return len(new)
