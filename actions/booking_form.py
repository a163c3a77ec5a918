"""The questions of a booking: only what neither the wish nor the data say, then a card to confirm."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import tell_problem
from actions.turn_action import Desk, TurnAction, desk, intent
from anze.bookings import usecases as bookings

TRIES = 3
_UNKNOWN = {"control_unknown", "control_affirm"}
_SUBMITS = {"control_submit", "control_affirm"}


class ValidateBookingForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    """Takes the answers. What is asked is what the draft in the database misses."""

    def name(self) -> str:
        return "validate_booking_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        view = await desk().read(bookings.draft_view, desk().services.calendar)
        if not view:
            return []
        asked = [f"booking_{name}" for name in view["missing"]]
        redo = tracker.get_slot("booking_redo")
        again = [f"booking_{redo}"] if redo and f"booking_{redo}" not in asked else []
        return [*asked, *again, "booking_confirm"]

    async def validate_booking_firm(self, *call: Any) -> dict[str, Any]:
        return await _answer("firm", *call)

    async def validate_booking_item(self, *call: Any) -> dict[str, Any]:
        return await _answer("item", *call)

    async def validate_booking_audience(self, *call: Any) -> dict[str, Any]:
        return await _answer("audience", *call)

    async def validate_booking_time(self, *call: Any) -> dict[str, Any]:
        return await _answer("time", *call)

    async def validate_booking_place(self, *call: Any) -> dict[str, Any]:
        return await _answer("place", *call)

    async def validate_booking_contact(self, *call: Any) -> dict[str, Any]:
        return await _answer("contact", *call)

    async def validate_booking_confirm(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        meant = intent(tracker)
        if meant in _SUBMITS:
            return {"booking_confirm": "given"}
        if meant == "control_resume":
            return {"booking_confirm": None}
        # A correction in free words: 不是3号是5号, 联系人换成老王13800000000.
        answered = await desk().write(bookings.answer, desk().services.calendar, "any", False)
        if answered["taken"]:
            return {"booking_confirm": None, "booking_failures": None}
        if meant == "control_deny":
            say.utter_message(response="utter_booking_change_what")
            return {"booking_confirm": None}
        return _not_an_answer("confirm", say, tracker)


async def _answer(
    question: str, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> dict[str, Any]:
    name, meant = f"booking_{question}", intent(tracker)
    if value == "given":
        return {}
    if meant == "control_resume":
        return {name: None}
    view = await desk().write(bookings.answer, desk().services.calendar, question, meant in _UNKNOWN)
    tell_problem(say, view)
    if view["taken"]:
        return {name: None if question in view["missing"] else "given", "booking_redo": None, "booking_failures": None}
    return {name: None} if view.get("problem") else _not_an_answer(question, say, tracker)


def _not_an_answer(question: str, say: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    failures = int(tracker.get_slot("booking_failures") or 0) + 1
    stuck = failures >= TRIES
    say.utter_message(response="utter_booking_stuck" if stuck else f"utter_booking_explain_{question}")
    return {f"booking_{question}": None, "booking_failures": failures}


async def _view(desk: Desk) -> dict[str, Any]:
    return await desk.read(bookings.draft_view, desk.services.calendar)


class AskBookingFirm(TurnAction):
    action = "action_ask_booking_firm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await _view(desk)
        say.utter_message(response="utter_booking_ask_firm", buttons=_choices(view["firms"]))
        return []


class AskBookingTime(TurnAction):
    """When; once a wish is known that is not free as it stands, the free half days nearest to it."""

    action = "action_ask_booking_time"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await _view(desk)
        if not view["offers"]:
            moving = "_move" if view["moving"] else ""
            say.utter_message(response=f"utter_booking_ask_time{moving}")
            return []
        buttons = [
            {"title": offer["title"], "intent": "booking_slot", "entities": {"slot": offer["slot"]}}
            for offer in view["offers"]
        ]
        buttons.append({"title": view["none_fits"], "intent": "booking_slot", "entities": {"field": "staff"}})
        name = "unclear" if view["unclear"] else "slot" if view["wished"] else "time_offers"
        say.utter_message(response=f"utter_booking_ask_{name}", buttons=buttons, unclear=view["unclear"])
        return []


class AskBookingPlace(TurnAction):
    action = "action_ask_booking_place"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await _view(desk)
        say.utter_message(response="utter_booking_ask_place", buttons=_choices(view["places"]))
        return []


class AskBookingContact(TurnAction):
    action = "action_ask_booking_contact"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await _view(desk)
        say.utter_message(response="utter_booking_ask_contact", buttons=_choices(view["contacts"]))
        return []


class AskBookingConfirm(TurnAction):
    """The card: item, measures and time as both sides are to confirm them (6.2)."""

    action = "action_ask_booking_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await _view(desk)
        card = {"kind": "booking_card", "rows": view["rows"]}
        name = "utter_booking_card_wish" if view.get("wish_only") else "utter_booking_card"
        say.utter_message(response=name, json_message={"data": card})
        return []


def _choices(names: list[str]) -> list[dict[str, Any]]:
    return [{"title": name, "intent": "control_answer"} for name in names[:4]]
