"""Makes a review ready: documents, earlier readings, the queue, pictures, and the page itself."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from collabnlp.identifiers import digest
from collabnlp.labels.corpus_files import load_records
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import Box, QueuedUnit, Reason, StoredUnit
from collabnlp.settings import DEFAULT_LIMITS, Limits
from collabnlp.sources.manifest import Manifest
from collabnlp.sources.mirror import file_digest
from collabnlp.workflows.assembling import CODEBOOK
from collabnlp.workflows.corpus_folder import Corpus
from collabnlp.workflows.queue_documents import AddedDocument, add_documents

if TYPE_CHECKING:
    from collabnlp.review.app import Application

SURELY_NONE = 0.95
"""A unit that the model holds for none with this probability or more is not queued by itself."""
_LOADED = "corpus labels"
_PICTURES = 32  # pages kept in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a review starts with.

    queued  units put into the queue now; ``waiting``: all in it
    loaded  readings of the corpus folder that were new to the store
    """

    documents: tuple[AddedDocument, ...]
    queued: int
    waiting: int
    loaded: int


def prepare(
    database: LabelDatabase,
    paths: Sequence[str],
    *,
    model: str,
    corpus: Path | None = None,
    jobs: int = 1,
    limits: Limits = DEFAULT_LIMITS,
    on_done: Callable[[AddedDocument], None] | None = None,
) -> Prepared:
    """Bring the documents of paths into the store and the queue, and a corpus folder's readings.

    Raises TestDocument for the test paper, and what `add_documents` raises.
    """
    folder = Corpus(corpus) if corpus is not None else None
    manifest: Manifest | None = None
    loaded = 0
    if folder is not None and folder.manifest_file.is_file():
        manifest = folder.manifest()
        loaded = load_new_records(database, folder)
    added = (
        add_documents(
            database,
            paths,
            model=model,
            manifest=manifest,
            jobs=jobs,
            limits=limits,
            on_done=on_done,
        )
        if paths
        else []
    )
    store = QueueStore(database)
    queued = store.enqueue(asked_for(store, [it.sha256 for it in added if it.sha256]))
    return Prepared(
        documents=tuple(added), queued=queued, waiting=len(store.queue()), loaded=loaded
    )


def load_new_records(database: LabelDatabase, corpus: Corpus) -> int:
    """Bring a corpus folder's readings into the store; returns how many were new. Files that were
    brought in as they are now are not read again."""
    files = sorted((corpus.folder / "labels").glob("*.jsonl"))
    state = digest([[path.name, file_digest(path)] for path in files])
    row = database.reading("SELECT sha256 FROM loaded WHERE name = ?", (_LOADED,))
    if row and row[0]["sha256"] == state:
        return 0
    counts = load_records(database, corpus.store)
    with database.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO loaded VALUES (?, ?)", (_LOADED, state))
    return counts.added + counts.corrected


def asked_for(store: QueueStore, files: Iterable[str]) -> list[QueuedUnit]:
    """The units of files (by sha256) that are not surely none, in reading order; all of a file
    about which no model said anything. Files with pages come first: of a text that stands in
    several, the one of which a picture can be shown is queued."""
    found = []
    units = {sha256: store.units(sha256) for sha256 in files}
    for sha256 in sorted(units, key=lambda it: not any(unit.boxes for unit in units[it])):
        for unit in units[sha256]:
            said = store.suggestion(unit.key)
            if said is None or said.probabilities[0] < SURELY_NONE:
                found.append(_asked(unit, 0.0 if said is None else 1.0 - said.probabilities[0]))
    return found


def _asked(unit: StoredUnit, score: float) -> QueuedUnit:
    return QueuedUnit(
        sha256=unit.sha256,
        unit_hash=unit.unit_hash,
        occurrence=unit.occurrence,
        reason=Reason.ASKED,
        score=round(score, 6),
    )


def review_app(
    database: LabelDatabase, *, port: int, token: str, reader: str = "", mode: str = "suggestions"
) -> Application:
    """The page over a store. Sessions outlive a restart: what signs them lies beside the store."""
    from collabnlp.review.app import create_app

    return create_app(
        database,
        codebook=CODEBOOK,
        port=port,
        token=token,
        secret=session_secret(database.path),
        page_picture=picture_maker(QueueStore(database)),
        reader=reader,
        mode=mode,
    )


def session_secret(store: Path) -> bytes:
    """What signs the sessions of a store's page: 32 bytes in a file that its owner alone may read.

    Where it cannot be kept, a new one, which ends with the program.
    """
    path = store.with_name(f"{store.name}.session-key")
    for _ in range(2):
        with suppress(OSError):
            kept = path.read_bytes()
            if len(kept) == 32:
                return kept
            path.unlink()
        with suppress(OSError):
            new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(new, "wb") as stream:
                stream.write(secrets.token_bytes(32))
    return secrets.token_bytes(32)


def picture_maker(store: QueueStore) -> Callable[[str, int, tuple[Box, ...]], bytes | None]:
    """Pictures of the pages of kept files, as long as a file lies where it was and is the same."""
    lock = threading.Lock()

    @lru_cache(maxsize=_PICTURES)
    def drawn(
        place: str, _state: tuple[int, int], sha256: str, page: int, boxes: tuple[Box, ...]
    ) -> bytes | None:
        from collabnlp.extraction.pdf_picture import page_picture

        path = Path(place)
        if file_digest(path) != sha256:
            return None
        return page_picture(path.read_bytes(), page, boxes)

    def picture(sha256: str, page: int, boxes: tuple[Box, ...]) -> bytes | None:
        place = store.place(sha256)
        if not place.lower().endswith(".pdf"):
            return None
        try:
            state = Path(place).stat()
            with lock:
                return drawn(place, (state.st_size, state.st_mtime_ns), sha256, page, boxes)
        except OSError:
            return None

    return picture
