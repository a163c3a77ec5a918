"""Yes, go on, stop, and an answer to no question: words that steer, when no form is open."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import booking, complaint
from actions.fallback import answer_by_words
from actions.identity import begin, numbers
from actions.turn_action import Desk, TurnAction
from actions.unfinished import go_on, leave, open_form, unset
from anze.bookings import usecases as bookings
from anze.conversations import usecases as conversations

FORM_SLOTS = (
    *complaint.FORM_SLOTS,
    *booking.FORM_SLOTS,
    "complaint_number",
    "complaint_more",
    "lookup_number",
    "lookup_code",
    "identity_policy",
    "identity_code",
    "identity_half",
    "identity_then",
)
"""Every slot of every form, and what goes with them."""


class ControlAffirm(TurnAction):
    """A typed yes to a question with buttons is the press of the one that confirms."""

    action = "action_control_affirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _pressed(desk, say, conversations.take_confirmation, "utter_chitchat_ok")


class ControlDeny(TurnAction):
    """A typed no to a question with buttons is the press of the one that refuses."""

    action = "action_control_deny"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _pressed(desk, say, conversations.take_refusal, "utter_chitchat_left")


async def _pressed(
    desk: Desk, say: CollectingDispatcher, take: Callable[..., dict[str, Any]], otherwise: str
) -> list[Any]:
    """The button that the word stands for does what it does when it is pressed; without one, `otherwise` is said."""
    button = await desk.write(take)
    if not button:
        say.utter_message(response=otherwise)
        return []
    return [SlotSet("control_subject", button["entities"]), FollowupAction(f"action_{button['intent']}")]


class ControlAnswer(TurnAction):
    """A policy number and a phone unasked are a wish to bind; any other answer to no question is asked back."""

    action = "action_control_answer"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if not desk.colleague and all(numbers(desk)):
            return [*await begin(desk, say, tracker), FollowupAction("identity_form")]
        return await answer_by_words(desk, say, tracker)


_LEFT = {"complaint_form": "utter_complaint_paused", None: "utter_chitchat_cancelled"}
"""What is said of the form that is left. A complaint keeps what was said: its clock runs since the first words."""


class ControlCancel(TurnAction):
    """Leaves whatever form is open."""

    action = "action_control_cancel"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        form = open_form(tracker)
        if form == "booking_form":
            await desk.write(bookings.drop)
            say.utter_message(response="utter_booking_dropped")
        else:
            say.utter_message(response=_LEFT.get(form, _LEFT[None]))
        return [*leave(), *unset(tracker, *FORM_SLOTS)]


class ControlResume(TurnAction):
    """Goes on with what is unfinished; without anything, says so."""

    action = "action_control_resume"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        unfinished = await go_on(desk)
        if not unfinished:
            say.utter_message(response="utter_chitchat_nothing_open")
        return [*unset(tracker, *FORM_SLOTS), *unfinished]
