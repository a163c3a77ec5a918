"""The states and kinds that rules and tables of hazards share."""

from enum import StrEnum


class HazardLevel(StrEnum):
    """一般事故隐患 · 重大事故隐患 (AMB-17: with its basis)."""

    GENERAL = "general"
    MAJOR = "major"


class HazardStatus(StrEnum):
    """待整改 · 已报整改待核实 · 已销号."""

    OPEN = "open"
    REPORTED = "reported"
    CLOSED = "closed"


class DateState(StrEnum):
    """待另一方同意 · 待上级同意 · 已约定 · 未同意 · 已收回."""

    PROPOSED = "proposed"
    SUPERVISOR = "supervisor"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """Who proposed a date: 被保险人 · 保险机构."""

    INSURED = "insured"
    INSURER = "insurer"
