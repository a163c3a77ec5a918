"""The application's clock. Instants are aware UTC datetimes; legal dates are Asia/Shanghai dates."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def legal_date(instant: datetime) -> date:
    """The Shanghai date of an aware instant: the day on which an event happened for every legal term."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(SHANGHAI).date()


def iso(moment: date | None) -> str | None:
    """A day or an instant in ISO 8601, for a program; None stays None."""
    return moment.isoformat() if moment else None


def parse_instant(text: str) -> datetime:
    """An ISO 8601 instant as aware UTC; without an offset it is Shanghai time. Raises ValueError."""
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=SHANGHAI)).astimezone(UTC)


class Clock:
    """Runs on from a chosen moment (the demo's ANZE_NOW) or tells the real time."""

    def __init__(self, start: datetime | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._start = start
        self._began = monotonic()

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        if self._start is None:
            return datetime.now(UTC)
        return self._start + timedelta(seconds=self._monotonic() - self._began)

    def today(self) -> date:
        """The present legal date in Shanghai."""
        return legal_date(self.now())

    def move_to(self, instant: datetime) -> None:
        """Move a demo clock; going back is refused with ValueError."""
        if instant < self.now():
            raise ValueError("the clock only goes forward")
        self._start, self._began = instant, self._monotonic()
