"""The page in a real browser: keys alone, lost answers, reloads, payloads, no script, width.

Skipped where no Chromium with its driver is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
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
    told,
    unit_of,
    until,
)
from review_cases import LEVELS, SENTENCES, TOKEN, Papers

from collabnlp.schema import Level

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from report_payloads import PAYLOADS


def test_keys_alone_label_correct_and_take_back(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        told(browser)
        assert unit_of(browser) == SENTENCES[0]
        assert chosen(browser) == "none"
        go_on(browser, ENTER)
        go_on(
            browser,
            "4",
            "d",
            "l",
            "w",
            "transp",
            ENTER,
            ESCAPE,
            "e",
            "q",
            "m",
            "see 3.2",
            ESCAPE,
            ENTER,
        )
        both = {it.text: it.annotation for it in papers.database.in_force()}
        mine = both[SENTENCES[1]]
        assert mine.judgement.as_dict() == {
            "level": "co_create",
            "partners": ["subnational", "devolved"],
            "departments": ["DFT"],
            "dept_basis": "explicit",
            "actor_tier": "subnational",
        }
        assert (mine.sure, mine.note) == (False, "see 3.2")
        assert go_on(browser, "k") == SENTENCES[3]
        assert status(browser) == "Skipped."
        assert go_on(browser, "u") == SENTENCES[2]
        assert go_on(browser, "u") == SENTENCES[1]
        assert chosen(browser) == "co_create"
        assert kept(papers) == {SENTENCES[0]: "none"}
        press(browser, "5")
        assert go_on(browser, ENTER) == SENTENCES[2]
        assert kept(papers)[SENTENCES[1]] == "lead"
        # Typing is no command; Escape gives the keys back.
        press(browser, "m", "0123 skip?", ESCAPE)
        assert chosen(browser) == LEVELS[2]
        press(browser, "g")
        until(lambda: "hedge rule" in browser.find_element("id", "guide").text, "the codebook")
        press(browser, "g", "?")
        assert browser.execute_script("return document.querySelector('#keys').open")
        press(browser, ESCAPE)
        assert unit_of(browser) == SENTENCES[2]
        assert told(browser) == []


def test_lost_answers_lose_nothing(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    """Every third answer is cut off after the server did its work."""
    papers.add(boxes=False)
    with served(make_app) as (app, base):
        begin(browser, base)
        count = [0]
        inner = app.wsgi_app

        def lossy(environ: dict[str, Any], start: Any) -> Any:
            answer = inner(environ, start)
            if environ["PATH_INFO"].startswith(("/unit", "/next")):
                count[0] += 1
                if count[0] % 3 == 0:
                    list(answer)
                    raise ConnectionError("cut off by the test")
            return answer

        app.wsgi_app = lossy  # type: ignore[method-assign]
        for at in range(5):
            press(browser, "0")
            press(browser, ENTER)
            wanted = SENTENCES[at + 1]

            def there(wanted: str = wanted) -> bool:
                if "Trying again in" in status(browser):
                    press(browser, "r")
                return unit_of(browser) == wanted

            until(there, f"unit {at + 1}", 30)
        app.wsgi_app = inner  # type: ignore[method-assign]
        assert kept(papers) == dict.fromkeys(SENTENCES[:5], "none")
        assert len(list(papers.database.entries())) == 5


def test_what_was_not_saved_is_saved_after_a_reload(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (app, base):
        begin(browser, base)
        down = [True]

        def closed() -> tuple[str, int] | None:
            return ("", 500) if down[0] and request.method == "POST" else None

        app.before_request_funcs.setdefault(None, []).insert(0, closed)
        press(browser, "5", "s", "n", ENTER)
        until(lambda: "your choice is kept" in status(browser), "the word of the failure")
        assert chosen(browser) == "lead"
        assert kept(papers) == {}
        browser.refresh()
        until(lambda: "Trying again" in status(browser), "another try")
        down[0] = False
        again = "document.querySelector('#retry:not([hidden])')?.click()"
        until(
            lambda: (browser.execute_script(again), unit_of(browser) == SENTENCES[1])[1],
            "the next unit",
        )
        assert kept(papers) == {SENTENCES[0]: "lead"}
        assert browser.execute_script("return localStorage.length") == 0


def test_a_choice_not_sent_yet_outlives_a_reload(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        press(browser, "3", "b", "m", "half a thought", ESCAPE)
        browser.refresh()
        until(lambda: unit_of(browser), "the unit")
        assert chosen(browser) == "have_regard"
        note = browser.execute_script("return document.querySelector('#note').value")
        assert note == "half a thought"


def test_two_windows_of_one_reader(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        first = browser.current_window_handle
        address = browser.current_url
        browser.switch_to.new_window("tab")
        browser.get(address)
        until(lambda: unit_of(browser), "the unit")
        go_on(browser, "2", "s", "n", ENTER)
        browser.close()
        browser.switch_to.window(first)
        press(browser, "0", ENTER)
        shown = until(lambda: browser.find_elements("css selector", ".changed"), "the question")
        assert "Support" in shown[0].text and "None" in shown[0].text
        assert kept(papers) == {SENTENCES[0]: "support"}
        browser.find_element("css selector", ".changed button").click()
        until(lambda: unit_of(browser) == SENTENCES[1], "the next unit")
        assert kept(papers) == {SENTENCES[0]: "none"}


def test_payloads_run_nothing(browser: Any, papers: Papers, make_app: Callable[..., Flask]) -> None:
    for at, payload in enumerate(PAYLOADS):
        papers.add(
            f"{payload} {at}",
            [f"{payload} We will support number {at}"],
            ["support"],
            title=payload,
            headings=(payload,),
            lead_in=payload,
            detail=payload,
            boxes=False,
        )
    with served(make_app) as (_, base):
        begin(browser, base)
        told(browser)
        for _ in PAYLOADS[1:]:
            press(browser, "m")
            note = browser.switch_to.active_element
            browser.execute_script("arguments[0].value = arguments[1]", note, PAYLOADS[8])
            go_on(browser, ESCAPE, "0", ENTER)
            assert browser.execute_script("return window.ran === undefined")
        for path in ("/labels", "/search?q=support", "/start"):
            browser.get(base + path)
            assert browser.execute_script("return window.ran === undefined")
        assert told(browser) == []


@pytest.mark.parametrize(("width", "height"), [(360, 780), (640, 450), (1280, 900)])
def test_nothing_scrolls_sideways(
    browser: Any, papers: Papers, make_app: Callable[..., Flask], width: int, height: int
) -> None:
    """640 pixels are those of a page of 1280 at 200 %."""
    papers.add(
        sentences=(f"We will support {'x' * 90} and every council.", *SENTENCES[1:]), boxes=False
    )
    with served(make_app) as (_, base):
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        try:
            begin(browser, base)
            for path in ("", "/search?q=We", "/codebook", "/help", "/start"):
                if path:
                    browser.get(base + path)
                wide = "return document.documentElement.scrollWidth - innerWidth"
                assert browser.execute_script(wide) <= 0, path
        finally:
            browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_every_control_has_a_name_and_every_level_a_key(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        begin(browser, base)
        nameless = browser.execute_script(
            "return [...document.querySelectorAll('#decide input:not([type=hidden]), textarea,"
            " select, button')].filter(it => !it.labels?.length && !it.textContent.trim())"
            ".map(it => it.outerHTML)"
        )
        assert nameless == []
        keys = browser.execute_script(
            "return [...document.querySelectorAll('[data-key]')].map(it => it.dataset.key)"
        )
        assert len(keys) == len(set(keys)), "two things on one key"
        assert {str(at) for at in range(len(Level))} <= set(keys)
        listed = browser.execute_script(
            "return [...document.querySelectorAll('#keys kbd')].map(it => it.textContent)"
        )
        assert set(keys) <= set(listed)


def test_without_script_the_page_works(
    browser: Any, papers: Papers, make_app: Callable[..., Flask]
) -> None:
    papers.add(boxes=False)
    with served(make_app) as (_, base):
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        try:
            browser.get(f"{base}/?token={TOKEN}")
            browser.find_element("id", "reader").send_keys("Ada", ENTER)
            until(lambda: browser.find_elements("id", "unit"), "the unit")
            browser.find_element("id", "keep").click()
            until(lambda: kept(papers), "the label")
            shown = until(lambda: browser.find_elements("css selector", ".told"), "the word")
            assert shown[0].text == "Saved: None."
            browser.find_element("id", "undo").click()
            until(lambda: not kept(papers), "the step back")
        finally:
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
