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
                "citations": cite(found.get("clauses", []), found.get("edition")),
                "files": found.get("files", []),
            }
            say.utter_message(response=f"utter_complaint_{found['kind']}", json_message=message, **found["fields"])
        return unset(tracker, "pending")


class ComplaintRemedies(TurnAction):
    """Each way with where, telephone, until when and what to bring. 申请核查 of one clear decision is asked about."""

    action = "action_complaint_remedies"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        wanted = await desk.read(reopening.review_wanted, desk.services.dates, _named(tracker))
        if wanted:
            say.utter_message(response="utter_complaint_review_sure", **wanted["fields"])
            return []
        found = await desk.read(decisions.remedies, _named(tracker))
        message = {"table": found["table"]} if found.get("table") else {}
        say.utter_message(response=f"utter_complaint_{found['kind']}", json_message=message, **found["fields"])
        return []


class ComplaintAgain(TurnAction):
    """Not satisfied: the decided case stays as it is, and a new one that follows it is opened."""

    action = "action_complaint_again"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin_again(desk, say, tracker, _named(tracker))


async def _begin_again(desk: Desk, say: CollectingDispatcher, tracker: Tracker, number: str | None) -> list[Any]:
    found = await desk.write(reopening.start_again, desk.services.dates, number)
    say.utter_message(response=f"utter_complaint_{found['kind']}", **found["fields"])
    if found["opened"]:
        return [*unset(tracker, *FORM_SLOTS), FollowupAction("complaint_form")]
    return []


class ComplaintReviewConfirm(TurnAction):
    """Yes, 申请核查: a button, or a typed yes to the question."""

    action = "action_complaint_review_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        subject: dict[str, str] = tracker.get_slot("control_subject") or {}
        number = _named(tracker) or subject.get("complaint_no")
        return [*unset(tracker, "control_subject"), *await _begin_again(desk, say, tracker, number)]


class ComplaintReviewDecline(TurnAction):
    action = "action_complaint_review_decline"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_complaint_review_left")
        return unset(tracker, "control_subject")
