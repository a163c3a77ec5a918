"""How a version of a service plan stands (6.1), and how an insured answered it."""

from enum import StrEnum


class State(StrEnum):
    """起草中 · 等被保险人确认 · 被保险人想改 · 已确认 · 已有新版."""

    DRAFT = "draft"
    OFFERED = "offered"
    WANTED = "wanted"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"


class Answer(StrEnum):
    """同意 · 想改."""

    AGREED = "agreed"
    WANTED = "wanted"


class How(StrEnum):
    """在对话里 · 书面."""

    CHAT = "chat"
    PAPER = "paper"
