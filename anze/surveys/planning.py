"""When a service is completed its follow-up is planned: asked the working day after, due by the term of 6.3."""

from datetime import datetime

from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.bookings.models import Service
from anze.calendar.data import CalendarStore
from anze.db import insert_missing
from anze.policies.models import Policy
from anze.reminders import usecases as reminders
from anze.standard.editions import editions
from anze.surveys import store
from anze.surveys.models import Survey, SurveyStatus


def plan(session: Session, service: Service, calendar: CalendarStore, now: datetime) -> None:
    """Plan the follow-up of a completed service, once; a corrected day of completion moves its dates.

    Day 0 is the day of completion; the term is that of the edition in force on it. The caller holds the service. Raises
    ValueError without `completed_on`.
    """
    if service.completed_on is None:
        raise ValueError("only a completed service is followed up")
    days = calendar.calendar()
    standard = editions().on(service.completed_on)
    due = days.add_workdays(service.completed_on, standard.service.follow_up.days)
    ask_on = days.nth_after(service.completed_on, 1)
    insert_missing(
        session,
        Survey,
        service_id=service.id,
        status=SurveyStatus.WAITING.value,
        due_on=due.date,
        provisional=due.provisional,
        ask_on=ask_on,
    )
    survey = store.of_service(session, service.id)
    if survey is None or survey.status == SurveyStatus.DONE:
        return
    survey.due_on, survey.provisional, survey.ask_on = due.date, due.provisional, ask_on
    session.flush()
    branch_id = session.get_one(Policy, service.policy_id).branch_id
    steps = (("survey_ask", ask_on, f"insured:{service.insured_id}"), ("survey_call", due.date, f"branch:{branch_id}"))
    for kind, day, recipient in steps:
        reminders.plan(
            session,
            kind=kind,
            subject=subject(survey),
            due_on=day,
            recipients=[recipient],
            now=now,
            calendar=calendar,
        )
    body = {"service": service.number, "due_on": due.date.isoformat(), "ask_on": ask_on.isoformat(),
            "edition": standard.edition.key}  # fmt: skip
    append(session, at=now, kind="survey.planned", subject=subject(survey), actor="system", body=body)


def subject(survey: Survey) -> str:
    """How reminders, tasks and the audit chain name a follow-up."""
    return f"survey:{survey.id}"


def asked(session: Session, key: str, at: datetime) -> None:
    """The question has left for the insured. `key` is `survey:<id>`; a second time changes nothing."""
    survey = session.get(Survey, int(key.removeprefix("survey:")), with_for_update=True)
    if survey is not None and survey.asked_at is None:
        survey.asked_at = at
        if survey.status == SurveyStatus.WAITING:
            survey.status = SurveyStatus.ASKED
        session.flush()
