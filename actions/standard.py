"""What the standard says."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction, entity
from anze.reports import usecases as reports
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


_MONEY_BACK = "服务费能不能退"
"""The question whose clauses (7.3, 9.2 c) stand under the explanation."""


class StandardRefundDemand(TurnAction):
    """Money back is demanded: explained first (7.3); repeated after that it may have to be reported (9.2 c)."""

    action = "action_standard_refund_demand"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        told = tracker.get_slot("standard_refund_told") is not None
        done = await desk.write(reports.money_back, told)
        if done["kind"] == "question":  # 能退吗 is answered and kept nowhere
            return await StandardAnswer().act(desk, say, tracker)
        names = {"explain": "explained", "bind": "bind", "recorded": "noted"}
        rule = standard.answer(_MONEY_BACK)["citations"] if done["kind"] != "recorded" else []
        say.utter_message(
            response=f"utter_standard_refund_{names[done['kind']]}", json_message={"citations": rule}, **done["fields"]
        )
        return [SlotSet("standard_refund_told", desk.turn.id)] if done["kind"] == "explain" else []
