"""What the commands over documents share: paths, workers, progress, messages, exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from collabnlp.cli.main import NOTHING, PARTLY
from collabnlp.errors import UsageError
from collabnlp.settings import DEFAULT_LIMITS, Limits

if TYPE_CHECKING:
    from collabnlp.workflows.reading import Outcome

_Command = TypeVar("_Command", bound=Callable[..., Any])
# A document with a loss on every page would fill the screen.
_REASONS_SHOWN = 5


def document_options(command: _Command) -> _Command:
    """The options of every command that reads documents."""
    for option in (
        click.option(
            "--jobs", type=click.IntRange(1), default=None, help="Documents read at once."
        ),
        click.option(
            "--backend",
            type=click.Choice(["local", "dask"]),
            default="local",
            show_default=True,
            help="Where the work is done.",
        ),
        click.option("--scheduler", metavar="ADDR", help="A dask scheduler, tcp://host:8786."),
        click.option(
            "--time-limit",
            type=click.FloatRange(min=0, min_open=True),
            default=DEFAULT_LIMITS.seconds,
            show_default=True,
            help="Seconds that one document may take.",
        ),
        click.option(
            "--memory-limit",
            type=click.IntRange(64),
            default=DEFAULT_LIMITS.megabytes,
            help="Megabytes that one document may take (Linux, macOS).",
        ),
    ):
        command = option(command)
    return command


@dataclass(slots=True, kw_only=True)
class Session:
    """Reads the paths of one call and keeps the score for its last line and exit status."""

    paths: tuple[str, ...]
    jobs: int | None
    backend: str
    scheduler: str | None
    limits: Limits
    model: str | None = None
    done: int = 0
    partial: int = 0
    refused: int = 0
    _bar: Any = field(default=None, repr=False)

    def outcomes(self) -> Iterator[Outcome]:
        """Every outcome in the order of the paths; messages about the bad ones go to stderr."""
        from collabnlp.workflows.inputs import find_sources

        data = sys.stdin.buffer.read() if "-" in self.paths else None
        sources = find_sources(self.paths, standard_input=data)
        with self._progress(len(sources)):
            for outcome in self.read(sources):
                self.score(outcome)
                yield outcome

    def read(self, sources: list[Any]) -> Iterable[Outcome]:
        """Outcomes of sources, neither counted nor told of: call `score` for each."""
        jobs = self.jobs or min(_cores(), max(1, len(sources)))
        if self.backend == "dask":
            from collabnlp.workflows.clusters import read_all_on_dask

            return read_all_on_dask(
                sources,
                scheduler=self.scheduler,
                model=self.model,
                jobs=jobs,
                limits=self.limits,
            )
        if self.scheduler is not None:
            raise UsageError("--scheduler is for --backend dask.")
        from collabnlp.workflows.reading import read_all

        return read_all(sources, model=self.model, jobs=jobs, limits=self.limits)

    def score(self, outcome: Outcome) -> None:
        """Count an outcome; a message about it where it is refused or partial."""
        if outcome.error is not None:
            self.refused += 1
            self.say(f"refused: {outcome.path}: {outcome.error.name}: {outcome.error}")
        elif outcome.partial and outcome.document is not None:
            self.partial += 1
            reasons = outcome.document.reasons
            for reason in reasons[:_REASONS_SHOWN]:
                self.say(f"partial: {outcome.path}: {reason}")
            if len(reasons) > _REASONS_SHOWN:
                self.say(f"partial: {outcome.path}: … and {len(reasons) - _REASONS_SHOWN} more")
        else:
            self.done += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1)

    def say(self, message: str) -> None:
        """A message for the person, never among the data."""
        if self._bar is not None:
            self._bar.console.print(message, markup=False, highlight=False)
        else:
            click.echo(message, err=True)

    @contextmanager
    def _progress(self, total: int) -> Iterator[None]:
        if not sys.stderr.isatty() or total < 2:
            yield
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            bar.add_task("documents", total=total)
            self._bar = bar
            try:
                yield
            finally:
                self._bar = None

    def finish(self) -> int:
        """Print the summary line and return the exit status."""
        total = self.done + self.partial + self.refused
        noun = "document" if total == 1 else "documents"
        click.echo(
            f"{total} {noun}: {self.done} done, {self.partial} partial, {self.refused} refused",
            err=True,
        )
        if self.done + self.partial == 0:
            return NOTHING
        return PARTLY if self.partial or self.refused else 0


def session(options: dict[str, Any], *, model: str | None = None) -> Session:
    """A session from the options of `document_options`."""
    return Session(
        paths=options["paths"],
        jobs=options["jobs"],
        backend=options["backend"],
        scheduler=options["scheduler"],
        limits=Limits(seconds=options["time_limit"], megabytes=options["memory_limit"]),
        model=model,
    )


def _cores() -> int:
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def chosen_format(
    given: str | None, output: Path | None, known: dict[str, str], default: str
) -> str:
    """The format asked for, else the one that the output file's ending names, else the default.

    Raises UsageError where the ending names none of ``known`` (ending -> format).
    """
    if given is not None:
        return given
    if output is None:
        return default
    ending = output.suffix.lower()
    if ending not in known:
        raise UsageError(
            f"The ending of {output} does not tell the format.",
            advice="Add --format, or end the name in " + ", ".join(known) + ".",
        )
    return known[ending]


@contextmanager
def output_stream(output: Path | None, *, binary: bool) -> Iterator[Any]:
    """Where data goes: the file (which appears whole or not at all) or standard output.

    Raises UsageError for binary data to a terminal.
    """
    if output is not None:
        from collabnlp.reporting.writers import replacing

        with replacing(output) as stream:
            yield stream
        return
    if binary and sys.stdout.isatty():
        raise UsageError("This format is not text.", advice="Name a file with -o.")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()
