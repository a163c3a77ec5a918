"""What a colleague orders in a talk: one step of one case, its fields asked one at a time, done once it is confirmed.

An order is plain data, because between turns it waits in the talk's state and in buttons: {"step", "number", "version",
"fields": {name: value}, "said": the first words}. It is done by the step's own use case with the step's own body, so
whatever is refused in the console is refused here, in the same words.

Results of `begin` and `answer`, by `kind`:
    which     no case is named: `choices` [title…]
    refused   this case or this speaker cannot: `detail`, and the case as `glance`
    ask       `field` is wanted next: `choices` [title…], `trouble` why the last answer was none
    sure      nothing is missing: the `case` named back, what is to be confirmed in `lines`, `confirm` and `decline` the
              words of the buttons
Each but `refused` carries the `order` as far as it goes.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.complaints import casefile, extending, handling, life, orders_said, store
from anze.complaints.finding import found_for_staff
from anze.complaints.glance import firm_of, glance
from anze.complaints.handling import not_in_own_cause, open_pause, state_of
from anze.complaints.life import Step
from anze.complaints.models import Complaint
from anze.complaints.steps_api import AnswerIn, AssignIn, ExtendIn, PauseIn, ReasonIn, ResumeIn, SaidIn, Seen
from anze.complaints.taking import Work, take
from anze.complaints.wanted import ME, Wanted, conditions, ordering
from anze.complaints.words import find_complaint_no
from anze.conversations.normalise import normalise
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.models import Staff
from anze.services import Services
from anze.texts import text as say

_CHOICES = 5
"""So many cases or colleagues are offered as buttons"""
_LOOKED_AT = 40


@dataclass(frozen=True)
class Plan:
    """How a step is ordered: the body it takes, its use case, what is asked in this order."""

    body: type[Seen]
    do: Work
    asks: tuple[str, ...] = ()


PLANS: dict[Step, Plan] = {
    Step.ACCEPT: Plan(Seen, handling.accept),
    Step.ASSIGN: Plan(AssignIn, handling.assign, ("username",)),
    Step.CLASSIFY: Plan(ReasonIn, handling.classify, ("reason",)),
    Step.ASK_EXTENSION: Plan(ExtendIn, extending.ask, ("reason",)),
    Step.ANSWER_EXTENSION: Plan(AnswerIn, extending.answer, ("words",)),
    Step.PAUSE: Plan(PauseIn, handling.pause, ("body", "purpose", "commissioned_on", "expected_on")),
    Step.RESUME: Plan(ResumeIn, handling.resume, ("returned_on", "result")),
    Step.WITHDRAW: Plan(SaidIn, handling.withdraw, ("said",)),
}
_DAYS = frozenset({"commissioned_on", "expected_on", "returned_on"})
_BEHIND = frozenset({"commissioned_on", "returned_on"})
"""Days that have come: a bare 周一 is the last one"""


_PROSE = frozenset({"reason", "purpose", "result", "said", "words", "body"})
"""Fields that hold sentences"""


@dataclass(frozen=True)
class Order:
    """`version`: the case as it stood when it was ordered. `said`: the first words, for a case that is named later."""

    step: str
    number: str | None = None
    version: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    @property
    def plan(self) -> Plan:
        return PLANS[Step(self.step)]

    @property
    def missing(self) -> str | None:
        return next((name for name in self.plan.asks if name not in self.fields), None)

    def given(self, name: str, value: Any) -> "Order":
        return replace(self, fields=self.fields | {name: value})


def begin(
    session: Session, turn: Turn, services: Services, step: str, number: str | None, fixed: dict[str, Any]
) -> dict[str, Any]:
    """A new order out of the turn's words. `number`: of the case that is meant, None when nobody named one; `fixed`:
    what the command itself says ({"approve": True}). Raises as found_for_staff."""
    return _of(session, turn, services, Order(step, None, 0, fixed, turn.text), number)


def answer(session: Session, turn: Turn, services: Services, order: dict[str, Any], *, said: bool) -> dict[str, Any]:
    """The order with what the turn's words answer. `said` False: they were no answer (a yes, 不知道)."""
    open_ = Order(**order)
    words = normalise(turn.text)
    named = find_complaint_no(words)
    if open_.number is None:
        return _of(session, turn, services, open_, named)
    # In what is written down of a case another one may well be named.
    if named is not None and named != open_.number and open_.missing not in _PROSE:
        return _next(session, turn, services, open_, trouble=say("complaint.desk.trouble.other", number=open_.number))
    wanted = open_.missing
    if wanted is None:
        return _next(session, turn, services, open_)
    case = found_for_staff(session, turn.speaker, open_.number)
    found = _read(session, turn, services, case, open_, wanted, words) if said else None
    if found is None:
        return _next(session, turn, services, open_, trouble=say(f"complaint.desk.trouble.{_kind(wanted)}"))
    if isinstance(found, DomainError):
        return _next(session, turn, services, open_, trouble=found.detail)
    return _next(session, turn, services, open_.given(wanted, found))


