"""Each kind of bad input gives its named error, the other documents go on, the status says so."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collabnlp.cli.main import run
from collabnlp.schema import Document

DATA = Path(__file__).resolve().parents[1] / "data"
GOOD = b"The Department will consult each mayor on the timetable. It will publish the plan.\n"


def _write(name: str, data: bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def _copy(name: str) -> Callable[[Path], Path]:
    return _write(name, (DATA / name).read_bytes())


PDF = (DATA / "plain.pdf").read_bytes()
DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "boom">]><akomaNtoso><p>&x;</p></akomaNtoso>'
CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "nowhere.pdf", "MissingPath"),
    "empty": (_write("empty.pdf", b""), "EmptyFile"),
    "encrypted": (_copy("encrypted.pdf"), "EncryptedPdf"),
    "truncated": (_write("cut.pdf", PDF[: len(PDF) // 3]), "DamagedFile"),
    "picture": (_copy("picture.pdf"), "NoText"),
    "empty html": (
        _write("page.html", b"<!DOCTYPE html><html><body><nav><a>Home</a></nav></body></html>"),
        "NoContent",
    ),
    "false extension": (_write("paper.pdf", b"<!DOCTYPE html><html><p>Hi</p></html>"), "FalseExt"),
    "dtd": (_write("bill.xml", DTD), "UnsafeXml"),
    "dtd utf-16": (_write("wide.xml", DTD.decode().encode("utf-16")), "UnsafeXml"),
    "unknown xml": (_write("feed.xml", b"<rss><channel/></rss>"), "UnsupportedXml"),
    "png": (_write("scan.png", b"\x89PNG\r\n\x1a\n" + bytes(64)), "UnknownFormat"),
    "old word": (_write("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)), "UnknownFor"),
    "empty folder": (lambda folder: _folder(folder), "EmptyFile"),
}


def _folder(folder: Path) -> Path:
    path = folder / "empty"
    path.mkdir()
    return path


@pytest.mark.parametrize("name", sorted(CASES))
def test_bad_input_is_named_and_the_rest_goes_on(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    make, error = CASES[name]
    bad = make(tmp_path)
    good = tmp_path / "good.txt"
    good.write_bytes(GOOD)
    assert run(["extract", str(bad), str(good)]) == 2
    seen = capfd.readouterr()
    assert seen.err.splitlines()[0].startswith(f"refused: {bad}: {error}")
    assert len(seen.err.splitlines()[0]) > len(f"refused: {bad}: {error}") + 20
    assert seen.err.splitlines()[-1] == "2 documents: 1 done, 0 partial, 1 refused"
    assert len(seen.out.splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permission bits")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read all")
def test_a_file_without_read_permission(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "secret.txt"
    path.write_bytes(GOOD)
    path.chmod(0)
    assert run(["extract", str(path)]) == 3
    assert "UnreadablePath" in capfd.readouterr().err


def test_a_file_that_the_system_will_not_open(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.txt"
    path.write_bytes(GOOD)

    def refuse(_self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    if sys.platform == "win32":
        pytest.skip("the worker is spawned there and does not see the patch")
    assert run(["extract", str(path)]) == 3
    assert "UnreadablePath" in capfd.readouterr().err


def test_nothing_readable_is_status_3(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["extract", str(tmp_path / "a.pdf"), str(tmp_path / "b.pdf")]) == 3
    assert capfd.readouterr().err.splitlines()[-1] == ("2 documents: 0 done, 0 partial, 2 refused")


def test_a_document_over_its_time_limit_costs_itself_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from collabnlp.workflows import reading

    if reading._start_method() != "fork":
        pytest.skip("the worker is spawned there and does not see the patch")
    import collabnlp.extraction as extraction

    real = extraction.open_document

    def odd(path: Path, **options: Any) -> Document:
        if path.name == "slow.txt":
            time.sleep(30)
        if path.name == "dies.txt":
            os._exit(9)
        if path.name == "hungry.txt":
            raise MemoryError
        if path.name == "unforeseen.txt":
            raise IndexError("list index out of range")
        return real(path, **options)

    monkeypatch.setattr(extraction, "open_document", odd)
    names = ["slow.txt", "good.txt", "dies.txt", "hungry.txt", "unforeseen.txt", "fine.txt"]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    arguments = ["extract", "--time-limit", "2", *(str(tmp_path / name) for name in names)]
    assert run(arguments) == 2
    seen = capfd.readouterr()
    lines = seen.err.splitlines()
    assert "DocumentTimedOut" in lines[0]
    assert "WorkerDied" in lines[1]
    assert "WorkerDied" in lines[2]
    assert "UnforeseenFailure" in lines[3]
    assert lines[-1] == "6 documents: 2 done, 0 partial, 4 refused"
    assert len(seen.out.splitlines()) == 4
