"""A reviewer at the real page in Chromium who uses nothing but the keyboard.

Keys are pressed as key events on whatever has the focus; nothing is clicked, and no script of ours
runs in the page. What stands on the page is read, as a person reads it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from collabnlp.schema import Judgement, Level, Partner
from review_proofs.stores import Sentence

PARTNER_KEYS = dict(zip(Partner, "sdpbci", strict=True))
TIER_KEYS = {"national": "n", "subnational": "l", "other": "o"}
_STALE = ("stale element", "no such element", "detached")


@contextmanager
def chromium(*, width: int = 1280, height: int = 860) -> Iterator[Any]:
    """A headless Chromium with a profile of its own. Raises RuntimeError where there is none."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    names = ("chromium", "chromium-browser", "google-chrome")
    binary = next((found for found in map(shutil.which, names) if found), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        raise RuntimeError("no Chromium with its driver is here")
    options = Options()
    for argument in (
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.binary_location = binary
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reviewer means to say of a unit."""

    judgement: Judgement
    note: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Act:
    """One act that the page confirmed. ``seconds``: from when the unit was there to the key that
    kept it, by the clock of the one who pressed the keys.

    kind  "label", "repeat" or "skip"
    """

    kind: str
    key: tuple[str, str, int]
    wanted: Wanted | None = None
    seconds: float = 0.0
    shown: str = ""
    model: str = ""


@dataclass(slots=True)
class Sitting:
    """What was keyed: acts in their order; those taken back, newest last; what the page said."""

    acts: list[Act] = field(default_factory=list)
    undone: list[Act] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


class Stuck(AssertionError):
    """The page did not come to where it should; with what it says."""


class Desk:
    """One reviewer's browser on the page. ``sentences`` by text tells which unit is shown."""

    def __init__(self, browser: Any, sentences: list[Sentence]) -> None:
        self.browser = browser
        self.by_text = {" ".join(it.unit.text.split()): it for it in sentences}
        self.sitting = Sitting()
        self.arrived = time.monotonic()
        self.on_told: Callable[[str], None] = lambda _words: None  # a connection was lost

    # -- reading the page

    def read(self, selector: str) -> str:
        """The text of the first element of a selector; empty where there is none."""
        return self._steady(lambda: next((it.text for it in self._all(selector)), ""), otherwise="")

    def value(self, selector: str, name: str = "value") -> str:
        """An attribute of the first element of a selector; empty where there is none."""
        return self._steady(
            lambda: next((it.get_attribute(name) or "" for it in self._all(selector)), ""),
            otherwise="",
        )

    def checked(self, name: str) -> set[str]:
        """The values of what is chosen in a field."""
        return self._steady(
            lambda: {
                it.get_attribute("value")
                for it in self._all(f"#decide [name={name}]")
                if it.is_selected()
            },
            otherwise=set(),
        )

    def offered(self, name: str) -> set[str]:
        """The values that a field offers."""
        return self._steady(
            lambda: {it.get_attribute("value") for it in self._all(f"#decide [name={name}]")},
            otherwise=set(),
        )

    def status(self) -> str:
        """What the page tells at present, noted where it is new."""
        words = self.read("#status")
        if words and (not self.sitting.said or self.sitting.said[-1] != words):
            self.sitting.said.append(words)
            if "Trying again in" in words:
                self.on_told(words)
        return words

    def sentence(self) -> Sentence | None:
        """The unit that is shown."""
        return self.by_text.get(" ".join(self.read("#unit").split()))

    def where(self) -> str:
        """The address of what is shown."""
        return str(self.browser.current_url)

    def wait(self, done: Callable[[], Any], what: str, *, patience: float = 60.0) -> Any:
        """Wait until something holds, and note all that the page says meanwhile."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            self.status()
            found = done()
            if found:
                return found
            time.sleep(0.02)
        raise Stuck(f"{what}: never so. The page says {self.status()!r} at {self.where()}")

    def _all(self, selector: str) -> list[Any]:
        found: list[Any] = self.browser.find_elements("css selector", selector)
        return found

    def _steady(self, look: Callable[[], Any], *, otherwise: Any) -> Any:
        """The page may be replaced between finding and reading."""
        from selenium.common.exceptions import (
            NoSuchElementException,
            StaleElementReferenceException,
        )

        for _ in range(5):
            try:
                return look()
            except (StaleElementReferenceException, NoSuchElementException):
                continue
        return otherwise

    # -- keys

    def press(self, *keys: str) -> None:
        """Press keys one after another on whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.browser, duration=0)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def _select_all(self) -> None:
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        chain = ActionChains(self.browser, duration=0).key_down(Keys.CONTROL)
        chain.send_keys("a").key_up(Keys.CONTROL).perform()

    def enter(self, address: str, name: str = "") -> None:
        """Open the page by the address that the program printed; say who one is, if asked."""
        from selenium.webdriver.common.keys import Keys

        self.browser.get(address)
        if name and self._all("#reader"):
            self.walk_to("reader")
            self.press(name, Keys.ENTER)
        self.wait(lambda: self._all("#unit"), "a unit is shown")
        self.arrived = time.monotonic()

    def walk_to(self, id: str) -> None:
        """Tab until an element has the focus."""
        from selenium.webdriver.common.keys import Keys

        for _ in range(40):
            if self.browser.switch_to.active_element.get_attribute("id") == id:
                return
            self.press(Keys.TAB)
        raise Stuck(f"no way to #{id} by the tabulator")

    # -- acts

    def choose(self, wanted: Wanted) -> None:
        """Set the form to what is wanted, by its keys, from whatever it shows."""
        from selenium.webdriver.common.keys import Keys

        judgement = wanted.judgement
        self.press(str(list(Level).index(judgement.level)))
        if judgement.level is not Level.NONE:
            there = self.checked("partner")
            for partner, key in PARTNER_KEYS.items():
                if (str(partner) in there) != (partner in judgement.partners):
                    self.press(key)
            if judgement.actor_tier:
                self.press(TIER_KEYS[judgement.actor_tier])
            for code in sorted(self.checked("department") ^ set(judgement.departments)):
                self.press("w", code, Keys.ENTER, Keys.ESCAPE)
            if judgement.dept_basis and self.checked("basis") != {str(judgement.dept_basis)}:
                self.press("e")
                if self.checked("basis") != {str(judgement.dept_basis)}:
                    self.press("e")
        if wanted.note != self.value("#note"):
            self.press("m")
            self._select_all()
            self.press(Keys.BACKSPACE, wanted.note, Keys.ESCAPE)
        if bool(self.checked("unsure")) == wanted.sure:
            self.press("q")

    def chosen(self) -> Wanted:
        """What the form shows as chosen."""
        level = next(iter(self.checked("level")), "none")
        row = {
            "level": level,
            "partners": sorted(self.checked("partner")),
            "departments": sorted(self.checked("department")),
            "dept_basis": next(iter(self.checked("basis")), "none"),
            "actor_tier": next(iter(self.checked("tier")), None),
        }
        return Wanted(Judgement.from_dict(row), self.value("#note"), not self.checked("unsure"))

    def label(self, wanted: Wanted) -> Act:
        """Choose, keep by Enter, and wait for what comes next."""
        self.choose(wanted)
        return self.keep(wanted)

    def keep(self, wanted: Wanted) -> Act:
        """Keep what is chosen by Enter, and wait for what comes next."""
        from selenium.webdriver.common.keys import Keys

        return self._gone_on(self.act(wanted), Keys.ENTER)

    def skip(self) -> Act:
        """Pass the unit by."""
        return self._gone_on(self.act(None), "k")

    def undo(self) -> Act:
        """Take the last act back; the page goes to it and shows what was chosen."""
        here = self.where()
        self.press("u")
        act = self.sitting.acts.pop()
        address = "/unit/{}/{}/{}".format(*act.key)
        self.wait(
            lambda: address in self.where() and self.where() != here and self.quiet(),
            f"back at {act.kind} {act.key[1][:8]}",
        )
        self.sitting.undone.append(act)
        self.arrived = time.monotonic()
        return act

    def act(self, wanted: Wanted | None) -> Act:
        """The act that the next key will be, on the unit that is shown."""
        kind = "repeat" if "as=repeat" in self.where() else "label"
        sentence = self.sentence()
        if sentence is None:
            raise Stuck(f"no unit of ours is shown at {self.where()}")
        return Act(
            "skip" if wanted is None else kind,
            sentence.unit.key,
            wanted,
            seconds=time.monotonic() - self.arrived,
            shown=self.value("#decide [name=shown]"),
            model=self.value("#decide [name=model]"),
        )

    def _gone_on(self, act: Act, key: str) -> Act:
        here = self.where()
        self.press(key)
        self.wait(lambda: self.where() != here and self.quiet(), f"on from {act.key[1][:8]}")
        self.sitting.acts.append(act)
        self.arrived = time.monotonic()
        return act

    def quiet(self) -> bool:
        """True while no decision and no page is on its way."""
        return "busy" not in self.value("#decide", "class")
