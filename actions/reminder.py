"""Reminders that a person asks for, switches off or on."""

from datetime import timedelta
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.pending import pending
from actions.turn_action import Desk, TurnAction, entity
from actions.unfinished import bind_first, unset
from anze.reminders import usecases as reminders

_PATIENCE = timedelta(minutes=10)


class ReminderSet(TurnAction):
    """A one-off reminder, of what is named or of what was spoken of just now; or the days of a kind of reminders."""

    action = "action_reminder_set"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_reminder_bind", self.action):
            return unbound
        open_ = pending(tracker)
        earlier = open_.get("earlier", "")
        chosen = await desk.write(reminders.choose_ahead, desk.services.calendar, earlier)
        if chosen["kind"] != "other":
            return _say_ahead(desk, say, tracker, chosen)
        done = await desk.write(reminders.wish, desk.services.calendar, open_.get("subject"), earlier)
        buttons = [{"title": one["title"], "intent": "reminder_set"} for one in done["choices"]]
        say.utter_message(response=f"utter_reminder_{done['kind']}", buttons=buttons, **done["fields"])
        if done["kind"] != "need_time":
            return unset(tracker, "pending") if earlier else []
        return [SlotSet("pending", _ask_time(desk, open_.get("subject")))]


def _say_ahead(desk: Desk, say: CollectingDispatcher, tracker: Tracker, chosen: dict[str, Any]) -> list[Any]:
    """What was chosen of the days before; the number is asked for when it was not said."""
    buttons = [{"title": one["title"], "intent": "reminder_set"} for one in chosen["choices"]]
    say.utter_message(response=f"utter_reminder_ahead_{chosen['kind']}", buttons=buttons, **chosen["fields"])
    if chosen["kind"] == "which_days":
        return [SlotSet("pending", _ask_time(desk, None))]
    return unset(tracker, "pending") if pending(tracker).get("earlier") else []


def _ask_time(desk: Desk, subject: str | None) -> dict[str, Any]:
    """A time that is said next belongs to this wish."""
    return {
        "kind": "reminder_wish",
        "subject": subject,
        "question": "reminder_time",
        "intent": "reminder_set",
        "until": (desk.turn.now + _PATIENCE).isoformat(),
        "earlier": desk.turn.text,
    }


class ReminderOff(TurnAction):
    action = "action_reminder_off"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _switch(desk, say, tracker, wanted=False)


class ReminderOn(TurnAction):
    action = "action_reminder_on"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _switch(desk, say, tracker, wanted=True)


async def _switch(desk: Desk, say: CollectingDispatcher, tracker: Tracker, *, wanted: bool) -> list[Any]:
    """Switch one kind; which one is asked when the words do not say it."""
    if unbound := bind_first(desk, say, "utter_reminder_bind", "action_reminder_list"):
        return unbound
    done = await desk.write(reminders.switch, entity(tracker, "reminder_kind"), wanted)
    way = "on" if wanted else "off"
    if done["kind"] == "which":
        buttons = [
            {"title": one["title"], "intent": f"reminder_{way}", "entities": {"reminder_kind": one["kind"]}}
            for one in done["choices"]
        ]
        say.utter_message(response=f"utter_reminder_{way}_which", buttons=buttons)
    elif done["kind"] == "legal":
        say.utter_message(response="utter_reminder_legal", **done["fields"])
    else:
        say.utter_message(response=f"utter_reminder_switched_{way}", **done["fields"])
    return []


class ReminderList(TurnAction):
    action = "action_reminder_list"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if unbound := bind_first(desk, say, "utter_reminder_bind", self.action):
            return unbound
        found = await desk.read(reminders.settings)
        buttons = [
            {"title": one["title"], "intent": "reminder_cancel", "entities": {"reminder_id": one["id"]}}
            for one in found["wishes"]
        ]
        say.utter_message(response="utter_reminder_list", buttons=buttons, json_message={"table": found["table"]})
        return []


class ReminderCancel(TurnAction):
    action = "action_reminder_cancel"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        done = await desk.write(reminders.cancel_wish, int(entity(tracker, "reminder_id") or 0))
        say.utter_message(response=f"utter_reminder_{'cancelled' if done['cancelled'] else 'not_found'}")
        return []
