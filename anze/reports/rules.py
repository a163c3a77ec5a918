"""Who may do what with a candidate of 9.2. Pure. Nothing is ever sent by the program: people report."""

from anze.reports.kinds import CandidateState, Decision

DECIDE = frozenset({"intake", "service"})
"""Roles that find out whether it is so."""
APPROVE = frozenset({"supervisor"})
_FROM = {
    Decision.CONFIRM: (CandidateState.OPEN, CandidateState.CONFIRMED, DECIDE),
    Decision.STRIKE: (CandidateState.OPEN, CandidateState.STRUCK, DECIDE),
    Decision.APPROVE: (CandidateState.CONFIRMED, CandidateState.APPROVED, APPROVE),
    Decision.REJECT: (CandidateState.CONFIRMED, CandidateState.STRUCK, APPROVE),
}


def refusal(decision: Decision, state: CandidateState, role: str | None, actor: str, confirmed_by: str | None) -> str:
    """The code of the error by which a decision is refused; empty when it may be taken.

    Four eyes: whoever confirmed a candidate neither approves nor rejects it.
    """
    needed, _, roles = _FROM[decision]
    if role not in roles:
        return "forbidden"
    if state != needed:
        return "report_not_now"
    if decision in {Decision.APPROVE, Decision.REJECT} and actor == confirmed_by:
        return "four_eyes"
    return ""


def becomes(decision: Decision) -> CandidateState:
    """The state after a decision."""
    return _FROM[decision][1]