def carry_out(session: Session, turn: Turn, services: Services, order: dict[str, Any]) -> dict[str, Any]:
    """Do what was confirmed: {"talks": whom to wake, "glance": the case as it stands then}.

    Raises what the step's use case raises; complaint_changed when somebody changed the case since it was ordered.
    """
    sure = Order(**order)
    number = str(sure.number)
    body = sure.plan.body(version=sure.version, **sure.fields)
    talks = take(sure.plan.do, session, turn.speaker, number, body, services, turn.now)
    return {"talks": talks, "glance": glance(session, turn, services, number)}


def _of(session: Session, turn: Turn, services: Services, order: Order, number: str | None) -> dict[str, Any]:
    """The order for this case, as far as its first words go."""
    if number is None:
        return {"kind": "which", "order": asdict(order), "choices": _candidates(session, turn, services, order)}
    case = found_for_staff(session, turn.speaker, number)
    if (detail := _refused(session, turn, case, Step(order.step))) is not None:
        return {"kind": "refused", "detail": detail, "glance": glance(session, turn, services, number)}
    order = replace(order, number=number, version=case.version)
    words = normalise(order.said)
    while (name := order.missing) is not None:
        found = _volunteered(session, turn, services, case, order, name, words)
        if found is None or isinstance(found, DomainError):
            break
        order = order.given(name, found)
    return _next(session, turn, services, order)


def _refused(session: Session, turn: Turn, case: Complaint, step: Step) -> str | None:
    """Why the step cannot be taken now, in words; None: it can."""
    code = life.refused(step, state_of(case), turn.speaker.role)
    if code == "forbidden":
        roles = "、".join(say(f"identity.role.{role}") for role in sorted(life.LIFE[step].roles))
        return say("complaint.desk.not_your_role", step=say(f"complaint.step.{step}"), roles=roles)
    if code is not None:
        return DomainError(code).detail
    try:
        not_in_own_cause(session, case, turn.speaker)
    except DomainError as refused:
        return refused.detail
    return None


def _next(session: Session, turn: Turn, services: Services, order: Order, trouble: str = "") -> dict[str, Any]:
    wanted = order.missing
    if wanted is None:
        return {"kind": "sure", "order": asdict(order)} | _sure(session, turn, order)
    choices = _choices(session, turn, order, wanted)
    return {"kind": "ask", "field": wanted, "order": asdict(order), "choices": choices, "trouble": trouble}


def _kind(name: str) -> str:
    return "day" if name in _DAYS else "username" if name == "username" else "words"


def _volunteered(
    session: Session, turn: Turn, services: Services, case: Complaint, order: Order, name: str, words: str
) -> Any:  # fmt: skip
    """What the command's own words say of a field: a name, a day that has come, a reason after 因为."""
    if name == "reason":
        return orders_said.reason_in(words)
    if name in {"username", "returned_on"}:
        return _read(session, turn, services, case, order, name, words)
    return None


