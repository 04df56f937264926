"""The same reading on a dask cluster, for whole archives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from collabnlp.errors import CollabnlpError, UsageError, WorkerDied
from collabnlp.settings import DEFAULT_LIMITS, Limits
from collabnlp.workflows.inputs import Refusal, Source
from collabnlp.workflows.reading import Outcome, Task, lasting, read_document


def read_all_on_dask(
    sources: Iterable[Source | Refusal],
    *,
    scheduler: str | None = None,
    model: str | None = None,
    jobs: int = 1,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Outcome]:
    """As `reading.read_all`, on the cluster at ``scheduler`` or one started here with ``jobs``
    processes. Bytes travel to the workers, so they need not see the files, only collabnlp.

    Raises UsageError where dask.distributed is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as missing:
        raise UsageError(
            "The dask backend needs dask.distributed.", advice="pip install 'collabnlp[dask]'"
        ) from missing

    if model is not None:
        model = lasting(model)
    cluster: Any = None
    try:
        if scheduler is None:
            cluster = LocalCluster(n_workers=jobs, threads_per_worker=1, dashboard_address=None)
        client = Client(scheduler or cluster, timeout=20)
    except (OSError, TimeoutError, ValueError) as failure:
        raise UsageError(
            f"The dask scheduler {scheduler} does not answer.", advice="Check its address."
        ) from failure
    try:
        waiting: list[tuple[Source | Refusal, Any]] = []
        for source in sources:
            future = None
            if isinstance(source, Source):
                # A reader names what is wrong with a file that cannot be opened; let it.
                data = source.data
                if data is None and source.path.is_file():
                    try:
                        data = source.path.read_bytes()
                    except OSError:
                        data = None
                task = Task(path=source.path, data=data, model=model, file_size=limits.file_size)
                future = client.submit(read_document, task, pure=False, retries=1)
            waiting.append((source, future))
        for source, future in waiting:
            if isinstance(source, Refusal):
                yield Outcome(path=source.path, error=source.error)
                continue
            try:
                yield future.result()
            except CollabnlpError as error:
                yield Outcome(path=source.path, error=error)
            except Exception as lost:
                yield Outcome(
                    path=source.path,
                    error=WorkerDied(f"{source.path.name} was lost on the cluster ({lost})."),
                )
    finally:
        client.close()
        if cluster is not None:
            cluster.close()
