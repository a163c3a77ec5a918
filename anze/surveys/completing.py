"""A follow-up takes what was said: a mark, an opinion, both; with both it is done and whatever waited for it ends."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.followed_up import followed_up
from anze.reminders import usecases as reminders
from anze.surveys.models import Survey, SurveyChannel, SurveyStatus
from anze.surveys.planning import subject
from anze.surveys.rules import status_of
from anze.tasks.models import Task, TaskKind


def take(
    session: Session, survey: Survey, mark: int | None, opinion: str | None, *, actor: str, who: str, now: datetime
) -> None:
    """The insured's own answer. Words are added to those before, as they were said."""
    if mark is None and opinion is None:
        return
    survey.mark = mark if mark is not None else survey.mark
    survey.opinion = _joined(survey.opinion, opinion)
    _advance(session, survey, SurveyChannel.WEB, actor=actor, who=who, answered_by=actor, now=now)


def record(
    session: Session,
    survey: Survey,
    channel: SurveyChannel,
    mark: int,
    opinion: str,
    *,
    answered_by: str,
    actor: str,
    who: str,
    now: datetime,
) -> None:
    """What a colleague was told by telephone or on site: both parts at once; words from before stay in front."""
    survey.mark, survey.opinion, survey.recorded_by = mark, _joined(survey.opinion, opinion), actor
    _advance(session, survey, channel, actor=actor, who=who, answered_by=answered_by, now=now)


def correct(session: Session, survey: Survey, mark: int, opinion: str | None, *, actor: str, now: datetime) -> None:
    """Another mark within the term takes the place of the first, and the chain keeps both."""
    body = {"old": survey.mark, "new": mark} | _said(opinion)
    survey.mark, survey.opinion = mark, _joined(survey.opinion, opinion)
    if survey.opinion:
        body["whole_sha256"] = digest(survey.opinion)
    session.flush()
    append(session, at=now, kind="survey.corrected", subject=subject(survey), actor=actor, body=body)


def _advance(
    session: Session,
    survey: Survey,
    channel: SurveyChannel,
    *,
    actor: str,
    who: str,
    answered_by: str,
    now: datetime,
) -> None:
    survey.status = status_of(SurveyStatus(survey.status), survey.mark, survey.opinion)
    survey.channel, survey.answered_by = channel, answered_by[:60]
    done = survey.status == SurveyStatus.DONE
    if done:
        survey.done_at = now
    session.flush()
    if done:
        # Before the audit chain, which everybody takes after the reminders.
        reminders.void(session, subject(survey), "done")
        _done_tasks(session, survey, actor, now)
    body = {"status": str(survey.status), "mark": survey.mark, "channel": channel.value} | _said(survey.opinion)
    append(session, at=now, kind="survey.answered", subject=subject(survey), actor=actor, body=body)
    if done:
        followed_up(session, survey.service_id, now, actor, who)


def _joined(before: str | None, said: str | None) -> str | None:
    return "\n".join(part for part in (before, said) if part) or None


def _said(opinion: str | None) -> dict[str, Any]:
    return {"opinion_sha256": digest(opinion)} if opinion else {}


def _done_tasks(session: Session, survey: Survey, actor: str, now: datetime) -> None:
    """Whoever was to call need not: tasks are about the follow-up, of a reminder with its date behind (survey:3:…)."""
    key = subject(survey)
    session.execute(
        update(Task)
        .where(
            Task.kind == TaskKind.SURVEY_CALL,
            or_(Task.subject == key, Task.subject.startswith(f"{key}:", autoescape=True)),
            Task.done_at.is_(None),
        )
        .values(done_at=now, done_by=actor[:40])
    )
