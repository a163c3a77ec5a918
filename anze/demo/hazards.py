"""Hazards found in services, in every state that the rules tell apart; each firm has one, so that talks are clear."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from anze.audit.chain import digest
from anze.bookings.models import Service, ServiceStatus
from anze.clock import legal_date
from anze.demo.policies import FIXED
from anze.demo.world import Row, World, data, dice, instant
from anze.hazards.models import DateState, Hazard, HazardDate, HazardLevel, HazardSerial, HazardStatus
from anze.identity.models import Role, Staff
from anze.policies.models import Policy
from anze.reports.models import Candidate, CandidateKind, CandidateState
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

RECENT = 170
"""Days: hazards are told of services not older than this."""
Outcome = Callable[["_Case"], None]


class _Case:
    """One hazard while it is told."""

    def __init__(self, world: World, row: Row, supervisor: str, manager: str) -> None:
        self.world, self.row = world, row
        self.supervisor, self.manager = supervisor, manager
        self.texts = data("hazards")
        self.firm = f"insured:{row['insured_id']}"

    def event(self, at: datetime, what: str, actor: str, **body: Any) -> None:
        self.world.happened(at, f"hazard.{what}", f"hazard:{self.row['id']}", actor, body)

    def dated(self, on: date, at: datetime, state: DateState, *, again: bool = False, by_insurer: bool = False) -> Row:
        """A date that one side proposed; agreed ones were agreed two hours later."""
        no = sum(row["hazard_id"] == self.row["id"] for row in self.world.rows[HazardDate]) + 1
        agreed = at + timedelta(hours=2) if state in {DateState.AGREED, DateState.SUPERVISOR} else None
        row = self.world.add(
            HazardDate,
            hazard_id=self.row["id"],
            no=no,
            due_on=on,
            reason=self.texts["reason"] if again else None,
            interim_measures=self.texts["interim"] if again else None,
            state=state,
            proposed_at=at,
            proposed_by=self.manager if by_insurer else self.firm,
            proposed_side="insurer" if by_insurer else "insured",
            agreed_at=agreed,
            agreed_by=(self.firm if by_insurer else self.manager) if agreed else None,
            supervised_at=None,
            supervised_by=None,
        )
        self.event(at, "date_proposed", row["proposed_by"], no=no, due_on=on.isoformat(), side=row["proposed_side"])
        if agreed:
            self.event(agreed, "date_agreed", row["agreed_by"], no=no, due_on=on.isoformat())
        return row

    def agreed(self, on: date, at: datetime, *, again: bool = False) -> Row:
        row = self.dated(on, at, DateState.AGREED, again=again)
        self.row["agreed_on"] = on
        return row

    def rectified(self, at: datetime) -> None:
        self.row.update(status=HazardStatus.REPORTED, rectified_at=at, rectification=self.texts["rectification"])
        self.event(at, "reported", self.firm, files=[], rectification_sha256=digest(self.texts["rectification"]))

    def closed(self, at: datetime) -> None:
        self.row.update(status=HazardStatus.CLOSED, closed_at=at, closed_by=self.manager)
        self.event(at, "closed", self.manager)

    def in_days(self, days: int) -> date:
        return self.world.day(days)

    @property
    def soon(self) -> datetime:
        """The day after it was found."""
        found: datetime = self.row["found_at"]
        return found + timedelta(days=1)


def _open(case: _Case) -> None:
    """Nothing was done about it yet."""


def _proposed(case: _Case) -> None:
    row = case.dated(case.in_days(14), case.soon, DateState.PROPOSED)
    case.world.add(
        Task,
        kind=TaskKind.HAZARD_DATE,
        subject=f"hazard_date:{row['id']}",
        branch_id=case.row["branch_id"],
        body={"number": case.row["number"]},
        created_at=case.soon,
        done_at=None,
        done_by=None,
    )


def _asked_of_firm(case: _Case) -> None:
    case.dated(case.in_days(10), case.soon, DateState.PROPOSED, by_insurer=True)


def _agreed(case: _Case) -> None:
    case.agreed(case.in_days(12), case.soon)


def _refused(case: _Case) -> None:
    case.dated(case.in_days(60), case.soon, DateState.REFUSED)


def _taken_back(case: _Case) -> None:
    case.dated(case.in_days(25), case.soon, DateState.WITHDRAWN)


def _agreed_again(case: _Case) -> None:
    case.agreed(case.in_days(5), case.soon)
    case.agreed(case.in_days(20), case.soon + timedelta(days=1), again=True)


def _waits_for_supervisor(case: _Case) -> None:
    _agreed_again(case)
    case.dated(case.in_days(40), case.soon + timedelta(days=2), DateState.SUPERVISOR, again=True)


def _overdue(case: _Case) -> None:
    case.agreed(case.in_days(-3), case.soon)
    _candidate(case, case.in_days(-3))


def _agreed_too_late(case: _Case) -> None:
    case.agreed(case.in_days(-4), case.soon)
    case.dated(case.in_days(15), case.world.now - timedelta(days=1), DateState.AGREED, again=True)
    _candidate(case, case.in_days(-4))


def _reported(case: _Case) -> None:
    if case.row["level"] == HazardLevel.MAJOR:
        case.agreed(case.in_days(9), case.soon)
    case.rectified(case.world.now - timedelta(hours=20))


def _reported_late(case: _Case) -> None:
    case.agreed(case.in_days(-3), case.soon)
    case.rectified(case.world.now - timedelta(hours=4))
    _candidate(case, case.in_days(-3))


def _closed(case: _Case) -> None:
    case.rectified(case.soon)
    case.closed(case.soon + timedelta(hours=20))


def _closed_late(case: _Case) -> None:
    _reported_late(case)
    case.closed(case.row["rectified_at"] + timedelta(hours=2))


PLAN: tuple[tuple[HazardLevel, Outcome, int], ...] = (
    (HazardLevel.GENERAL, _open, 14),
    (HazardLevel.MAJOR, _open, 10),
    (HazardLevel.MAJOR, _proposed, 3),
    (HazardLevel.MAJOR, _asked_of_firm, 4),
    (HazardLevel.MAJOR, _agreed, 8),
    (HazardLevel.MAJOR, _agreed_again, 2),
    (HazardLevel.MAJOR, _waits_for_supervisor, 2),
    (HazardLevel.MAJOR, _refused, 2),
    (HazardLevel.MAJOR, _taken_back, 1),
    (HazardLevel.MAJOR, _overdue, 3),
    (HazardLevel.MAJOR, _agreed_too_late, 2),
    (HazardLevel.GENERAL, _reported, 4),
    (HazardLevel.MAJOR, _reported, 3),
    (HazardLevel.GENERAL, _closed, 6),
    (HazardLevel.MAJOR, _closed, 3),
    (HazardLevel.MAJOR, _reported_late, 2),
    (HazardLevel.MAJOR, _closed_late, 2),
)
"""Level, what became of it, how many."""


def add_hazards(world: World) -> None:
    """Hazards of completed hazard checks; the first fixed customer has a general and a major open one."""
    rng = dice("hazards")
    policies = {row["id"]: row for row in world.rows[Policy]}
    fixed = [row for row in _checks(world) if policies[row["policy_id"]]["number"] == FIXED[0]][:1]
    firms: dict[int, Row] = {}
    for service in _checks(world):
        if policies[service["policy_id"]]["number"] not in FIXED:
            firms.setdefault(service["insured_id"], service)
    wanted = sum(count for *_, count in PLAN)
    chosen = rng.sample(list(firms.values()), wanted)
    plan = [(level, outcome) for level, outcome, count in PLAN for _ in range(count)]
    told: list[tuple[Row, HazardLevel, Outcome]] = [(service, HazardLevel.GENERAL, _open) for service in fixed]
    told += [(service, HazardLevel.MAJOR, _open) for service in fixed]
    told += [(service, level, outcome) for service, (level, outcome) in zip(chosen, plan, strict=True)]
    found = [(_found(world, policies, service, level), outcome) for service, level, outcome in told]
    _number([row for row, _ in found])
    for row, outcome in found:
        case = _Case(world, row, _staff(world, Role.SUPERVISOR), _staff(world, Role.SERVICE))
        case.event(row["found_at"], "found", row["found_by"], number=row["number"], level=str(row["level"]))
        outcome(case)
    _call(world, found[-1][0])
    for day in sorted({legal_date(row["found_at"]) for row, _ in found}):
        world.add(HazardSerial, day=day, last=sum(legal_date(row["found_at"]) == day for row, _ in found))


def _call(world: World, hazard: Row) -> None:
    """One of the firms has no talk and no telephone that took a message: somebody had to call (6.2)."""
    at = hazard["found_at"] + timedelta(minutes=5)
    world.add(
        Task,
        kind=TaskKind.PHONE_CALL,
        subject=f"hazard:{hazard['id']}:found",
        branch_id=hazard["branch_id"],
        body={"number": hazard["number"]},
        created_at=at,
        done_at=at + timedelta(hours=1),
        done_by=_staff(world, Role.SERVICE),
    )


def _checks(world: World) -> list[Row]:
    since = world.day(-RECENT)
    return [
        row
        for row in world.rows[Service]
        if row["item"] == "d"
        and row["status"] == ServiceStatus.COMPLETED
        and row["completed_on"] is not None
        and row["completed_on"] >= since
    ]


def _staff(world: World, role: Role) -> str:
    return next(f"staff:{row['id']}" for row in world.rows[Staff] if row["role"] == role)


def _found(world: World, policies: dict[int, Row], service: Row, level: HazardLevel) -> Row:
    texts = data("hazards")[level.value]
    at = min(instant(service["completed_on"], 11), world.now - timedelta(days=5))
    text = texts[sum(row["level"] == level for row in world.rows[Hazard]) % len(texts)]
    return world.add(
        Hazard,
        number="",
        service_id=service["id"],
        insured_id=service["insured_id"],
        branch_id=policies[service["policy_id"]]["branch_id"],
        client_id=None,
        level=level,
        **text,
        status=HazardStatus.OPEN,
        found_at=at,
        found_by=f"provider:{service['provider_id'] or 0}",
        notified_at=at + timedelta(minutes=1),
        sent_back_at=None,
        agreed_on=None,
        rectified_at=None,
        rectification=None,
        closed_at=None,
        closed_by=None,
        version=1,
    )


def _number(hazards: list[Row]) -> None:
    """YH, the day of the find, the serial of that day."""
    last: dict[str, int] = {}
    for row in sorted(hazards, key=lambda row: (row["found_at"], row["id"])):
        day = f"{legal_date(row['found_at']):%Y%m%d}"
        last[day] = last.get(day, 0) + 1
        row["number"] = f"YH{day}{last[day]:03d}"


def _candidate(case: _Case, due: date) -> None:
    """What the sweep notes on the day after (9.2 a); staff confirm, strike and approve some of them."""
    row = case.row
    number = len(case.world.rows[Candidate])
    state = list(CandidateState)[number % len(CandidateState)]
    decided = case.world.now - timedelta(hours=30) if state != CandidateState.OPEN else None
    approved = case.world.now - timedelta(hours=6) if state == CandidateState.APPROVED else None
    words = say("hazard.overdue_words", number=row["number"], place=row["place"], description=row["description"],
                due=due.isoformat())  # fmt: skip
    found = case.world.now - timedelta(days=2)
    added = case.world.add(
        Candidate,
        kind=CandidateKind.HAZARD_OVERDUE,
        subject=f"hazard:{row['id']}",
        insured_id=row["insured_id"],
        branch_id=row["branch_id"],
        words=words,
        found_at=found,
        found_by="system",
        state=state,
        decided_at=decided,
        decided_by=case.manager if decided else None,
        decision_reason="电话核实过" if decided else None,
        approved_at=approved,
        approved_by=case.supervisor if approved else None,
    )
    subject = f"candidate:{added['id']}"
    case.world.happened(found, "report.noted", subject, "system", {"kind": "a", "about": f"hazard:{row['id']}"})
