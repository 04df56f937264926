"""A small label store of sentences written for the tests, and a reviewer's browser without one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from collabnlp.identifiers import occurrences
from collabnlp.labels.database import LabelDatabase
from collabnlp.labels.queue_store import QueueStore
from collabnlp.schema import (
    ActorTier,
    Box,
    DocumentInfo,
    Judgement,
    Level,
    Partner,
    QueuedUnit,
    Reason,
    StoredUnit,
    Suggestion,
)

PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
TOKEN = "a-token-for-the-tests"
MODEL = "e" * 64
SENTENCES = (
    "This paper sets out how the government will share power with places.",
    "We will explore whether mayors could hold the budget for regional buses.",
    "We will support councils to draw up their flood plans.",
    "The national rail body must have regard to each mayor's transport strategy.",
    "We will agree a joint investment plan with every combined authority.",
    "Mayors will set the priorities for adult skills in their regions.",
    "The rain fell on the just and on the unjust.",
    "Ministers will consult trade unions on the new standard.",
)
LEVELS = ("none", "explore", "support", "have_regard", "co_create", "lead", "none", "support")


@dataclass
class Papers:
    """What stands in the store: keys of the units by document, in reading order."""

    database: LabelDatabase
    keys: dict[str, list[tuple[str, str, int]]] = field(default_factory=dict)

    @property
    def store(self) -> QueueStore:
        return QueueStore(self.database)

    def add(
        self,
        name: str = "places-that-lead",
        sentences: Sequence[str] = SENTENCES,
        levels: Sequence[str] = LEVELS,
        *,
        title: str = "Places that lead",
        headings: tuple[str, ...] = ("1 Power", "1.1 Places"),
        lead_in: str | None = None,
        queue: bool = True,
        reason: Reason = Reason.LEAST_CERTAIN,
        detail: str = "",
        boxes: bool = True,
    ) -> list[tuple[str, str, int]]:
        """Keep a document, its suggestions, and all its units in the queue."""
        from hashlib import sha256

        digest = sha256(name.encode()).hexdigest()
        keys = list(occurrences(sentences))
        units = [
            StoredUnit(
                document=name,
                sha256=digest,
                unit_hash=key[0],
                occurrence=key[1],
                index=at,
                text=text,
                own_text=text,
                lead_in=lead_in,
                headings=headings,
                page=3,
                page_label="1",
                provision=None,
                boxes=(Box(3, 50.0, 100.0 + at, 400.0, 112.0 + at),) if boxes else (),
                kind="paragraph",
                region="body",
            )
            for at, (text, key) in enumerate(zip(sentences, keys, strict=True))
        ]
        self.store.add_document(
            DocumentInfo(id=name, title=title, sha256=digest, date="2025-03-04"), units
        )
        self.store.add_suggestions(
            suggestion(unit, Level(level)) for unit, level in zip(units, levels, strict=False)
        )
        if queue:
            self.store.enqueue(
                QueuedUnit(
                    sha256=digest,
                    unit_hash=unit.unit_hash,
                    occurrence=unit.occurrence,
                    reason=reason,
                    detail=detail,
                    probability=0.25 if reason is Reason.RANDOM else None,
                )
                for unit in units
            )
        self.keys[name] = [unit.key for unit in units]
        return self.keys[name]


def judgement(level: Level) -> Judgement:
    if level is Level.NONE:
        return Judgement(level=level)
    return Judgement(level=level, partners=(Partner.SUBNATIONAL,), actor_tier=ActorTier.NATIONAL)


def suggestion(unit: StoredUnit, level: Level) -> Suggestion:
    at = list(Level).index(level)
    return Suggestion(
        sha256=unit.sha256,
        unit_hash=unit.unit_hash,
        occurrence=unit.occurrence,
        model=MODEL,
        name="level-of-the-tests",
        judgement=judgement(level),
        probabilities=tuple(0.75 if here == at else 0.05 for here in range(6)),
        cues=((4, 8),),
    )


class Reviewer:
    """A browser without a window: opens the page, reads forms, posts them as the page does."""

    def __init__(self, app: Flask, name: str = "Ada", mode: str = "suggestions") -> None:
        self.client: FlaskClient = app.test_client()
        self.name = name
        self.get(f"/?token={TOKEN}")
        page = self.get("/start").text
        self.token = hidden(page, "form_token")
        self.post("/start", reader=name, mode=mode, document="")

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, base_url=BASE, **more)

    def post(self, path: str, *, json: bool = False, **fields: Any) -> Any:
        headers = {"Origin": BASE}
        if json:
            headers["Accept"] = "application/json"
        data = {"form_token": self.token, **fields}
        return self.client.post(path, base_url=BASE, data=data, headers=headers)

    def next(self) -> str:
        """The address of the next unit."""
        answer = self.get("/next")
        return str(answer.headers["Location"]) if answer.status_code == 303 else ""

    def form(self, address: str) -> dict[str, str]:
        """What the page of a unit sends back unseen."""
        page = self.get(address).text
        names = ("as", "shown", "model", "own", "seen", "skipped")
        return {name: hidden(page, name) for name in names}

    def keep(
        self, address: str, level: str, *, form: dict[str, str] | None = None, **more: Any
    ) -> Any:
        """Post a decision as the script does."""
        fields: dict[str, Any] = {
            **(form or self.form(address)),
            "request": number(),
            "level": level,
        }
        if level != "none":
            fields |= {"partner": ["subnational"], "tier": "national"}
        return self.post(address.split("?")[0], json=True, **{**fields, **more})

    def skip(self, address: str, **more: Any) -> Any:
        return self.post(f"{address.split('?')[0]}/skip", json=True, request=number(), **more)

    def undo(self, request: str = "") -> Any:
        return self.post("/undo", json=True, request=request or number())


def number() -> str:
    """A fresh number of a decision."""
    return str(uuid.uuid4())


def hidden(page: str, name: str) -> str:
    """The value of the first hidden field of a name."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)
    assert found, f"the page has no field {name}"
    return found[1]
