"""A reviewer's page without a browser: session, form token, request ids, and the same request again
until it is answered. It keeps what was confirmed, to be held against the store."""

from __future__ import annotations

import http.client
import http.cookiejar
import json
import random
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from collabnlp.schema import Judgement, Level, StoredUnit
from review_proofs.serving import TOKEN
from review_proofs.stores import Sentence

_TOKEN = re.compile(r'name="form_token"[^>]*value="([^"]+)"')
_OWN = re.compile(r'name="own" value="([0-9a-f]*)"')
_LOST = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


class Refused(Exception):
    """An answer that the page would show as an error; status and what it says."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body[:300]}")
        self.status, self.body = status, body


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A request that was answered as saved. ``entry`` is the one made, or the one undone; empty
    for a skip, and for one undone. ``unit`` is empty where nothing was left to undo."""

    kind: str
    request: str
    entry: str = ""
    unit: tuple[str, str, int] = ("", "", 0)
    judgement: Judgement | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A decision that may be sent again and again."""

    unit: StoredUnit
    judgement: Judgement
    note: str
    request: str
    fields: dict[str, object]


@dataclass(slots=True)
class Counts:
    """``posts`` counts every sending; ``again`` those of a request that was sent before."""

    posts: int = 0
    again: int = 0
    broken: int = 0
    unwritable: int = 0


class Client:
    """One reviewer. ``judgement`` of each decision is kept as it was sent."""

    def __init__(self, address: str, reader: str, *, timeout: float = 20.0) -> None:
        self.address, self.reader, self.timeout = address, reader, timeout
        self.confirmed: list[Confirmed] = []
        self.counts = Counts()
        self.own: dict[tuple[str, str, int], str] = {}
        self.pending = ""  # the request that is on its way and not yet confirmed
        self._form_token = ""
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def enter(self) -> None:
        """In by the token, under the reviewer's name."""
        page = self._get(f"/?token={TOKEN}")
        found = _TOKEN.search(page)
        assert found, "the page has no form token"
        self._form_token = found[1]
        self.send(
            "/start", {"reader": self.reader, "mode": "suggestions", "document": ""}, page=True
        )

    def job(self, unit: StoredUnit, judgement: Judgement, *, note: str = "") -> Job:
        """A decision as it will be sent, however often."""
        request = str(uuid.uuid4())
        fields: dict[str, object] = {
            **_fields(judgement),
            "note": note,
            "request": request,
            "as": "",
            "shown": "blind",
            "model": "",
            "own": self.own.get(unit.key, ""),
            "seen": "",
            "seconds": "3.5",
        }
        return Job(unit, judgement, note, request, fields)

    def post(self, job: Job) -> str:
        """Send a decision once; the entry's id. Raises Refused."""
        return self._told(job, json.loads(self.send(_address(job.unit), job.fields)))

    def label(self, unit: StoredUnit, judgement: Judgement, *, note: str = "") -> str:
        """Give a reading, or correct one's own; the entry's id."""
        job = self.job(unit, judgement, note=note)
        return self._told(job, self._until_saved(_address(unit), job.fields))

    def _told(self, job: Job, answer: dict[str, str]) -> str:
        entry = self.own[job.unit.key] = answer["entry"]
        done = Confirmed("label", job.request, entry, job.unit.key, job.judgement, job.note)
        if done not in self.confirmed:
            self.confirmed.append(done)
        return entry

    def skip(self, unit: StoredUnit) -> None:
        """Pass a unit by."""
        request = str(uuid.uuid4())
        self._until_saved(f"{_address(unit)}/skip", {"request": request, "note": ""})
        self.confirmed.append(Confirmed("skip", request, unit=unit.key))

    def undo(self) -> str:
        """Take the last step back; the entry that was undone, empty for none."""
        request = str(uuid.uuid4())
        address = self._until_saved("/undo", {"request": request})["next"]
        place = urllib.parse.urlsplit(address)
        undone = urllib.parse.parse_qs(place.query).get("choice", [""])[0]
        unit = ("", "", 0)
        if place.path.startswith("/unit/"):
            _, _, sha256, unit_hash, occurrence = place.path.split("/")
            unit = (sha256, unit_hash, int(occurrence))
        if undone:
            # What stands now in its place is told by the page that is gone on to.
            found = _OWN.search(self.look(address))
            assert found, "the page does not tell the reader's own entry"
            self.own[unit] = found[1]
        self.confirmed.append(Confirmed("undo", request, undone, unit))
        return undone

    def look(self, address: str) -> str:
        """A page, asked for until it comes."""
        while True:
            try:
                return self._get(address)
            except _LOST:
                self.counts.broken += 1
                time.sleep(0.1)

    # -- sending

    def _until_saved(self, path: str, fields: dict[str, object]) -> dict[str, str]:
        """The same request again and again until it is confirmed."""
        first, wait = True, 0.02
        self.pending = str(fields["request"])
        while True:
            self.counts.again += not first
            first = False
            try:
                answer: dict[str, str] = json.loads(self.send(path, fields))
                return answer
            except Refused as refused:
                if refused.status != 503:
                    raise
                self.counts.unwritable += 1
            except _LOST:
                self.counts.broken += 1
            time.sleep(wait)
            wait = min(wait * 1.5, 0.3)

    def send(self, path: str, fields: dict[str, object], *, page: bool = False) -> str:
        """Post a form once. Raises Refused, or what is raised where the connection is lost."""
        self.counts.posts += 1
        request = urllib.request.Request(
            self.address + path,
            data=urllib.parse.urlencode(fields, doseq=True).encode(),
            headers={
                "Origin": self.address,
                "X-Form-Token": self._form_token,
                "Accept": "text/html" if page else "application/json",
            },
        )
        return self._open(request)

    def _get(self, path: str) -> str:
        return self._open(urllib.request.Request(self.address + path))

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                body: bytes = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode("utf-8", "replace")) from None
        return body.decode("utf-8")


