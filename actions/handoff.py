"""A person is asked for. From then on the application keeps the bot silent, until it is given back."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from actions.unfinished import leave
from anze.conversations import usecases as conversations
from anze.conversations.emergency import is_told

_SURE = 0.6
"""From this confidence on the alarm is raised, unless the text marks itself as told (past, practised, supposed)."""


class HandoffEmergency(TurnAction):
    """The second net: an emergency that the application's own words did not tell. Less sure, it asks."""

    action = "action_handoff_emergency"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        heard = tracker.latest_message
        sure = float(heard.get("intent", {}).get("confidence") or 0) >= _SURE
        if not sure or is_told(heard.get("text") or ""):
            say.utter_message(response="utter_handoff_maybe_emergency")
            return []
        say.utter_message(response="utter_handoff_emergency", **await desk.write(conversations.raise_alarm))
        return []


class HandoffOpen(TurnAction):
    """A colleague who asks for a person would only wait for another one."""

    action = "action_handoff_open"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if desk.colleague:
            say.utter_message(response="utter_handoff_colleague")
            return []
        branch = await desk.write(conversations.ask_for_person, desk.services.calendar)
        said = branch.pop("said")
        closed = "" if not branch["opens"] else "_again" if said else "_closed"
        say.utter_message(response=f"utter_handoff_opened{closed}", **branch)
        return leave()


class HandoffSurrender(TurnAction):
    """退保 is a matter of the contract and goes to a person; it is never a demand for money back (9.2 c)."""

    action = "action_handoff_surrender"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        branch = await desk.write(conversations.ask_for_person, desk.services.calendar)
        branch.pop("said")
        closed = "_closed" if branch["opens"] else ""
        say.utter_message(response=f"utter_handoff_surrender{closed}", **branch)
        return leave()
