"""Staff ask about the duties of the standard, change the question, and do something with what came out."""

import asyncio
import json
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction, entity
from anze.errors import DomainError
from anze.obligations import talk

LAST, PENDING = "obligation_query", "obligation_pending"
_REFUSED = {
    "obligation_remind_none",
    "obligation_remind_many",
    "obligation_remind_role",
    "obligation_remind_window",
    "obligation_subscriptions",
}


class ObligationAnswer(TurnAction):
    """A question in words, one that the console's page asks, or a button that says one."""

    action = "action_obligation_answer"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        words = entity(tracker, "obligation_words") or desk.turn.text
        last = tracker.get_slot(LAST)
        if question := entity(tracker, "obligation_question"):
            return await _answer(desk, say, json.loads(question), "")
        rule = entity(tracker, "obligation_rule")
        if rule is not None:
            return await _answer(desk, say, {"check": rule} | talk.PLAIN, "")
        found = await desk.read(talk.read, words, last, desk.services.calendar)
        if found.action is not None:
            # 导出苏州的: the question as it is changed by the same words, which stays the last one.
            query = found.query.to_json() if found.query else last
            try:
                return [SlotSet(LAST, query), *await _DO[found.action](desk, say, query, words)]
            except DomainError as error:
                if error.code not in _REFUSED:
                    raise
                say.utter_message(response="utter_obligation_refused", detail=error.detail)
                return []
        if found.query is not None:
            told = await desk.read(talk.trouble, found, last)
            return await _answer(desk, say, found.query.to_json(), told["words"])
        told = await desk.read(talk.trouble, found, last)
        buttons = [{"title": one["name"], "intent": "obligation_ask", "entities": {"obligation_rule": one["rule"]}}
                   for one in told["choices"]]  # fmt: skip
        say.utter_message(response="utter_obligation_unclear", words=told["words"], buttons=buttons)
        return []


async def understands(desk: Desk, tracker: Tracker) -> bool:
    """Whether a text that the model did not recognise is a question about duties all the same."""
    found = await desk.read(talk.read, desk.turn.text, tracker.get_slot(LAST), desk.services.calendar)
    return found.action is not None or (found.query is not None and found.named and not found.unknown)


async def _answer(desk: Desk, say: CollectingDispatcher, query: dict[str, Any], unknown: str) -> list[Any]:
    made = await desk.read(talk.answer, query, unknown, desk.services.calendar)
    name = "utter_obligation_answer" if made["connected"] else "utter_obligation_unconnected"
    say.utter_message(response=name, text=made["text"], json_message=made["custom"])
    return [SlotSet(LAST, made["query"]), SlotSet(PENDING, None)]


async def _send_file(desk: Desk, say: CollectingDispatcher, made: talk.Made, response: str) -> list[Any]:
    """The bytes first, then the row; a replay makes the same file again and keeps the first row."""
    stored = await asyncio.to_thread(desk.services.files.keep, made.content, made.mime)
    kept = await desk.write(talk.keep, made, stored.sha256)
    say.utter_message(response=response, json_message={"files": [kept["file_id"]]}, count=made.rows)
    return []


async def _export(desk: Desk, say: CollectingDispatcher, last: dict[str, Any], words: str) -> list[Any]:
    form = "csv" if "csv" in words.lower() else "xlsx"
    made = await desk.read(talk.export_file, last, form, desk.services.calendar)
    return await _send_file(desk, say, made, "utter_obligation_exported")


async def _chart(desk: Desk, say: CollectingDispatcher, last: dict[str, Any], words: str) -> list[Any]:
    made = await desk.read(talk.chart_file, last, desk.services.calendar)
    if made is None:
        say.utter_message(response="utter_obligation_chart_nothing")
        return []
    return await _send_file(desk, say, made, "utter_obligation_chart")


async def _remind(desk: Desk, say: CollectingDispatcher, last: dict[str, Any], words: str) -> list[Any]:
    shown = await desk.read(talk.preview, last, desk.services.calendar)
    say.utter_message(response="utter_obligation_remind_ask", **shown["fields"])
    return [SlotSet(PENDING, shown["pending"])]


async def _subscribe(desk: Desk, say: CollectingDispatcher, last: dict[str, Any], words: str) -> list[Any]:
    done = await desk.write(talk.subscribe, last, words)
    if not done:
        say.utter_message(response="utter_obligation_subscribe_when")
    else:
        say.utter_message(response="utter_obligation_subscribed", **done["fields"])
    return []


async def _subscriptions(desk: Desk, say: CollectingDispatcher, last: Any, words: str) -> list[Any]:
    items = (await desk.read(talk.subscriptions))["items"]
    if not items:
        say.utter_message(response="utter_obligation_subscriptions_none")
        return []
    rows = [[one["what"], one["when"], one["next"]] for one in items]
    table = {"columns": talk.subscription_columns(), "rows": rows}
    buttons = [{"title": talk.stop_title(one["what"]), "intent": "obligation_stop",
                "entities": {"obligation_subscription": str(one["id"])}} for one in items[:5]]  # fmt: skip
    say.utter_message(response="utter_obligation_subscriptions", json_message={"table": table}, buttons=buttons,
                      count=len(items))  # fmt: skip
    return []


async def _unsubscribe(desk: Desk, say: CollectingDispatcher, last: Any, words: str) -> list[Any]:
    """With one subscription it ends; with several it is asked which."""
    items = (await desk.read(talk.subscriptions))["items"]
    if len(items) > 1:
        return await _subscriptions(desk, say, last, words)
    done = await desk.write(talk.unsubscribe, None)
    say.utter_message(response="utter_obligation_stopped" if done["count"] else "utter_obligation_subscriptions_none")
    return []


_DO = {
    "export": _export,
    "chart": _chart,
    "remind": _remind,
    "subscribe": _subscribe,
    "subscriptions": _subscriptions,
    "unsubscribe": _unsubscribe,
}


class ObligationConfirm(TurnAction):
    """Yes: the reminders that were shown leave."""

    action = "action_obligation_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        pending = tracker.get_slot(PENDING)
        button = tracker.get_slot("control_subject") or {}
        shown = entity(tracker, "obligation_shown") or button.get("obligation_shown")
        if not pending or shown != pending["shown"]:
            say.utter_message(response="utter_obligation_nothing_pending")
            return []
        try:
            done = await desk.write(talk.remind, pending, desk.services.calendar)
        except DomainError as error:
            if error.code not in _REFUSED:
                raise
            say.utter_message(response="utter_obligation_refused", detail=error.detail)
        else:
            say.utter_message(response="utter_obligation_reminded", **done["fields"])
        return [SlotSet(PENDING, None), SlotSet("control_subject", None)]


class ObligationDecline(TurnAction):
    """No: nothing leaves."""

    action = "action_obligation_decline"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_obligation_not_reminded")
        return [SlotSet(PENDING, None), SlotSet("control_subject", None)]


class ObligationStop(TurnAction):
    """A subscription ends."""

    action = "action_obligation_stop"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        id_ = entity(tracker, "obligation_subscription")
        done = await desk.write(talk.unsubscribe, int(id_) if id_ and id_.isdecimal() else 0)
        stopped = "utter_obligation_stopped" if done["count"] else "utter_obligation_subscriptions_none"
        say.utter_message(response=stopped)
        return []
