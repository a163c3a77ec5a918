"""The plan: an insured agrees to it, or says what is to be otherwise (6.1)."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.pending import subject_of
from actions.turn_action import Desk, TurnAction, desk, entity, intent
from actions.unfinished import bind_first, go_on, unset
from anze.plans import talk

SLOTS = ("booking_plan_wish", "booking_plan_number")
_NOTHING_SAID = frozenset({"control_affirm", "control_unknown", "control_submit", "control_resume"})


def _number(tracker: Tracker) -> str:
    subject: dict[str, str] = tracker.get_slot("control_subject") or {}
    return str(entity(tracker, "plan_no") or subject.get("plan_no") or subject_of(tracker, "plan_no") or "")


class PlanConfirm(TurnAction):
    action = "action_booking_plan_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_booking_plan_bind", self.action):
            return unbound
        done = await desk.write(talk.confirm, _number(tracker))
        say.utter_message(response=f"utter_booking_plan_{done['kind']}", **done["fields"])
        return unset(tracker, "control_subject", "pending")


class PlanChange(TurnAction):
    """Which plan, then what is to be otherwise."""

    action = "action_booking_plan_change"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_booking_plan_bind", self.action):
            return unbound
        found = await desk.read(talk.open_one, _number(tracker))
        if found["kind"] != "ask":
            say.utter_message(response=f"utter_booking_plan_{found['kind']}", **found["fields"])
            return unset(tracker, "control_subject", "pending")
        return [
            *unset(tracker, *SLOTS, "control_subject", "pending"),
            SlotSet("booking_plan_number", found["fields"]["number"]),
            FollowupAction("booking_plan_form"),
        ]


class ValidatePlanForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return "validate_booking_plan_form"

    async def validate_booking_plan_wish(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        """Words are taken as they are; a yes or 不知道 is no wish."""
        return {"booking_plan_wish": None if intent(tracker) in _NOTHING_SAID else desk().turn.text}


class PlanWished(TurnAction):
    action = "action_booking_plan_wished"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        done = await desk.write(talk.wish, str(tracker.get_slot("booking_plan_number") or ""))
        say.utter_message(response=f"utter_booking_plan_{done['kind']}", **done["fields"])
        return [*unset(tracker, *SLOTS), *await go_on(desk)]
