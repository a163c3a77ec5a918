"""The detector on sentences it was not written from: only counts are looked at, so that they stay unseen."""

from functools import cache
from pathlib import Path

import pytest
import yaml

from anze.conversations.emergency import is_emergency
from anze.conversations.normalise import for_rasa

HELD_OUT = Path(__file__).parents[1] / "nlu"


@cache
def alarms(name: str) -> tuple[int, int]:
    """How many of a set's texts raise the alarm, and how many there are."""
    rows = yaml.safe_load((HELD_OUT / f"{name}.yml").read_text(encoding="utf-8"))
    return sum(is_emergency(for_rasa(row["text"])) for row in rows), len(rows)


def test_emergencies_raise_the_alarm() -> None:
    """All of them is the goal; 23 of 24 is what was measured. The bot's own intent stands behind this detector."""
    raised, texts = alarms("emergencies")
    assert texts >= 20
    assert raised >= texts - 1


@pytest.mark.parametrize(
    ("name", "least", "at_most"), [("lookalikes", 30, 0), ("stories", 100, 0), ("interruptions", 20, 0)]
)
def test_what_only_looks_like_one_does_not(name: str, least: int, at_most: int) -> None:
    raised, texts = alarms(name)
    assert texts >= least
    assert raised <= at_most
