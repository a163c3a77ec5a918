"""What a reminder says at this moment, from the rows as they stand now; None when it is not wanted any more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.calendar.rules import WorkCalendar
from anze.calendar.words import spoken, spoken_time
from anze.channels.rasa import ButtonOut
from anze.clock import legal_date
from anze.hazards.models import Hazard
from anze.identity.models import Branch
from anze.obligations import undone as duties
from anze.reminders import subjects
from anze.reminders.models import Reminder
from anze.reminders.policy import ReminderPolicy
from anze.reminders.rules import AT, offset, step_day
from anze.reminders.subjects import Subject
from anze.standard.editions import load as load_standard
from anze.surveys.models import Survey, SurveyStatus
from anze.texts import text as say


@dataclass(frozen=True)
class Answer:
    """What a short typed answer to a reminder means: `question` of the bot's free texts, the intent it stands for."""

    question: str | None
    intent: str | None
    entities: dict[str, str]


@dataclass(frozen=True)
class Said:
    """One reminder in words. `insured_ids`: whose matter it is; None: nobody's but the one who asked."""

    text: str
    number: str
    insured_ids: frozenset[int] | None
    branch_id: int | None
    buttons: tuple[ButtonOut, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True)
class Moment:
    """When it is said, by which calendar and policy."""

    now: datetime
    calendar: WorkCalendar
    policy: ReminderPolicy

    @property
    def today(self) -> date:
        return legal_date(self.now)


def said_now(session: Session, row: Reminder, moment: Moment) -> Said | None:
    """The words of a reminder. Raises KeyError for a kind that has no content."""
    said = _CONTENT[row.kind](session, row, moment)
    kind = moment.policy.kind(row.kind)
    if said is None or row.step == AT or row.step not in kind.legal:
        return said
    day = step_day(row.due_on, offset(row.step), moment.calendar, any_day=row.step in kind.urgent)
    if day >= moment.today:
        return said
    text = say("reminder.belated", said=said.text, day=spoken(day))
    return Said(text, said.number, said.insured_ids, said.branch_id, said.buttons, said.answer)


def left(today: date, due_on: date, calendar: WorkCalendar) -> str:
    """还有 3 个工作日, in words."""
    if due_on == today:
        return say("reminder.left_today")
    days = calendar.workdays_between(today, due_on)
    if due_on < today:
        return say("reminder.left_past")
    return say("reminder.left", days=days) if days else say("reminder.left_soon")


def _service(session: Session, row: Reminder, moment: Moment) -> tuple[Service, Subject] | None:
    """The service that is still to come at the time that the reminder was planned for."""
    subject = subjects.read(session, row.subject)
    if subject is None or not subject.live or subject.due_on != row.due_on:
        return None
    service = subjects.service_row(session, int(row.subject.partition(":")[2]))
    if service is None or service.starts_at is None or service.starts_at <= moment.now:
        return None
    return service, subject


def _service_words(service: Service) -> dict[str, str]:
    item = next(one for one in load_standard().service_items if one.letter == service.item)
    return {
        "number": service.number,
        "when": spoken_time(service.starts_at) if service.starts_at else "",
        "place": service.place,
        "item": item.everyday[0],
        "provider": service.provider.short_name if service.provider else say("reminder.provider_open"),
    }


def _button(name: str, intent: str, entities: dict[str, str]) -> ButtonOut:
    return ButtonOut(title=say(f"reminder.button.{name}"), intent=intent, entities=entities)


def _booking_visit(session: Session, row: Reminder, moment: Moment) -> Said | None:
    found = _service(session, row, moment)
    if found is None:
        return None
    service, subject = found
    named = {"booking_no": service.number}
    return Said(
        say("reminder.say.booking_visit", **_service_words(service)),
        service.number,
        subject.insured_ids,
        subject.branch_id,
        (_button("move", "booking_move", named), _button("cancel", "booking_cancel", named)),
        Answer(None, None, named),
    )


def _booking_confirm(session: Session, row: Reminder, moment: Moment) -> Said | None:
    found = _service(session, row, moment)
    if found is None or found[0].insured_confirmed_at is not None:
        return None
    service, subject = found
    named = {"booking_no": service.number}
    return Said(
        say("reminder.say.booking_confirm", **_service_words(service)),
        service.number,
        subject.insured_ids,
        subject.branch_id,
        (_button("confirm", "booking_confirm", named), _button("decline", "booking_decline", named)),
        Answer(None, "booking_confirm", named),
    )


