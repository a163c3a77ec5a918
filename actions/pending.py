"""What the last push was about, so that a short answer to it finds its subject."""

from datetime import timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions.turn_action import Desk

_FRESH = timedelta(minutes=10)


def pending(tracker: Tracker) -> dict[str, Any]:
    """{"kind", "subject", …} of the last push; {} when none is open. The application takes away what has run out."""
    found: dict[str, Any] = tracker.get_slot("pending") or {}
    return found


def about(desk: Desk, kind: str, subject: str, entities: dict[str, str]) -> SlotSet:
    """What was answered just now: 改到周五 that follows is about it."""
    until = (desk.turn.now + _FRESH).isoformat()
    return SlotSet(
        "pending",
        {"kind": kind, "subject": subject, "question": None, "intent": None, "until": until, "entities": entities},
    )


def subject_of(tracker: Tracker, entity: str) -> str | None:
    """The number under this entity's name that the last push was about."""
    value = (pending(tracker).get("entities") or {}).get(entity)
    return str(value) if value else None
