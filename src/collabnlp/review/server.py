"""Serves the page on the loopback address alone."""

from __future__ import annotations

import socket
from typing import Any

from flask import Flask

from collabnlp.errors import UsageError

HOST = "127.0.0.1"
_THREADS = 8


def listening(port: int, *, host: str = HOST) -> socket.socket:
    """A socket that listens on this machine alone; port 0 takes any that is free.

    Raises UsageError for another host, and where the port is taken.
    """
    if host != HOST:
        raise UsageError(f"The page is for this machine alone, not for {host}.", advice="")
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # After a crash the port is free at once; on Windows the option would share it.
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
        found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise UsageError(
            f"The port {port} is not free ({error.strerror}).",
            advice="Name another with --port, or stop the page that runs there.",
        ) from error
    return found


def serve(app: Flask, opened: socket.socket) -> None:
    """Answer requests until interrupted."""
    server = server_of(app, opened)
    try:
        server.run()
    finally:
        server.close()


def server_of(app: Flask, opened: socket.socket) -> Any:
    """The waitress server of an application: ``run`` it, ``close`` it."""
    import logging

    from waitress import create_server

    # "Task queue depth" on a terminal tells a reviewer nothing.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return create_server(app, sockets=[opened], threads=_THREADS, ident=None)
