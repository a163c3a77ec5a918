"""What 7.1, 7.2 and 6.4 ask a branch to have, by name."""

from enum import StrEnum


class DocumentKind(StrEnum):
    """服务流程 · 质量控制 · 机构管理 · 人员管理 · 档案管理 · 投诉处理 · 评价考核 (7.2)."""

    PROCESS = "process"
    QUALITY = "quality"
    PROVIDERS = "providers"
    PEOPLE = "people"
    ARCHIVE = "archive"
    COMPLAINTS = "complaints"
    APPRAISAL = "appraisal"


class ChannelKind(StrEnum):
    """How a complaint can be made (6.4): 电话 · 网页 · 微信 · 地址 · 邮箱."""

    PHONE = "phone"
    WEB = "web"
    WECHAT = "wechat"
    ADDRESS = "address"
    EMAIL = "email"


class Outcome(StrEnum):
    """What a spot check found."""

    GOOD = "good"
    PROBLEM = "problem"
    FAKE = "fake"
    """疑似虚假服务或报告弄虚作假: a possible case of 9.2 d)"""
