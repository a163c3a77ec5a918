"""How the console writes days, instants and what is left of a term. Pure."""

from datetime import date, datetime
from typing import Any

from anze.clock import SHANGHAI
from anze.texts import text

_SOON, _NEAR = 1, 3


def say(key: str, **fields: Any) -> str:
    """A text of texts/console.yml."""
    return text(f"console.{key}", **fields)


def day(iso: str | None, *, provisional: bool = False) -> str:
    """2026-12-14, marked when it is provisional; a dash for none."""
    if not iso:
        return "—"
    return say("urgency.provisional", day=iso) if provisional else iso


def moment(iso: str | None) -> str:
    """2026-11-23 10:00, Shanghai time; a dash for none."""
    return f"{datetime.fromisoformat(iso).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if iso else "—"


def earlier(row: dict[str, Any]) -> date | None:
    """The date that is worked to: the earlier of both clocks'."""
    days = [date.fromisoformat(row[name]) for name in ("due_on", "second_due_on") if row.get(name)]
    return min(days, default=None)


CLOSED = frozenset({"told", "withdrawn", "merged", "dropped"})


def urgency(row: dict[str, Any], today: date) -> tuple[str, str]:
    """(level, words) of a row of the queue: overdue, today, soon, later, paused, closed, none. Calendar days."""
    if row["status"] in CLOSED:
        return "closed", say("urgency.closed")
    if row.get("paused"):
        return "paused", say("urgency.paused")
    by = earlier(row)
    if by is None:
        return "none", say("urgency.none")
    left = (by - today).days
    if left < 0:
        return "overdue", say("urgency.overdue", days=-left)
    if left == 0:
        return "today", say("urgency.today")
    level = "today" if left <= _SOON else "soon" if left <= _NEAR else "later"
    return level, say(f"urgency.{'soon' if level != 'later' else level}", days=left)
