"""The kinds that rules and tables of cooperation with authorities share (9.1, 9.2, 9.3)."""

from enum import StrEnum


class AuthorityKind(StrEnum):
    """应急管理部门 · 保险监督管理机构 · 相关行业主管部门 (9.1, 9.2)."""

    EMERGENCY = "emergency"
    INSURANCE = "insurance"
    INDUSTRY = "industry"


class AuthorityLevel(StrEnum):
    """省级 · 地市级 · 县级."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Way(StrEnum):
    """How people sent something: 监管平台 · 公文 · 当面 · 邮件."""

    PLATFORM = "platform"
    DOCUMENT = "document"
    IN_PERSON = "in_person"
    EMAIL = "email"


class ReportState(StrEnum):
    """待批准 · 退回 · 已被新稿代替 · 已批准，未报送 · 已报送，等回执 · 已有回执."""

    DRAFT = "draft"
    RETURNED = "returned"
    REPLACED = "replaced"
    APPROVED = "approved"
    SENT = "sent"
    RECEIVED = "received"


class Side(StrEnum):
    """Who takes part in a three-party mechanism (9.3): 保险机构 · 安全生产技术服务机构 · 主管部门 · 行业协会等."""

    INSURER = "insurer"
    PROVIDER = "provider"
    AUTHORITY = "authority"
    INDUSTRY_BODY = "industry_body"


class RecordKind(StrEnum):
    """What is kept of a mechanism: 文件 · 会议."""

    DOCUMENT = "document"
    MEETING = "meeting"
