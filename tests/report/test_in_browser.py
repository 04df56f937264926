"""The page in a real browser: filters, links, keyboard, payloads, width, no request, no error.

Skipped where no Chromium with its driver is installed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from report_cases import facets_of as facets
from report_cases import page_of, random_outcomes, read_page, rows_of
from test_report import FIVE, command, hostile, numbers, versions

PHONE, DESKTOP = (360, 780, True), (1280, 900, False)
SHOWN = (
    "return [...document.querySelectorAll('#{0} table.rows tbody tr')]"
    ".filter(row => !row.hidden).length"
)


def open_page(browser: Any, path: Path, page: str, size: tuple[int, int, bool] = DESKTOP) -> None:
    path.write_text(page, encoding="utf-8")
    width, height, mobile = size
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile},
    )
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(path.as_uri())
    assert browser.execute_script("return document.documentElement.className") == "ready"


def told(browser: Any) -> list[str]:
    """Errors and warnings of the console."""
    return [entry["message"] for entry in browser.get_log("browser")]


def requests(browser: Any) -> list[str]:
    """Addresses that the page asked for, the page itself left out."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [it["params"] for it in messages if it["method"] == "Network.requestWillBeSent"]
    return [it["request"]["url"] for it in asked if it.get("type") != "Document"]


def shown(browser: Any, table: str = "commitments") -> int:
    count: int = browser.execute_script(SHOWN.format(table))
    return count


def clicked(browser: Any, addresses: list[str]) -> list[int]:
    """Clicks a link of each address; how many rows its table shows then."""
    browser.set_script_timeout(240)
    counts: list[int] = browser.execute_async_script(
        """
        const [addresses, done] = arguments;
        const results = [];
        (async () => {
          for (const address of addresses) {
            const arrived = new Promise((go) => addEventListener("hashchange", go, { once: true }));
            const link = [...document.querySelectorAll("main a, header a")]
              .find((one) => one.getAttribute("href") === address && !one.closest("svg"));
            const same = location.hash === address;
            link.click();
            if (!same) await arrived;
            const section = document.getElementById(address.slice(1).split("?")[0]);
            results.push([...section.querySelectorAll("table.rows tbody tr")]
              .filter((row) => !row.hidden).length);
          }
          done(results);
        })();
        """,
        addresses,
    )
    return counts


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_request_no_message_no_sideways_scrolling(
    browser: Any, tmp_path: Path, size: tuple[int, int, bool]
) -> None:
    open_page(browser, tmp_path / "page.html", page_of(versions(3), compare=True), size)
    wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    assert told(browser) == []
    assert requests(browser) == []


@pytest.mark.parametrize("case", ["counts", "pair", "chain"])
def test_every_link_shows_as_many_rows_as_it_says(browser: Any, tmp_path: Path, case: str) -> None:
    page = {
        "counts": lambda: page_of(random_outcomes(7)),
        "pair": lambda: page_of(versions(2)),
        "chain": lambda: page_of(versions(4), compare=True),
    }[case]()
    open_page(browser, tmp_path / "page.html", page)
    elements = read_page(page)
    found = numbers(elements)
    results = clicked(browser, [address for address, _ in found])
    assert results == [number for _, number in found]
    assert results == [len(rows_of(address, facets(elements))) for address, _ in found]
    assert told(browser) == []


