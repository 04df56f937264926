"""Limits and defaults, in one place; the command line's options override them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may take.

    seconds    wall-clock time in its worker; None for no limit
    megabytes  address space of its worker (where the system can limit it); None for no limit
    file_size  largest file that is opened, in bytes
    """

    seconds: float | None = 300.0
    megabytes: int | None = None
    file_size: int = 512 * 1024 * 1024


DEFAULT_LIMITS = Limits()
DEFAULT_MODEL = "level"
