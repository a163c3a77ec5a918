"""The rows of the demo data while they are made, and the dice they are made with."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from anze.audit.chain import NewEvent
from anze.clock import SHANGHAI, legal_date
from anze.db import Base

Row = dict[str, Any]


@cache
def data(name: str) -> Any:
    """One of the YAML files beside this module."""
    return yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_text(encoding="utf-8"))


def dice(part: str) -> Random:
    """The dice of one part: what one part throws does not move the others. They know nothing of the date."""
    return Random(f"anze-demo:{part}")


def instant(day: date, hour: int, minute: int = 0) -> datetime:
    """A Shanghai time of day as aware UTC."""
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def weekday_before(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def weekday_after(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)


class World:
    """Rows by table, and the events that the audit chain is to receive. Ids count from 1 in each table."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = legal_date(now)
        self.rows: dict[type[Base], list[Row]] = defaultdict(list)
        self.events: list[NewEvent] = []

    def add(self, model: type[Base], **values: Any) -> Row:
        """A new row; a table that numbers its rows gives the next `id`."""
        rows = self.rows[model]
        column = model.__table__.columns.get("id")
        if column is not None and "id" not in values and column.type.python_type is int:
            values["id"] = len(rows) + 1
        rows.append(values)
        return values

    def happened(self, at: datetime, kind: str, subject: str, actor: str, body: Row) -> None:
        """Note an event for the audit chain."""
        self.events.append(NewEvent(at, kind, subject, actor, body))

    def day(self, offset: int) -> date:
        """So many days after today (negative: before)."""
        return self.today + timedelta(days=offset)
