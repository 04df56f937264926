"""Fetching from a server on this machine, and from a mirror."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from collabnlp.errors import UsageError
from collabnlp.sources.fetch import Fetcher, Got, Manners
from collabnlp.sources.manifest import DocumentRole, ManifestEntry
from collabnlp.sources.mirror import Mirror

BODY = b"# Harbours\n\nWe will consult the islands.\n"
SHA = hashlib.sha256(BODY).hexdigest()

Answer = Callable[[BaseHTTPRequestHandler, int], None]


def plain(handler: BaseHTTPRequestHandler, _: int, body: bytes = BODY, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def busy_twice(handler: BaseHTTPRequestHandler, turn: int) -> None:
    if turn > 2:
        plain(handler, turn)
        return
    handler.send_response(503)
    handler.send_header("Retry-After", "7")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def cut_once(handler: BaseHTTPRequestHandler, turn: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(BODY)))
    handler.end_headers()
    handler.wfile.write(BODY if turn > 1 else BODY[:10])


def moved(handler: BaseHTTPRequestHandler, turn: int) -> None:
    if turn > 1:
        plain(handler, turn)
        return
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def to_a_local_file(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.send_response(302)
    handler.send_header("Location", "file:///etc/hostname")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def endless(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(1000):
            handler.wfile.write(b"x" * 1000)
    except OSError:
        pass


def said_to_be_huge(handler: BaseHTTPRequestHandler, _: int) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**12))
    handler.end_headers()


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], tuple[str, list[dict[str, str]]]]]:
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> tuple[str, list[dict[str, str]]]:
        asked: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(dict(self.headers))
                answer(self, len(asked))

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/paper.md", asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def entry(**given: object) -> ManifestEntry:
    defaults: dict[str, object] = {
        **{"id": "paper", "file": "paper.md", "title": "Harbours", "publisher": "DFT"},
        **{"kind": "white paper", "date": "2024", "stage": "published", "family": "harbours"},
        **{"licence": "OGL-UK-3.0", "role": DocumentRole.TRAIN, "sha256": SHA, "bytes": len(BODY)},
    }
    return ManifestEntry(**{**defaults, **given})  # type: ignore[arg-type]


class Watch:
    """A clock that stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def fetcher(self, folder: Path, **manners: float) -> Fetcher:
        limits = Manners(**{"limit": 100_000, "timeout": 5.0, **manners})  # type: ignore[arg-type]
        return Fetcher(folder, manners=limits, sleep=self.sleep, clock=lambda: self.now)


@pytest.mark.parametrize(
    ("answer", "got", "requests", "slept"),
    [
        (plain, Got.DOWNLOADED, 1, []),
        (busy_twice, Got.DOWNLOADED, 3, [7.0, 7.0]),
        (cut_once, Got.DOWNLOADED, 2, [1.0]),
        (moved, Got.DOWNLOADED, 2, []),
        (to_a_local_file, Got.FAILED, 1, []),
        (endless, Got.FAILED, 1, []),
        (said_to_be_huge, Got.FAILED, 1, []),
        (lambda h, n: plain(h, n, b"", 404), Got.FAILED, 1, []),
        (lambda h, n: plain(h, n, b"", 500), Got.FAILED, 4, [1.0, 2.0, 4.0]),
        (lambda h, n: plain(h, n, b""), Got.FAILED, 4, [1.0, 2.0, 4.0]),
    ],
)
def test_download(
    answer: Answer,
    got: Got,
    requests: int,
    slept: list[float],
    tmp_path: Path,
    serve: Callable[[Answer], tuple[str, list[dict[str, str]]]],
) -> None:
    url, asked = serve(answer)
    watch = Watch()
    result = watch.fetcher(tmp_path).fetch(entry(url=url))
    assert (result.got, len(asked), watch.slept) == (got, requests, slept)
    assert asked[0]["User-Agent"].startswith("collabnlp/")
    # A file is there whole or not at all, and nothing half-written is left.
    names = [path.name for path in tmp_path.iterdir()]
    assert names == (["paper.md"] if got is Got.DOWNLOADED else [])
    if got is Got.DOWNLOADED:
        assert (tmp_path / "paper.md").read_bytes() == BODY
    else:
        assert result.message


