"""Services around the form: wanted, moved, cancelled, agreed to, how far they are."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.pending import pending, subject_of
from actions.turn_action import Desk, TurnAction, entity
from actions.unfinished import bind_first, go_on, leave, open_form, unset
from anze.bookings import usecases as bookings
from anze.standard.usecases import cite

FORM_SLOTS = (
    "booking_firm",
    "booking_item",
    "booking_audience",
    "booking_time",
    "booking_place",
    "booking_contact",
    "booking_confirm",
    "booking_redo",
    "booking_failures",
)


class BookingOpen(TurnAction):
    """Takes what the wish already says; whoever is not bound yet is bound first, and then it goes on."""

    action = "action_booking_open"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        view = await desk.write(bookings.open_draft, desk.services.calendar)
        if unbound := bind_first(desk, say, "utter_booking_bind_first", "booking_form"):
            return unbound
        tell_problem(say, view)
        return [*unset(tracker, *FORM_SLOTS), FollowupAction("booking_form")]


class BookingChange(TurnAction):
    """One thing of the booking under way is asked again, or replaced at once when the new value came along."""

    action = "action_booking_change"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        # 改联系人 sounds the same for both: the open form says what is changed. A complaint shows its card again.
        return [] if open_form(tracker) == "complaint_form" else await change(desk, say, tracker)


async def change(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
    """One thing of the booking under way, or the time of one that is booked."""
    calendar = desk.services.calendar
    if not await desk.read(bookings.draft_view, calendar):
        return await move(desk, say, tracker)
    field = entity(tracker, "field")
    if field is None:
        taken = (await desk.write(bookings.answer, calendar, "any", False))["taken"]
        if not taken:
            say.utter_message(response="utter_booking_change_what")
        return [*unset(tracker, "booking_confirm"), *([FollowupAction("booking_form")] if taken else [])]
    again = [SlotSet("booking_redo", field), *unset(tracker, f"booking_{field}", "booking_confirm")]
    return [*again, FollowupAction("booking_form")]


class BookingSlot(TurnAction):
    """A free half day is chosen, or none fits and a colleague is to arrange it."""

    action = "action_booking_slot"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        calendar = desk.services.calendar
        if not await desk.read(bookings.draft_view, calendar):
            say.utter_message(response="utter_booking_none")
            return []
        if slot := entity(tracker, "slot"):
            view = await desk.write(bookings.choose_slot, calendar, slot)
        else:
            view = await desk.write(bookings.answer, calendar, "staff", False)
        tell_problem(say, view)
        return [FollowupAction("booking_form")]


def tell_problem(say: CollectingDispatcher, view: dict[str, Any]) -> None:
    """Why an answer could not be taken as it was said."""
    if problem := view.get("problem"):
        say.utter_message(response=f"utter_booking_problem_{problem}", **view.get("fields", {}))


class BookingSubmit(TurnAction):
    action = "action_booking_submit"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        done = await desk.write(bookings.submit, desk.services.calendar)
        if done["kind"] in {"gone", "unfinished"}:
            say.utter_message(response=f"utter_booking_{done['kind']}")
            return [*unset(tracker, *FORM_SLOTS), FollowupAction("booking_form")]
        message = {"data": done.get("data"), "citations": cite(done.get("clauses", []))}
        name = f"utter_booking_{done['kind']}"
        if done["kind"] == "wished":
            name = f"{name}_{done['why']}"
        say.utter_message(response=name, json_message=message, **done["fields"])
        return [*unset(tracker, *FORM_SLOTS), *await go_on(desk)]


class BookingMove(TurnAction):
    """A new time: of the booking under way, else of the booked service that is meant."""

    action = "action_booking_move"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        calendar = desk.services.calendar
        named = entity(tracker, "booking_no") or entity(tracker, "service_item")
        if named is None and str(pending(tracker).get("kind")).startswith("hazard"):
            return [FollowupAction("action_hazard_propose")]  # 改到周五: of the hazard that was spoken of just now
        if await desk.read(bookings.draft_view, calendar) and entity(tracker, "booking_no") is None:
            tell_problem(say, await desk.write(bookings.answer, calendar, "time", False))
            return [*unset(tracker, "booking_confirm"), FollowupAction("booking_form")]
        return await move(desk, say, tracker)


async def move(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
    """Which one is meant: named, spoken of just now, the only one, or chosen by a button."""
    number = await _which(desk, say, tracker, "booking_move")
    if number is None:
        return []
    view = await desk.write(bookings.start_move, desk.services.calendar, number, entity(tracker, "said"))
    if view.get("refused"):
        say.utter_message(response=f"utter_booking_move_{view['refused']}", **view["fields"])
        return []
    return [*unset(tracker, *FORM_SLOTS, "pending"), FollowupAction("booking_form")]


class BookingCancel(TurnAction):
    action = "action_booking_cancel"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if open_form(tracker) == "booking_form":
            await desk.write(bookings.drop)
            say.utter_message(response="utter_booking_dropped")
            return [*leave(), *unset(tracker, *FORM_SLOTS)]
        number = await _which(desk, say, tracker, "booking_cancel")
        if number is not None:
            coming = {one["number"]: one for one in await desk.read(bookings.coming)}
            say.utter_message(response="utter_booking_cancel_sure", **coming[number]["fields"])
        return []


class BookingCancelConfirm(TurnAction):
    action = "action_booking_cancel_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = _number(tracker)
        done = await desk.write(bookings.cancel, desk.services.calendar, number)
        name = "cancelled" if done["cancelled"] else "not_found"
        say.utter_message(response=f"utter_booking_{name}", **({"number": number} | done["fields"]))
        return unset(tracker, "control_subject", "pending")


class BookingConfirm(TurnAction):
    """Item, measures and time are confirmed by the insured (6.2)."""

    action = "action_booking_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = _number(tracker)
        done = await desk.write(bookings.confirm, desk.services.calendar, number)
        name = "confirmed" if done["confirmed"] else "not_found"
        say.utter_message(response=f"utter_booking_{name}", **({"number": number} | done["fields"]))
        return unset(tracker, "control_subject", "pending")


class BookingDecline(TurnAction):
    """A proposed time does not suit: another one is asked for at once."""

    action = "action_booking_decline"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = _number(tracker)
        done = await desk.write(bookings.decline, number)
        if not done["declined"]:
            say.utter_message(response="utter_booking_not_found", number=number)
            return unset(tracker, "pending")
        await desk.write(bookings.start_move, desk.services.calendar, number)
        return [*unset(tracker, *FORM_SLOTS, "pending"), FollowupAction("booking_form")]


class BookingStatus(TurnAction):
    """One service with its stages, several as a list."""

    action = "action_booking_status"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_booking_bind_to_see", self.action):
            return unbound
        named = entity(tracker, "booking_no") or subject_of(tracker, "booking_no")
        coming = await desk.read(bookings.coming)
        if named is None and len(coming) == 1:
            named = str(coming[0]["number"])  # of several, whoever asks when they come means the one to come
        found = await desk.read(bookings.stages, named.upper() if named else None)
        services = found["services"]
        if len(services) == 1:
            say.utter_message(
                response="utter_booking_stages",
                json_message={"table": services[0]["table"]},
                **services[0]["fields"],
            )
        elif services:
            buttons = number_buttons("booking_status", services)
            say.utter_message(
                response="utter_booking_list",
                count=len(services),
                buttons=buttons,
                json_message={"table": found["table"]},
            )
        elif named:
            say.utter_message(response="utter_booking_not_found", number=named)
        else:
            say.utter_message(response="utter_booking_none")
        return []


def number_buttons(meaning: str, services: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One button for each service, by what people call it."""
    return [
        {"title": one["title"], "intent": meaning, "entities": {"booking_no": one["number"]}} for one in services[:5]
    ]


