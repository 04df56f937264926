"""A whole sitting at the review page, by keyboard alone, with all going wrong that may."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from collabnlp.labels.database import LabelDatabase
from collabnlp.schema import ActorTier, Basis, Judgement, Level, Partner
from review_proofs import stores
from review_proofs.cli import Review
from review_proofs.driving import Act, Desk, Wanted, chromium
from review_proofs.proxy import Losses, Proxy
from review_proofs.stores import Sentence

Shot = Callable[[Any, str], None]
_AGAIN = "Trying again in"


def no_shot(_browser: Any, _name: str) -> None:
    """Keeps no picture."""


def fetched(method: str, _path: str, head: str) -> bool:
    """What the page's script asks for: a lost navigation is the browser's own affair."""
    return method == "POST" or "sec-fetch-mode: cors" in head.lower()


@dataclass(slots=True)
class Course:
    """What happened in a sitting.

    acts, undone   what was keyed and confirmed; what of it was taken back
    lost           requests and answers that the line lost
    told           how often the page said that the connection is lost
    reloaded, restarted, elsewhere  acts that went through a reload with an unsaved choice, a dead
                   server, and a page that was closed before it could save
    conflict, changed  what the page said when another reviewer, or oneself in another window, had
                   read the unit meanwhile
    others         acts in other browsers, by reviewer
    """

    acts: list[Act] = field(default_factory=list)
    undone: list[Act] = field(default_factory=list)
    lost: int = 0
    answers_lost: int = 0
    told: int = 0
    reloaded: list[Act] = field(default_factory=list)
    restarted: list[Act] = field(default_factory=list)
    conflict: str = ""
    changed: str = ""
    others: dict[str, list[Act]] = field(default_factory=dict)
    console: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def unwatched(self) -> set[tuple[str, str, int]]:
        """Units whose seconds on the page are not those between two keys."""
        return {act.key for act in (*self.reloaded, *self.restarted)}


class Session:
    """One sitting. ``units`` are labelled or repeated in the end by the first reviewer; what they
    skip comes on top."""

    def __init__(self, folder: Path, browser: Any, *, units: int, undo: int, seed: int = 5) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.store = folder / "labels.sqlite"
        self.units, self.undo, self.browser = units, undo, browser
        self.sentences = stores.build(self.store, units + units // 3 + 12, seed=seed)
        self.draw = random.Random(seed)
        self.course = Course()
        self.review = Review(self.store)
        self.proxy = Proxy(self.review.port, seed=seed)
        self.desk = Desk(browser, self.sentences)
        self.desk.on_told = self._impatient

    def run(self, shot: Shot = no_shot) -> Course:
        """Everything, in order. The processes are ended whatever happens."""
        began = time.monotonic()
        try:
            self.review.start()
            self.desk.enter(self._by_proxy(self.review.address), "Ann")
            shot(self.browser, "unit")
            self._work_until(self.units // 4)
            self._bad_line()
            self._reload(shot)
            self._restart(shot)
            self._closed(shot)
            self._take_back(shot)
            self._two_reviewers(shot)
            self._two_windows(shot)
            self._work_until(self.units)
            shot(self.browser, "end")
        finally:
            self.review.stop()
            self.proxy.close()
        course = self.course
        course.acts, course.undone = self.desk.sitting.acts, self.desk.sitting.undone
        course.console = [
            entry["message"]
            for entry in self.browser.get_log("browser")
            # Every lost connection is one of these.
            if "net::ERR" not in entry["message"] and " 409 " not in entry["message"]
        ]
        course.seconds = time.monotonic() - began
        return course

    # -- stages

    def _labelled(self) -> int:
        return sum(act.kind != "skip" for act in self.desk.sitting.acts)

    def _work_until(self, number: int) -> None:
        while self._labelled() < number:
            self._one()

    def _one(self) -> Act:
        if self.draw.random() < 0.08:
            return self.desk.skip()
        return self.desk.label(self._wanted())

    def _bad_line(self) -> None:
        """A tenth of all answers are lost, and a twentieth of the requests."""
        losses = self.proxy.losses = Losses(answers=0.10, requests=0.05, of=fetched)
        said = len(self.desk.sitting.said)
        self._work_until(self.units // 4 + self.units // 2)
        self.proxy.losses = Losses()
        self.course.lost = losses.answers_lost + losses.requests_lost
        self.course.answers_lost = losses.answers_lost
        self.course.told = sum(_AGAIN in it for it in self.desk.sitting.said[said:])

    def _reload(self, shot: Shot) -> None:
        """The page is loaded again with a choice that was not kept yet."""
        wanted = self._wanted()
        self.desk.choose(wanted)
        self.browser.refresh()
        self.desk.wait(lambda: self.desk.read("#unit"), "the unit is there again")
        if self.desk.chosen() != wanted:
            raise AssertionError(f"after a reload: {self.desk.chosen()} for {wanted}")
        shot(self.browser, "reloaded")
        self.course.reloaded.append(self.desk.keep(wanted))

    def _restart(self, shot: Shot) -> None:
        """The server is killed, a choice is made, the server comes back: the page goes on."""
        wanted = self._wanted()
        self.review.kill()
        self.desk.choose(wanted)
        told: list[str] = []

        def once(words: str) -> None:
            if not told:
                told.append(words)
                shot(self.browser, "server-gone")
                self.review.start()

        self.desk.on_told = once
        self.course.restarted.append(self.desk.keep(wanted))
        self.desk.on_told = self._impatient
        if not told:
            raise AssertionError("the page said nothing of the server's being gone")

    def _closed(self, shot: Shot) -> None:
        """A choice was kept while the server was gone, and the page was closed before it was saved:
        the next page of this browser saves it."""
        from selenium.webdriver.common.keys import Keys

        wanted = self._wanted()
        self.review.kill()
        self.desk.choose(wanted)
        act = self.desk.act(wanted)
        self.desk.press(Keys.ENTER)
        self.desk.wait(lambda: _AGAIN in self.desk.status(), "the loss is told")
        self.browser.get("about:blank")
        self.desk.sitting.acts.append(act)
        self.course.restarted.append(act)
        self.review.start()
        # Without the token: this browser was let in, and the sitting goes on.
        self.browser.get(self._by_proxy(self.review.address.split("?")[0]))
        self.desk.wait(
            lambda: self.desk.read("#unit") and self.desk.sentence().unit.key != act.key,
            "what was left is saved, and the next unit shown",
        )
        self.desk.wait(self.desk.quiet, "the page is ready")
        shot(self.browser, "recovered")
        self.desk.arrived = time.monotonic()

    def _take_back(self, shot: Shot) -> None:
        """Back over many acts, each shown as it was chosen; then on, and otherwise than before."""
        for number in range(self.undo):
            act = self.desk.undo()
            if act.wanted is not None and self.desk.chosen() != act.wanted:
                raise AssertionError(f"undo {number}: {self.desk.chosen()} for {act.wanted}")
        shot(self.browser, "undone")
        while self._labelled() < self.units - 4:
            self.desk.label(self._wanted(otherwise=True))

    def _two_reviewers(self, shot: Shot) -> None:
        """Two have the same unit before them; the second one to keep a label is told."""
        with chromium() as browser:
            other = Desk(browser, self.sentences)
            other.enter(self.review.address, "Bob")
            browser.get(self._direct(self.desk.where()))
            other.wait(lambda: other.read("#unit") == self.desk.read("#unit"), "the same unit")
            self.desk.label(Wanted(_commitment(Level.SUPPORT)))
            act = other.label(Wanted(_commitment(Level.LEAD)))
            self.course.conflict = other.wait(
                lambda: other.read(".told.conflict"), "a conflict is told"
            )
            shot(browser, "conflict")
            self.course.others["Bob"] = [act]

    def _two_windows(self, shot: Shot) -> None:
        """The same reviewer in two windows: what the other one kept is not overwritten unseen."""
        from selenium.webdriver.common.keys import Keys

        with chromium() as browser:
            other = Desk(browser, self.sentences)
            other.enter(self.review.address, "Ann")
            browser.get(self._direct(self.desk.where()))
            other.wait(lambda: other.read("#unit") == self.desk.read("#unit"), "the same unit")
            other.label(Wanted(_commitment(Level.EXPLORE)))
        self.course.others["Ann elsewhere"] = other.sitting.acts
        wanted = Wanted(_commitment(Level.CO_CREATE))
        self.desk.choose(wanted)
        act = self.desk.act(wanted)
        here = self.desk.where()
        self.desk.press(Keys.ENTER)
        self.desk.wait(lambda: self.desk.read(".changed"), "the other label is shown")
        self.course.changed = f"{self.desk.status()} {self.desk.read('.changed')}"
        shot(self.browser, "changed-elsewhere")
        # The focus is on the button that puts this choice in the place of the other.
        self.desk.press(Keys.ENTER)
        self.desk.wait(lambda: self.desk.where() != here and self.desk.quiet(), "on to the next")
        self.desk.sitting.acts.append(act)
        self.course.reloaded.append(act)
        self.desk.arrived = time.monotonic()

    # -- what to say

    def _wanted(self, *, otherwise: bool = False) -> Wanted:
        """What the reviewer thinks of the unit: mostly what its author says, often otherwise."""
        sentence = self.desk.sentence()
        assert sentence is not None, self.desk.where()
        judgement = sentence.truth
        if otherwise or self.draw.random() < 0.4:
            judgement = self._other(sentence)
        there = self.desk.offered("department")
        codes = tuple(code for code in judgement.departments if code in there)
        judgement = Judgement(
            level=judgement.level,
            partners=judgement.partners,
            departments=codes,
            dept_basis=judgement.dept_basis if codes else None,
            actor_tier=judgement.actor_tier,
        )
        draw = self.draw.random()
        note = (
            f"Is no. {len(self.desk.sitting.acts)} a promise? £5m – “perhaps”"
            if draw < 0.15
            else ""
        )
        return Wanted(judgement, note, sure=self.draw.random() > 0.1)

    def _other(self, sentence: Sentence) -> Judgement:
        level = self.draw.choice([it for it in Level if it is not sentence.truth.level])
        if level is Level.NONE:
            return Judgement(level=level)
        partners = set(self.draw.sample(list(Partner), self.draw.choice((1, 1, 2, 3))))
        codes = tuple(
            sorted(self.draw.sample(("DFT", "DWP", "HO", "MOD"), self.draw.choice((0, 1, 2))))
        )
        return Judgement(
            level=level,
            partners=tuple(it for it in Partner if it in partners),
            departments=codes,
            dept_basis=self.draw.choice(list(Basis)) if codes else None,
            actor_tier=self.draw.choice(list(ActorTier)),
        )

    # -- addresses

    def _by_proxy(self, address: str) -> str:
        return address.replace(f":{self.review.port}", f":{self.proxy.port}")

    def _direct(self, address: str) -> str:
        return address.replace(f":{self.proxy.port}", f":{self.review.port}")

    def _impatient(self, _words: str) -> None:
        """Mostly the reviewer does not wait for the next try, but presses the key for it."""
        if self.draw.random() < 0.75:
            self.desk.press("r")


def _commitment(level: Level) -> Judgement:
    return Judgement(level=level, partners=(Partner.SUBNATIONAL,), actor_tier=ActorTier.NATIONAL)


def differences(session: Session) -> list[str]:
    """The store against what was keyed, decision by decision; empty where they are the same."""
    database = LabelDatabase(session.store)
    try:
        return [*_compare(database, session), *database.problems()]
    finally:
        database.close()


def _compare(database: LabelDatabase, session: Session) -> list[str]:
    course = session.course
    found: list[str] = []
    reasons = {it.unit.key: it for it in session.sentences}
    queued = {it.key: it for it in _queue(database)}
    everything = [entry for _, entry in database.entries()]
    mine = [it for it in everything if it.annotation.reader == "Ann"]
    gone = {it.supersedes for it in everything}
    elsewhere = course.others.get("Ann elsewhere", [])

    def key_of(entry: Any) -> tuple[str, str, int]:
        return entry.annotation.sha256, *entry.annotation.unit

    standing = {
        (key_of(it), str(it.annotation.role)): it
        for it in mine
        if not it.withdrawn and it.id not in gone
    }
    roles = {"label": "reviewed", "repeat": "repeat"}
    expected = {(act.key, roles[act.kind]): act for act in course.acts if act.kind != "skip"}
    for place in sorted(expected.keys() ^ standing.keys()):
        what = "lost" if place in expected else "extra"
        found.append(f"{what}: {place[1]} of {place[0][1][:8]}")
    for place in sorted(expected.keys() & standing.keys()):
        act, entry = expected[place], standing[place]
        found += _difference(act, entry, place[0] in course.unwatched)
        queue = queued[place[0]]
        right = ("repeat", None) if act.kind == "repeat" else (str(queue.reason), queue.probability)
        if (str(entry.reason), entry.probability) != right:
            found.append(f"{place[0][1][:8]}: reason {entry.reason}, {entry.probability}")
        if entry.text != reasons[place[0]].unit.text:
            found.append(f"{place[0][1][:8]}: another text")
    labels = [act for act in (*course.acts, *course.undone, *elsewhere) if act.kind != "skip"]
    back = [act for act in course.undone if act.kind != "skip"]
    if len(mine) != len(labels) + len(back):
        found.append(f"{len(mine)} entries for {len(labels)} labels and {len(back)} taken back")
    history = sorted(
        (act.key, str(act.wanted.judgement.level)) for act in course.undone if act.wanted
    )
    withdrawn = sorted((key_of(it), str(it.annotation.level)) for it in mine if it.withdrawn)
    if history != withdrawn:
        found.append("what was taken back does not stand in the history as such")
    skips = len(database.reading("SELECT 1 FROM skips WHERE reader = 'Ann'"))
    keyed = sum(act.kind == "skip" for act in (*course.acts, *course.undone))
    if skips != keyed:
        found.append(f"{skips} skips for {keyed}")
    for name, acts in course.others.items():
        if name == "Ann elsewhere":
            continue
        theirs = [it for it in everything if it.annotation.reader == name]
        if [key_of(it) for it in theirs] != [act.key for act in acts]:
            found.append(f"{name}: {len(theirs)} entries for {len(acts)} labels")
    return found


def _queue(database: LabelDatabase) -> Any:
    from collabnlp.labels.queue_store import QueueStore

    return QueueStore(database).queue()


def _difference(act: Act, entry: Any, unwatched: bool) -> list[str]:
    it, wanted, name = entry.annotation, act.wanted, act.key[1][:8]
    assert wanted is not None
    found = []
    if (it.judgement, it.note, it.sure) != (wanted.judgement, wanted.note, wanted.sure):
        found.append(f"{name}: {it.judgement}, {it.note!r} for {wanted}")
    if (str(it.shown), entry.model) != (act.shown, act.model):
        found.append(f"{name}: shown {it.shown} for {act.shown}")
    near = entry.seconds is not None and abs(entry.seconds - act.seconds) < 1.0
    if not near and not (unwatched and entry.seconds is not None):
        found.append(f"{name}: {entry.seconds} s for {act.seconds:.1f} s")
    return found
