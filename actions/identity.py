"""Binding by chat, choosing a firm, and the colleagues of a firm."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, TurnAction, desk, entity
from actions.unfinished import go_on, leave, open_form, unset
from anze.complaints import words
from anze.conversations.normalise import normalise
from anze.identity import members
from anze.identity import usecases as identity

_SLOTS = ("identity_policy", "identity_code", "identity_half")


class IdentityStart(TurnAction):
    """Opens the binding; numbers that came with the wish are taken at once."""

    action = "action_identity_start"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await begin(desk, say, tracker)


async def begin(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
    """What comes before the form of the binding."""
    policy_no, phone = numbers(desk)
    if policy_no and phone:
        sent = await _send_code(desk, say, policy_no, phone)
        return [*unset(tracker, *_SLOTS), SlotSet("identity_policy", "given")] if sent else unset(tracker, *_SLOTS)
    firms = await desk.read(identity.firms)
    if firms:
        say.utter_message(response="utter_identity_already", firms=_names(firms))
    else:
        say.utter_message(response="utter_identity_start", json_message={"data": {"kind": "bind"}})
    return [*unset(tracker, *_SLOTS), SlotSet("identity_half", {"policy_no": policy_no, "phone": phone})]


def numbers(desk: Desk) -> tuple[str | None, str | None]:
    """Policy number and phone in a message, as far as it holds them."""
    text = normalise(desk.turn.text)
    contact = words.find_contact(text)
    return words.find_policy_no(text), contact.phone if contact else None


async def _send_code(desk: Desk, say: CollectingDispatcher, policy_no: str, phone: str) -> bool:
    """Whether a code is on its way; a refusal is said."""
    sent = await desk.write(identity.start_bind, desk.services.codes, policy_no, phone)
    if "refused" in sent:
        say.utter_message(response="utter_identity_refused", detail=sent["refused"])
        return False
    name = "utter_identity_code_sent_demo" if "demo_code" in sent else "utter_identity_code_sent"
    say.utter_message(response=name, **sent)
    return True


def _names(firms: list[dict[str, Any]]) -> str:
    return "、".join(firm["name"] for firm in firms)


class AskIdentityPolicy(TurnAction):
    """Asks for what is still missing of the two numbers."""

    action = "action_ask_identity_policy"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        half: dict[str, Any] = tracker.get_slot("identity_half") or {}
        if half.get("policy_no"):
            say.utter_message(response="utter_identity_ask_phone", **half)
        elif half.get("phone"):
            say.utter_message(response="utter_identity_ask_policy_no", **half)
        else:
            say.utter_message(response="utter_identity_ask_both")
        return []


_LEAVE = {"identity_policy": None, "identity_code": None, "identity_half": None, "requested_slot": None}
"""No use in asking again for now: the form ends."""


class ValidateIdentityForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    """Takes policy number and phone, in one message or in two, then the code."""

    def name(self) -> str:
        return "validate_identity_form"

    async def validate_identity_policy(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if value == "given":
            return {}
        half: dict[str, Any] = tracker.get_slot("identity_half") or {}
        given = numbers(desk())
        policy_no, phone = given[0] or half.get("policy_no"), given[1] or half.get("phone")
        if not any(given):
            say.utter_message(response="utter_identity_explain_policy")
        if not policy_no or not phone:
            return {"identity_policy": None, "identity_half": {"policy_no": policy_no, "phone": phone}}
        if await _send_code(desk(), say, policy_no, phone):
            return {"identity_policy": "given", "identity_half": None}
        return _LEAVE

    async def validate_identity_code(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        code = digits(desk().turn.text)
        bound = await desk().write(identity.finish_bind, desk().services.codes, code)
        if "refused" not in bound:
            return {"identity_code": "given"}
        say.utter_message(response="utter_identity_refused", detail=bound["refused"])
        return _LEAVE if bound["locked"] else {"identity_code": None}


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
        return {"lookup_code": None, **({"requested_slot": None} if opened["locked"] else {})}


def digits(text: str) -> str:
    """The digits of an answer: 验证码是 123 456 → 123456."""
    return "".join(c for c in normalise(text) if c.isdecimal())


class IdentityBound(TurnAction):
    """Bound; what was begun goes on."""

    action = "action_identity_bound"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        firms = await desk.read(identity.firms)
        current = [firm for firm in firms if firm["current"]] or firms
        if tracker.get_slot("identity_code") is None:  # locked: that was said
            return unset(tracker, *_SLOTS)
        several = "_several" if len(current) > 1 else ""
        say.utter_message(response=f"utter_identity_bound{several}", firm=_names(current), count=len(current))
        then = tracker.get_slot("identity_then")
        after = [FollowupAction(then)] if then else await go_on(desk)
        return [*unset(tracker, *_SLOTS, "identity_then"), *after]


class IdentityNoPhone(TurnAction):
    """The phone on file is out of reach: there is another way, and asking for its code again is no use."""

    action = "action_identity_no_phone"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_identity_no_phone")
        return [*leave(), *unset(tracker, *_SLOTS)] if open_form(tracker) == "identity_form" else []


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
        return [SlotSet("control_subject", None)] if tracker.get_slot("control_subject") is not None else []
