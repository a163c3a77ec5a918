"""Complaints around the form: open, submit, drop, status, supplement, withdraw."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.booking import BookingCancel
from actions.turn_action import Desk, TurnAction, entity
from actions.unfinished import go_on, leave, unset
from anze.complaints import usecases as complaints
from anze.hazards import usecases as hazards
from anze.identity import usecases as identity
from anze.standard.usecases import cite

FORM_SLOTS = (
    "complaint_story",
    "complaint_firm",
    "complaint_contact",
    "complaint_wish",
    "complaint_confirm",
    "complaint_redo",
    "complaint_failures",
)


class ComplaintOpen(TurnAction):
    action = "action_complaint_open"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        return await open_complaint(desk, say, tracker)


async def open_complaint(desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
    """What comes before the form of the complaint."""
    draft = await desk.write(complaints.open_draft, desk.services.dates)
    if draft["resumed"]:
        say.utter_message(response="utter_complaint_resumed")
    elif "story" in draft["missing"]:
        say.utter_message(response="utter_complaint_opened_bare")
    else:
        say.utter_message(response="utter_complaint_opened")
    tell_refused(say, draft)
    return unset(tracker, *FORM_SLOTS)


def tell_refused(say: CollectingDispatcher, draft: dict[str, Any]) -> None:
    """Names beyond the five who may speak for a group."""
    if draft.get("refused"):
        say.utter_message(response="utter_complaint_too_many", names="、".join(draft["refused"]))


class ComplaintSubmit(TurnAction):
    action = "action_complaint_submit"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        filed = await desk.write(complaints.submit, desk.services.dates)
        say.utter_message(
            response=f"utter_complaint_filed{filed['way']}",
            json_message={"data": filed["data"], "citations": cite(filed["clauses"], filed["edition"])},
            **filed["fields"],
        )
        if not filed["reachable"]:
            say.utter_message(response="utter_complaint_filed_no_contact")
        return [*unset(tracker, *FORM_SLOTS), *await go_on(desk)]


class ComplaintStatus(TurnAction):
    """How it stands. A number that is not the speaker's own leads to a code for the phone given with it."""

    action = "action_complaint_status"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        number = entity(tracker, "complaint_no")
        found = await desk.read(complaints.status, desk.services.dates, number.upper() if number else None)
        if number and not found["cases"]:
            return [*await _send_code(desk, say, number.upper()), FollowupAction("lookup_form")]
        tell_cases(say, found)
        return []


def tell_cases(say: CollectingDispatcher, found: dict[str, Any]) -> None:
    """One case in words, several as a list; a draft that waits is named too."""
    cases = found["cases"]
    if len(cases) == 1:
        say.utter_message(response=f"utter_complaint_status_{cases[0]['state']}", **cases[0]["fields"])
    elif cases:
        say.utter_message(
            response="utter_complaint_status_list", count=len(cases), json_message={"table": found["table"]}
        )
    if found["draft"]:
        say.utter_message(response="utter_complaint_status_draft")
    elif not cases:
        say.utter_message(response="utter_complaint_none_open")


async def _send_code(desk: Desk, say: CollectingDispatcher, number: str) -> list[Any]:
    sent = await desk.write(identity.challenge_complaint, desk.services.codes, number)
    name = "utter_complaint_lookup_sent_demo" if "demo_code" in sent else "utter_complaint_lookup_sent"
    say.utter_message(response=name, **sent)
    return [SlotSet("lookup_number", number)]


class AskLookupCode(TurnAction):
    action = "action_ask_lookup_code"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        say.utter_message(response="utter_complaint_ask_lookup_code")
        return []


class ComplaintLookup(TurnAction):
    """After the right code: the case opens for this conversation."""

    action = "action_complaint_lookup"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if tracker.get_slot("lookup_code") is None:  # locked: that was said
            return [SlotSet("lookup_number", None)]
        number = tracker.get_slot("lookup_number")
        found = await desk.read(complaints.status, desk.services.dates, number)
        if found["cases"]:
            tell_cases(say, found)
        else:
            say.utter_message(response="utter_complaint_not_found", number=number)
        return [SlotSet("lookup_number", None), SlotSet("lookup_code", None)]


class ComplaintWithdraw(TurnAction):
    """Whatever form is open ends: the unfinished complaint is dropped, a filed one is withdrawn after a question."""

    action = "action_complaint_withdraw"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        if entity(tracker, "booking_no") and entity(tracker, "complaint_no") is None:
            return await BookingCancel().act(desk, say, tracker)  # FW… 撤了: the number says what it is
        await self._withdraw(desk, say, tracker)
        return [*leave(), *unset(tracker, *FORM_SLOTS)]

    async def _withdraw(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> None:
        open_ones = await desk.read(complaints.open_numbers)
        number = entity(tracker, "complaint_no")
        numbers = [n for n in open_ones["numbers"] if number is None or n == number.upper()]
        if open_ones["draft"] and number is None:
            await desk.write(complaints.drop)
            say.utter_message(response="utter_complaint_dropped")
        elif not numbers:
            say.utter_message(response="utter_complaint_none_open")
        elif len(numbers) == 1:
            say.utter_message(response="utter_complaint_withdraw_sure", number=numbers[0])
        else:
            say.utter_message(
                response="utter_complaint_withdraw_which", buttons=number_buttons("complaint_withdraw", numbers)
            )


def number_buttons(meaning: str, numbers: list[str]) -> list[dict[str, Any]]:
    """One button for each of the newest complaints."""
    return [{"title": n, "intent": meaning, "entities": {"complaint_no": n}} for n in numbers[:5]]


class ComplaintWithdrawConfirm(TurnAction):
    action = "action_complaint_withdraw_confirm"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        subject: dict[str, str] = tracker.get_slot("control_subject") or {}
        number = entity(tracker, "complaint_no") or subject.get("complaint_no")
        result = await desk.write(complaints.withdraw, str(number))
        name = "utter_complaint_withdrawn" if result["withdrawn"] else "utter_complaint_not_found"
        say.utter_message(response=name, number=result["number"])
        return [SlotSet("control_subject", None)] if subject else []


class ComplaintFiles(TurnAction):
    action = "action_complaint_files"

    async def act(self, desk: Desk, say: CollectingDispatcher, tracker: Tracker) -> list[Any]:
        result = await desk.write(complaints.add_files)
        if not result["attached"] and (added := await desk.write(hazards.add_files))["attached"]:
            say.utter_message(response="utter_hazard_files_added", count=added["count"], number=added["target"])
        elif result["attached"]:
            say.utter_message(response="utter_complaint_files_added", count=result["count"], target=result["target"])
        else:
            say.utter_message(response="utter_complaint_files_unplaced")
        return []
