"""Each document in a worker process of its own: read, cut into units and, if asked, tagged.

A worker that dies, hangs or runs out of memory costs its own document only. Processes are forked
where the system can (a warm start) and spawned elsewhere; nothing needs fork.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collabnlp.errors import (
    CollabnlpError,
    DocumentTimedOut,
    DocumentTooLarge,
    UnforeseenFailure,
    WorkerDied,
)
from collabnlp.settings import DEFAULT_LIMITS, Limits
from collabnlp.workflows.inputs import Refusal, Source

if TYPE_CHECKING:
    from collabnlp.schema import Document, TaggedUnit, Unit
    from collabnlp.tagging.tagger import Tagger


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one path.

    Either ``error`` is set, or ``document`` is. ``tagged`` is None where no tagger was asked for.
    ``seconds`` is the time in the worker (for benchmarks; it never enters a record).
    """

    path: Path
    document: Document | None = None
    units: tuple[Unit, ...] = ()
    tagged: tuple[TaggedUnit, ...] | None = None
    error: CollabnlpError | None = None
    seconds: float = 0.0

    @property
    def partial(self) -> bool:
        return self.document is not None and self.document.partial


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One document's work, small enough to be sent to another process."""

    path: Path
    data: bytes | None = None
    model: str | None = None
    file_size: int = DEFAULT_LIMITS.file_size


_taggers: dict[str, Tagger] = {}


def tagger_named(name: str) -> Tagger:
    """The tagger of a model, loaded once a process. Raises ModelError."""
    name = lasting(name)
    if name not in _taggers:
        from collabnlp.tagging.tagger import load_tagger

        _taggers[name] = load_tagger(name)
    return _taggers[name]


def lasting(model: str) -> str:
    """The model's lasting name, so that all workers use the same one whatever is promoted
    meanwhile. Raises ModelError."""
    from collabnlp.tagging.promoted import resolve_model

    return resolve_model(model)


def read_document(task: Task) -> Outcome:
    """Extract, segment and (where ``task.model`` is set) tag one document, in this process."""
    from collabnlp.extraction import open_document
    from collabnlp.segmentation.units import make_units

    started = time.perf_counter()
    try:
        data = task.data
        size = len(data) if data is not None else _size(task.path)
        if size > task.file_size:
            raise DocumentTooLarge(
                f"{task.path.name} has {size:,} bytes; the limit is {task.file_size:,}."
            )
        document = open_document(task.path, data=data)
        units = make_units(document)
        tagged = None
        if task.model is not None:
            tagged = tuple(tagger_named(task.model).tag(document, units))
    except CollabnlpError as error:
        return Outcome(path=task.path, error=error, seconds=time.perf_counter() - started)
    except MemoryError:
        return Outcome(path=task.path, error=_too_little_memory(task.path))
    return Outcome(
        path=task.path,
        document=document,
        units=units,
        tagged=tagged,
        seconds=time.perf_counter() - started,
    )


def _size(path: Path) -> int:
    # A missing or unreadable file is named by the reader, not here.
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _too_little_memory(path: Path) -> WorkerDied:
    return WorkerDied(f"{path.name} needs more memory than its worker may take.")


def _limit_memory(megabytes: int | None) -> None:
    if megabytes is None or sys.platform == "win32":
        return
    import resource

    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _start_method() -> str:
    return (
        "fork"
        if "fork" in multiprocessing.get_all_start_methods() and (sys.platform.startswith("linux"))
        else "spawn"
    )


def read_all(
    sources: Iterable[Source | Refusal],
    *,
    model: str | None = None,
    jobs: int = 1,
    limits: Limits = DEFAULT_LIMITS,
    on_done: Callable[[Outcome], None] | None = None,
) -> Iterator[Outcome]:
    """Read every source in workers; outcomes come in the order of the sources.

    With one document the tagging is done here while the worker reads, so that loading the model
    and reading the paper share the wait; with more, each worker tags what it reads.
    """
    from pebble import ProcessPool

    if model is not None:
        model = lasting(model)
    todo = list(sources)
    documents = sum(isinstance(source, Source) for source in todo)
    tag_here = model is not None and documents == 1
    context = multiprocessing.get_context(_start_method())
    if model is not None and not tag_here and context.get_start_method() == "fork":
        tagger_named(model)  # forked workers then start with the model in memory
    pool = ProcessPool(
        max_workers=max(1, min(jobs, documents)),
        max_tasks=0,
        context=context,
        initializer=_limit_memory,
        initargs=(limits.megabytes,),
    )
    pending: deque[tuple[Source | Refusal, Any]] = deque()
    try:
        ahead = 2 * max(1, jobs)
        feed = iter(todo)

        def submit_next() -> None:
            for source in feed:
                if isinstance(source, Refusal):
                    pending.append((source, None))
                else:
                    task = Task(
                        path=source.path,
                        data=source.data,
                        model=None if tag_here else model,
                        file_size=limits.file_size,
                    )
                    future = pool.schedule(read_document, args=(task,), timeout=limits.seconds)
                    pending.append((source, future))
                    return

        for _ in range(ahead):
            submit_next()
        if tag_here and model is not None:
            tagger_named(model)
        while pending:
            source, future = pending.popleft()
            outcome = _settle(source, future, limits)
            if tag_here and model is not None and outcome.document is not None:
                outcome = tag_outcome(outcome, model)
            submit_next()
            if on_done is not None:
                on_done(outcome)
            yield outcome
    except BaseException:
        pool.stop()
        raise
    finally:
        pool.close()
        pool.join()


def tag_outcome(outcome: Outcome, model: str) -> Outcome:
    """The same outcome with its units tagged in this process."""
    assert outcome.document is not None
    return Outcome(
        path=outcome.path,
        document=outcome.document,
        units=outcome.units,
        tagged=tuple(tagger_named(model).tag(outcome.document, outcome.units)),
        seconds=outcome.seconds,
    )


def _settle(source: Source | Refusal, future: Any, limits: Limits) -> Outcome:
    if isinstance(source, Refusal):
        return Outcome(path=source.path, error=source.error)
    from concurrent.futures import TimeoutError as TimedOut

    from pebble import ProcessExpired

    try:
        outcome: Outcome = future.result()
    except TimedOut:
        error: CollabnlpError = DocumentTimedOut(
            f"{source.path.name} took more than {limits.seconds:g} seconds."
        )
    except ProcessExpired as expired:
        error = WorkerDied(
            f"The worker reading {source.path.name} died (exit code {expired.exitcode})."
        )
    except MemoryError:
        error = _too_little_memory(source.path)
    except CollabnlpError as refused:
        error = refused
    except Exception as unforeseen:  # a reader's own mistake must not cost the other documents
        error = UnforeseenFailure(
            f"{source.path.name} could not be read ({type(unforeseen).__name__}: {unforeseen})."
        )
    else:
        return outcome
    return Outcome(path=source.path, error=error)
