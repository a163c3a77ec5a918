"""What a colleague orders in a talk: look at a case, list cases, take a step, each step confirmed before it is done."""

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn_action import Desk, Refused, TurnAction, desk, entity, intent
from actions.unfinished import leave, unset
from anze.complaints import glance, orders, preparing
from anze.complaints.words import find_complaint_no
from anze.conversations.normalise import normalise

FORM = "complaint_desk_form"
_CASE, _ORDER, _ANSWER = "complaint_desk_case", "complaint_desk_order", "complaint_desk_answer"
_NOTHING_SAID = {"control_unknown", "control_deny", "control_affirm", "control_submit", "control_resume"}
_MANY = 5


def _meant(desk: Desk, tracker: Tracker) -> str | None:
    """The case that a button or the words name, else the one spoken of last."""
    named = entity(tracker, "complaint_no") if desk.turn.intent else find_complaint_no(normalise(desk.turn.text))
    return named or tracker.get_slot(_CASE)


def _buttons(offers: list[dict[str, str]], number: str) -> list[dict[str, Any]]:
    return [
        {"title": one["title"], "intent": f"complaint_desk_{one['what']}", "entities": {"complaint_no": number}}
        for one in offers
    ]


def _tell_case(say: CollectingDispatcher, response: str, found: dict[str, Any], **more: str) -> list[Any]:
    """A case in short with what can be done now; from here on 这个 means it."""
    say.utter_message(
        response=response,
        json_message={"data": {"kind": "complaint_desk_case", "number": found["number"], "rows": found["rows"]}},
        buttons=_buttons(found["offers"], found["number"]),
        **(found["fields"] | more),
    )
    return [SlotSet(_CASE, found["number"])]


def _refuse(say: CollectingDispatcher, refused: Refused) -> None:
    say.utter_message(response="utter_complaint_desk_refused", detail=refused.detail)


class ComplaintDeskShow(TurnAction):
    action = "action_complaint_desk_show"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = _meant(desk, tracker)
        if number is None:
            return await _which(desk, say)
        found = await desk.trying(desk.read, glance.glance, desk.services, number)
        if isinstance(found, Refused):
            _refuse(say, found)
            return []
        return _tell_case(say, "utter_complaint_desk_case", found)


async def _which(desk: Desk, say: CollectingDispatcher) -> list[Any]:
    """Nobody named a case: the speaker's own are offered."""
    found = await desk.read(glance.mine, desk.services)
    say.utter_message(response="utter_complaint_desk_ask_which", buttons=_shown(found["numbers"]))
    return []


def _shown(numbers: list[str]) -> list[dict[str, Any]]:
    return [
        {"title": one, "intent": "complaint_desk_show", "entities": {"complaint_no": one}} for one in numbers[:_MANY]
    ]


def _tell_list(say: CollectingDispatcher, name: str, found: dict[str, Any]) -> list[Any]:
    if not found["total"]:
        say.utter_message(response=f"utter_complaint_desk_{name}_none", until=found.get("until", ""))
        return []
    say.utter_message(
        response=f"utter_complaint_desk_{name}",
        json_message={"table": found["table"]},
        buttons=_shown(found["numbers"]),
        total=found["total"],
        until=found.get("until", ""),
    )
    return [SlotSet(_CASE, found["numbers"][0])] if found["total"] == 1 else []


class ComplaintDeskMine(TurnAction):
    action = "action_complaint_desk_mine"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return _tell_list(say, "mine", await desk.read(glance.mine, desk.services))


class ComplaintDeskDue(TurnAction):
    action = "action_complaint_desk_due"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        found = await desk.read(glance.due, desk.services)
        return _tell_list(say, found["which"], found)


