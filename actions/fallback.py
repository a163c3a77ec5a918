"""Not understood: two best guesses as buttons when they are worth it, else a hint how to say it."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from anze.texts import all_texts

_GUESS_FROM = 0.15
_TITLES = "fallback.guess."


def _title(intent: str) -> str | None:
    return all_texts().get(f"{_TITLES}{intent}")


def ask_back(say: CollectingDispatcher, tracker: Tracker) -> None:
    """Say that it was not understood, with what it may have meant."""
    ranking = tracker.latest_message.get("intent_ranking") or []
    guesses = [
        {"title": title, "intent": guess["name"]}
        for guess in ranking
        if guess.get("confidence", 0) >= _GUESS_FROM and (title := _title(guess["name"]))
    ][:2]
    if guesses:
        other = {"title": _title("handoff_request"), "intent": "handoff_request"}
        say.utter_message(response="utter_fallback_ask", buttons=[*guesses, other])
    else:
        say.utter_message(response="utter_fallback_rephrase")


class FallbackAsk(TurnAction):
    action = "action_fallback_ask"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        ask_back(say, tracker)
        return []
