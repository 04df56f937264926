"""What the page shows in each state, in a real browser: the main button, the bar, what is heard,
and the pause in which a second press of Enter keeps nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from review_browser import (
    ENTER,
    ESCAPE,
    begin,
    chosen,
    go_on,
    kept,
    press,
    served,
    status,
    unit_of,
    until,
)
from review_cases import LEVELS, PORT, SENTENCES, Papers, Reviewer

SIZES = {"desktop": (1280, 760), "phone": (390, 844)}


@pytest.fixture
def sized(browser: Any) -> Iterator[Callable[[str], None]]:
    """Gives the browser's page a size."""

    def to(name: str) -> None:
        width, height = SIZES[name]
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )

    yield to
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def button(browser: Any) -> tuple[str, float]:
    """The words of the main button that are seen, and its width."""
    return tuple(
        browser.execute_script(
            "const keep = document.querySelector('#keep'), copy = keep.cloneNode(true);"
            "for (const it of copy.querySelectorAll('kbd, .off')) it.remove();"
            "return [copy.textContent.trim(), keep.getBoundingClientRect().width]"
        )
    )


def hidden_from_view(browser: Any, *selectors: str) -> list[str]:
    """Which of some things are not wholly in the window, or have something over them."""
    script = (
        "return arguments[0].filter((selector) => {"
        " const it = document.querySelector(selector), box = it.getBoundingClientRect();"
        " const inside = box.width > 0 && box.top >= 0 && box.left >= 0"
        "  && box.bottom <= innerHeight && box.right <= innerWidth;"
        " const over = document.elementFromPoint(box.left + 8, box.bottom - 4);"
        " return !inside || !(it === over || it.contains(over)); })"
    )
    return list(browser.execute_script(script, selectors))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), "Accept"),
        (("4",), "Keep"),
        (("4", "1"), "Accept"),
        (("d",), "Keep"),
        (("d", "d"), "Accept"),
        (("l",), "Keep"),
        (("w", "hmt", ENTER, ESCAPE), "Keep"),
        (("0",), "Keep"),
        (("q",), "Accept"),
        (("m", "a remark", ESCAPE), "Accept"),
    ],
    ids=str,
)
def test_the_button_says_what_it_does(
    browser: Any,
    papers: Papers,
    make_app: Callable[..., Flask],
    keys: tuple[str, ...],
    words: str,
) -> None:
    papers.add(sentences=SENTENCES[1:2], levels=LEVELS[1:2], boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        assert chosen(browser) == "explore"
        _, wide = button(browser)
        press(browser, *keys)
        assert button(browser) == (f"{words} and go on", wide)
        # A choice that is brought back after a reload says so too.
        browser.refresh()
        until(lambda: unit_of(browser), "the unit")
        assert button(browser) == (f"{words} and go on", wide)


@pytest.mark.parametrize("size", SIZES)
def test_bar_and_question_are_in_sight(
    browser: Any,
    papers: Papers,
    make_app: Callable[..., Flask],
    sized: Callable[[str], None],
    size: str,
) -> None:
    """However long the unit is: the form itself may begin below the window."""
    sized(size)
    long = " ".join(f"We will support council number {at}." for at in range(40))
    key = papers.add(sentences=(long, *SENTENCES[1:]), boxes=False)[0]
    with served(make_app) as (_, base):
        begin(browser, base)
        browser.execute_script("scrollTo(0, 0)")
        assert hidden_from_view(browser, "#keep", "#skip", "#undo") == []
        elsewhere = Reviewer(make_app(port=PORT), "Ada")
        elsewhere.keep(f"/unit/{key[0]}/{key[1]}/{key[2]}", "support")
        press(browser, ENTER)
        until(lambda: browser.find_elements("css selector", ".changed"), "the question")
        assert "Say above which label stands" in status(browser)
        seen = ("#status", "#skip", ".changed button", ".changed a", "#changed-title")
        assert hidden_from_view(browser, *seen) == []
        # There is nothing to keep before the question is answered.
        assert button(browser)[1] == 0


def test_a_question_is_of_the_choice_that_stands(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    key = papers.add(boxes=False)[0]
    with served(make_app) as (_, base):
        begin(browser, base)
        elsewhere = Reviewer(make_app(port=PORT), "Ada")
        elsewhere.keep(f"/unit/{key[0]}/{key[1]}/{key[2]}", "support")

        def question() -> str:
            found = browser.find_elements("css selector", ".changed")
            return found[0].text if found else ""

        press(browser, ENTER)
        assert "You chose here: None." in until(question, "the question")
        # Enter asks for the answer again; another choice takes the question back.
        browser.execute_script("document.querySelector('#unit').focus()")
        press(browser, ENTER)
        assert browser.switch_to.active_element.text == "Put mine in its place"
        press(browser, "5", "s", "n")
        assert question() == ""
        press(browser, ENTER)
        assert "You chose here: Lead; subnational; national actor." in until(question, "it again")
        press(browser, "m", "and a remark", ESCAPE)
        browser.find_element("css selector", ".changed button").click()
        until(lambda: unit_of(browser) == SENTENCES[1], "the next unit")
        assert kept(papers) == {SENTENCES[0]: "lead"}
        assert [it.annotation.note for it in papers.database.in_force()] == ["and a remark"]


def test_a_conflict_is_seen_heard_and_leads_to_its_unit(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    key = papers.add(boxes=False)[0]
    with served(make_app) as (_, base):
        begin(browser, base)
        # Kept by the page from one unit to the next: only then is its change spoken.
        browser.execute_script("window.heard = document.querySelector('#heard')")
        ben = Reviewer(make_app(port=PORT), "Ben")
        ben.keep(f"/unit/{key[0]}/{key[1]}/{key[2]}", "lead")
        assert go_on(browser, ENTER) == SENTENCES[1]
        told = browser.find_element("css selector", ".told.conflict")
        assert "Ben says Lead" in told.text and SENTENCES[0][:40] in told.text
        assert browser.execute_script("return window.heard.isConnected")
        assert browser.execute_script("return window.heard.textContent") == told.text
        assert "see above" in status(browser)
        live = "return document.querySelectorAll('main [role=status], main [aria-live]').length"
        assert browser.execute_script(live) == 0, "it would be heard twice"
        told.find_element("css selector", "a").click()
        until(lambda: unit_of(browser) == SENTENCES[0], "the unit it is about")


@pytest.mark.parametrize(
    ("after", "before", "refused"),
    [(0, "", True), (0.1, "", True), (0.45, "", False), (0, "0", False)],
    ids=["at once", "a tenth", "later", "at once, but after another key"],
)
def test_enter_pressed_twice_keeps_no_unread_unit(
    browser: Any,
    papers: Papers,
    make_app: Callable[..., Flask],
    after: float,
    before: str,
    refused: bool,
) -> None:
    """The second press comes so long after the second unit did; all in the page, for a driver
    is too slow to be quick on purpose."""
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        browser.set_script_timeout(15)
        browser.execute_async_script(
            "const [after, before, done] = arguments;"
            "const press = (key) => document.body.dispatchEvent("
            " new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));"
            "const first = document.querySelector('#unit').textContent;"
            # The page is there, and everything that the script does with it is done.
            "const look = () => document.querySelector('#unit').textContent === first"
            " ? requestAnimationFrame(look) : setTimeout(() => {"
            "  if (before) press(before); press('Enter'); done(); }, 1000 * after);"
            "press('Enter'); look();",
            after,
            before,
        )
        if refused:
            assert "That was quick" in status(browser)
            assert kept(papers).keys() == {SENTENCES[0]}
            time.sleep(0.35)
            assert unit_of(browser) == SENTENCES[1]
            press(browser, ENTER)
        until(lambda: unit_of(browser) == SENTENCES[2], "the third unit")
        assert kept(papers).keys() == set(SENTENCES[:2])
