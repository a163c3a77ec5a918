"""When a refused message is tried again, and when it is given up. Pure."""

from datetime import timedelta

from anze.channels.outbox.adapter import Refusal, Refused

FIRST = {Refusal.RATE: 30.0, Refusal.UNAVAILABLE: 5.0, Refusal.SETTINGS: 300.0}
"""Seconds before the second try; each further wait is twice as long."""
LONGEST = 15 * 60.0
GIVEN_UP_AFTER = timedelta(hours=24)
"""From when it was due: then the next channel."""
MOST_TRIES = 40


def wait(refused: Refused, tries: int) -> timedelta:
    """How long to wait after the n-th refusal (n from 1); never less than the channel asks for."""
    grown = min(FIRST.get(refused.kind, LONGEST) * 2 ** min(tries - 1, 16), LONGEST)
    return timedelta(seconds=max(grown, refused.retry_after or 0.0))


def is_final(refused: Refused, tries: int, waited: timedelta) -> bool:
    """Whether the next channel takes over."""
    return refused.kind is Refusal.PERMANENT or tries >= MOST_TRIES or waited >= GIVEN_UP_AFTER
