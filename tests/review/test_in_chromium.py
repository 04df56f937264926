"""A sitting at the page in Chromium with all going wrong that may, held against the store; the
long form is ``benchmarks/review_session.py``. Skipped where no Chromium with its driver is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from review_proofs import stores
from review_proofs.cli import Review
from review_proofs.driving import Desk, Wanted
from review_proofs.proxy import Losses, Proxy
from review_proofs.session import Session, differences, fetched

from collabnlp.labels.database import LabelDatabase
from collabnlp.schema import ActorTier, Judgement, Level, Partner

LEAD = Wanted(
    Judgement(level=Level.LEAD, partners=(Partner.SUBNATIONAL,), actor_tier=ActorTier.NATIONAL)
)
SUPPORT = Wanted(
    Judgement(level=Level.SUPPORT, partners=(Partner.BUSINESS,), actor_tier=ActorTier.NATIONAL)
)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    found = Review(tmp_path / "labels.sqlite")
    yield found
    found.stop()


def levels(store: Path, reader: str = "Ann") -> list[str]:
    """The levels in force of a reader, in the order in which they were given."""
    database = LabelDatabase(store)
    gone = {entry.supersedes for _, entry in database.entries()}
    found = [
        str(entry.annotation.level)
        for _, entry in database.entries()
        if entry.annotation.reader == reader and not entry.withdrawn and entry.id not in gone
    ]
    database.close()
    return found


@pytest.mark.timeout(240)
def test_a_sitting_with_all_going_wrong(browser: Any, tmp_path: Path) -> None:
    session = Session(tmp_path, browser, units=16, undo=6, seed=3)
    course = session.run()
    assert differences(session) == []
    assert course.told == course.lost > 0
    assert "Ann says Support" in course.conflict
    assert "disputed" in course.conflict
    assert "Nothing was saved" in course.changed
    assert course.console == []
    assert len(course.undone) == 6


def test_a_key_held_down_keeps_one_label(browser: Any, review: Review) -> None:
    """A suggestion stands ready on every unit: a key that repeats would accept them unread."""
    desk = Desk(browser, stores.build(review.store, 8))
    desk.enter(review.start(), "Ann")
    first = desk.where()
    key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
    for at in range(40):
        browser.execute_cdp_cmd(
            "Input.dispatchKeyEvent", {"type": "keyDown", "autoRepeat": at > 0, **key}
        )
        time.sleep(0.03)
    browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    desk.wait(lambda: desk.where() != first and desk.quiet(), "the next unit")
    assert len(levels(review.store)) == 1


def test_two_readers_in_one_browser_are_not_mixed_up(browser: Any, review: Review) -> None:
    """Windows of one browser share the session: a page that was Ann's keeps nothing as Bob."""
    from selenium.webdriver.common.keys import Keys

    desk = Desk(browser, stores.build(review.store, 8))
    desk.enter(review.start(), "Ann")
    start = review.address.split("?")[0] + "start"
    mine = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        browser.get(start)
        desk.walk_to("reader")
        desk.press(*([Keys.BACKSPACE] * 3), "Bob", Keys.ENTER)
        desk.wait(lambda: desk.sentence(), "a unit for Bob")
        browser.close()
        browser.switch_to.window(mine)
        desk.choose(LEAD)
        desk.press(Keys.ENTER)
        desk.wait(lambda: "Bob's now" in desk.status(), "the page refuses")
        assert levels(review.store, "Bob") == []
        # Ann comes back: what she chose is saved without another key.
        browser.get(start)
        desk.walk_to("reader")
        desk.press(*([Keys.BACKSPACE] * 3), "Ann", Keys.ENTER)
        desk.wait(lambda: levels(review.store) == ["lead"], "her choice is saved")
    finally:
        if browser.current_window_handle != mine:
            browser.switch_to.window(mine)


def test_an_unsaved_choice_is_not_lost_to_another_store(
    browser: Any, review: Review, tmp_path: Path
) -> None:
    """The next program on the port may serve another store: it must not swallow the choice."""
    from selenium.webdriver.common.keys import Keys

    desk = Desk(browser, stores.build(review.store, 8))
    other = Review(tmp_path / "other" / "labels.sqlite", port=review.port)
    there = Desk(browser, stores.build(other.store, 8, seed=9))
    desk.enter(review.start(), "Ann")
    review.kill()
    desk.choose(SUPPORT)
    desk.press(Keys.ENTER)
    desk.wait(lambda: "your choice is kept" in desk.status(), "the loss is told")
    browser.get("about:blank")
    with other:
        there.enter(other.address, "Ann")
        there.label(LEAD)
        assert levels(other.store) == ["lead"]
        browser.get("about:blank")
    desk.enter(review.start(), "Ann")
    desk.wait(lambda: levels(review.store) == ["support"], "the choice is saved where it belongs")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on a running program, as Linux has it")
def test_without_room_the_page_says_so_and_keeps_the_choice(browser: Any, review: Review) -> None:
    import resource

    from selenium.webdriver.common.keys import Keys

    desk = Desk(browser, stores.build(review.store, 30))
    desk.enter(review.start(), "Ann")
    desk.label(SUPPORT)
    log = review.store.with_name(f"{review.store.name}-wal")
    _, hard = resource.prlimit(review.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(review.pid, resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    desk.choose(LEAD)
    before = desk.where()
    desk.press(Keys.ENTER)
    desk.wait(lambda: "Not saved" in desk.status(), "the failure is told")
    assert "Free some space" in desk.status()
    assert "Saved:" not in desk.status()
    assert desk.where() == before
    assert desk.chosen() == LEAD
    assert levels(review.store) == ["support"]
    # The page is closed and comes again; then there is room.
    browser.get("about:blank")
    browser.get(before)
    desk.wait(lambda: "Trying again" in desk.status(), "it is tried again")
    resource.prlimit(review.pid, resource.RLIMIT_FSIZE, (hard, hard))
    desk.on_told = lambda _words: desk.press("r")
    desk.wait(lambda: desk.where() != before and desk.quiet(), "on to the next unit")
    assert levels(review.store) == ["support", "lead"]


def test_undo_over_a_bad_line_takes_back_one_at_a_time(browser: Any, review: Review) -> None:
    """Many answers are lost, and the server is killed in between: each press of the key
    takes back one act and no more, skips among them."""
    desk = Desk(browser, stores.build(review.store, 14))
    address = review.start()
    proxy = Proxy(review.port, seed=2)
    try:
        desk.enter(address.replace(f":{review.port}", f":{proxy.port}"), "Ann")
        for number in range(9):
            if number % 3 == 2:
                desk.skip()
            else:
                desk.label(LEAD if number % 2 else SUPPORT)
        desk.on_told = lambda _words: desk.press("r")
        proxy.losses = Losses(answers=0.4, of=fetched)
        for number in range(7):
            if number == 3:
                review.kill()
                review.start()
            desk.undo()
        assert proxy.losses.answers_lost > 0
        proxy.losses = Losses()
    finally:
        proxy.close()
    assert [act.kind for act in desk.sitting.undone].count("skip") == 3
    assert levels(review.store) == [
        str(act.wanted.judgement.level) for act in desk.sitting.acts if act.wanted
    ]
