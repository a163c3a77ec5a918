"""Binding by chat, choosing a firm, and the colleagues of a firm."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction, desk, entity
from anze.complaints import usecases as complaints
from anze.complaints import words
from anze.conversations.normalise import normalise
from anze.identity import members
from anze.identity import usecases as identity

_CLEAN = [SlotSet("identity_policy", None), SlotSet("identity_code", None)]


class IdentityStart(TurnAction):
    action = "action_identity_start"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(identity.firms)
        if firms:
            say.utter_message(response="utter_identity_already", firms=_names(firms))
        else:
            say.utter_message(response="utter_identity_start", json_message={"data": {"kind": "bind"}})
        return _CLEAN


def _names(firms: list[dict[str, Any]]) -> str:
    return "、".join(firm["name"] for firm in firms)


class ValidateIdentityForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    """Takes policy number and phone, in one message or in two, then the code."""

    def name(self) -> str:
        return "validate_identity_form"

    async def validate_identity_policy(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        text = normalise(desk().turn.text)
        half: dict[str, Any] = tracker.get_slot("identity_half") or {}
        contact = words.find_contact(text)
        policy_no = words.find_policy_no(text) or half.get("policy_no")
        phone = contact.phone if contact else half.get("phone")
        if not policy_no or not phone:
            say.utter_message(response="utter_identity_explain_policy")
            return {"identity_policy": None, "identity_half": {"policy_no": policy_no, "phone": phone}}
        sent = await desk().write(identity.start_bind, desk().services.codes, policy_no, phone)
        if "refused" in sent:
            say.utter_message(response="utter_identity_refused", detail=sent["refused"])
            return {"identity_policy": None, "identity_half": None}
        name = "utter_identity_code_sent_demo" if "demo_code" in sent else "utter_identity_code_sent"
        say.utter_message(response=name, **sent)
        return {"identity_policy": "given", "identity_half": None}

    async def validate_identity_code(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        code = digits(desk().turn.text)
        bound = await desk().write(identity.finish_bind, desk().services.codes, code)
        if "refused" not in bound:
            return {"identity_code": "given"}
        say.utter_message(response="utter_identity_refused", detail=bound["refused"])
        return {"identity_code": None, **({"identity_policy": None} if bound["locked"] else {})}


class ValidateLookupForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    """The code that opens a complaint filed elsewhere."""

    def name(self) -> str:
        return "validate_lookup_form"

    async def validate_lookup_code(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        opened = await desk().write(identity.confirm_complaint, desk().services.codes, digits(desk().turn.text))
        if "refused" not in opened:
            return {"lookup_code": "given"}
        say.utter_message(response="utter_identity_refused", detail=opened["refused"])
        return {"lookup_code": None}


def digits(text: str) -> str:
    """The digits of an answer: 验证码是 123 456 → 123456."""
    return "".join(c for c in normalise(text) if c.isdecimal())


class IdentityBound(TurnAction):
    """Bound; what was begun goes on."""

    action = "action_identity_bound"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(identity.firms)
        current = [firm for firm in firms if firm["current"]] or firms
        if not firms:
            return _CLEAN
        say.utter_message(response="utter_identity_bound", firm=_names(current))
        if await desk.read(complaints.draft_view):
            return [*_CLEAN, FollowupAction("complaint_form")]
        return _CLEAN


class IdentityWhoami(TurnAction):
    action = "action_identity_whoami"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(identity.firms)
        if not firms:
            say.utter_message(response="utter_identity_visitor")
            return []
        who = await desk.read(identity.who)
        current = next((firm["name"] for firm in firms if firm["current"]), None)
        if current is not None:
            say.utter_message(response="utter_identity_whoami", firms=_names(firms), acting_for=current, **who)
        else:
            buttons = [_choose(firm) for firm in firms[:8]]
            say.utter_message(response="utter_identity_whoami_choose", buttons=buttons, **who)
        return []


def _choose(firm: dict[str, Any]) -> dict[str, Any]:
    return {"title": firm["name"], "intent": "identity_choose", "entities": {"insured_id": str(firm["id"])}}


class IdentityChoose(TurnAction):
    action = "action_identity_choose"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        chosen = await desk.write(identity.choose, int(entity(tracker, "insured_id") or 0))
        say.utter_message(response="utter_identity_chosen", **chosen)
        return []


class IdentityMembers(TurnAction):
    action = "action_identity_members"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        found = await desk.read(members.members)
        if not found["main"]:
            say.utter_message(response="utter_identity_members_not_main")
            return []
        buttons = [
            {"title": f"{found['remove']}{other['name']}", "intent": "identity_remove",
             "entities": {"right_id": str(other["right_id"])}}
            for other in found["others"][:6]
        ]  # fmt: skip
        say.utter_message(
            response="utter_identity_members",
            firm=found["firm"],
            count=len(found["table"]["rows"]),
            buttons=buttons,
            json_message={"table": found["table"]},
        )
        return []


class IdentityInvite(TurnAction):
    action = "action_identity_invite"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        made = await desk.write(members.invite)
        if made:
            link = f"{desk.services.settings.public_url}/#join={made['token']}"
            say.utter_message(response="utter_identity_invited", firm=made["firm"], link=link)
        else:
            say.utter_message(response="utter_identity_members_not_main")
        return []


class IdentityRemove(TurnAction):
    action = "action_identity_remove"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        removed = await desk.write(members.remove, int(entity(tracker, "right_id") or 0))
        say.utter_message(response="utter_identity_removed", **removed)
        return []


class IdentityDecide(TurnAction):
    action = "action_identity_decide"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        request_id = int(entity(tracker, "request_id") or 0)
        decided = await desk.write(members.decide_as_main_contact, request_id, entity(tracker, "accept") == "yes")
        desk.services.hub.wake(decided["conversation_id"])
        name = "accepted" if decided["accepted"] else "refused"
        say.utter_message(response=f"utter_identity_decided_{name}", name=decided["name"], firm=decided["firm"])
        return []


class IdentityUnbind(TurnAction):
    action = "action_identity_unbind"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(identity.firms)
        if firms:
            say.utter_message(response="utter_identity_unbind_sure", firms=_names(firms))
        else:
            say.utter_message(response="utter_identity_visitor")
        return []


class IdentityUnbindConfirm(TurnAction):
    action = "action_identity_unbind_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        await desk.write(identity.unbind)
        say.utter_message(response="utter_identity_unbound")
        return []
