"""What the standard says."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction, entity
from anze.standard import usecases as standard


class StandardAnswer(TurnAction):
    """An answer to a question; a pressed button names a clause, or asks what the question is."""

    action = "action_standard_answer"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        question = desk.turn.text if desk.turn.intent is None else entity(tracker, "clause_no")
        if question is None:
            say.utter_message(response="utter_standard_ask")
            return []
        answer = standard.answer(question)
        say.utter_message(
            response=f"utter_standard_{answer['kind']}",
            json_message={"citations": answer["citations"]},
            **answer["fields"],
        )
        return []
