"""How the console writes days and instants. Pure."""

from datetime import datetime
from typing import Any

from anze.clock import SHANGHAI
from anze.texts import text


def say(key: str, **fields: Any) -> str:
    """A text of texts/console.yml."""
    return text(f"console.{key}", **fields)


def day(iso: str | None, *, provisional: bool = False) -> str:
    """2026-12-14, marked when it is provisional; a dash for none."""
    if not iso:
        return "—"
    return say("days.provisional", day=iso) if provisional else iso


def moment(iso: str | None) -> str:
    """2026-11-23 10:00, Shanghai time; a dash for none."""
    return f"{datetime.fromisoformat(iso).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if iso else "—"
