"""When somebody counts as told (告知). Pure.

令2020年第3号 and 6.4 ask that the complainant be told; what proves it depends on the way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

PAGE = "page"


@dataclass(frozen=True)
class Telling:
    """One attempt by one way. Instants are aware; `read_at` is of a page's message only."""

    channel: str
    sent_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None


def counts_from(telling: Telling) -> datetime | None:
    """A page's message from its reading; anything else from its sending, unless a failure came back. None: not told."""
    if telling.failed_at is not None:
        return None
    return telling.read_at if telling.channel == PAGE else telling.sent_at


def told_at(tellings: Iterable[Telling]) -> datetime | None:
    """The first that counts."""
    return min((at for one in tellings if (at := counts_from(one)) is not None), default=None)
