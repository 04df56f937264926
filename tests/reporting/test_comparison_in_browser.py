"""The comparison's page in a real browser: jumps, filters, matrix, keys, no request, no error.

Skipped where no Chromium with its driver is installed.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import collabnlp
from collabnlp.analysis.word_diff import word_diff
from collabnlp.reporting.comparison_files import write_comparison
from collabnlp.schema import Comparison

PHONE, DESKTOP = (360, 780, True), (1280, 900, False)


@pytest.fixture(scope="module")
def demo(root: Path) -> Comparison:
    return collabnlp.compare(
        *(root / "demo" / f"regional-partnership-{number}.html" for number in (1, 2))
    )


@pytest.fixture(scope="module")
def page(demo: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("compare") / "page.html"
    stream = io.BytesIO()
    write_comparison(demo, stream, format="html", differ=word_diff)
    path.write_bytes(stream.getvalue())
    return path


def opened(browser: Any, page: Path, size: tuple[int, int, bool] = DESKTOP) -> None:
    width, height, mobile = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile},
    )
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())


def shown(browser: Any) -> list[str]:
    """The numbers of the passages that are shown."""
    numbers: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('article')].filter(one => !one.hidden)"
        ".map(one => one.id)"
    )
    return numbers


def press(browser: Any, selector: str) -> None:
    browser.execute_script("document.querySelector(arguments[0]).click()", selector)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_request_no_message_no_sideways_scrolling(
    browser: Any, page: Path, size: tuple[int, int, bool]
) -> None:
    opened(browser, page, size)
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [it["params"] for it in messages if it["method"] == "Network.requestWillBeSent"]
    assert [it["request"]["url"] for it in asked if it.get("type") != "Document"] == []
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    root = "document.documentElement"
    assert browser.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth")


def test_jumps_go_from_change_to_change(browser: Any, page: Path) -> None:
    opened(browser, page)
    expected = shown(browser)
    seen = []
    for _ in range(len(expected) + 1):
        press(browser, "#next")
        seen.append(browser.execute_script("return document.activeElement.id"))
    assert seen == [*expected, expected[-1]]  # at the end it stays
    top = "return document.activeElement.getBoundingClientRect().top"
    assert 0 <= browser.execute_script(top) < 900
    press(browser, "#before")
    assert browser.execute_script("return document.activeElement.id") == expected[-2]
    browser.switch_to.active_element.send_keys("k")
    assert browser.execute_script("return document.activeElement.id") == expected[-3]


def test_filters_show_what_they_say(browser: Any, page: Path, demo: Comparison) -> None:
    opened(browser, page)
    summary = demo.summary()
    tallies = {**summary["kinds"], **summary["shifts"]}
    for name, count in tallies.items():
        if name == "kept" or not count:
            continue
        press(browser, f"input[name=mark][value={name}]")
        assert len(shown(browser)) == count, name
        press(browser, "#reset")
    press(browser, "input[name=scope][value=all]")
    assert len(shown(browser)) == len(demo)
    browser.find_element("id", "words").send_keys("zzzz")
    assert shown(browser) == []
    assert browser.find_element("id", "nothing").is_displayed()


def test_a_number_of_the_matrix_shows_its_passages(browser: Any, page: Path) -> None:
    opened(browser, page)
    cells = browser.execute_script(
        "return [...document.querySelectorAll('.matrix button')]"
        ".map(one => [one.dataset.old, one.dataset.new, Number(one.textContent)])"
    )
    assert cells
    for old, new, count in cells:
        press(browser, f'.matrix button[data-old="{old}"][data-new="{new}"]')
        assert len(shown(browser)) == count
