"""Services are booked by telephone until booking in the chat is there."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from anze.conversations import usecases as conversations


class BookingContact(TurnAction):
    action = "action_booking_contact"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_booking_contact", **await desk.read(conversations.branch_contact))
        return []
