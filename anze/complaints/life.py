"""The life of a complaint as a table: each step names its clause, who may take it, and what must be so. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from anze.complaints.models import OPEN, UNDER_WAY, ComplaintForm, ComplaintStatus
from anze.identity.models import Role


class Step(StrEnum):
    """受理 · 指派 · 声明回避 · 认定复杂 · 申请延期 · 批准延期 · 暂停计时 · 恢复计时 · 记录告知 · 作出决定 ·
    撤回 · 归因 · 合并."""

    ACCEPT = "accept"
    ASSIGN = "assign"
    STAND_ASIDE = "stand_aside"
    CLASSIFY = "classify"
    ASK_EXTENSION = "ask_extension"
    ANSWER_EXTENSION = "answer_extension"
    PAUSE = "pause"
    RESUME = "resume"
    TELL = "tell"
    DECIDE = "decide"
    WITHDRAW = "withdraw"
    CAUSE = "cause"
    MERGE = "merge"


@dataclass(frozen=True)
class CaseState:
    """What the table asks about a case."""

    status: str
    form: str = ComplaintForm.COMPLAINT
    classified: bool = False
    extension: str | None = None
    """asked, approved, refused; None: never asked"""
    pause_open: bool = False
    caused: bool = False
    to_tell: bool = False
    """Something was done that the complainant has not been told of yet"""


HANDLERS = frozenset({Role.INTAKE, Role.SUPERVISOR})
_UNDER_WAY, _OPEN = frozenset(UNDER_WAY), frozenset(OPEN)
_CLOSED = frozenset({ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN})


@dataclass(frozen=True)
class Rule:
    """One row: the clause, from which states, by whom, and a condition with the code of its refusal."""

    clause: str
    states: frozenset[ComplaintStatus]
    roles: frozenset[Role] = HANDLERS
    conditions: tuple[tuple[str, Callable[[CaseState], bool]], ...] = ()


_RUNNING = ("complaint_paused", lambda case: not case.pause_open)
_NO_REVIEW = ("complaint_is_review", lambda case: case.form != ComplaintForm.REVIEW)

LIFE: dict[Step, Rule] = {
    Step.ACCEPT: Rule("6.4", frozenset({ComplaintStatus.INTAKE, ComplaintStatus.FILED})),
    Step.ASSIGN: Rule("6.4", _UNDER_WAY),
    Step.STAND_ASIDE: Rule("6.4", _UNDER_WAY),
    Step.CLASSIFY: Rule(
        "6.4 b)",
        frozenset({ComplaintStatus.HANDLING}),
        conditions=(_NO_REVIEW, ("complaint_classified", lambda case: not case.classified)),
    ),
    Step.ASK_EXTENSION: Rule(
        "6.4 c)",
        frozenset({ComplaintStatus.HANDLING}),
        conditions=(
            _NO_REVIEW,
            ("complaint_not_classified", lambda case: case.classified),
            ("extension_asked", lambda case: case.extension != "asked"),
            ("extension_once", lambda case: case.extension != "approved"),
        ),
    ),
    Step.ANSWER_EXTENSION: Rule(
        "6.4 c)",
        frozenset({ComplaintStatus.HANDLING}),
        roles=frozenset({Role.SUPERVISOR}),
        conditions=(("extension_not_asked", lambda case: case.extension == "asked"),),
    ),
    Step.PAUSE: Rule("6.4 d)", frozenset({ComplaintStatus.HANDLING}), conditions=(_RUNNING,)),
    Step.RESUME: Rule(
        "6.4 d)",
        frozenset({ComplaintStatus.HANDLING}),
        conditions=(("complaint_not_paused", lambda case: case.pause_open),),
    ),
    Step.TELL: Rule("6.4", _OPEN, conditions=(("complaint_all_told", lambda case: case.to_tell),)),
    Step.DECIDE: Rule("6.4 e)", _UNDER_WAY, conditions=(_RUNNING,)),
    Step.WITHDRAW: Rule("6.4", _OPEN),
    Step.MERGE: Rule("6.4", _UNDER_WAY),
    Step.CAUSE: Rule("8.2", _CLOSED, conditions=(("complaint_caused", lambda case: not case.caused),)),
}


def refused(step: Step, case: CaseState, role: str | None) -> str | None:
    """Why a step cannot be taken now, as an error's code; None: it can."""
    rule = LIFE[step]
    if role not in rule.roles:
        return "forbidden"
    if case.status not in rule.states:
        return _wrong_state(step, case)
    return next((code for code, holds in rule.conditions if not holds(case)), None)


def _wrong_state(step: Step, case: CaseState) -> str:
    if case.status in _CLOSED or case.status == ComplaintStatus.MERGED:
        return "complaint_closed"
    if case.status == ComplaintStatus.DECIDED:
        return "complaint_decided"
    if step is Step.CAUSE:
        return "complaint_not_closed"
    return "complaint_accepted" if step is Step.ACCEPT else "complaint_not_accepted"


def allowed(case: CaseState, role: str | None) -> list[Step]:
    """The steps that can be taken now, in the order of the table."""
    return [step for step in LIFE if refused(step, case, role) is None]