async def _begin(
    desk: Desk, say: CollectingDispatcher, tracker: Tracker, step: str, **fixed: bool
) -> list[Any]:  # fmt: skip
    """Begin an order for a step; whatever was being ordered before is left."""
    begun = await desk.trying(desk.read, orders.begin, desk.services, step, _meant(desk, tracker), fixed)
    if isinstance(begun, Refused):
        _refuse(say, begun)
        return [*leave(), *unset(tracker, _ORDER, _ANSWER)]
    return [*leave(), *unset(tracker, _ANSWER), *_after(say, tracker, begun)]


def _after(say: CollectingDispatcher, tracker: Tracker, result: dict[str, Any]) -> list[Any]:
    """What follows from an order as far as it goes: a question, the question whether to do it, a refusal."""
    if result["kind"] == "refused":
        told = _tell_case(say, "utter_complaint_desk_refused_case", result["glance"], detail=result["detail"])
        return [*told, *unset(tracker, _ORDER)]
    order = result["order"]
    known = [SlotSet(_CASE, order["number"])] if order["number"] else []
    if result["kind"] == "sure":
        say_sure(say, result)
        return [*known, *unset(tracker, _ORDER)]
    return [*known, SlotSet(_ORDER, result), FollowupAction(FORM)]


def say_sure(say: CollectingDispatcher, result: dict[str, Any]) -> None:
    """Ask whether to do it. The button carries the whole order, so that an old one does what it said or is refused."""
    order = result["order"]
    entities = {"complaint_no": order["number"], "desk_order": order}
    say.utter_message(
        response=f"utter_complaint_desk_sure_{order['step']}",
        case=result["case"],
        lines=result["lines"],
        json_message={"data": {"kind": "complaint_desk_order", "number": order["number"], "step": order["step"]}},
        buttons=[
            {"title": result["confirm"], "intent": "complaint_desk_confirm", "entities": entities},
            {"title": result["decline"], "intent": "complaint_desk_decline", "entities": entities},
        ],
    )


class ComplaintDeskAccept(TurnAction):
    action = "action_complaint_desk_accept"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "accept")


class ComplaintDeskAssign(TurnAction):
    action = "action_complaint_desk_assign"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "assign")


class ComplaintDeskClassify(TurnAction):
    action = "action_complaint_desk_classify"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "classify")


class ComplaintDeskExtend(TurnAction):
    action = "action_complaint_desk_extend"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "ask_extension")


class ComplaintDeskApprove(TurnAction):
    action = "action_complaint_desk_approve"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "answer_extension", approve=True)


class ComplaintDeskDisapprove(TurnAction):
    action = "action_complaint_desk_disapprove"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "answer_extension", approve=False)


class ComplaintDeskPause(TurnAction):
    action = "action_complaint_desk_pause"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "pause")


class ComplaintDeskResume(TurnAction):
    action = "action_complaint_desk_resume"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "resume")


class ComplaintDeskWithdraw(TurnAction):
    action = "action_complaint_desk_withdraw"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await _begin(desk, say, tracker, "withdraw")


class AskComplaintDeskAnswer(TurnAction):
    """The question that the order waits for."""

    action = "action_ask_complaint_desk_answer"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        waiting: dict[str, Any] = tracker.get_slot(_ORDER)
        buttons = [{"title": title, "intent": "complaint_desk_given"} for title in waiting["choices"]]
        if waiting["kind"] == "which":
            none = "" if buttons else "_none"
            say.utter_message(response=f"utter_complaint_desk_ask_which{none}", buttons=buttons)
        else:
            say.utter_message(response=f"utter_complaint_desk_ask_{waiting['field']}", buttons=buttons)
        return []


