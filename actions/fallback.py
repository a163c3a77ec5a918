"""Not understood: two best guesses as buttons when they are worth it, else a hint how to say it."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import obligation
from actions.turn_action import Desk, TurnAction, entity
from actions.unfinished import open_form
from anze.bookings import usecases as bookings
from anze.texts import all_texts, text

_GUESS_FROM = 0.15
_TITLES = "fallback.guess."
_COMPLAINT = "complaint_file"
_MAY_BE_A_GRIEVANCE = 10
"""Characters: whoever writes that much may have told what happened, and must be able to say so by one press."""


def _title(intent: str) -> str | None:
    return all_texts().get(f"{_TITLES}{intent}")


def ask_back(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> None:
    """Say that it was not understood, with what it may have meant."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    guesses = [
        {"title": title, "intent": guess["name"]}
        for guess in ranking
        if guess.get("confidence", 0) >= _GUESS_FROM and (title := _title(guess["name"]))
    ][:2]
    typed = str(tracker.latest_message.get("text") or "")
    if desk.colleague:
        name = "utter_fallback_ask" if guesses else "utter_fallback_rephrase"
        say.utter_message(response=name, buttons=guesses)
        return
    if guesses and len(typed) >= _MAY_BE_A_GRIEVANCE and all(guess["intent"] != _COMPLAINT for guess in guesses):
        guesses[1:] = [{"title": _title(_COMPLAINT), "intent": _COMPLAINT}]
    if guesses:
        other = {"title": _title("handoff_request"), "intent": "handoff_request"}
        say.utter_message(response="utter_fallback_ask", buttons=[*guesses, other])
    else:
        say.utter_message(response="utter_fallback_rephrase")


class FallbackAsk(TurnAction):
    action = "action_fallback_ask"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await answer_by_words(desk, say, tracker)


async def answer_by_words(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
    """What the words alone tell, whatever the model read: a number, a question about duties, a wish to book.

    Anything else is asked back.
    """
    if desk.colleague and entity(tracker, "complaint_no"):
        return [FollowupAction("action_complaint_desk_show")]
    if open_form(tracker) is None and await desk.read(bookings.is_wish, desk.services.calendar):
        if desk.colleague:
            say.utter_message(response="utter_fallback_refused", detail=text("errors.booking_by_staff"))
            return []
        return [FollowupAction("action_booking_open")]
    if desk.colleague and await obligation.understands(desk, tracker):
        return [FollowupAction("action_obligation_answer")]
    ask_back(desk, say, tracker)
    return []
