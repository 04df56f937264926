"""The review page served to a real browser, and what tests do and see there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from review_cases import TOKEN, Papers

from collabnlp.review.server import listening, server_of

ENTER, ESCAPE = "\ue007", "\ue00c"


@contextmanager
def served(make: Callable[..., Flask], **more: Any) -> Iterator[tuple[Flask, str]]:
    """The page on a port of its own: application and address."""
    opened = listening(0)
    port = opened.getsockname()[1]
    app = make(port=port, **more)
    server = server_of(app, opened)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield app, f"http://127.0.0.1:{port}"
    finally:
        server.close()


def until(found: Callable[[], Any], what: str = "it", seconds: float = 15) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.03)
    raise AssertionError(f"{what} did not come")


def press(browser: Any, *keys: str) -> None:
    """Keys pressed wherever the focus is."""
    for key in keys:
        browser.switch_to.active_element.send_keys(key)


def begin(browser: Any, base: str, name: str = "Ada", mode: str = "suggestions") -> None:
    browser.get(f"{base}/?token={TOKEN}")
    browser.execute_script("localStorage.clear(); sessionStorage.clear()")
    browser.execute_script(f"document.querySelector('[name=mode][value={mode}]').checked = true")
    box = browser.find_element("id", "reader")
    box.clear()
    box.send_keys(name, ENTER)
    until(lambda: unit_of(browser), "the first unit")


def unit_of(browser: Any) -> str:
    """The words of the unit that is shown and can be labelled; empty while there is none."""
    return str(
        browser.execute_script(
            "const form = document.querySelector('#decide');"
            "return document.documentElement.className === 'ready' && form &&"
            " !form.classList.contains('busy') ? document.querySelector('#unit').textContent : ''"
        )
    )


def status(browser: Any) -> str:
    return str(
        browser.execute_script("return document.querySelector('#status')?.textContent || ''")
    )


def chosen(browser: Any) -> str:
    script = "return document.querySelector('[name=level]:checked')?.value || ''"
    return str(browser.execute_script(script))


def told(browser: Any) -> list[str]:
    return [it["message"] for it in browser.get_log("browser")]


def go_on(browser: Any, *keys: str) -> str:
    """Press keys, wait until another unit is there, and give its words."""
    before = browser.current_url
    press(browser, *keys)
    until(lambda: browser.current_url != before and unit_of(browser), "the next unit")
    return unit_of(browser)


def kept(papers: Papers) -> dict[str, str]:
    return {it.text: str(it.annotation.level) for it in papers.database.in_force()}
