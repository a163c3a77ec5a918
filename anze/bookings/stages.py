"""What people see of a service: 申请 → 确认 → 派单 → 服务中 → 完成 → 回访 → 归档, each with when and who. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anze.bookings.kinds import ServiceStatus, Step


class Stage(StrEnum):
    """In their order; the last three end a service instead."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DISPATCHED = "dispatched"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REFUSED = "refused"


ORDER = tuple(Stage)[:7]
ENDS = {
    ServiceStatus.CANCELLED: Stage.CANCELLED,
    ServiceStatus.NO_SHOW: Stage.NO_SHOW,
    ServiceStatus.REFUSED: Stage.REFUSED,
}
_BY_STEP = {
    Step.REQUESTED: Stage.REQUESTED,
    Step.DISPATCHED: Stage.DISPATCHED,
    Step.STARTED: Stage.ONGOING,
    Step.COMPLETED: Stage.COMPLETED,
    Step.FOLLOWED_UP: Stage.FOLLOWED_UP,
    Step.ARCHIVED: Stage.ARCHIVED,
    Step.CANCELLED: Stage.CANCELLED,
    Step.NO_SHOW: Stage.NO_SHOW,
    Step.REFUSED: Stage.REFUSED,
}
_TAKEN_BACK_BY = {Step.MOVED, Step.PROPOSED, Step.PROVIDER_DECLINED, Step.INSURED_DECLINED}
"""After these both sides have to confirm anew (6.2), and people are named anew."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken."""

    step: Step
    at: datetime
    who: str


@dataclass(frozen=True)
class Standing:
    """What the row itself says, for services that came in without their steps."""

    status: ServiceStatus
    requested_at: datetime
    confirmed_at: datetime | None = None
    """The later of both sides' confirmations"""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    followed_up_at: datetime | None = None
    archived_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Shown:
    """One stage: `state` is done, now (the newest one reached) or next; `at` and `who` as far as they are known."""

    stage: Stage
    state: str
    at: datetime | None = None
    who: str = ""


def stages(standing: Standing, taken: Sequence[Taken]) -> list[Shown]:
    """The stages in order. One that ended early shows what was reached and how it ended."""
    reached = _reached(standing, taken)
    end = ENDS.get(standing.status)
    line = [stage for stage in ORDER if stage in reached] + [end] if end else list(ORDER)
    newest = max((i for i, stage in enumerate(line) if stage in reached), default=0)
    shown = []
    for place, stage in enumerate(line):
        at, who = reached.get(stage, (None, ""))
        state = "now" if place == newest else "done" if place < newest or stage in reached else "next"
        shown.append(Shown(stage, state, at, who))
    return shown


def _reached(standing: Standing, taken: Sequence[Taken]) -> dict[Stage, tuple[datetime | None, str]]:
    found: dict[Stage, tuple[datetime | None, str]] = {Stage.REQUESTED: (standing.requested_at, "")}
    confirming: dict[Step, Taken] = {}
    for one in taken:
        if one.step in _TAKEN_BACK_BY:
            confirming.clear()
            found.pop(Stage.DISPATCHED, None)
        elif one.step in {Step.INSURED_CONFIRMED, Step.PROVIDER_CONFIRMED}:
            confirming[one.step] = one
        elif stage := _BY_STEP.get(one.step):
            found[stage] = (one.at, one.who)
    if standing.confirmed_at is not None:
        who = "、".join(dict.fromkeys(one.who for one in confirming.values()))
        found[Stage.CONFIRMED] = (standing.confirmed_at, who)
    from_row: dict[Stage, datetime | None] = {
        Stage.ONGOING: standing.started_at,
        Stage.COMPLETED: standing.completed_at,
        Stage.FOLLOWED_UP: standing.followed_up_at,
        Stage.ARCHIVED: standing.archived_at,
    }
    for stage, moment in from_row.items():
        if moment is not None and stage not in found:
            found[stage] = (moment, "")
    if standing.status in {ServiceStatus.ONGOING, ServiceStatus.COMPLETED}:
        found.setdefault(Stage(standing.status.value), (None, ""))
    if standing.status == ServiceStatus.DISPATCHED:
        found.setdefault(Stage.DISPATCHED, (None, ""))
    if end := ENDS.get(standing.status):
        found.setdefault(end, (standing.ended_at, ""))
    return found
