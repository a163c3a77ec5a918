"""How long a sign of somebody holds. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

BEAT = timedelta(seconds=2)
"""A page looks so often who else is there."""
OPEN = timedelta(seconds=7)
"""Renewed at every second beat; whoever is gone without a word is gone after it."""
TYPING = timedelta(seconds=6)
"""After the last key; with one beat gone within 10 s."""


class Doing(StrEnum):
    """正在看 · 正在回复."""

    OPEN = "open"
    TYPING = "typing"


def doing(open_until: datetime, typing_until: datetime | None, now: datetime) -> Doing | None:
    """What the sign says at this instant; None when it has run out."""
    if open_until <= now:
        return None
    return Doing.TYPING if typing_until is not None and typing_until > now else Doing.OPEN
