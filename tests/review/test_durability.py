"""Nothing confirmed is lost: kills, system calls, full disks. Short forms of what
``benchmarks/review_durability.py`` does at length."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from review_proofs import kills, space, stores, syncs, traces
from review_proofs.accounts import account
from review_proofs.clients import Client
from review_proofs.serving import Server

linux = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits as Linux has them")
REQUEST = "0f1e2d3c-0000-4000-8000-000000000001"

# A save as strace sees it: the request comes, the log is written, synced, the answer goes.
RECEIVED = (
    f'11 1.1 recvfrom(9<socket:[7]>, "POST /unit/a HTTP/1.1\\r\\n\\r\\nrequest={REQUEST}", 8) = 8'
)
WRITTEN = f'12 1.2 pwrite64(5</s/labels.sqlite-wal>, "..{REQUEST}..", 4096, 32) = 4096'
COMMITTED = '12 1.3 pwrite64(5</s/labels.sqlite-wal>, "commit", 4096, 64) = 4096'
SYNCED = "12 1.4 fdatasync(5</s/labels.sqlite-wal>) = 0"
FAILED = "12 1.4 fdatasync(5</s/labels.sqlite-wal>) = -1 EIO (Input/output error)"
OTHER_FILE = "12 1.4 fdatasync(6</s/labels.sqlite>) = 0"
SENT = '12 1.5 sendto(9<socket:[7]>, "HTTP/1.1 200 OK\\r\\n", 17, 0, NULL, 0) = 17'
REFUSED = (
    '12 1.5 sendto(9<socket:[7]>, "HTTP/1.1 503 SERVICE UNAVAILABLE\\r\\n", 9, 0, NULL, 0) = 9'
)
BEGUN = "12 1.4 fdatasync(5</s/labels.sqlite-wal> <unfinished ...>"
ENDED = "12 1.6 <... fdatasync resumed>) = 0"
OTHERS = "13 1.4 fdatasync(8</s/labels.sqlite-wal>) = 0"
OTHER_WRITE = '13 1.45 pwrite64(8</s/labels.sqlite-wal>, "another", 4096, 96) = 4096'


@pytest.mark.parametrize(
    ("lines", "confirmed", "violations"),
    [
        ([RECEIVED, WRITTEN, COMMITTED, SYNCED, SENT], 1, 0),
        ([RECEIVED, WRITTEN, COMMITTED, BEGUN, ENDED, SENT], 1, 0),
        ([RECEIVED, WRITTEN, COMMITTED, OTHERS, SENT], 1, 0),
        ([RECEIVED, WRITTEN, COMMITTED, SYNCED, OTHER_WRITE, SENT], 1, 0),
        ([RECEIVED, WRITTEN, COMMITTED, SYNCED, SENT, RECEIVED, SENT], 2, 0),
        ([RECEIVED, WRITTEN, COMMITTED, REFUSED], 0, 0),
        ([RECEIVED, WRITTEN, COMMITTED, SENT], 1, 1),
        ([RECEIVED, WRITTEN, COMMITTED, SENT, SYNCED], 1, 1),
        ([RECEIVED, WRITTEN, SYNCED, COMMITTED, SENT], 1, 1),
        ([RECEIVED, WRITTEN, COMMITTED, BEGUN, SENT, ENDED], 1, 1),
        ([RECEIVED, WRITTEN, OTHERS, COMMITTED, SENT], 1, 1),
        ([RECEIVED, WRITTEN, COMMITTED, FAILED, SENT], 1, 1),
        ([RECEIVED, WRITTEN, COMMITTED, OTHER_FILE, SENT], 1, 1),
        ([RECEIVED, SENT, WRITTEN, COMMITTED, SYNCED], 1, 1),
        ([RECEIVED, SENT], 1, 1),
    ],
)
def test_the_reading_of_a_trace(
    tmp_path: Path, lines: list[str], confirmed: int, violations: int
) -> None:
    trace = tmp_path / "trace"
    trace.write_text("\n".join(lines), encoding="utf-8")
    verdict = traces.judge(trace, [REQUEST])
    assert (verdict.confirmed, len(verdict.violations)) == (confirmed, violations)


@linux
def test_every_confirmed_label_is_on_the_disk_before_its_answer(tmp_path: Path) -> None:
    why = traces.missing()
    if why:
        pytest.skip(why)
    found = syncs.trace_saves(tmp_path / "as-it-is", each=8)
    assert found.verdict.confirmed >= 24
    assert found.verdict.violations == []
    assert found.verdict.syncs >= found.verdict.confirmed
    assert found.account.clean
    found = syncs.trace_saves(tmp_path / "without", each=3, synced=False)
    assert len(found.verdict.violations) == found.verdict.confirmed > 0


@linux
def test_kills_lose_nothing_that_was_confirmed(tmp_path: Path) -> None:
    found = kills.kill_often(tmp_path, kills=5, seed=11, longest=0.8)
    it = found.account
    assert (it.lost, it.doubled, it.wrong, it.problems) == ([], [], [], [])
    assert found.damaged == 0
    assert it.labels > 0
    assert found.again > 0, "no kill met a request: it proves nothing"


@linux
@pytest.mark.parametrize("case", [space.limited_files, space.read_only, space.full_disk])
def test_without_room_nothing_is_confirmed(tmp_path: Path, case: object) -> None:
    if case is space.read_only and os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root passes over the rights of files")
    try:
        found = case(tmp_path / "store")  # type: ignore[operator]
    except OSError as error:
        pytest.skip(str(error))
    assert found.wrongly == 0
    assert {status for status, _ in found.refused} == {503}
    assert all("Not saved." in words for _, words in found.refused)
    assert found.looks == found.tries, "the page can be read all the while"
    assert found.clean


@linux
def test_a_store_that_may_only_be_read_is_not_reviewed(tmp_path: Path) -> None:
    store = tmp_path / "papers" / "labels.sqlite"
    stores.build(store, 3)
    before: tuple[str, ...] = ()
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root passes over the rights of files")
        before = space.BOUND
    store.chmod(0o400)
    store.parent.chmod(0o500)
    try:
        command = [*before, sys.executable, "-m", "collabnlp", "review", "--no-browser"]
        command += ["--store", str(store), "--port", "0", "--corpus", str(tmp_path / "none")]
        tried = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    finally:
        store.parent.chmod(0o700)
    assert tried.returncode != 0
    assert "labels.sqlite" in tried.stderr
    assert "Traceback" not in tried.stderr
    assert tried.stdout == ""


@linux
def test_the_same_request_at_once_is_one_label(tmp_path: Path) -> None:
    """A page that does not wait for a slow answer sends the request again meanwhile."""
    path = tmp_path / "labels.sqlite"
    sentences = stores.build(path, 12)
    with Server(path) as server:
        client = Client(server.address, "ann")
        client.enter()
        for sentence in sentences:
            job = client.job(sentence.unit, sentence.truth)
            failures: list[Exception] = []

            def post(job: object = job, failures: list[Exception] = failures) -> None:
                try:
                    client.post(job)  # type: ignore[arg-type]
                except Exception as error:
                    failures.append(error)

            threads = [threading.Thread(target=post) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert failures == []
    found = account(path, [client])
    assert found.clean
    assert found.entries == len(sentences)


@linux
def test_a_skip_taken_back_twice_by_one_request_leaves_the_label_before_it(tmp_path: Path) -> None:
    """The answer was lost and the server died: the same request again is the same step back."""
    path = tmp_path / "labels.sqlite"
    sentences = stores.build(path, 4)
    with Server(path) as server:
        client = Client(server.address, "ann")
        client.enter()
        client.label(sentences[0].unit, sentences[0].truth)
        client.skip(sentences[1].unit)
        client.label(sentences[2].unit, sentences[2].truth)
        client.undo()
        first = client.send("/undo", {"request": REQUEST})
        server.kill()
        server.start()
        again = client.send("/undo", {"request": REQUEST})
        assert sentences[1].unit.unit_hash in first
        assert json.loads(again)["next"] == json.loads(first)["next"]
        # What was done before the skip is the next step back.
        client.undo()
        assert client.confirmed[-1].unit == sentences[0].unit.key
