"""axe-core over every view of the review page and over the pages that `compare` and `report` write,
light and dark, on a desk and on a phone.

The rules are those of WCAG 2.2 A and AA and axe's own good practice. axe-core comes with the
package axe-playwright-python, of which nothing but that file is used. Skipped where the package,
or a Chromium with its driver, is not installed.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from collabnlp.labels.database import LabelDatabase
from collabnlp.review.app import create_app

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "review"))

from review_browser import ENTER, press, served, until
from review_cases import PORT, TOKEN, Papers, Reviewer

DEMO = (
    "regional-partnership-1.html",
    "regional-partnership-2.html",
    "regional-partnership-bill.xml",
)
DESK, PHONE = (1280, 760), (390, 844)
EVERYTHING = {
    "resultTypes": ["violations"],
    # Off unless asked for: WCAG 2.2's least size of what is pressed.
    "rules": {"target-size": {"enabled": True}},
}
# What the colour scheme can change is colours, and what the width can is all else.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
NO_COLOURS = {
    **EVERYTHING,
    "rules": {"target-size": {"enabled": True}, "color-contrast": {"enabled": False}},
}
SEEN = ((DESK, "light", EVERYTHING), (DESK, "dark", COLOURS), (PHONE, "light", NO_COLOURS))


@cache
def axe() -> str:
    """The source of axe-core."""
    try:
        found = distribution("axe-playwright-python")
    except PackageNotFoundError:
        pytest.skip("axe-playwright-python is not installed")
    path = Path(str(found.locate_file("axe_playwright_python/axe.min.js")))
    return path.read_text(encoding="utf-8")


def looked_at(browser: Any, size: tuple[int, int], scheme: str) -> None:
    """Have the browser show what it shows at a size and in a colour scheme; nothing moves, so that
    colours are final at once."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size == PHONE},
    )
    features = (("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce"))
    media = [{"name": name, "value": value} for name, value in features]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})


@pytest.fixture
def window(browser: Any) -> Iterator[Any]:
    """The browser, as it was before afterwards."""
    looked_at(browser, *SEEN[0][:2])
    browser.set_script_timeout(30)
    yield browser
    browser.get("about:blank")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def violations(browser: Any) -> list[str]:
    """What axe finds wrong with the page that is open: how it is seen, rule, element, and why."""
    browser.execute_script(axe())
    found = []
    for size, scheme, rules in SEEN:
        looked_at(browser, size, scheme)
        result = browser.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, arguments[0]).then(done, (error) => done({error: String(error)}))",
            rules,
        )
        assert "error" not in result, result
        found += [
            f"{scheme}, {size[0]}: {rule['id']}: {node['target'][-1]}: {node['failureSummary']}"
            for rule in result["violations"]
            for node in rule["nodes"]
        ]
    return found


