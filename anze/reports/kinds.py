"""The states and kinds that rules and tables of candidates share."""

from enum import StrEnum


class CandidateKind(StrEnum):
    """9.2 a) 未按约定时限整改 · b) 不予配合 · c) 索要返还服务费用 · d) 虚假服务."""

    HAZARD_OVERDUE = "a"
    NOT_COOPERATING = "b"
    MONEY_BACK = "c"
    FAKE_SERVICE = "d"


class CandidateState(StrEnum):
    """待核实 · 经办已确认，待上级 · 上级已批准 · 不成立."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    STRUCK = "struck"


class Decision(StrEnum):
    """确认 · 不成立 (by who handles it) · 批准 · 不予批准 (by a supervisor)."""

    CONFIRM = "confirm"
    STRIKE = "strike"
    APPROVE = "approve"
    REJECT = "reject"
