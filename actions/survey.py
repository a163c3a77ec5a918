"""A mark and an opinion after a service (回访, 6.3)."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.pending import subject_of
from actions.turn_action import Desk, TurnAction, desk, entity, intent
from actions.unfinished import bind_first, go_on, unset
from anze.surveys import usecases as surveys

SLOTS = ("survey_opinion", "survey_number")
_NO_OPINION = {"control_affirm", "control_submit", "control_resume"}


class SurveyRate(TurnAction):
    """Takes a mark and whatever opinion comes with it; a bare mark leads to the question for an opinion."""

    action = "action_survey_rate"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_survey_bind", self.action):
            return unbound
        number = entity(tracker, "survey_no") or subject_of(tracker, "survey_no")
        mark = entity(tracker, "mark")
        result = await desk.write(surveys.rate, number, int(mark) if mark else None)
        return await _after(desk, say, tracker, result)


async def _after(desk: Desk, say: CollectingDispatcher, tracker: Tracker, result: dict[str, Any]) -> list[Any]:
    need, fields = result["need"], result.get("fields", {})
    if need == "opinion":
        return [*unset(tracker, "pending", "survey_opinion"), SlotSet("survey_number", fields["number"]),
                FollowupAction("survey_form")]  # fmt: skip
    if need == "which":
        buttons = [
            {"title": one["title"], "intent": "survey_rate", "entities": {"survey_no": one["number"]}}
            for one in result["choices"]
        ]
        say.utter_message(response="utter_survey_which", buttons=buttons)
    elif need == "mark":
        buttons = [
            {"title": title, "intent": "survey_rate", "entities": {"survey_no": fields["number"], "mark": mark}}
            for mark, title in result["marks"]
        ]
        say.utter_message(response="utter_survey_ask_mark", buttons=buttons, **fields)
    elif need == "done":
        low = "_low" if result["low"] else ""
        say.utter_message(response=f"utter_survey_thanks{low}", **fields)
        return [*unset(tracker, *SLOTS, "pending"), *([] if low else await go_on(desk))]
    else:
        say.utter_message(response="utter_survey_none")
    return []


class ValidateSurveyForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return "validate_survey_form"

    async def validate_survey_opinion(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        meant = intent(tracker)
        if meant in _NO_OPINION:
            say.utter_message(response="utter_survey_explain_opinion")
            return {"survey_opinion": None}
        taken = await desk().write(surveys.give_opinion, tracker.get_slot("survey_number"))
        if not taken["taken"]:
            say.utter_message(response="utter_survey_explain_opinion")
        return {"survey_opinion": "given" if taken["taken"] else None}


class SurveyDone(TurnAction):
    action = "action_survey_done"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        result = await desk.read(surveys.result, tracker.get_slot("survey_number"))
        return await _after(desk, say, tracker, result)
