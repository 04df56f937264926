"""Keeps Python's collector of cyclic garbage out of the way while one document is read.

A reader makes ten thousands of small objects that live until it is done, and next to no cycles:
looking through them again and again costs some percent of the time and frees nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the collector, also as a decorator; nested and parallel readers do no harm.

    Memory is freed as ever where no cycle holds it. The collector is left as it was found.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
