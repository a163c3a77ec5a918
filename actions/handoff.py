"""A person is asked for. From then on the application keeps the bot silent, until it is given back."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from anze.conversations import usecases as conversations

_SURE = 0.8
"""From this confidence on the alarm is raised: of 36 look-alikes one was (docs/model-card.md)."""


class HandoffEmergency(TurnAction):
    """The second net: an emergency that the application's own words did not tell. Less sure, it asks."""

    action = "action_handoff_emergency"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if float(tracker.latest_message.get("intent", {}).get("confidence") or 0) < _SURE:
            say.utter_message(response="utter_handoff_maybe_emergency")
            return []
        say.utter_message(response="utter_handoff_emergency", **await desk.write(conversations.raise_alarm))
        return []


class HandoffOpen(TurnAction):
    action = "action_handoff_open"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        branch = await desk.write(conversations.ask_for_person, desk.services.calendar)
        closed = "" if branch.pop("open") else "_closed"
        say.utter_message(response=f"utter_handoff_opened{closed}", **branch)
        return []
