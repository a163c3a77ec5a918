"""Services that were done elsewhere (4, 6.3), with their follow-ups. What was handled here no import changes."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import NewEvent, append_all, digest
from anze.bookings.kinds import Part, ServiceStatus
from anze.bookings.models import Service, ServiceStep
from anze.bookings.slots import Half
from anze.clock import SHANGHAI, legal_date
from anze.imports import bulk
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World, differences
from anze.policies.models import Insured, Policy, PolicyInsured
from anze.providers.models import Provider
from anze.reminders import usecases as reminders
from anze.surveys import planning
from anze.surveys.kinds import SurveyStatus
from anze.surveys.models import Survey

_OURS = re.compile(r"FW\d{11,}")
"""Numbers that the program gives itself"""
_PLAIN = ("item", "status", "report_no", "place", "people", "audience", "statutory", "attendees", "measures", "process",
          "ended_reason")  # fmt: skip
_DAYS = ("completed_on", "archived_on")
_FOLLOW_UP = ("followed_up_on", "mark", "opinion", "way")
_ENDED = frozenset({ServiceStatus.CANCELLED, ServiceStatus.NO_SHOW, ServiceStatus.REFUSED})


class _Around:
    """What the rows of a piece name."""

    def __init__(self, world: World, rows: list[Row]) -> None:
        session = world.session
        self.own = set(session.scalars(world.importer.branches()))
        self.known = _kept(session, [row.key for row in rows])
        self.policies: dict[str, tuple[int, int, date]] = {}
        for numbers in bulk.pieces(row.values["policy"] for row in rows):
            query = select(Policy.number, Policy.id, Policy.branch_id, Policy.start_on).where(
                Policy.number.in_(numbers)
            )
            self.policies |= {number: (id_, branch, start) for number, id_, branch, start in session.execute(query)}
        self.insureds: dict[str, int] = {}
        for codes in bulk.pieces(row.values["insured"] for row in rows):
            found = session.execute(select(Insured.uscc, Insured.id).where(Insured.uscc.in_(codes)))
            self.insureds |= {code: id_ for code, id_ in found if code}
        self.named: set[tuple[int, int]] = set()
        for ids in bulk.pieces(policy[0] for policy in self.policies.values()):
            links = select(PolicyInsured.policy_id, PolicyInsured.insured_id).where(PolicyInsured.policy_id.in_(ids))
            self.named |= set(session.execute(links).tuples().all())
        self.providers: dict[str, int] = {}
        for codes in bulk.pieces(code for row in rows if (code := row.values.get("provider"))):
            there = select(Provider.uscc, Provider.id).where(Provider.uscc.in_(codes))
            self.providers |= dict(session.execute(there).tuples().all())


def _kept(session: Session, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """Services that are kept already, by number, in the form in which rows are compared."""
    found: dict[str, dict[str, Any]] = {}
    for piece in bulk.pieces(numbers):
        query = (
            select(Service, Survey, Policy.branch_id)
            .outerjoin(Survey, Survey.service_id == Service.id)
            .join(Policy, Policy.id == Service.policy_id)
            .where(Service.number.in_(piece))
        )
        rows = session.execute(query).all()
        here = select(ServiceStep.service_id).where(ServiceStep.service_id.in_([row[0].id for row in rows])).distinct()
        handled = set(session.scalars(here))
        for service, survey, branch_id in rows:
            found[service.number] = _comparable(service, survey) | {
                "id": service.id, "branch_id": branch_id, "here": service.id in handled,
                "followed_up": survey is not None and survey.mark is not None,
            }  # fmt: skip
        session.expunge_all()
    return found


def _comparable(service: Service, survey: Survey | None) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(service, name) for name in _PLAIN}
    row |= {name: day.isoformat() if (day := getattr(service, name)) else None for name in _DAYS}
    row |= {
        "policy_id": service.policy_id,
        "insured_id": service.insured_id,
        "provider_id": service.provider_id,
        "requested_on": legal_date(service.requested_at).isoformat(),
        "service_on": _day(service.starts_at),
        "part": _part(service.starts_at),
        "confirmed_on": _day(service.insured_confirmed_at),
    }
    done = survey is not None and survey.status == SurveyStatus.DONE
    row |= {
        "followed_up_on": _day(survey.done_at) if survey and done else None,
        "mark": survey.mark if survey else None,
        "opinion": survey.opinion if survey else None,
        "way": survey.channel if survey else None,
    }
    return row


def _day(at: datetime | None) -> str | None:
    return legal_date(at).isoformat() if at else None


def _part(at: datetime | None) -> str | None:
    if at is None:
        return None
    return (Part.MORNING if at.astimezone(SHANGHAI).hour < 12 else Part.AFTERNOON).value


class Services:
    """See world.Noun."""

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        around = _Around(world, rows)
        return [self._one(world, row, around) for row in rows]

    def _one(self, world: World, row: Row, around: _Around) -> Looked:
        looked = Looked(Decided(row.no, "new"))
        before = around.known.get(row.key)
        policy = around.policies.get(row.values["policy"])
        if before is not None and before["branch_id"] not in around.own:
            looked.faults.add("number", "service_elsewhere")
            return looked
        if policy is None or policy[1] not in around.own:
            looked.faults.add("policy", "policy_elsewhere" if policy else "policy_unknown")
            return looked
        given = self._given(row.values, policy[0], around, looked)
        _check_days(row.values, policy[2], world.today, looked)
        looked.decided.values = given
        if before is None:
            if _OURS.fullmatch(row.key):
                looked.faults.add("number", "service_number_ours")
            return looked
        old = differences(before, given)
        if old and before["here"]:
            looked.faults.add("number", "service_here")
        elif before["followed_up"] and old.keys() & set(_FOLLOW_UP):
            looked.faults.add("mark", "followed_up")
        looked.decided = Decided(row.no, "changed" if old else "same", before["id"], old, given)
        return looked

    def _given(self, values: dict[str, Any], policy_id: int, around: _Around, looked: Looked) -> dict[str, Any]:
        faults = looked.faults
        given = {key: value for key, value in values.items() if key not in {"policy", "insured", "provider", "number"}}
        given["policy_id"], given["insured_id"] = policy_id, around.insureds.get(values["insured"])
        if given["insured_id"] is None:
            faults.add("insured", "insured_unknown", codes=values["insured"])
        elif (policy_id, given["insured_id"]) not in around.named:
            faults.add("insured", "insured_not_named")
        if "provider" in values:
            given["provider_id"] = around.providers.get(values["provider"])
            if values["provider"] is not None and given["provider_id"] is None:
                faults.add("provider", "provider_unknown")
        given |= {name: [] for name in ("people",) if name in given and given[name] is None}
        given |= {"statutory": False} if given.get("statutory", False) is None else {}
        if given.get("service_on"):
            given.setdefault("part", Part.MORNING.value)
            given["part"] = given["part"] or Part.MORNING.value
        else:
            given.pop("part", None)
        said = [name for name in _FOLLOW_UP if given.get(name) is not None]
        if said and len(said) < len(_FOLLOW_UP):
            faults.add(said[0], "follow_up_parts")
        if values["status"] != ServiceStatus.COMPLETED and (said or given.get("completed_on")):
            faults.add("status", "not_completed")
        return given

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        ids = bulk.add_with_ids(world.session, Service, [_new(row) for row in new])
        bulk.change(world.session, Service, [{"id": row.id} | _columns(row.values, set(row.old)) for row in changed])
        pairs = [*zip(ids, new, strict=True), *((row.id, row) for row in changed if row.id is not None)]
        _follow_up(world, pairs)

    def finish(self, world: World, spool: Spool) -> None:
        """Nothing is left to do."""


def _check_days(values: dict[str, Any], start: date, today: date, looked: Looked) -> None:
    order = ("requested_on", "service_on", "completed_on", "followed_up_on")
    for name in (*order, "archived_on", "confirmed_on"):
        day = values.get(name)
        if day is not None and day > today.isoformat():
            looked.faults.add(name, "later_than_today")
    for first, second in (
        ("requested_on", "completed_on"), ("service_on", "completed_on"), ("completed_on", "followed_up_on"),
        ("completed_on", "archived_on"), ("requested_on", "service_on"),
    ):  # fmt: skip
        one, other = values.get(first), values.get(second)
        if one is not None and other is not None and other < one:
            looked.faults.add(second, "before_other", earlier=first)
    done = values.get("completed_on") or values.get("service_on")
    if done is not None and done < start.isoformat():
        looked.faults.add("service_on" if values.get("service_on") else "completed_on", "before_policy")


def _midnight(day: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), time(), SHANGHAI).astimezone(UTC) if day else None


def _columns(values: dict[str, Any], wanted: set[str]) -> dict[str, Any]:
    """The columns of a service for the names that are to be written."""
    row: dict[str, Any] = {
        name: values.get(name) for name in (*_PLAIN, "policy_id", "insured_id", "provider_id") if name in wanted
    }
    row |= {name: date.fromisoformat(values[name]) if values.get(name) else None for name in _DAYS if name in wanted}
    if "requested_on" in wanted:
        row["requested_at"] = _midnight(values["requested_on"])
    if wanted & {"service_on", "part"}:
        half = (
            Half(date.fromisoformat(values["service_on"]), Part(values["part"])) if values.get("service_on") else None
        )
        row["starts_at"], row["ends_at"] = (half.starts_at, half.ends_at) if half else (None, None)
        row["started_at"] = half.starts_at if half and values["status"] == ServiceStatus.COMPLETED else None
    if "confirmed_on" in wanted:
        row["insured_confirmed_at"] = row["provider_confirmed_at"] = _midnight(values["confirmed_on"])
    if wanted & {"status", "service_on"} and values["status"] in _ENDED:
        row["ended_at"] = _midnight(values.get("service_on") or values["requested_on"])
    return row


_EVERY = {*_PLAIN, *_DAYS, "policy_id", "insured_id", "provider_id", "requested_on", "service_on", "part",
          "confirmed_on"}  # fmt: skip


def _new(row: Row) -> dict[str, Any]:
    values = {"people": [], "statutory": False, "confirmed_on": None} | row.values
    return {"number": row.key, "version": 1, "ended_at": None} | _columns(values, _EVERY)


def _follow_up(world: World, pairs: list[tuple[int, Row]]) -> None:
    """The follow-up of each completed service: as it was done, or planned by the term of 6.3.

    One that is still within its term is asked like any other; an older one is a row that stays undone and asks nobody.
    """
    completed = {
        id_: row for id_, row in pairs
        if row.values["status"] == ServiceStatus.COMPLETED and row.values.get("completed_on")
        and (row.op == "new" or row.old.keys() & {"completed_on", "status", *_FOLLOW_UP})
    }  # fmt: skip
    there: dict[int, Survey] = {}
    for ids in bulk.pieces(completed):
        there |= {
            one.service_id: one for one in world.session.scalars(select(Survey).where(Survey.service_id.in_(ids)))
        }
    fresh, answered = [], list[tuple[int, Row]]()
    for id_, row in completed.items():
        columns, survey = _survey(world, row), there.get(id_)
        if row.values.get("mark") is not None and (survey is None or survey.mark is None):
            answered.append((id_, row))
            if survey is not None:
                reminders.void(world.session, planning.subject(survey), "done")
                bulk.change(world.session, Survey, [{"id": survey.id} | columns])
        elif survey is not None or columns["due_on"] >= world.today:
            planning.plan(world.session, world.session.get_one(Service, id_), world.calendar, world.now)
            continue
        if survey is None:
            fresh.append({"service_id": id_, "recorded_by": None, "asked_at": None} | columns)
    bulk.add(world.session, Survey, fresh)
    _put_into_the_chain(world, answered)


def _survey(world: World, row: Row) -> dict[str, Any]:
    values = row.values
    day = date.fromisoformat(values["completed_on"])
    calendar = world.calendar.calendar()
    due = calendar.add_workdays(day, world.editions.on(day).service.follow_up.days)
    done = values.get("mark") is not None
    return {
        "status": (SurveyStatus.DONE if done else SurveyStatus.WAITING).value,
        "due_on": due.date,
        "provisional": due.provisional,
        "ask_on": calendar.nth_after(day, 1),
        "mark": values.get("mark"),
        "opinion": values.get("opinion"),
        "channel": values.get("way"),
        "answered_by": f"insured:{values['insured_id']}" if done else None,
        "done_at": _midnight(values.get("followed_up_on")),
    }


def _put_into_the_chain(world: World, pairs: list[tuple[int, Row]]) -> None:
    """Mark and opinion of each, as when somebody answers: a row that the chain does not know counts as altered."""
    rows = dict(pairs)
    surveys: dict[int, int] = {}
    for ids in bulk.pieces(rows):
        query = select(Survey.service_id, Survey.id).where(Survey.service_id.in_(ids))
        surveys |= dict(world.session.execute(query).tuples().all())
    append_all(world.session, [
        NewEvent(world.now, "survey.answered", f"survey:{surveys[id_]}", world.importer.actor, {
            "status": SurveyStatus.DONE.value, "mark": row.values["mark"], "channel": row.values["way"],
            "opinion_sha256": digest(row.values["opinion"]), "imported": True,
        })
        for id_, row in rows.items()
    ])  # fmt: skip
