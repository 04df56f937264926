"""Labelled sentences made from parts, enough to train a small model in a second."""

from __future__ import annotations

from itertools import product

import pytest

from collabnlp.tagging.features import UnitView
from collabnlp.training.dataset import LEVEL_INDEX, LabelledUnit

PARTNERS = ("councils", "mayors", "operators", "charities", "residents", "regulators")
WORDINGS = {
    "none": (
        "In the past year {0} said that the {1} was late.",
        "The {1} is a long road near the old harbour and {0} like it.",
        "Most {0} that replied agreed about the {1}.",
        "We will publish the {1} in spring.",
    ),
    "explore": ("We will explore how {0} could help with the {1}.",),
    "support": (
        "We will work with {0} to improve the {1}.",
        "Ministers must consult {0} on the {1}.",
    ),
    "have_regard": ("The board must have regard to the views of {0} on the {1}.",),
    "co_create": ("We will co-design the {1} with {0}.",),
    "lead": ("The {1} must be in general conformity with the plan of the {0}.",),
}
THINGS = ("ferry", "crossing", "map", "timetable")


@pytest.fixture(scope="session")
def labelled() -> list[LabelledUnit]:
    """Four families of documents, every level in each."""
    families = 4
    units = []
    for family, (level, wordings) in product(range(families), WORDINGS.items()):
        for number, (wording, partner, thing) in enumerate(product(wordings, PARTNERS, THINGS)):
            if (number + family) % 2:
                continue
            units.append(
                LabelledUnit(
                    id=f"{family}-{level}-{number}",
                    view=UnitView(text=wording.format(partner, thing), kind="white paper"),
                    level=LEVEL_INDEX[level],
                    document=f"paper-{family}",
                    family=f"family-{family}",
                )
            )
    return units
