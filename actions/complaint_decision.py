"""After a decision: what it says, what can be done against it, taking the matter up again."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.complaint import FORM_SLOTS, number_buttons
from actions.turn_action import Desk, TurnAction, entity
from actions.unfinished import unset
from anze.complaints import decision as decisions
from anze.complaints import reopening
from anze.standard.usecases import cite


def _named(tracker: Tracker) -> str | None:
    number = entity(tracker, "complaint_no")
    return number.upper() if number else None


class ComplaintDecision(TurnAction):
    """The five parts (6.4 e). Whoever reads them here has been told."""

    action = "action_complaint_decision"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        found = await desk.write(decisions.decision_of, desk.services.dates, _named(tracker))
        if found["kind"] == "which":
            buttons = number_buttons("complaint_decision", found["numbers"])
            say.utter_message(response="utter_complaint_decision_which", buttons=buttons)
        else:
            message = {
                "data": {"kind": "decision_card", "rows": found.get("rows", [])} if found.get("rows") else None,
                "citations": cite(found.get("clauses", [])),
                "files": found.get("files", []),
            }
            say.utter_message(response=f"utter_complaint_{found['kind']}", json_message=message, **found["fields"])
        return unset(tracker, "pending")


class ComplaintRemedies(TurnAction):
    """Each way with where, telephone, until when and what to bring."""

    action = "action_complaint_remedies"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        found = await desk.read(decisions.remedies, _named(tracker))
        message = {"table": found["table"]} if found.get("table") else {}
        say.utter_message(response=f"utter_complaint_{found['kind']}", json_message=message, **found["fields"])
        return []


class ComplaintAgain(TurnAction):
    """Not satisfied: the decided case stays as it is, and a new one that follows it is opened."""

    action = "action_complaint_again"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        found = await desk.write(reopening.start_again, desk.services.dates, _named(tracker))
        say.utter_message(response=f"utter_complaint_{found['kind']}", **found["fields"])
        if found["opened"]:
            return [*unset(tracker, *FORM_SLOTS), FollowupAction("complaint_form")]
        return []
