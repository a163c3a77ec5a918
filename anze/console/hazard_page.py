"""A hazard: answer the insured's date or propose one; judge what was reported."""

from datetime import date
from typing import Any

from anze.console.action import Action, taken
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, table
from anze.console.visit import Visit
from anze.console.words import day, say
from anze.hazards import desk
from anze.hazards.models import HazardLevel, HazardStatus
from anze.identity.models import Role


async def build(visit: Visit, number: str) -> None:
    """A hazard: answer the insured's date or propose one; judge what was reported. Raises SignedOutError, not_found."""
    here = visit.services
    who, one = await visit.read(
        lambda s, me: (colleague(s, me), desk.hazard(s, me, number, visit.now(), here.calendar))
    )
    with frame(visit, who, "work", say("work.hazard", number=one["number"])):
        with section(say("work.facts")):
            facts([
                (say("work.field.firm"), one["firm"]), (say("work.field.level"), one["level_text"]),
                (say("work.field.place"), one["place"]), (say("work.field.description"), one["description"]),
                (say("work.field.state"), one["state_text"]), (say("work.field.due_on"), day(one["due_on"])),
                (say("work.field.found_on"), one["found_on"]), (say("work.field.service"), one["service"]),
                (say("work.field.rectification"), one["rectification"] or ""),
                (say("work.field.verdict"), one["verdict"] or ""),
            ])  # fmt: skip
        if one["dates"]:
            with section(say("work.dates")):
                heads = [say(f"work.column.{name}") for name in ("date", "by", "state", "reason")]
                rows = [
                    (d["due_on"], _by(d), d["state_text"],
                     "；".join(filter(None, (d["reason"], d["interim_measures"], d["end_reason"]))))
                    for d in one["dates"]
                ]  # fmt: skip
                table(heads, rows, say("work.dates"))
        _steps(visit, who.role, one)


def _by(one: dict[str, Any]) -> str:
    """被保险人 秦永康: which side proposed a date, and who."""
    return f"{say('work.side.' + one['proposed_side'])} {one['proposed_by'] or ''}".strip()


def _steps(visit: Visit, role: str, one: dict[str, Any]) -> None:
    number, now, calendar = one["number"], visit.now(), visit.services.calendar
    no = one["dates"][-1]["no"] if one["dates"] else 0
    if role == Role.SUPERVISOR and one["waits_for"] == "supervisor":
        Action(visit, "supervise", taken(visit, lambda given: lambda s, me: desk.supervise(
            s, me, number, no, agree=given["agree"] == "yes", reason=given["reason"], now=now, calendar=calendar
        ))).field("agree", choices={key: say(f"work.agree.{key}") for key in ("yes", "no")}).field(
            "reason"
        ).show()  # fmt: skip
    if role not in desk.DECIDERS:
        return
    if one["waits_for"] == "insurer":
        words = taken(visit, lambda _: lambda s, me: desk.accept(s, me, number, no, now, calendar))
        Action(visit, "accept_date", words).show()
        Action(visit, "refuse_date", taken(
            visit, lambda given: lambda s, me: desk.refuse(s, me, number, no, given["reason"], now)
        ), primary=False).field("reason").show()  # fmt: skip
    if one["level"] == HazardLevel.MAJOR and one["status"] == HazardStatus.OPEN:
        Action(visit, "propose_date", taken(visit, lambda given: lambda s, me: desk.propose(
            s, me, number, date.fromisoformat(given["due_on"]), given["reason"], given["measures"], now
        )), primary=one["waits_for"] is None).field("due_on", "day").field("reason", optional=True).field(
            "measures", optional=True
        ).show()  # fmt: skip
    if one["status"] == HazardStatus.REPORTED:
        Action(visit, "close", taken(
            visit, lambda given: lambda s, me: desk.close(s, me, number, given["result"], now)
        )).field("result").show()  # fmt: skip
        Action(visit, "send_back", taken(
            visit, lambda given: lambda s, me: desk.send_back(s, me, number, given["reason"], now, calendar)
        ), primary=False).field("reason").show()  # fmt: skip
