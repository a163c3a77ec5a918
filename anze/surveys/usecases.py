"""A service is rated in the dialogue by whoever acts for the insured; and what other parts call. Never commits."""

from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.lines import item_name, time_line
from anze.bookings.steps import who_is
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.surveys import completing, store
from anze.surveys.models import Survey, SurveyStatus
from anze.surveys.planning import asked, plan
from anze.surveys.rules import figure_in, is_low, marks_in, may_correct, says_opinion
from anze.texts import text as say

__all__ = ["asked", "give_opinion", "plan", "rate", "result", "waiting"]

MARKS = (5, 4, 3, 2, 1)


def waiting(session: Session, turn: Turn) -> dict[str, Any]:
    """What the firm has still to rate: {"count", "choices": [{"title", "number"}]}, the one due first first."""
    rows = store.waiting(session, turn.speaker)
    return {"count": len(rows), "choices": [_choice(row) for row in rows]}


def rate(session: Session, turn: Turn, number: str | None = None, mark: int | None = None) -> dict[str, Any]:
    """Take a mark (1–5, of a button or in words) and an opinion, whichever the turn holds, verbatim.

    {"need": "opinion" | "mark" | "done" | "which" | "none", "low", "fields": {number, item, when, provider, mark,
    opinion}, "choices": [{"title", "number"}], "marks": [["5", title], …]}. `number` is the service's; without it the
    only one that waits is meant. Done only with both parts; `low` (1–2): a complaint is to be offered. Within the term
    a new mark of a done one corrects it; after the term it stays.
    """
    words = turn.text.strip() if turn.intent is None else ""
    said = normalise(words)
    mark = _mark(said, mark)
    survey = _meant(session, turn, number, mark)
    if survey is None:
        choices = [] if number else [_choice(row) for row in store.waiting(session, turn.speaker)]
        return {"need": "which" if choices else "none", "low": False, "fields": {}, "choices": choices}
    survey = store.hold(session, survey)
    opinion = words if says_opinion(said) else None
    actor = turn.speaker.actor
    if survey.status != SurveyStatus.DONE:
        completing.take(session, survey, mark, opinion, actor=actor, who=who_is(session, turn.speaker), now=turn.now)
    elif mark not in {None, survey.mark} and may_correct(survey.due_on, legal_date(turn.now)):
        completing.correct(session, survey, mark or 0, opinion, actor=actor, now=turn.now)
    return _standing(survey)


def _mark(said: str, pressed: int | None) -> int | None:
    """The one mark that the words name; contradicting words name none. Else that of the button or the entity."""
    found = marks_in(said)
    if found:
        return found.pop() if len(found) == 1 else None
    return pressed if pressed in MARKS else None


def _meant(session: Session, turn: Turn, number: str | None, mark: int | None) -> Survey | None:
    if number:
        return store.of_firm(session, turn.speaker, number)
    rows = store.waiting(session, turn.speaker)
    if not rows and mark is not None:
        rows = store.correctable(session, turn.speaker, legal_date(turn.now))
    return rows[0] if len(rows) == 1 else None


def give_opinion(session: Session, turn: Turn, number: str | None) -> dict[str, Any]:
    """The answer to the question for an opinion, verbatim, 没意见 too: {"taken": bool}.

    A bare mark is no opinion: it replaces the mark, and is not `taken`. A mark in figures beside the words replaces
    the mark as well.
    """
    survey = store.of_firm(session, turn.speaker, number) if number else None
    words = turn.text.strip()
    said = normalise(words)
    if survey is None or not said:
        return {"taken": False}
    survey = store.hold(session, survey)
    if survey.status == SurveyStatus.DONE:
        return {"taken": True}
    opinion = words if says_opinion(said) else None
    mark = figure_in(said) if opinion else _mark(said, None)
    who = who_is(session, turn.speaker)
    completing.take(session, survey, mark, opinion, actor=turn.speaker.actor, who=who, now=turn.now)
    return {"taken": opinion is not None}


def result(session: Session, turn: Turn, number: str | None) -> dict[str, Any]:
    """How the follow-up of a service stands, as `rate` gives it."""
    survey = store.of_firm(session, turn.speaker, number) if number else None
    return {"need": "none", "low": False, "fields": {}} if survey is None else _standing(survey)


def _standing(survey: Survey) -> dict[str, Any]:
    missing = "mark" if survey.mark is None else "opinion"
    need = "done" if survey.status == SurveyStatus.DONE else missing
    return {
        "need": need,
        "low": is_low(survey.mark),
        "fields": _fields(survey) | {"mark": survey.mark, "opinion": survey.opinion or ""},
        "marks": [[str(mark), say(f"survey.mark.{mark}")] for mark in MARKS],
        "choices": [],
    }


def _fields(survey: Survey) -> dict[str, Any]:
    service = survey.service
    day = service.completed_on
    return {
        "number": service.number,
        "item": item_name(service.item),
        "when": spoken(day) if day else time_line(service.starts_at, service.ends_at),
        "provider": service.provider.short_name if service.provider else say("survey.own_engineers"),
    }


def _choice(survey: Survey) -> dict[str, str]:
    fields = _fields(survey)
    return {"title": say("survey.choice", **fields), "number": fields["number"]}