class ValidateComplaintDeskForm(FormValidationAction):  # type: ignore[misc]  # rasa_sdk is untyped
    def name(self) -> str:
        return f"validate_{FORM}"

    async def validate_complaint_desk_answer(
        self, value: str, say: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        waiting: dict[str, Any] = tracker.get_slot(_ORDER)
        said = intent(tracker) not in _NOTHING_SAID
        taken = await desk().trying(desk().read, orders.answer, desk().services, waiting["order"], said=said)
        if isinstance(taken, Refused):
            _refuse(say, taken)
            return {_ANSWER: None}
        if taken["kind"] in {"which", "ask"}:
            if taken.get("trouble"):
                _refuse(say, Refused("", taken["trouble"]))
            return {_ANSWER: None, _ORDER: taken}
        return {_ANSWER: "given", _ORDER: taken}


class ComplaintDeskOrdered(TurnAction):
    """Nothing is missing any more, or the case that was named is one of which the step cannot be taken."""

    action = "action_complaint_desk_ordered"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return [*_after(say, tracker, tracker.get_slot(_ORDER)), *unset(tracker, _ANSWER)]


class ComplaintDeskConfirm(TurnAction):
    """Do what was confirmed. Somebody who changed the case meanwhile is named as the reason not to."""

    action = "action_complaint_desk_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        subject: dict[str, Any] = tracker.get_slot("control_subject") or {}
        order = _order_of(tracker) or subject.get("desk_order")
        gone = unset(tracker, "control_subject")
        if order is None:
            say.utter_message(response="utter_complaint_desk_nothing_asked")
            return gone
        done = await desk.trying(desk.write, orders.carry_out, desk.services, order)
        if isinstance(done, Refused):
            return [*await self._refused(desk, say, done, str(order["number"])), *gone]
        for conversation_id in done["talks"]:
            desk.services.hub.wake(conversation_id)
        return [*_tell_case(say, f"utter_complaint_desk_done_{order['step']}", done["glance"]), *gone]

    async def _refused(self, desk: Desk, say: CollectingDispatcher, refused: Refused, number: str) -> list[Any]:
        found = await desk.trying(desk.read, glance.glance, desk.services, number)
        if isinstance(found, Refused):
            _refuse(say, refused)
            return []
        if refused.code == "complaint_changed":
            return _tell_case(say, "utter_complaint_desk_changed", found)
        return _tell_case(say, "utter_complaint_desk_refused_case", found, detail=refused.detail)


def _order_of(tracker: Tracker) -> dict[str, Any] | None:
    """The order that the pressed button carries."""
    carried = list(tracker.get_latest_entity_values("desk_order"))
    order: dict[str, Any] | None = carried[-1] if carried else None
    return order


class ComplaintDeskDecline(TurnAction):
    action = "action_complaint_desk_decline"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        subject: dict[str, Any] = tracker.get_slot("control_subject") or {}
        number = entity(tracker, "complaint_no") or subject.get("complaint_no")
        say.utter_message(response="utter_complaint_desk_left", number=number)
        return unset(tracker, "control_subject")


class ComplaintDeskGiven(TurnAction):
    """A choice of a question that is not open any more."""

    action = "action_complaint_desk_given"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_complaint_desk_nothing_asked")
        return []


class ComplaintDeskDecide(TurnAction):
    """What a decision needs, gathered. The talk never writes one: the console's form does, with these filled in."""

    action = "action_complaint_desk_decide"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = _meant(desk, tracker)
        gone = [*leave(), *unset(tracker, _ORDER, _ANSWER)]
        if number is None:
            return [*await _which(desk, say), *gone]
        found = await desk.trying(desk.read, preparing.gather, desk.services, number)
        if isinstance(found, Refused):
            shown = await desk.trying(desk.read, glance.glance, desk.services, number)
            if isinstance(shown, Refused):
                _refuse(say, found)
                return gone
            told = _tell_case(say, "utter_complaint_desk_refused_case", shown, detail=found.detail)
            return [*told, *gone]
        say.utter_message(
            response="utter_complaint_desk_prepared",
            json_message={
                "data": {"kind": "complaint_desk_decision", "number": found["number"], "rows": found["rows"],
                         "link": found["fields"]["link"] + "?step=decide"},
                "citations": found["citations"],
                "files": found["files"],
            },
            **found["fields"],
        )  # fmt: skip
        return [SlotSet(_CASE, found["number"]), *gone]
