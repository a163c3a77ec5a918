"""What an insured does with a plan in the talk: agree, or want it otherwise. Who speaks is looked up by the turn."""

from typing import Any

from sqlalchemy.orm import Session

from anze.conversations.turn import Turn
from anze.plans import store
from anze.plans.kinds import Answer, How, State
from anze.plans.models import PlanVersion
from anze.plans.offering import answered
from anze.plans.rules import ANSWERABLE


def confirm(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """{"kind", "fields"}: confirmed (all agreed), agreed (others have not yet), already, not_found."""
    version = _asked(session, turn, number)
    if version is None:
        return {"kind": "not_found", "fields": {"number": number}}
    fields = {"number": version.plan.number}
    mine = _mine(turn, version)
    if version.state not in ANSWERABLE or _agreed(version, mine):
        return {"kind": "already", "fields": fields}
    state = answered(session, version, mine, Answer.AGREED, how=How.CHAT, actor=turn.speaker.actor, now=turn.now)
    return {"kind": "confirmed" if state is State.CONFIRMED else "agreed", "fields": fields}


def open_one(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """Whether something can still be wished: {"kind": "ask" | "already" | "not_found", "fields": {"number"}}."""
    version = _asked(session, turn, number)
    if version is None:
        return {"kind": "not_found", "fields": {"number": number}}
    kind = "ask" if version.state in ANSWERABLE and not _agreed(version, _mine(turn, version)) else "already"
    return {"kind": kind, "fields": {"number": version.plan.number}}


def wish(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """Keep, in the very words of this turn, what they want otherwise; a task of the branch."""
    found = open_one(session, turn, number)
    version = _asked(session, turn, number)
    if found["kind"] != "ask" or version is None:
        return found
    answered(session, version, _mine(turn, version), Answer.WANTED, how=How.CHAT, actor=turn.speaker.actor,
             now=turn.now, words=turn.text)  # fmt: skip
    return {"kind": "wished", "fields": found["fields"]}


def _asked(session: Session, turn: Turn, number: str) -> PlanVersion | None:
    """The offered version of the plan with this number, or the newest one, of the firms that they act for."""
    rows = store.of_firms(session, turn.speaker.insured_ids)
    return next((row for row in rows if not number or row.plan.number == number.upper()), None)


def _mine(turn: Turn, version: PlanVersion) -> list[int]:
    own = set(turn.speaker.insured_ids)
    return list(dict.fromkeys(party.insured_id for party in version.plan.parties if party.insured_id in own))


def _agreed(version: PlanVersion, mine: list[int]) -> bool:
    last = {row.insured_id: row.answer for row in version.answers}
    return any(last.get(id_) == Answer.AGREED for id_ in mine)