def _number(tracker: Tracker) -> str:
    """The service of a pressed button, of a typed yes, or of what was just spoken of."""
    subject: dict[str, str] = tracker.get_slot("control_subject") or {}
    number = entity(tracker, "booking_no") or subject.get("booking_no") or subject_of(tracker, "booking_no")
    return str(number or "").upper()


async def _which(desk: Desk, say: CollectingDispatcher, tracker: Tracker, meaning: str) -> str | None:
    """The number that is meant; None when it was asked back or there is none, which was said."""
    if not desk.turn.speaker.bound:
        say.utter_message(response="utter_booking_bind_to_see")
        return None
    coming = await desk.read(bookings.coming)
    named = entity(tracker, "booking_no") or subject_of(tracker, "booking_no")
    item = entity(tracker, "service_item")
    fitting = [one for one in coming if named is None or one["number"] == named.upper()]
    if named is None and item is not None:
        fitting = [one for one in fitting if one["item"] == item] or fitting
    if len(fitting) == 1:
        return str(fitting[0]["number"])
    if fitting:
        buttons = number_buttons(meaning, fitting)
        for button in buttons:
            button["entities"]["said"] = desk.turn.text  # 改到周五: the time is not asked again
        say.utter_message(response=f"utter_{meaning}_which", buttons=buttons)
    elif named is not None:
        say.utter_message(response="utter_booking_not_found", number=named)
    else:
        say.utter_message(response="utter_booking_none")
    return None
