"""What a firm has with us: policies, services, hazards, complaints, files, and what is due."""

from collections.abc import Callable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction
from actions.unfinished import bind_first
from anze.status import usecases as status


async def _show(
    desk: Desk, say: CollectingDispatcher, action: str, find: Callable[..., dict[str, Any]], response: str, none: str
) -> list[Any]:
    """One view of the firm's own rows."""
    if unbound := bind_first(desk, say, "utter_status_bind", action):
        return unbound
    found = await desk.read(find, desk.services.calendar, desk.services.dates)
    parts = {name: found[name] for name in ("table", "files") if found.get(name)}
    name = response if found["count"] else none
    say.utter_message(response=name, json_message=parts, count=found["count"], **found["fields"])
    return []


class StatusMine(TurnAction):
    action = "action_status_mine"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _show(desk, say, self.action, status.mine, "utter_status_mine", "utter_status_mine")


class StatusDue(TurnAction):
    action = "action_status_due"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _show(desk, say, self.action, status.due, "utter_status_due", "utter_status_due_none")


class StatusPolicy(TurnAction):
    action = "action_status_policy"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _show(desk, say, self.action, status.policies, "utter_status_policy", "utter_status_policy_none")


class StatusFiles(TurnAction):
    action = "action_status_files"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _show(desk, say, self.action, status.files, "utter_status_files", "utter_status_files_none")
