"""How an insured was told (6.4)."""

from enum import StrEnum


class Way(StrEnum):
    """在对话里 · 随保单书面告知 · 当面告知 · 电话告知."""

    CHAT = "chat"
    PAPER = "paper"
    IN_PERSON = "in_person"
    PHONE = "phone"
