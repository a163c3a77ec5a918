"""A person is asked for. From then on the application keeps the bot silent, until it is given back."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from anze.conversations import usecases as conversations


class HandoffOpen(TurnAction):
    action = "action_handoff_open"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        branch = await desk.write(conversations.ask_for_person, desk.services.calendar)
        closed = "" if branch.pop("open") else "_closed"
        say.utter_message(response=f"utter_handoff_opened{closed}", **branch)
        return []
