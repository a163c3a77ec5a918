"""Hazards: the list, a date for putting one right, that it was put right."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.pending import about, subject_of
from actions.standard import StandardAnswer
from actions.turn_action import Desk, TurnAction, desk, entity, intent
from actions.unfinished import bind_first, go_on, unset
from anze.hazards import usecases as hazards

SLOTS = ("hazard_day", "hazard_reason", "hazard_measures", "hazard_rectified", "hazard_number", "hazard_again")
_NOTHING_SAID = {"control_affirm", "control_submit", "control_resume", "control_unknown", "control_deny"}


class HazardList(TurnAction):
    action = "action_hazard_list"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_hazard_bind", self.action):
            return unbound
        found = await desk.read(hazards.mine, desk.services.calendar)
        if found["count"]:
            say.utter_message(response="utter_hazard_list", json_message={"table": found["table"]}, **found["fields"])
        else:
            say.utter_message(response="utter_hazard_list_none")
        return []


async def _which(desk: Desk, say: CollectingDispatcher, tracker: Tracker, meaning: str, asked: str) -> Any:
    """The open hazard that is meant, None when it was asked back or there is none, which was said."""
    named = entity(tracker, "hazard_no") or subject_of(tracker, "hazard_no")
    found = await desk.read(hazards.open_ones, desk.services.calendar, named, major_only=meaning == "hazard_propose")
    if found["one"]:
        return found["one"]
    if found["choices"]:
        buttons = [
            {"title": one["title"], "intent": meaning, "entities": {"hazard_no": one["number"]}}
            for one in found["choices"][:5]
        ]
        say.utter_message(response=f"utter_hazard_which_{asked}", buttons=buttons)
    elif named:
        say.utter_message(response="utter_hazard_not_found", number=named)
    else:
        say.utter_message(response="utter_hazard_none_open")
    return None


class HazardPropose(TurnAction):
    """Which one, then what is still needed for a date (6.2; a new date also needs a reason and interim measures)."""

    action = "action_hazard_propose"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if await desk.read(hazards.asks_the_rule):
            return await StandardAnswer().act(desk, say, tracker)
        if unbound := bind_first(desk, say, "utter_hazard_bind", self.action):
            return unbound
        hazard = await _which(desk, say, tracker, "hazard_propose", "date")
        if hazard is None:
            return []
        if hazard["level"] != "major":
            say.utter_message(response="utter_hazard_general", number=hazard["number"])
            return []
        day = await desk.read(hazards.day_in, desk.services.calendar)
        return [
            *unset(tracker, *SLOTS, "pending"),
            SlotSet("hazard_number", hazard["number"]),
            SlotSet("hazard_again", hazard["agreed"]),
            *([SlotSet("hazard_day", day["day"])] if day["day"] else []),
            FollowupAction("hazard_date_form"),
        ]


class ValidateHazardDateForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return "validate_hazard_date_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        return domain_slots if tracker.get_slot("hazard_again") else ["hazard_day"]

    async def validate_hazard_day(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        day = await desk().read(hazards.day_in, desk().services.calendar)
        if day["day"]:
            return {"hazard_day": day["day"]}
        say.utter_message(response="utter_hazard_past_day" if day["past"] else "utter_hazard_explain_day")
        return {"hazard_day": None}

    async def validate_hazard_reason(self, *call: Any) -> dict[str, Any]:
        return _words("hazard_reason", *call)

    async def validate_hazard_measures(self, *call: Any) -> dict[str, Any]:
        return _words("hazard_measures", *call)


def _words(
    slot: str, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> dict[str, Any]:
    """Words are taken as they are; a yes or 不知道 is no reason and no measure."""
    return {slot: None if intent(tracker) in _NOTHING_SAID else desk().turn.text}


class AskHazardReason(TurnAction):
    action = "action_ask_hazard_reason"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_hazard_ask_reason", agreed=tracker.get_slot("hazard_again"))
        return []


class HazardProposed(TurnAction):
    action = "action_hazard_proposed"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        done = await desk.write(
            hazards.propose,
            desk.services.calendar,
            tracker.get_slot("hazard_number"),
            tracker.get_slot("hazard_day"),
            tracker.get_slot("hazard_reason"),
            tracker.get_slot("hazard_measures"),
        )
        say.utter_message(response=f"utter_hazard_{done['kind']}", **done["fields"])
        number = str(tracker.get_slot("hazard_number"))
        spoken_of = about(desk, "hazard_date", f"hazard:{number}", {"hazard_no": number})
        return [*unset(tracker, *SLOTS), spoken_of, *await go_on(desk)]


class HazardDone(TurnAction):
    """That it was put right; words or photos that came along are taken at once."""

    action = "action_hazard_done"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_hazard_bind", self.action):
            return unbound
        hazard = await _which(desk, say, tracker, "hazard_done", "done")
        if hazard is None:
            return []
        return [
            *unset(tracker, *SLOTS, "pending"),
            SlotSet("hazard_number", hazard["number"]),
            *([SlotSet("hazard_rectified", "given")] if desk.turn.file_ids else []),
            FollowupAction("hazard_done_form"),
        ]


class ValidateHazardDoneForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return "validate_hazard_done_form"

    async def validate_hazard_rectified(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        nothing = intent(tracker) in _NOTHING_SAID and not desk().turn.file_ids and value != "given"
        return {"hazard_rectified": None if nothing else "given"}


class HazardReported(TurnAction):
    action = "action_hazard_reported"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        done = await desk.write(hazards.report_done, tracker.get_slot("hazard_number"))
        name = "utter_hazard_reported" if done["fields"]["files"] else "utter_hazard_reported_no_photo"
        say.utter_message(response=name, **done["fields"])
        return [*unset(tracker, *SLOTS), *await go_on(desk)]


class HazardAgree(TurnAction):
    action = "action_hazard_agree"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _answer(desk, say, tracker, accept=True)


class HazardRefuse(TurnAction):
    action = "action_hazard_refuse"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _answer(desk, say, tracker, accept=False)


async def _answer(desk: Desk, say: CollectingDispatcher, tracker: Tracker, *, accept: bool) -> list[Any]:
    """To a date that our side proposed."""
    subject: dict[str, str] = tracker.get_slot("control_subject") or {}
    number = entity(tracker, "hazard_no") or subject.get("hazard_no") or subject_of(tracker, "hazard_no")
    done = await desk.write(hazards.answer_date, desk.services.calendar, str(number or ""), accept)
    say.utter_message(response=f"utter_hazard_{done['kind']}", **({"number": number} | done["fields"]))
    return unset(tracker, "control_subject", "pending")
