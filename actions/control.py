"""Yes, go on, stop, and an answer to no question: words that steer, when no form is open."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.complaint import clean
from actions.fallback import ask_back
from actions.identity import begin, numbers
from actions.turn_action import Desk, TurnAction
from anze.complaints import usecases as complaints
from anze.conversations import usecases as conversations

_OTHER_FORM_SLOTS = ("complaint_number", "complaint_more", "lookup_number", "lookup_code", "identity_policy",
                     "identity_code", "identity_half")  # fmt: skip


class ControlAffirm(TurnAction):
    """A typed yes to a question with buttons is the press of the one that confirms."""

    action = "action_control_affirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        confirmed = await desk.write(conversations.take_confirmation)
        if not confirmed:
            say.utter_message(response="utter_chitchat_ok")
            return []
        return [SlotSet("control_subject", confirmed["entities"]), FollowupAction(f"action_{confirmed['intent']}")]


class ControlAnswer(TurnAction):
    """A policy number and a phone unasked are a wish to bind; any other answer to no question is asked back."""

    action = "action_control_answer"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if all(numbers(desk)):
            return [*await begin(desk, say, tracker), FollowupAction("identity_form")]
        ask_back(say, tracker)
        return []


class ControlCancelled(TurnAction):
    """Leaves a form that holds nothing worth keeping."""

    action = "action_control_cancelled"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_chitchat_cancelled")
        return [SlotSet(name, None) for name in _OTHER_FORM_SLOTS]


class ControlResume(TurnAction):
    """Goes on with the unfinished complaint; without one, says so."""

    action = "action_control_resume"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if await desk.read(complaints.draft_view):
            return [*clean(tracker), FollowupAction("complaint_form")]
        say.utter_message(response="utter_chitchat_nothing_open")
        return []
