"""Adding words or files to a complaint that is filed."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import change
from actions.complaint import number_buttons, open_complaint
from actions.turn_action import Desk, TurnAction, desk, entity, intent
from actions.unfinished import open_form
from anze.bookings import usecases as bookings
from anze.complaints import usecases as complaints
from anze.complaints import words
from anze.conversations.normalise import normalise

_SLOTS = ("complaint_number", "complaint_more")
_NOTHING_SAID = {"control_unknown", "control_deny", "control_affirm", "control_submit", "control_resume"}


class ComplaintChange(TurnAction):
    """改联系人 sounds the same for a booking: the open form says what is changed."""

    action = "action_complaint_change"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if open_form(tracker) == "booking_form":
            return await change(desk, say, tracker)
        if open_form(tracker) is None and await desk.read(bookings.is_wish, desk.services.calendar):
            return [FollowupAction("action_booking_open")]  # 3号来查隐患，不对，不是3号是5号
        return await ComplaintSupplementStart().act(desk, say, tracker)


class ComplaintSupplementStart(TurnAction):
    """Which complaint it is for. With a draft open its form goes on; a story of somebody without any is a new one."""

    action = "action_complaint_supplement_start"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        open_ones = await desk.read(complaints.open_numbers)
        named = entity(tracker, "complaint_no")
        numbers = [n for n in open_ones["numbers"] if named is None or n == named.upper()]
        if open_ones["draft"] and named is None:
            return [FollowupAction("complaint_form")]
        tells = words.tells_story(normalise(desk.turn.text))
        if not open_ones["numbers"] and named is None and tells:
            return [*await open_complaint(desk, say, tracker), FollowupAction("complaint_form")]
        if not numbers:
            say.utter_message(response="utter_complaint_none_open")
            return []
        if len(numbers) > 1:
            return [FollowupAction("supplement_form")]
        if tells:
            await _supplement(desk, say, numbers[0])
            return []
        return [SlotSet("complaint_number", numbers[0]), FollowupAction("supplement_form")]


async def _supplement(desk: Desk, say: CollectingDispatcher, number: str) -> None:
    result = await desk.write(complaints.supplement, desk.services.dates, number)
    moved = "_moved" if result.get("moved") else ""
    name = f"utter_complaint_supplemented{moved}" if result["added"] else "utter_complaint_not_found"
    say.utter_message(response=name, **result["fields"])


class AskComplaintNumber(TurnAction):
    action = "action_ask_complaint_number"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        open_ones = await desk.read(complaints.open_numbers)
        say.utter_message(
            response="utter_complaint_ask_number",
            buttons=number_buttons("complaint_supplement", open_ones["numbers"]),
        )
        return []


class ValidateSupplementForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return "validate_supplement_form"

    async def validate_complaint_number(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        open_ones = await desk().read(complaints.open_numbers)
        named = (entity(tracker, "complaint_no") or value).strip().upper()
        return {"complaint_number": named if named in open_ones["numbers"] else None}

    async def validate_complaint_more(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        meant = intent(tracker)
        if meant in _NOTHING_SAID:
            return {"complaint_more": None}
        return {"complaint_more": "given"}


class ComplaintSupplement(TurnAction):
    action = "action_complaint_supplement"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        await _supplement(desk, say, tracker.get_slot("complaint_number"))
        return [SlotSet(name, None) for name in _SLOTS]
