"""Leaving a form, and going back to what was begun before it."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk
from anze.bookings import usecases as bookings
from anze.complaints import usecases as complaints


def leave() -> list[Any]:
    """The open form ends here, whatever it still misses."""
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def unset(tracker: Tracker, *slots: str) -> list[Any]:
    """A form begins and ends without anything of the one before.

    Only what is set is unset: a form that opens takes every slot set just before it for an answer.
    """
    return [SlotSet(name, None) for name in slots if tracker.get_slot(name) is not None]


async def go_on(desk: Desk) -> list[Any]:
    """After one matter is done: the form of another that was begun before, if there is one."""
    if await desk.read(complaints.draft_view):
        return [FollowupAction("complaint_form")]
    booking = await desk.read(bookings.draft_view, desk.services.calendar)
    if booking and not booking.get("bind"):
        return [FollowupAction("booking_form")]
    return []


def open_form(tracker: Tracker) -> str | None:
    """The form that is open now."""
    loop: dict[str, Any] = tracker.active_loop or {}
    name = loop.get("name")
    return str(name) if name else None


def bind_first(desk: Desk, say: CollectingDispatcher, response: str, then: str) -> list[Any]:
    """For whoever is not bound: says why, binds, and goes on with `then` (an action or a form). [] when bound."""
    if desk.turn.speaker.bound:
        return []
    say.utter_message(response=response)
    return [SlotSet("identity_then", then), FollowupAction("identity_form")]
