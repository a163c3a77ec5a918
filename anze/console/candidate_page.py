"""A candidate of 9.2: confirmed or struck by who finds out, approved or rejected by a supervisor."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from anze.console import drafts_part
from anze.console.action import Action, Done, Given, taken
from anze.console.frame import colleague, frame
from anze.console.html import facts, section, tag
from anze.console.visit import Visit
from anze.console.words import moment, say
from anze.identity.speaker import Speaker
from anze.reports import desk
from anze.reports.kinds import CandidateState, Decision
from anze.reports.rules import APPROVE, DECIDE
from anze.texts import text


async def build(visit: Visit, id_: int) -> None:
    """The page. Nothing is sent by it. Raises SignedOutError, not_found."""
    who, one, drafts = await visit.read(
        lambda s, me: (colleague(s, me), desk.candidate(s, me, id_), drafts_part.read(s, me, id_, visit.now()))
    )
    with frame(visit, who, "work", say("work.candidate", clause=one["clause"], firm=one["firm"])):
        with section(say("work.facts")):
            facts([
                (say("work.field.kind"), f"{one['clause']} {one['kind_text']}"), (say("work.field.firm"), one["firm"]),
                (say("work.field.branch"), one["branch"]), (say("work.field.words"), one["words"] or ""),
                (say("work.field.found"), f"{one['found_by'] or ''} {moment(one['found_at'])}"),
                (say("work.field.state"), one["state_text"]),
                (say("work.field.decided"), _by(one, "decided")),
                (say("work.field.reason"), one["reason"] or ""),
                (say("work.field.approved"), _by(one, "approved")),
            ])  # fmt: skip
            tag("p", say("work.nothing_sent"), "soft")
        for decision in _decisions(one["state"], who.role):
            Action(visit, decision, taken(visit, _decided(visit, id_, decision)),
                   primary=decision in {Decision.CONFIRM, Decision.APPROVE}).field("reason").show()  # fmt: skip
        if drafts["items"] or one["state"] in {CandidateState.CONFIRMED, CandidateState.APPROVED}:
            drafts_part.show(visit, id_, drafts, who.role)
        tag("a", text("regulators.back"), href="/staff/regulators")


def _decided(visit: Visit, id_: int, decision: Decision) -> Callable[[Given], Done]:
    def of(given: Given) -> Done:
        def work(session: Session, speaker: Speaker) -> list[str]:
            desk.decide(session, speaker, id_, decision, given["reason"], visit.now())
            return []

        return work

    return of


def _decisions(state: str, role: str) -> tuple[Decision, ...]:
    if state == CandidateState.OPEN and role in DECIDE:
        return (Decision.CONFIRM, Decision.STRIKE)
    if state == CandidateState.CONFIRMED and role in APPROVE:
        return (Decision.APPROVE, Decision.REJECT)
    return ()


def _by(one: dict[str, Any], what: str) -> str:
    return f"{one[f'{what}_by']} {moment(one[f'{what}_at'])}" if one[f"{what}_by"] else ""