def _read(
    session: Session, turn: Turn, services: Services, case: Complaint, order: Order, name: str, words: str
) -> Any:  # fmt: skip
    """The value that words give to a field; None: none; a DomainError: one that cannot be."""
    if name == "username":
        colleagues = casefile.handlers(session, turn.speaker, str(case.number))
        return orders_said.colleague_in(words, colleagues, session.get_one(Staff, turn.speaker.staff_id).username)
    if name in _DAYS:
        day = orders_said.day_in(words, turn.now, services.calendar.calendar(), behind=name in _BEHIND)
        return (_impossible(case, order, name, day, legal_date(turn.now)) or day.isoformat()) if day else None
    value = orders_said.without_lead(turn.text.strip())
    return value if _fits(order.plan, name, value) else None


def _fits(plan: Plan, name: str, value: str) -> bool:
    """Whether the step's body takes this for the field."""
    try:
        plan.body(version=1, **{name: value})
    except ValidationError as error:
        return all(one["loc"][0] != name for one in error.errors())
    return True


def _impossible(case: Complaint, order: Order, name: str, day: date, today: date) -> DomainError | None:
    """The refusal that the step would end with, said when the day is named and not at the end."""
    if name == "expected_on":
        return DomainError("pause_expected") if day <= date.fromisoformat(order.fields["commissioned_on"]) else None
    if name == "commissioned_on":
        return None if legal_date(case.received_at) <= day <= today else DomainError("pause_commissioned")
    running = open_pause(case)
    fits = running is not None and running.commissioned_on <= day <= today
    return None if fits else DomainError("pause_returned")


def _choices(session: Session, turn: Turn, order: Order, wanted: str) -> list[str]:
    if wanted == "username":
        colleagues = casefile.handlers(session, turn.speaker, str(order.number))
        return [say("complaint.desk.colleague", **one) for one in colleagues[:_CHOICES]]
    return [say("complaint.desk.today")] if wanted in _BEHIND else []


def _candidates(session: Session, turn: Turn, services: Services, order: Order) -> list[str]:
    """Cases of which this step can be taken now, the most pressing first; one's own, unless nobody has them yet."""
    step = Step(order.step)
    anybodys = step in {Step.ACCEPT, Step.ANSWER_EXTENSION}
    wanted = Wanted(status=tuple(sorted(life.LIFE[step].states)), handler="" if anybodys else ME)
    today, calendar = legal_date(turn.now), services.calendar.calendar()
    query = select(Complaint).where(
        store.visible(turn.speaker), Complaint.number.is_not(None), *conditions(wanted, turn.speaker, today, calendar)
    )
    found = session.scalars(query.order_by(*ordering(wanted)).limit(_LOOKED_AT))
    able = [case for case in found if life.refused(step, state_of(case), turn.speaker.role) is None]
    return [say("complaint.desk.case", number=case.number, firm=firm_of(case)) for case in able[:_CHOICES]]


def _sure(session: Session, turn: Turn, order: Order) -> dict[str, str]:
    """The case named back, every field in words, and the words of both buttons."""
    case = found_for_staff(session, turn.speaker, str(order.number))
    step, told = say(f"complaint.step.{order.step}"), []
    if "approve" in order.fields:
        step = say(f"complaint.desk.answered.{'yes' if order.fields['approve'] else 'no'}")
        told.append(("asked", case.extensions[-1].reason))
    told += [(name, _shown(session, turn, order, name)) for name in order.plan.asks]
    named = {"number": str(case.number), "firm": firm_of(case), "step": step}
    return {
        "case": say("complaint.desk.sure", **named),
        "lines": "\n".join(say("complaint.desk.line", label=say(f"complaint.desk.row.{n}"), value=v) for n, v in told),
        "confirm": say("complaint.desk.confirm", step=step),
        "decline": say("complaint.desk.decline"),
    }


def _shown(session: Session, turn: Turn, order: Order, name: str) -> str:
    value = str(order.fields[name])
    if name in _DAYS:
        return spoken(date.fromisoformat(value))
    if name == "username":
        colleagues = casefile.handlers(session, turn.speaker, str(order.number))
        return next((say("complaint.desk.colleague", **one) for one in colleagues if one["username"] == value), value)
    return value
