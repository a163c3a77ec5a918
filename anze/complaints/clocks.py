"""The parameters of the legal clock: clocks/complaint.yml of an edition, validated."""

from enum import StrEnum

from anze.calendar.terms import Frozen, Term


class Approver(StrEnum):
    """Who may approve an extension (6.4 c): 上级机构, 总公司高级管理人员."""

    SUPERIOR_BODY = "superior_body"
    HEAD_OFFICE_EXECUTIVE = "head_office_executive"


class PauseRule(Frozen):
    """The clause by which the days of an external appraisal, test or assessment are left out."""

    clause: str | None


class ClockLaw(Frozen):
    """One regulation's clock: the ordinary term, the complex one from receipt, the extension on top of that."""

    name: str
    in_force: bool
    """Marked by the operator: only a rule in force is cited as such, a draft is 参照."""
    ordinary: Term
    complex: Term
    extension: Term
    pause: PauseRule
    approvers: frozenset[Approver]
    approvers_of_head_office: frozenset[Approver]


class ComplaintClocks(Frozen):
    """The clocks of one edition."""

    rule_version: str
    standard: ClockLaw
    second: ClockLaw
    review: ClockLaw
    """Of a request for review (6.4 e, AMB-08): one clock of its own."""
