"""Stop, go on, and words that fit nothing that is open."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.complaint import FORM_SLOTS
from actions.turn_action import Desk, TurnAction
from anze.complaints import usecases as complaints

_OTHER_FORM_SLOTS = ("complaint_number", "complaint_more", "lookup_number", "lookup_code", "identity_policy",
                     "identity_code")  # fmt: skip


class ControlCancelled(TurnAction):
    """Leaves a form that holds nothing worth keeping."""

    action = "action_control_cancelled"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_control_cancelled")
        return [SlotSet(name, None) for name in _OTHER_FORM_SLOTS]


class ControlResume(TurnAction):
    """Goes on with the unfinished complaint; without one, says so."""

    action = "action_control_resume"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if await desk.read(complaints.draft_view):
            return [*(SlotSet(name, None) for name in FORM_SLOTS), FollowupAction("complaint_form")]
        say.utter_message(response="utter_control_nothing_open")
        return []