def test_one_request_a_second_to_a_host(
    tmp_path: Path, serve: Callable[[Answer], tuple[str, list[dict[str, str]]]]
) -> None:
    url, _ = serve(plain)
    watch = Watch()
    fetcher = watch.fetcher(tmp_path)
    for name in ("a", "b", "c"):
        unseen = entry(id=name, file=f"{name}.md", url=url, sha256="", bytes=0)
        assert fetcher.fetch(unseen).got is Got.DOWNLOADED
    assert watch.slept == [1.0, 1.0]


def test_a_changed_document_is_kept_beside(
    tmp_path: Path, serve: Callable[[Answer], tuple[str, list[dict[str, str]]]]
) -> None:
    new = BODY + b"More.\n"
    url, asked = serve(lambda h, n: plain(h, n, new))
    fetcher = Watch().fetcher(tmp_path)
    result = fetcher.fetch(entry(url=url))
    assert result.got is Got.CHANGED
    kept = tmp_path / f"paper@{hashlib.sha256(new).hexdigest()[:8]}.md"
    assert result.path == kept and kept.read_bytes() == new
    assert SHA[:12] in result.message
    # The manifest's own version comes beside it and is preferred from then on.
    (tmp_path / "paper.md").write_bytes(BODY)
    assert fetcher.fetch(entry(url=url)).got is Got.PRESENT
    assert kept.exists() and len(asked) == 1


def test_what_is_there_is_not_asked_for(tmp_path: Path) -> None:
    (tmp_path / "paper.md").write_bytes(BODY)
    result = Watch().fetcher(tmp_path).fetch(entry(url="http://127.0.0.1:9/paper.md"))
    assert result.got is Got.PRESENT


def test_no_server(tmp_path: Path) -> None:
    watch = Watch()
    result = watch.fetcher(tmp_path, attempts=2).fetch(entry(url="http://127.0.0.1:9/paper.md"))
    assert (result.got, watch.slept) == (Got.FAILED, [1.0])
    assert "no connection" in result.message


def test_no_address(tmp_path: Path) -> None:
    result = Watch().fetcher(tmp_path).fetch(entry(page="https://example.org/harbours"))
    assert result.got is Got.MISSING
    assert "https://example.org/harbours" in result.message and "paper.md" in result.message


@pytest.mark.parametrize(
    ("files", "got", "kept"),
    [
        ({"paper.md": BODY}, Got.COPIED, ["paper.md"]),
        ({"deep/other-name.txt": BODY}, Got.COPIED, ["paper.md"]),
        ({"paper.md": b"new", "old.md": BODY}, Got.COPIED, ["paper.md"]),
        ({"paper.md": b"new"}, Got.CHANGED, ["paper@11507a0e.md"]),
        ({"pier.md": b"new"}, Got.MISSING, []),
    ],
)
def test_mirror(files: dict[str, bytes], got: Got, kept: list[str], tmp_path: Path) -> None:
    for name, data in files.items():
        path = tmp_path / "mirror" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    fetcher = Fetcher(tmp_path / "to", mirror=Mirror(tmp_path / "mirror"))
    assert fetcher.fetch(entry(url="http://127.0.0.1:9/paper.md")).got is got
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == kept


def test_a_document_that_nobody_saw_yet_goes_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "paper.md").write_bytes(BODY)
    unseen = dataclasses.replace(entry(), sha256="", bytes=0)
    found = Mirror(tmp_path).find(unseen)
    assert found is not None and not found.changed and found.sha256 == SHA


def test_a_mirror_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Mirror(tmp_path / "nowhere")
