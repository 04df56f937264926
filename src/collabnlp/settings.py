"""Limits and defaults, in one place; the command line's options override them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path


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
SHIPPED_MODEL = "level"
"""The model that comes with the program."""
CURRENT_MODEL = "current"
"""The model that was promoted last, or the shipped one."""
DEFAULT_MODEL = CURRENT_MODEL


def models_home() -> Path:
    """The user's folder of promoted models: the environment variable COLLABNLP_MODELS, else where
    the system keeps the data of programs. It need not exist."""
    named = os.environ.get("COLLABNLP_MODELS")
    return Path(named) if named else _data_home() / "models"


def label_store() -> Path:
    """The user's label store: the environment variable COLLABNLP_LABELS, else where the system
    keeps the data of programs. It need not exist."""
    named = os.environ.get("COLLABNLP_LABELS")
    return Path(named) if named else _data_home() / "labels.sqlite"


def _data_home() -> Path:
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home, as in some containers
        home = Path()
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else home / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        given = os.environ.get("XDG_DATA_HOME", "")
        base = Path(given) if given.startswith("/") else home / ".local" / "share"
    return base / "collabnlp"
