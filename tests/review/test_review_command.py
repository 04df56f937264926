"""`collabnlp review` as it is called, and what makes a review ready."""

from __future__ import annotations

import shutil
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from collabnlp.cli.main import cli, run
from collabnlp.errors import CollabnlpError
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import Reason
from collabnlp.workflows.reviewing import SURELY_NONE, picture_maker, prepare, session_secret


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the project's own papers, copied."""
    demo = Path(__file__).resolve().parents[2] / "demo" / "regional-partnership-1.pdf"
    return Path(shutil.copy(demo, tmp_path_factory.mktemp("papers")))


@pytest.fixture(scope="module")
def ready(paper: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LabelDatabase, Any]:
    database = LabelDatabase(tmp_path_factory.mktemp("store") / "labels.sqlite")
    return database, prepare(database, [str(paper)], model="level")


def test_a_paper_is_queued_in_reading_order_without_what_is_surely_none(
    ready: tuple[LabelDatabase, Any],
) -> None:
    database, prepared = ready
    store = QueueStore(database)
    (one,) = prepared.documents
    order = {unit.key: at for at, unit in enumerate(store.units(one.sha256))}
    places = [order[it.key] for it in store.queue()]
    assert places == sorted(places)
    assert 0 < prepared.queued == prepared.waiting == len(places) < len(order)
    assert {it.reason for it in store.queue()} == {Reason.ASKED}
    for it in store.queue():
        said = store.suggestion(it.key)
        assert said is not None and said.probabilities[0] < SURELY_NONE


def test_the_same_paper_again_is_neither_read_nor_queued_twice(
    ready: tuple[LabelDatabase, Any], paper: Path
) -> None:
    database, prepared = ready
    again = prepare(database, [str(paper)], model="level")
    assert again.documents[0].kept
    assert (again.queued, again.waiting) == (0, prepared.waiting)


def test_pictures_need_the_very_file(ready: tuple[LabelDatabase, Any], paper: Path) -> None:
    database, prepared = ready
    store = QueueStore(database)
    sha256 = prepared.documents[0].sha256
    unit = next(it for it in store.units(sha256) if it.boxes)
    page, picture = unit.boxes[0].page, picture_maker(store)
    drawn = picture(sha256, page, unit.boxes)
    assert drawn is not None and drawn.startswith(b"\x89PNG") and len(drawn) < 600_000
    assert drawn != picture(sha256, page, ())
    assert picture(sha256, 999, ()) is None
    assert picture("0" * 64, page, ()) is None
    whole = paper.read_bytes()
    paper.write_bytes(whole + b"\n")
    assert picture(sha256, page, unit.boxes) is None
    paper.unlink()
    assert picture(sha256, page, unit.boxes) is None
    paper.write_bytes(whole)
    assert picture(sha256, page, unit.boxes) == drawn


@pytest.mark.parametrize("name", ["edwp-2024.pdf", "edwp-2024.html"])
def test_the_test_paper_is_refused(tmp_path: Path, paper: Path, name: str) -> None:
    shutil.copy(paper, tmp_path / name)
    database = LabelDatabase(tmp_path / "labels.sqlite")
    with pytest.raises(CollabnlpError, match="is a test document") as refused:
        prepare(database, [str(tmp_path / name)], model="level")
    assert refused.value.name == "TestDocument"
    assert QueueStore(database).documents() == {}


@pytest.mark.shared
def test_the_test_paper_is_refused_by_whatever_name(tmp_path: Path, shared: Path) -> None:
    found = next(iter((shared / "documents").glob("edwp-2024*")), None)
    if found is None:
        pytest.skip("the test paper is not here")
    copy = shutil.copy(found, tmp_path / f"holiday{found.suffix}")
    with pytest.raises(CollabnlpError, match="is a test document"):
        prepare(LabelDatabase(tmp_path / "labels.sqlite"), [str(copy)], model="level")


def test_a_session_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    store = tmp_path / "labels.sqlite"
    key = session_secret(store)
    assert len(key) == 32 and session_secret(store) == key
    kept = tmp_path / "labels.sqlite.session-key"
    if sys.platform != "win32":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.write_bytes(b"short")
    other = session_secret(store)
    assert len(other) == 32 and other != key and session_secret(store) == other


def test_a_session_key_that_cannot_be_kept_ends_with_the_program(tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "labels.sqlite"
    assert len(session_secret(nowhere)) == 32
    assert session_secret(nowhere) != session_secret(nowhere)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "There is nothing to review"),
        (["--blind", "--adjudicate"], "exclude each other"),
        (["--reviewer", "<b>"], "A name has letters"),
        (["no-such-paper.pdf"], "There is nothing to review"),
    ],
)
def test_wrong_calls_say_what_to_do(tmp_path: Path, options: list[str], said: str) -> None:
    store = ["--store", str(tmp_path / "labels.sqlite"), "--corpus", str(tmp_path)]
    with pytest.raises(CollabnlpError, match=said) as wrong:
        cli.main(["review", *options, *store, "--no-browser"], standalone_mode=False)
    assert wrong.value.advice
    assert run(["review", *options, *store, "--no-browser"]) == 1


def test_help_lists_the_options() -> None:
    shown = CliRunner().invoke(cli, ["review", "--help"]).output
    for option in ("--store", "--port", "--no-browser", "--reviewer", "--blind", "--adjudicate"):
        assert option in shown


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent otherwise there")
def test_the_command_serves_until_it_is_interrupted(
    ready: tuple[LabelDatabase, Any], tmp_path: Path
) -> None:
    database, _ = ready
    call = [sys.executable, "-m", "collabnlp", "review", "--no-browser", "--port", "0"]
    call += ["--store", str(database.path), "--reviewer", "Ada", "--corpus", str(tmp_path)]
    with subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        try:
            assert program.stdout is not None
            address = program.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:") and "/?token=" in address
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            with opener.open(address, timeout=20) as answer:
                assert "/unit/" in answer.url and "token" not in answer.url
                assert "Server" not in answer.headers
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address.split("?")[0], timeout=20)
            assert refused.value.code == 403
            program.send_signal(signal.SIGINT)
            assert program.wait(20) == 0
            assert program.stderr is not None
            assert "every label is kept" in program.stderr.read()
        finally:
            if program.poll() is None:
                program.kill()
