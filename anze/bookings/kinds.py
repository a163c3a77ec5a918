"""The states and kinds that rules and tables of services share."""

from enum import StrEnum


class ServiceStatus(StrEnum):
    """申请 · 已确认 · 已派单 · 服务中 · 已完成 · 已取消 · 到场未能开展 · 被保险人拒绝."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    DISPATCHED = "dispatched"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REFUSED = "refused"


COMING = frozenset({ServiceStatus.REQUESTED, ServiceStatus.CONFIRMED, ServiceStatus.DISPATCHED})
"""Not begun yet: the time can be changed, the service called off."""
USING = COMING | {ServiceStatus.ONGOING, ServiceStatus.COMPLETED}
"""States that use up one of the services that the contract promises, once there is a day. Nothing was given by one
that was cancelled, refused or could not be carried out."""


class Audience(StrEnum):
    """Who is trained: 主要负责人 · 安全生产管理人员 · 特种作业人员 (these need AQ 8011, 5 a) · 其他从业人员."""

    PRINCIPAL = "principal"
    MANAGERS = "managers"
    SPECIAL = "special"
    WORKERS = "workers"


class Part(StrEnum):
    """上午 · 下午."""

    MORNING = "am"
    AFTERNOON = "pm"


class Step(StrEnum):
    """What a service goes through, as it is written down in service_steps."""

    REQUESTED = "requested"
    INSURED_CONFIRMED = "insured_confirmed"
    PROVIDER_CONFIRMED = "provider_confirmed"
    INSURED_DECLINED = "insured_declined"
    PROVIDER_DECLINED = "provider_declined"
    PROPOSED = "proposed"
    MOVED = "moved"
    DISPATCHED = "dispatched"
    RULES_SEEN = "rules_seen"
    STARTED = "started"
    REPORTED = "reported"
    COMPLETED = "completed"
    FOLLOWED_UP = "followed_up"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REFUSED = "refused"