def _hazard_date(session: Session, row: Reminder, moment: Moment) -> Said | None:
    subject = subjects.read(session, row.subject)
    if subject is None or not subject.live or subject.due_on != row.due_on:
        return None
    hazard = session.get_one(Hazard, int(row.subject.partition(":")[2]))
    branch = session.get_one(Branch, subject.branch_id)
    today = moment.today
    which = "hazard_past" if today > row.due_on else "hazard_today" if today == row.due_on else "say.hazard_date"
    text = say(
        f"reminder.{which}",
        number=hazard.number,
        place=hazard.place,
        due=spoken(row.due_on),
        left=left(today, row.due_on, moment.calendar),
        branch=branch.name,
        hotline=branch.hotline,
    )
    named = {"hazard_no": hazard.number}
    buttons = (_button("done", "hazard_done", named), _button("propose", "hazard_propose", named))
    answer = Answer(None, "hazard_propose", named)
    return Said(text, hazard.number, subject.insured_ids, subject.branch_id, buttons, answer)


def _survey(session: Session, row: Reminder) -> tuple[Survey, Service, int] | None:
    survey = subjects.survey_row(session, row.subject)
    service = subjects.service_row(session, survey.service_id) if survey is not None else None
    if survey is None or service is None or survey.status == SurveyStatus.DONE:
        return None
    return survey, service, service.policy.branch_id


def _survey_ask(session: Session, row: Reminder, moment: Moment) -> Said | None:
    found = _survey(session, row)
    if found is None or found[0].mark is not None:
        return None
    service, branch_id = found[1:]
    day = service.completed_on or legal_date(moment.now)
    words = _service_words(service) | {"day": spoken(day)}
    named = {"survey_no": service.number}
    buttons = tuple(
        ButtonOut(title=say(f"reminder.mark.{mark}"), intent="survey_rate", entities=named | {"mark": str(mark)})
        for mark in (5, 4, 3, 2, 1)
    )
    return Said(
        say("reminder.say.survey_ask", **words),
        service.number,
        frozenset({service.insured_id}),
        branch_id,
        buttons,
        Answer("survey_mark", "survey_rate", named),
    )


def _survey_call(session: Session, row: Reminder, moment: Moment) -> Said | None:
    found = _survey(session, row)
    if found is None:
        return None
    service, branch_id = found[1:]
    text = say("reminder.say.survey_call", number=service.number)
    return Said(text, service.number, frozenset({service.insured_id}), branch_id)


def _policy_end(session: Session, row: Reminder, moment: Moment) -> Said | None:
    subject = subjects.read(session, row.subject)
    if subject is None or not subject.live or subject.due_on != row.due_on or row.due_on < moment.today:
        return None
    branch = session.get_one(Branch, subject.branch_id)
    text = say(
        "reminder.say.policy_end",
        number=subject.number,
        due=spoken(row.due_on),
        left=left(moment.today, row.due_on, moment.calendar),
        branch=branch.name,
        hotline=branch.hotline,
    )
    return Said(text, subject.number, subject.insured_ids, subject.branch_id)


def _duty(session: Session, row: Reminder, moment: Moment) -> Said | None:
    """What a colleague reminds a firm of; nothing when it has been done meanwhile."""
    _, check, insured_id, branch_id = row.subject.split(":")
    undone = duties.undone_of(session, check, int(insured_id), int(branch_id), moment.now, moment.calendar)
    if undone is None:
        return None
    branch = session.get_one(Branch, undone.branch_id)
    text = say("reminder.say.duty", what=undone.what, count=undone.count, branch=branch.name, hotline=branch.hotline)
    button = _button("book", "booking_request", {}) if undone.bookable else _button("hazards", "hazard_list", {})
    return Said(text, "", frozenset({int(insured_id)}), branch.id, (button,))


def _custom(session: Session, row: Reminder, moment: Moment) -> Said | None:
    """What somebody asked for. Of a matter that is over nothing is said; one whose date moved is planned anew."""
    if row.subject.startswith("wish:"):
        return Said(say("reminder.say.custom", what=row.note or ""), "", None, None)
    subject = subjects.read(session, row.subject)
    if subject is None or not subject.live or subject.due_on is None:
        return None
    if row.body.get("days") is not None and subject.due_on != row.due_on:
        return None
    text = say(
        "reminder.custom_subject",
        title=subject.title,
        due=spoken(subject.due_on),
        left=left(moment.today, subject.due_on, moment.calendar),
    )
    # A complaint filed without a firm is its person's own, as a free wish is.
    return Said(text, subject.number, subject.insured_ids or None, subject.branch_id)


_CONTENT: dict[str, Callable[[Session, Reminder, Moment], Said | None]] = {
    "booking_visit": _booking_visit,
    "booking_confirm": _booking_confirm,
    "hazard_date": _hazard_date,
    "survey_ask": _survey_ask,
    "survey_call": _survey_call,
    "policy_end": _policy_end,
    "duty": _duty,
    "custom": _custom,
}
KINDS = frozenset(_CONTENT)