def _address(unit: StoredUnit) -> str:
    return f"/unit/{unit.sha256}/{unit.unit_hash}/{unit.occurrence}"


def _fields(judgement: Judgement) -> dict[str, object]:
    row = judgement.as_dict()
    if judgement.level is Level.NONE:
        return {"level": "none"}
    return {
        "level": row["level"],
        "partner": row["partners"],
        "department": row["departments"],
        "basis": row["dept_basis"] if judgement.departments else "",
        "tier": row["actor_tier"],
    }


@dataclass(slots=True)
class Crowd:
    """Clients that label until they are told to stop, or made ``steps`` each, every one in a
    thread of its own.

    A tenth of what they do are corrections of their own, a tenth undo, a twentieth skips.
    """

    clients: Sequence[Client]
    sentences: Sequence[Sentence]
    seed: int
    steps: int = 10**9
    stopped: threading.Event = field(default_factory=threading.Event)
    failures: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number, client in enumerate(self.clients):
            thread = threading.Thread(target=self._work, args=(client, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Every client ends what it is at; the server must be there for that."""
        self.stopped.set()
        self.join()

    def join(self) -> None:
        """Wait until every client has made its steps."""
        for thread in self._threads:
            thread.join(120)
            if thread.is_alive():
                self.failures.append("a client never got its answer")

    def _work(self, client: Client, number: int) -> None:
        draw = random.Random(f"{self.seed} {number}")
        waiting = draw.sample(list(self.sentences), len(self.sentences))
        done: list[Sentence] = []
        try:
            for _ in range(self.steps):
                if self.stopped.is_set() or not waiting:
                    return
                kind = draw.random()
                if kind < 0.75 or not done:
                    done.append(waiting.pop())
                    client.label(done[-1].unit, _judgement(done[-1], draw), note=_note(draw))
                elif kind < 0.85:
                    one = draw.choice(done)
                    client.label(one.unit, _judgement(one, draw), note=_note(draw))
                elif kind < 0.95:
                    client.undo()
                else:
                    client.skip(waiting.pop().unit)
        except Exception as error:
            self.failures.append(f"{client.reader}: {error!r}")


def _judgement(sentence: Sentence, draw: random.Random) -> Judgement:
    """Mostly what the author said, now and then no commitment."""
    return sentence.truth if draw.random() < 0.8 else Judgement(level=Level.NONE)


def _note(draw: random.Random) -> str:
    return f"note {draw.randrange(10**6)}: £, ‘quotes’ and <b>" if draw.random() < 0.2 else ""
