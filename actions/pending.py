"""What the last push was about, so that a short answer to it finds its subject."""

from typing import Any

from rasa_sdk import Tracker


def pending(tracker: Tracker) -> dict[str, Any]:
    """{"kind", "subject", …} of the last push; {} when none is open. The application takes away what has run out."""
    found: dict[str, Any] = tracker.get_slot("pending") or {}
    return found


def subject_of(tracker: Tracker, entity: str) -> str | None:
    """The number under this entity's name that the last push was about."""
    value = (pending(tracker).get("entities") or {}).get(entity)
    return str(value) if value else None