# -- the pages of compare and report


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages on the demo documents, as the commands write them."""
    from collabnlp.cli.main import run

    folder = tmp_path_factory.mktemp("written")
    commands = {"report": ("report", 1, 3), "two versions": ("compare", 1, 2)}
    commands["three versions"] = ("compare", 1, 2, 3)
    found = {}
    for name, (command, *numbers) in commands.items():
        found[name] = folder / f"{name.replace(' ', '-')}.html"
        papers = [str(root / "demo" / DEMO[number - 1]) for number in numbers]
        assert run([command, *papers, "-o", str(found[name])]) == 0
    return found


@pytest.mark.parametrize("name", ["report", "two versions", "three versions"])
def test_written_pages(window: Any, written: dict[str, Path], name: str) -> None:
    window.get(written[name].as_uri())
    assert violations(window) == []


# -- the review page


class Site:
    """The review page over a small store; readings that it needs come by another way in."""

    def __init__(self, folder: Path) -> None:
        self.papers = Papers(LabelDatabase(folder / "labels.sqlite"))
        self.papers.add()
        self.papers.add("second", ["We will work with the regions."], ["support"], title="Second")
        self.elsewhere = self.app(port=PORT)
        self.base = ""

    def app(self, **more: Any) -> Flask:
        """The application."""
        picture = io.BytesIO()
        Image.new("RGB", (120, 160), "white").save(picture, "PNG")
        return create_app(
            self.papers.database,
            codebook="1.2",
            token=TOKEN,
            secret=b"s" * 32,
            page_picture=lambda *_: picture.getvalue(),
            **more,
        )

    def keep(self, number: int, level: str, reader: str) -> None:
        """Have a reader label a unit in another browser."""
        answer = Reviewer(self.elsewhere, reader).keep(self.address(number), level)
        assert answer.status_code == 200, answer.text

    def address(self, number: int, **more: str) -> str:
        """The path of a unit."""
        sha256, unit_hash, occurrence = self.papers.keys["places-that-lead"][number]
        query = "&".join(f"{name.rstrip('_')}={value}" for name, value in more.items())
        return f"/unit/{sha256}/{unit_hash}/{occurrence}" + (f"?{query}" if query else "")


def shown(browser: Any, selector: str) -> None:
    """Wait until something is there and the page is at rest."""
    script = (
        "const form = document.querySelector('#decide');"
        "return document.readyState === 'complete' && !!document.querySelector(arguments[0])"
        " && !form?.classList.contains('busy')"
    )
    until(lambda: browser.execute_script(script, selector), selector)


def one_unit(browser: Any, site: Site) -> None:
    shown(browser, "#unit")


def a_choice_changed(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    press(browser, "5sdq")


def nothing_chosen(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    press(browser, ENTER)
    shown(browser, "#status.error")


def readings_of_others(browser: Any, site: Site) -> None:
    site.keep(1, "support", "Ben")
    site.keep(1, "lead", "Ada")
    browser.get(site.base + site.address(1))
    shown(browser, ".readings")


def disputed(browser: Any, site: Site) -> None:
    site.keep(1, "support", "Ben")
    site.keep(1, "lead", "Cleo")
    browser.get(site.base + site.address(1, as_="adjudicate", whose="1"))
    shown(browser, ".readings")


def read_meanwhile(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    site.keep(0, "lead", "Ben")
    press(browser, ENTER)
    shown(browser, ".told.conflict a")


def changed_elsewhere(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    site.keep(0, "lead", "Ada")
    press(browser, ENTER)
    shown(browser, ".changed")


def codebook_beside(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    press(browser, "g")
    shown(browser, "#guide:not([hidden]) #codebook-text")


def keys_open(browser: Any, site: Site) -> None:
    shown(browser, "#unit")
    press(browser, "?")
    shown(browser, "#keys[open]")


def nothing_left(browser: Any, site: Site) -> None:
    for number in range(8):
        site.keep(number, "none", "Ada")
    browser.get(f"{site.base}/unit/{'/'.join(map(str, site.papers.keys['second'][0]))}")
    shown(browser, "#unit")
    press(browser, ENTER)
    shown(browser, ".sheet h1")


def page(path: str) -> Callable[[Any, Site], None]:
    def go(browser: Any, site: Site) -> None:
        site.keep(2, "support", "Ada")
        browser.get(site.base + path)
        shown(browser, "h1")

    return go


VIEWS: dict[str, tuple[str, Callable[[Any, Site], None]]] = {
    "start": ("", page("/start")),
    "one unit": ("suggestions", one_unit),
    "a choice changed": ("suggestions", a_choice_changed),
    "blind": ("blind", nothing_chosen),
    "readings of others": ("suggestions", readings_of_others),
    "deciding": ("adjudicate", disputed),
    "read meanwhile by another": ("suggestions", read_meanwhile),
    "changed in another window": ("suggestions", changed_elsewhere),
    "my labels": ("suggestions", page("/labels")),
    "search": ("suggestions", page("/search?q=We")),
    "codebook": ("suggestions", page("/codebook")),
    "codebook beside the unit": ("suggestions", codebook_beside),
    "keys": ("suggestions", page("/help")),
    "keys over the unit": ("suggestions", keys_open),
    "nothing left": ("suggestions", nothing_left),
    "no such page": ("suggestions", page("/nowhere")),
    "not let in": ("suggestions", page("/?token=wrong")),
}


@pytest.mark.parametrize("name", VIEWS)
def test_review_page(window: Any, tmp_path: Path, name: str) -> None:
    mode, go = VIEWS[name]
    site = Site(tmp_path)
    more = {"reader": "Ada", "mode": mode} if mode else {}
    with served(site.app, **more) as (_, site.base):
        window.get(f"{site.base}/?token={TOKEN}")
        go(window, site)
        assert violations(window) == []


def test_axe_finds_what_is_wrong(window: Any) -> None:
    """A page with faults: else nothing found would say nothing."""
    window.get("data:text/html,<title>x</title><p style='color:%23ccc'>pale<img src='x.png'>")
    found = {it.split(": ")[1] for it in violations(window)}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= found
