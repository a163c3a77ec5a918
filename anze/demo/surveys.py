"""Follow-ups of the completed services: waiting, asked, with a bare mark, done, and some that are late (6.3)."""

from datetime import date, datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.bookings.models import Service, ServiceStatus
from anze.calendar.rules import WorkCalendar
from anze.demo.world import Row, World, data, dice, instant
from anze.policies.models import Policy
from anze.standard.editions import editions
from anze.surveys.models import Survey, SurveyChannel, SurveyStatus
from anze.tasks.models import Task, TaskKind

_DONE = 0.93
"""Of those whose term is over; the others are late: asked and never answered, or a mark without words."""


def add_surveys(world: World, calendar: WorkCalendar) -> None:
    """One for every completed service that has a day."""
    rng = dice("surveys")
    policies = {row["id"]: row for row in world.rows[Policy]}
    for service in world.rows[Service]:
        done, mark, late = rng.random() < _DONE, rng.choice([5, 5, 5, 4, 4, 4, 3, 3, 2, 1]), rng.random() < 0.5
        opinion = rng.choice(data("surveys")[mark])
        if service["status"] != ServiceStatus.COMPLETED or service["completed_on"] is None:
            continue
        row = _planned(world, calendar, service)
        if row["due_on"] < world.today and done:
            _done(world, row, rng, service, mark, opinion)
        elif row["due_on"] < world.today:
            _late(world, row, service, policies[service["policy_id"]], mark if late else None)
        elif row["ask_on"] < world.today:
            _asked(world, row)


def _planned(world: World, calendar: WorkCalendar, service: Row) -> Row:
    day: date = service["completed_on"]
    due = calendar.add_workdays(day, editions().on(day).service.follow_up.days)
    row = world.add(
        Survey,
        service_id=service["id"],
        status=SurveyStatus.WAITING,
        due_on=due.date,
        provisional=due.provisional,
        ask_on=calendar.nth_after(day, 1),
        asked_at=None,
        mark=None,
        opinion=None,
        channel=None,
        answered_by=None,
        recorded_by=None,
        done_at=None,
    )
    body = {"service": service["number"], "due_on": due.date.isoformat(), "ask_on": row["ask_on"].isoformat()}
    at = min(instant(day, 17), world.now)
    world.happened(at, "survey.planned", f"survey:{row['id']}", "system", body)
    return row


def _asked(world: World, row: Row) -> None:
    at = min(instant(row["ask_on"], 9), world.now)
    row.update(status=SurveyStatus.ASKED, asked_at=at)


def _done(world: World, row: Row, rng: Random, service: Row, mark: int, opinion: str) -> None:
    at = instant(row["ask_on"], 10) + timedelta(hours=rng.randint(0, 6))
    phone = rng.random() < 0.4
    row.update(
        status=SurveyStatus.DONE,
        asked_at=instant(row["ask_on"], 9),
        mark=mark,
        opinion=opinion,
        channel=SurveyChannel.PHONE if phone else SurveyChannel.WEB,
        answered_by=f"insured:{service['insured_id']}",
        recorded_by="staff:3" if phone else None,
        done_at=at,
    )
    _answered(world, row, at)


def _answered(world: World, row: Row, at: datetime) -> None:
    said = {"opinion_sha256": digest(row["opinion"])} if row["opinion"] else {}
    channel = row["channel"] or SurveyChannel.WEB
    body = {"status": row["status"].value, "mark": row["mark"], "channel": channel.value} | said
    actor = row["recorded_by"] or row["answered_by"]
    world.happened(at, "survey.answered", f"survey:{row['id']}", actor, body)


def _late(world: World, row: Row, service: Row, policy: Row, mark: int | None) -> None:
    """The term is over: the telephone task that was made three days before it still waits."""
    asked: datetime = instant(row["ask_on"], 9)
    row.update(status=SurveyStatus.MARKED if mark else SurveyStatus.ASKED, asked_at=asked, mark=mark)
    if mark:
        row.update(channel=SurveyChannel.WEB, answered_by=f"insured:{service['insured_id']}")
        _answered(world, row, asked + timedelta(hours=2))
    world.add(
        Task,
        kind=TaskKind.SURVEY_CALL,
        subject=f"survey:{row['id']}",
        branch_id=policy["branch_id"],
        body={"number": service["number"], "said": service["number"]},
        created_at=instant(row["due_on"] - timedelta(days=3), 9),
        done_at=None,
        done_by=None,
    )
