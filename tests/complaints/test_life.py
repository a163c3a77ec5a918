"""The table of a complaint's life: each step where it is allowed and, everywhere else, with what it is refused."""

import itertools

import pytest

from anze.complaints.life import LIFE, CaseState, Step, allowed, refused
from anze.complaints.models import ComplaintForm, ComplaintStatus
from anze.identity.models import Role

S = ComplaintStatus
TAKEN = {
    Step.ACCEPT: {S.INTAKE, S.FILED},
    Step.ASSIGN: {S.INTAKE, S.FILED, S.HANDLING},
    Step.STAND_ASIDE: {S.INTAKE, S.FILED, S.HANDLING},
    Step.CLASSIFY: {S.HANDLING},
    Step.ASK_EXTENSION: {S.HANDLING},
    Step.ANSWER_EXTENSION: {S.HANDLING},
    Step.PAUSE: {S.HANDLING},
    Step.RESUME: {S.HANDLING},
    Step.TELL: {S.INTAKE, S.FILED, S.HANDLING, S.DECIDED},
    Step.DECIDE: {S.INTAKE, S.FILED, S.HANDLING},
    Step.WITHDRAW: {S.INTAKE, S.FILED, S.HANDLING, S.DECIDED},
    Step.CAUSE: {S.TOLD, S.WITHDRAWN},
    Step.MERGE: {S.INTAKE, S.FILED, S.HANDLING},
}
"""Written down here once more, from the issue and the clauses."""
READY = {
    Step.ASK_EXTENSION: {"classified": True},
    Step.ANSWER_EXTENSION: {"extension": "asked"},
    Step.RESUME: {"pause_open": True},
    Step.TELL: {"to_tell": True},
}


def ready(step: Step, status: ComplaintStatus) -> CaseState:
    return CaseState(status=status, **READY.get(step, {}))


@pytest.mark.parametrize(("step", "status"), list(itertools.product(Step, ComplaintStatus)))
def test_each_step_in_each_state(step: Step, status: ComplaintStatus) -> None:
    code = refused(step, ready(step, status), Role.SUPERVISOR)
    if status in TAKEN[step]:
        assert code is None
    else:
        assert code in {
            "complaint_closed", "complaint_decided", "complaint_not_accepted", "complaint_accepted",
            "complaint_not_closed",
        }  # fmt: skip


@pytest.mark.parametrize(("step", "role"), list(itertools.product(Step, Role)))
def test_who_may_take_a_step(step: Step, role: Role) -> None:
    status = next(iter(sorted(TAKEN[step])))
    may = {Role.SUPERVISOR} if step is Step.ANSWER_EXTENSION else {Role.SUPERVISOR, Role.INTAKE}
    assert (refused(step, ready(step, status), role) is None) == (role in may)
    if role not in may:
        assert refused(step, ready(step, status), role) == "forbidden"


@pytest.mark.parametrize(
    ("step", "case", "code"),
    [
        (Step.CLASSIFY, CaseState(S.HANDLING, classified=True), "complaint_classified"),
        (Step.CLASSIFY, CaseState(S.HANDLING, form=ComplaintForm.REVIEW), "complaint_is_review"),
        (Step.ASK_EXTENSION, CaseState(S.HANDLING), "complaint_not_classified"),
        (Step.ASK_EXTENSION, CaseState(S.HANDLING, classified=True, extension="asked"), "extension_asked"),
        (Step.ASK_EXTENSION, CaseState(S.HANDLING, classified=True, extension="approved"), "extension_once"),
        (Step.ASK_EXTENSION, CaseState(S.HANDLING, form=ComplaintForm.REVIEW, classified=True), "complaint_is_review"),
        (Step.ANSWER_EXTENSION, CaseState(S.HANDLING, extension="refused"), "extension_not_asked"),
        (Step.PAUSE, CaseState(S.HANDLING, pause_open=True), "complaint_paused"),
        (Step.RESUME, CaseState(S.HANDLING), "complaint_not_paused"),
        (Step.DECIDE, CaseState(S.HANDLING, pause_open=True), "complaint_paused"),
        (Step.TELL, CaseState(S.HANDLING), "complaint_all_told"),
        (Step.CAUSE, CaseState(S.TOLD, caused=True), "complaint_caused"),
        (Step.ACCEPT, CaseState(S.HANDLING), "complaint_accepted"),
        (Step.CLASSIFY, CaseState(S.FILED), "complaint_not_accepted"),
        (Step.DECIDE, CaseState(S.DECIDED), "complaint_decided"),
        (Step.DECIDE, CaseState(S.MERGED), "complaint_closed"),
        (Step.CAUSE, CaseState(S.HANDLING), "complaint_not_closed"),
    ],
)
def test_what_must_be_so(step: Step, case: CaseState, code: str) -> None:
    assert refused(step, case, Role.SUPERVISOR) == code
    assert step not in allowed(case, Role.SUPERVISOR)


def test_a_refused_extension_may_be_asked_for_again() -> None:
    case = CaseState(S.HANDLING, classified=True, extension="refused")
    assert Step.ASK_EXTENSION in allowed(case, Role.INTAKE)


def test_each_step_names_its_clause() -> None:
    assert set(LIFE) == set(Step)
    assert all(rule.clause for rule in LIFE.values())
