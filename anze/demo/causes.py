"""Causes of closed complaints, and those that came again (8.2)."""

from datetime import datetime, timedelta

from anze.audit.chain import digest
from anze.clock import legal_date
from anze.complaints import life
from anze.complaints.causes import causes
from anze.complaints.handling_models import Cause, Improvement
from anze.complaints.improving import CLAUSE
from anze.complaints.life import Step
from anze.complaints.models import ComplaintStatus
from anze.demo.clerk import Clerk
from anze.demo.world import Row, World, data
from anze.identity.models import Staff

_NAMED_AFTER = timedelta(days=2)
_CHANGED_AFTER = timedelta(days=30)
_LEFT_OPEN = 6
"""Every sixth closed case has no cause yet."""


def add_causes(world: World, clerks: list[Clerk]) -> None:
    """In the order in which they were named; an improvement opens where one comes again, an old one is closed."""
    closed = [
        (clerk.row["closed_at"] + _NAMED_AFTER, clerk)
        for clerk in clerks
        if clerk.row["status"] in {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN} and clerk.cause
    ]
    due = sorted(
        ((at, clerk) for at, clerk in closed if at <= world.now), key=lambda pair: (pair[0], pair[1].row["id"])
    )
    for number, (at, clerk) in enumerate(due):
        if clerk.cause_always or number % _LEFT_OPEN != _LEFT_OPEN - 1:
            _name(world, clerk, at)


def _name(world: World, clerk: Clerk, at: datetime) -> None:
    case, code = clerk.row, str(clerk.cause)
    world.add(
        Cause, complaint_id=case["id"], cause=code, provider_id=None, branch_id=case["branch_id"], note=None, at=at,
        by=clerk.actor,
    )  # fmt: skip
    case["version"] += 1
    body = {
        "number": case["number"], "clause": life.LIFE[Step.CAUSE].clause, "cause": code, "provider": None,
        "note_sha256": digest(""),
    }  # fmt: skip
    clerk.event(at, Step.CAUSE.value, body)
    _improve(world, code, case["branch_id"], at)


def _improve(world: World, code: str, branch_id: int, at: datetime) -> None:
    same = [
        row
        for row in world.rows[Cause]
        if (row["cause"], row["branch_id"]) == (code, branch_id) and row["at"] > at - causes().within
    ]
    is_open = any(
        (row["cause"], row["branch_id"]) == (code, branch_id) and (row["closed_at"] is None or row["closed_at"] > at)
        for row in world.rows[Improvement]
    )
    if len(same) < causes().again or is_open:
        return
    closed = at + _CHANGED_AFTER
    done = closed <= world.now and code in data("handled")["measures"]
    row = world.add(
        Improvement, cause=code, branch_id=branch_id, provider_id=None, opened_on=legal_date(at),
        measure=data("handled")["measures"][code] if done else None, closed_at=closed if done else None,
        closed_by=_by(world, branch_id) if done else None,
    )  # fmt: skip
    if done:
        world.happened(closed, "complaint.improved", f"improvement:{row['id']}", row["closed_by"], {
            "clause": CLAUSE, "cause": code, "branch": branch_id, "provider": None,
            "measure_sha256": digest(row["measure"]),
        })  # fmt: skip


def _by(world: World, branch_id: int) -> str:
    officer: Row = next(
        row for row in world.rows[Staff] if row["role"] == "intake" and row["branch_id"] == branch_id
    )  # fmt: skip
    return f"staff:{officer['id']}"
