"""The states and ways that rules and tables of follow-ups share."""

from enum import StrEnum


class SurveyStatus(StrEnum):
    """待回访 · 已询问 · 只有评分 · 已完成."""

    WAITING = "waiting"
    ASKED = "asked"
    MARKED = "marked"
    DONE = "done"


class SurveyChannel(StrEnum):
    """网络 · 电话 · 现场验证 (6.3)."""

    WEB = "web"
    PHONE = "phone"
    SITE = "site"
