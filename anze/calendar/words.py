"""Dates and half days as people read them."""

from datetime import date, datetime

from anze.clock import SHANGHAI
from anze.texts import text as say


def spoken(day: date, provisional: bool = False) -> str:
    """2026-03-09（周一）, and 暂定 where a notice is not out yet."""
    weekday = say(f"calendar.words.weekday.{day.isoweekday()}")
    key = "calendar.words.day_provisional" if provisional else "calendar.words.day"
    return say(key, date=day.isoformat(), weekday=weekday)


def spoken_time(instant: datetime) -> str:
    """2026-03-09（周一）09:00 in Shanghai."""
    here = instant.astimezone(SHANGHAI)
    return f"{spoken(here.date())}{here:%H:%M}"
