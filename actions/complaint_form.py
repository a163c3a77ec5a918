"""The questions of a complaint: at most a story, a firm and a contact, then a card to confirm."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.complaint import tell_refused
from actions.turn_action import TurnAction, desk, entity, intent
from anze.complaints import usecases as complaints

TRIES = 3
_UNKNOWN = {"control_unknown", "control_deny"}
_SUBMITS = {"control_submit", "control_affirm"}
_STEERS = {*_SUBMITS, "control_resume"}
_MORE = {"control_answer", "complaint_file", "complaint_supplement", "complaint_files"}


class ValidateComplaintForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    """Takes the answers. What is asked is what the draft in the database misses."""

    def name(self) -> str:
        return "validate_complaint_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        draft = await desk().read(complaints.draft_view)
        if not draft:
            return []
        asked = [f"complaint_{name}" for name in draft["missing"]]
        redo = tracker.get_slot("complaint_redo")
        return [*asked, *([f"complaint_{redo}"] if redo and f"complaint_{redo}" not in asked else []),
                "complaint_confirm"]  # fmt: skip

    async def validate_complaint_story(self, *call: Any) -> dict[str, Any]:
        return await _answer("story", *call)

    async def validate_complaint_firm(self, *call: Any) -> dict[str, Any]:
        return await _answer("firm", *call)

    async def validate_complaint_contact(self, *call: Any) -> dict[str, Any]:
        return await _answer("contact", *call)

    async def validate_complaint_wish(self, *call: Any) -> dict[str, Any]:
        return await _answer("wish", *call)

    async def validate_complaint_confirm(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        meant = intent(tracker)
        if meant in _SUBMITS:
            return {"complaint_confirm": "given"}
        if meant in {"complaint_change", "control_deny"}:
            return _change(entity(tracker, "field"), say)
        if meant in _MORE and (has_words(desk().turn.text) or desk().turn.file_ids):
            tell_refused(say, await desk().write(complaints.add_to_story))
            return {"complaint_confirm": None, "complaint_failures": None}
        if meant == "control_resume":
            return {"complaint_confirm": None}
        return _not_an_answer("confirm", say, tracker)


def has_words(text: str) -> bool:
    """Whether there is anything to read in a text: not 😡😡😡, not ……."""
    return any(c.isalnum() for c in text)


async def _answer(
    question: str, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
) -> dict[str, Any]:
    meant = intent(tracker)
    # 先这样提交, pressed or typed: whatever is still open stays unknown, once there is a story.
    as_is = entity(tracker, "field") == "as_is" or question != "story" or tracker.get_slot("complaint_redo")
    if meant == "control_submit" and as_is:
        return dict.fromkeys(domain["forms"]["complaint_form"]["required_slots"], "given")
    if meant == "complaint_change" and (field := entity(tracker, "field")):
        return _change(field, say)
    if meant == "control_resume":
        return {f"complaint_{question}": None}
    if await _taken(question, meant, say):
        return {f"complaint_{question}": "given", "complaint_redo": None, "complaint_failures": None}
    return _not_an_answer(question, say, tracker)


async def _taken(question: str, meant: str, say: CollectingDispatcher) -> bool:
    """A yes is no answer to an open question. What was not understood may be a story, but no firm and no phone."""
    if meant in _STEERS or (meant == "nlu_fallback" and question in {"firm", "contact"}):
        return False
    if meant not in _UNKNOWN and not has_words(desk().turn.text) and not desk().turn.file_ids:
        return False
    taken = await desk().write(complaints.answer_question, question, meant in _UNKNOWN)
    tell_refused(say, taken)
    return bool(taken["taken"])


def _not_an_answer(question: str, say: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    failures = int(tracker.get_slot("complaint_failures") or 0) + 1
    stuck = failures >= TRIES
    say.utter_message(response="utter_complaint_stuck" if stuck else f"utter_complaint_explain_{question}")
    return {f"complaint_{question}": None, "complaint_failures": failures}


def _change(field: str | None, say: CollectingDispatcher) -> dict[str, Any]:
    """Ask one thing again. What was said stays until there is a new answer."""
    if field is None:
        say.utter_message(response="utter_complaint_change_what")
        return {"complaint_confirm": None}
    return {"complaint_confirm": None, f"complaint_{field}": None, "complaint_redo": field}


class AskComplaintFirm(TurnAction):
    """Whose matter it is; a person who acts for several firms chooses among them."""

    action = "action_ask_complaint_firm"

    async def act(self, desk: Any, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(complaints.firms_to_choose)
        if firms:
            buttons = [{"title": name, "intent": "control_answer"} for name in firms]
            say.utter_message(response="utter_complaint_ask_firm_choice", buttons=buttons)
        else:
            say.utter_message(response="utter_complaint_ask_firm")
        return []


class AskComplaintConfirm(TurnAction):
    """The card: what is known, to submit or to change one thing."""

    action = "action_ask_complaint_confirm"

    async def act(self, desk: Any, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        draft = await desk.read(complaints.draft_view)
        card = {"kind": "complaint_card", "rows": draft["rows"]}
        name = "utter_complaint_card_represented" if draft["asks"] else "utter_complaint_card"
        say.utter_message(response=name, json_message={"data": card})
        return []
