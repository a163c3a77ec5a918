"""The steps of a case as forms: which fields each has, and which use case it calls with what was filled in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from anze.clock import parse_instant
from anze.complaints import causes, decision, extending, handling, merging, staff_notices
from anze.complaints.api import DecisionIn
from anze.complaints.life import Step
from anze.complaints.steps_api import (
    AnswerIn,
    AsideIn,
    AssignIn,
    CauseIn,
    ExtendIn,
    MergeIn,
    NoticeIn,
    PauseIn,
    ReasonIn,
    ResumeIn,
    SaidIn,
    Seen,
    UnreachableIn,
)
from anze.complaints.taking import Work, take
from anze.console.words import say
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.services import Services
from anze.texts import text

UNREACHABLE = "unreachable"
_BY_HAND = ("letter", "call", "signature", "email")

type Case = dict[str, Any]
type Choices = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One field. `kind`: line, area, day, moment, choice; `choices` of the case for a choice."""

    name: str
    kind: str = "area"
    choices: Callable[[Case], Choices] | None = None
    optional: bool = False


@dataclass(frozen=True)
class Form:
    """A step's form. `take` makes of its fields what `body` takes; `do` calls the use case and gives talks to wake."""

    step: str
    body: type[BaseModel]
    do: Work
    fields: tuple[Field, ...] = ()
    take: Callable[[dict[str, Any]], dict[str, Any]] = field(default=lambda given: given)


class InvalidError(Exception):
    """Fields that hold nothing, or what they cannot hold."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(",".join(names))
        self.names = names


def _yes_no(name: str) -> Callable[[Case], Choices]:
    return lambda _: {key: say(f"option.{name}.{key}") for key in ("yes", "no")}


def _told_of(case: Case) -> Choices:
    return {f"{one['about']}:{one['no']}": about(one) for one in case["to_tell"]}


def about(one: dict[str, Any]) -> str:
    """受理, or 暂停计时 2 for the second of its kind."""
    name = text(f"complaint.about.{one['about']}")
    return name if one["no"] == 1 else f"{name} {one['no']}"


def _split(given: dict[str, Any]) -> dict[str, Any]:
    what, _, no = str(given.pop("what") or "").partition(":")
    return given | {"about": what, "no": no or 1}


def _notice(given: dict[str, Any]) -> dict[str, Any]:
    at = given.pop("at", None)
    return _split(given) | {"reached": given["reached"] == "yes", "at": parse_instant(at) if at else None}


WHAT = Field("what", "choice", _told_of)
FORMS: dict[str, Form] = {
    form.step: form
    for form in (
        Form(Step.ACCEPT, Seen, handling.accept),
        Form(Step.ASSIGN, AssignIn, handling.assign, (
            Field("username", "choice", lambda case: {
                one["username"]: f"{one['name']}（{one['branch']}）" for one in case["handlers"]
            }),
        )),
        Form(Step.STAND_ASIDE, AsideIn, handling.stand_aside, (Field("reason"),)),
        Form(Step.CLASSIFY, ReasonIn, handling.classify, (Field("reason"),)),
        Form(Step.ASK_EXTENSION, ExtendIn, extending.ask, (
            Field("reason"), Field("substitute", "line", optional=True),
        )),
        Form(Step.ANSWER_EXTENSION, AnswerIn, extending.answer, (
            Field("approve", "choice", _yes_no("approve")), Field("words"),
        ), lambda given: given | {"approve": {"yes": True, "no": False}.get(given["approve"])}),
        Form(Step.PAUSE, PauseIn, handling.pause, (
            Field("body", "line"), Field("purpose"), Field("commissioned_on", "day"), Field("expected_on", "day"),
        )),
        Form(Step.RESUME, ResumeIn, handling.resume, (Field("returned_on", "day"), Field("result"))),
        Form(Step.TELL, NoticeIn, staff_notices.tell_by_hand, (
            WHAT, Field("channel", "choice", lambda _: {name: say(f"case.channel.{name}") for name in _BY_HAND}),
            Field("recipient", "line"), Field("evidence"), Field("reached", "choice", _yes_no("reached")),
            Field("at", "moment", optional=True),
        ), _notice),
        Form(UNREACHABLE, UnreachableIn, staff_notices.give_up, (WHAT,), _split),
        Form(Step.DECIDE, DecisionIn, decision.decide, tuple(
            Field(name) for name in ("findings", "basis", "reasons", "outcome")
        )),
        Form(Step.WITHDRAW, SaidIn, handling.withdraw, (Field("said"),)),
        Form(Step.MERGE, MergeIn, merging.merge, (Field("into", "line"),)),
        Form(Step.CAUSE, CauseIn, causes.name, (
            Field("cause", "choice", lambda _: causes.causes().names),
            Field("provider", "line", optional=True), Field("note", optional=True),
        )),
    )
}  # fmt: skip


def offered(case: Case, role: str) -> list[str]:
    """The forms that the case's allowed steps open, in the order of the table of steps."""
    steps = [one["step"] for one in case["steps"] if one["step"] in FORMS]
    if Step.TELL in steps and role == Role.SUPERVISOR:
        steps.insert(steps.index(Step.TELL) + 1, UNREACHABLE)
    return steps


def read_form(form: Form, given: dict[str, Any], version: int) -> BaseModel:
    """What was filled in, as the step takes it. Raises InvalidError."""
    optional = {one.name for one in form.fields if one.optional}
    filled = {name: value for name, value in given.items() if not (name in optional and not value)}
    try:
        return form.body(**form.take(filled), version=version)
    except (ValidationError, ValueError) as error:
        wrong = [str(one["loc"][0]) for one in error.errors()] if isinstance(error, ValidationError) else ["at"]
        named = ["what" if name in {"about", "no"} else name for name in wrong]
        raise InvalidError(list(dict.fromkeys(named))) from error


def taken(
    form: Form, body: BaseModel, number: str, services: Services, now: datetime
) -> Callable[[Session, Speaker], list[str]]:
    """The step as one unit of work; gives the talks that were spoken in. Raises what the use case raises."""
    if isinstance(body, DecisionIn):
        parts = decision.Parts(body.findings, body.basis, body.reasons, body.outcome, None)
        return lambda session, speaker: form.do(
            session, speaker, number, parts, now, services.dates, version=body.version
        )
    return lambda session, speaker: take(form.do, session, speaker, number, body, services, now)
