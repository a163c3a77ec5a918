"""A case in short for a colleague in a talk, and lists of cases: plain data out of what the console shows."""

import re
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from anze.calendar.when import parse
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import casefile, desk
from anze.complaints.case_parts import steps
from anze.complaints.colours import pressing, soon_until
from anze.complaints.finding import found_for_staff
from anze.complaints.models import OPEN, Complaint
from anze.complaints.wanted import ME, Wanted, Which
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.services import Services
from anze.texts import shortened
from anze.texts import text as say

Rows = list[dict[str, str]]
_SHOWN = 10
"""Rows of a list; the rest is in the console"""
_WORDS = 60
_OVERDUE = re.compile("超期|逾期|过期|超时|过头|超了")
_COMING = re.compile("快|要|将|马上|眼看|临|会")
_SOON = re.compile("快|急|临|马上|眼看|这几天|近期|最近")
OFFERS = {
    "accept": ("accept",),
    "assign": ("assign",),
    "classify": ("classify",),
    "ask_extension": ("extend",),
    "answer_extension": ("approve", "disapprove"),
    "pause": ("pause",),
    "resume": ("resume",),
    "decide": ("decide",),
    "withdraw": ("withdraw",),
}
"""What a step is called where it is ordered; the other steps are taken in the console."""


def glance(session: Session, turn: Turn, services: Services, number: str) -> dict[str, Any]:
    """{"number", "fields", "rows", "offers": [{"title", "what"}…]}: the state, both dates with their reasons, what was
    done, what can be done now. Raises as found_for_staff."""
    case = found_for_staff(session, turn.speaker, number)
    today, calendar = legal_date(turn.now), services.calendar.calendar()
    level = pressing(case.queue_on, today, calendar, open_=case.status in OPEN)
    may = steps(session, case, turn.speaker)
    return {
        "number": case.number,
        "fields": {
            "number": case.number,
            "firm": firm_of(case),
            "status": say(f"console.status.{case.status}"),
            "urgency": say(f"complaint.colour.{level.words}", days=abs(level.remaining or 0)),
            "dates": _dates(case, services, turn),
            "link": f"/staff/complaints/{case.number}",
        },
        "rows": _rows(case, services, turn, may["own_cause"]),
        "offers": [
            {"title": say(f"complaint.desk.button.{what}"), "what": what}
            for one in may["steps"]
            for what in OFFERS.get(one["step"], ())
        ],
    }


def firm_of(case: Complaint) -> str:
    """Whose complaint it is, as far as it is known."""
    return case.insured.name if case.insured else case.firm or say("complaint.card.not_known")


def _dates(case: Complaint, services: Services, turn: Turn) -> str:
    """Both dates in one sentence, or what remains while the clock is stopped; empty for a case that is closed."""
    if case.status not in OPEN:
        return ""
    told = services.dates.told(case, turn.now)
    if told.paused:
        return say("complaint.desk.dates.paused", left=told.left)
    second = spoken(told.second_due_on) if told.second_due_on else ""
    if told.due_on is None:
        return say("complaint.desk.dates.second", second=second)
    return say("complaint.desk.dates.both", due=spoken(told.due_on, told.provisional), second=second)


def _rows(case: Complaint, services: Services, turn: Turn, own_cause: str | None) -> Rows:
    story = next((one.text for one in case.statements), "")
    pairs = [
        ("handler", case.handler.name if case.handler else say("console.case.nobody")),
        ("branch", f"{case.branch.name} {case.branch.hotline}"),
        ("received", spoken(legal_date(case.received_at))),
        ("story", shortened(story, _WORDS)),
    ]
    if case.status in OPEN:
        pairs += [_clock(clock) for clock in casefile.clocks(case, services.dates, turn.now)]
    pairs += [("done", line) for line in _done(case)]
    if own_cause:
        pairs.append(("interest", own_cause))
    return [{"label": say(f"complaint.desk.row.{name}"), "value": value} for name, value in pairs if value]


def _clock(clock: dict[str, Any]) -> tuple[str, str]:
    day = spoken(date.fromisoformat(clock["due"]), clock["provisional"]) if clock["due"] else clock["left"]
    return clock["name"], "\n".join([day, *clock["lines"]])


def _done(case: Complaint) -> list[str]:
    """What moved the dates, or asked for it."""
    lines = []
    if case.classification is not None:
        lines.append(say("complaint.desk.done.classified", reason=case.classification.reason))
    lines += [say(f"complaint.desk.done.extension.{one.state}", reason=one.reason) for one in case.extensions]
    for one in case.pauses:
        fields = {"body": one.body, "since": spoken(one.commissioned_on), "until": spoken(one.expected_on)}
        if one.returned_on is not None:
            fields |= {"until": spoken(one.returned_on), "result": one.result or ""}
        lines.append(say(f"complaint.desk.done.{'returned' if one.returned_on else 'paused'}", **fields))
    if case.decision is not None:
        lines.append(say("complaint.desk.done.decided", outcome=shortened(case.decision.outcome, _WORDS)))
    return lines


def mine(session: Session, turn: Turn, services: Services) -> dict[str, Any]:
    """The open cases that the speaker handles, the most pressing first."""
    return _listed(session, turn, services, Wanted(handler=ME, which=Which.OPEN))


def due(session: Session, turn: Turn, services: Services) -> dict[str, Any]:
    """Open cases that are worked to a day that the words name, earlier ones included; without a day: today.

    `until`: the day in words; `which`: due, or overdue when that is asked for.
    """
    text, today = normalise(turn.text), legal_date(turn.now)
    if _OVERDUE.search(text) and not _COMING.search(text):
        found = _listed(session, turn, services, Wanted(which=Which.OPEN, due_before=today))
        return found | {"which": "overdue", "until": spoken(today)}
    until = _day(text, turn, services)
    wanted = Wanted(which=Which.OPEN, due_before=until + timedelta(days=1))
    return _listed(session, turn, services, wanted) | {"which": "due", "until": spoken(until)}


def _day(text: str, turn: Turn, services: Services) -> date:
    """The last day that the words name, today at the earliest; 快到期 without a day: what counts as soon."""
    today, calendar = legal_date(turn.now), services.calendar.calendar()
    ends = [one.end for one in parse(text, turn.now, calendar=calendar) if one.end is not None]
    days = [end.date() if hasattr(end, "date") else end for end in ends]
    if days:
        return max(today, *days)
    return soon_until(today, calendar) if _SOON.search(text) else today


def _listed(session: Session, turn: Turn, services: Services, wanted: Wanted) -> dict[str, Any]:
    """{"total", "table", "numbers"}: the first rows of the queue as it is in the console."""
    found = desk.queue(
        session, turn.speaker, wanted, page=1, size=_SHOWN, now=turn.now, calendar=services.calendar
    )  # fmt: skip
    names = ("number", "firm", "status", "due", "urgency", "handler")
    rows = [
        [
            item["number"],
            item["firm"] or say("complaint.card.not_known"),
            say(f"console.status.{item['status']}"),
            item["queue_on"] or "—",
            item["colour_words"],
            item["handler"]["name"] if item["handler"] else say("console.case.nobody"),
        ]
        for item in found["items"]
    ]
    return {
        "total": found["total"],
        "table": {"columns": [say(f"complaint.desk.column.{name}") for name in names], "rows": rows},
        "numbers": [item["number"] for item in found["items"]],
    }