def test_the_keyboard_alone_opens_the_rows_of_a_number(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    open_page(browser, tmp_path / "page.html", page_of(random_outcomes(8)))
    link = browser.find_element(By.CSS_SELECTOR, "#departments table td a")
    number = int(link.text)
    link.send_keys(Keys.ENTER)
    assert shown(browser) == number
    assert browser.execute_script("return document.activeElement.id") == "commitments-h"
    reached = browser.execute_script(
        "return [...document.querySelectorAll('figure svg a')].every(a => a.tabIndex === -1)"
    )
    assert reached


def test_filters_search_order_and_address(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import Select

    page = page_of(random_outcomes(9))
    path = tmp_path / "page.html"
    open_page(browser, path, page)
    whole = shown(browser)
    form = browser.find_element(By.CSS_SELECTOR, "#commitments form")
    Select(form.find_element(By.NAME, "level")).select_by_value("support")
    Select(form.find_element(By.NAME, "department")).select_by_value("DFT")
    expected = len(rows_of("#commitments?level=support&department=DFT", facets(read_page(page))))
    assert 0 < expected < whole
    assert shown(browser) == expected
    said = browser.find_element(By.CSS_SELECTOR, "#commitments [role=status]").text
    assert said == f"{expected} of {whole} rows shown"
    address = browser.current_url
    assert address.endswith("#commitments?level=support&department=DFT")
    # The address keeps the filter: opened anew, it shows the same rows.
    browser.get("about:blank")
    browser.get(address)
    assert shown(browser) == expected
    browser.find_element(By.CSS_SELECTOR, "#commitments .all").click()
    assert shown(browser) == whole
    Select(browser.find_element(By.NAME, "sort")).select_by_value("probability")
    order = browser.execute_script(
        "return [...document.querySelectorAll('#commitments tbody tr')].map(r => +r.dataset.p)"
    )
    assert order == sorted(order, reverse=True)
    browser.get(path.as_uri() + "#commitments?search=councils%20WITH")
    browser.refresh()
    assert shown(browser) == whole
    browser.get(path.as_uri() + "#commitments?search=nowhere")
    browser.refresh()
    assert shown(browser) == 0
    browser.get(path.as_uri() + "#commitments?level=unheard-of")
    browser.refresh()
    assert shown(browser) == 0
    browser.get(path.as_uri() + "#c2")
    assert not browser.execute_script("return document.getElementById('c2').hidden")
    browser.get(path.as_uri() + "#%E0%A4%A")
    browser.refresh()
    assert told(browser) == []


def test_payloads_run_nothing(browser: Any, tmp_path: Path) -> None:
    page = page_of(hostile(), compare=True)
    open_page(browser, tmp_path / "page.html", page)
    for address, number in numbers(read_page(page)):
        browser.execute_script("location.hash = arguments[0]", address)
        table = address[1:].split("?")[0]
        for _ in range(50):
            if shown(browser, table) == number:
                break
        assert shown(browser, table) == number, address
    assert browser.execute_script("return window.ran === undefined")
    assert browser.title.startswith("Collaboration commitments")
    assert told(browser) == []
    assert requests(browser) == []


def test_the_page_prints_what_is_shown(browser: Any, tmp_path: Path) -> None:
    open_page(browser, tmp_path / "page.html", page_of(random_outcomes(10, units=150)))
    whole = browser.execute_cdp_cmd("Page.printToPDF", {})["data"]
    browser.execute_script("location.hash = '#commitments?level=lead&view=pyramid'")
    browser.execute_script("return new Promise(go => setTimeout(go, 100))")
    filtered = browser.execute_cdp_cmd("Page.printToPDF", {})["data"]
    assert 0 < len(filtered) < len(whole)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    hidden = browser.execute_script(
        "return [...document.querySelectorAll('form, nav')]"
        ".every(it => getComputedStyle(it).display === 'none')"
    )
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 680, "height": 960, "deviceScaleFactor": 1, "mobile": False},
    )
    table = browser.execute_script(
        "return getComputedStyle(document.querySelector('.rows tbody tr:not([hidden])')).display"
    )
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert table == "table-row", "paper is as narrow as a phone, and no phone"
    assert hidden


@pytest.mark.shared
def test_five_real_documents(browser: Any, shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "five.html"
    assert command(*(shared / "documents" / name for name in FIVE), "-o", path) == 0
    page = path.read_text(encoding="utf-8")
    found = numbers(read_page(page))
    for size in (PHONE, DESKTOP):
        open_page(browser, path, page, size)
        wide = browser.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0
        assert clicked(browser, [it for it, _ in found]) == [number for _, number in found]
        assert told(browser) == []
        assert requests(browser) == []
