"""What money for accident prevention (事故预防服务费用, 7.3) is spent on, and how an entry of the ledger stands."""

from enum import StrEnum


class Purpose(StrEnum):
    """事故预防服务 · 相关技术支持工作: nothing else is allowed (7.3)."""

    SERVICE = "service"
    SUPPORT = "support"


class Held(StrEnum):
    """Why an entry waits for a person: the payee is related to an applicant or insured, or did not do the service."""

    RELATED = "related"
    OTHER_PROVIDER = "other_provider"


class State(StrEnum):
    """计入 · 待核实 · 不予支出 · 已冲销."""

    COUNTED = "counted"
    HELD = "held"
    REFUSED = "refused"
    REVERSED = "reversed"
