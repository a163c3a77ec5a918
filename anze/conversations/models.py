"""Conversations, messages, issued buttons, files, and what a turn has already done."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class Channel(StrEnum):
    WEB = "web"
    WECHAT = "wechat"
    STAFF = "staff"
    DESK = "desk"
    """What came by letter, call or visit and was written down by a colleague; nobody reads it in a page"""


class Handoff(StrEnum):
    """Who answers: the bot, nobody yet (a person was asked for), a person."""

    BOT = "bot"
    WAITING = "waiting"
    PERSON = "person"


class Conversation(Base):
    """One person's talk with us. `state` is the dialogue between turns: {"slots": {…}, "loop": name or None}."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    acting_for_id: Mapped[int | None] = mapped_column(ForeignKey("insureds.id"))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    state: Mapped[dict[str, Any]]
    handoff: Mapped[str] = mapped_column(String(10), default=Handoff.BOT, index=True)
    handoff_at: Mapped[datetime | None]
    """Since when a person is wished for; set as long as nobody gave the talk back, also while the bot answers"""
    handoff_reason: Mapped[str | None] = mapped_column(String(30))
    closed_told_until: Mapped[datetime | None]
    """It was said that nobody is there until this instant: once in a closed time"""
    turn_owner: Mapped[str | None] = mapped_column(String(32))
    """Who is running a turn, until `turn_until`: one turn at a time, held by this row."""
    turn_until: Mapped[datetime | None]
    read_up_to: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest message that the person's page has shown: an in-page notice is told when it was read"""
    consent_version: Mapped[str | None] = mapped_column(String(20))
    consent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class TurnStatus(StrEnum):
    """Of an inbound message: stored, under way, answered, given to a person."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"


class Message(Base):
    """A message in either direction. Ids order events, not times."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_id"),
        Index("ix_messages_history", "conversation_id", "id"),
        Index("ix_messages_status", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    direction: Mapped[str] = mapped_column(String(3))
    sender: Mapped[str] = mapped_column(String(10))
    """user | bot | staff | system"""
    sender_name: Mapped[str | None] = mapped_column(String(60))
    client_id: Mapped[str | None] = mapped_column(String(64))
    """The client's message_id; the same one again gives the same answer."""
    turn_id: Mapped[str | None] = mapped_column(String(32), index=True)
    """Opaque id of the turn: its inbound message and all answers to it carry it."""
    status: Mapped[str | None] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]]
    """in: {"intent", "entities"} of a pressed button, {"files"}; out: {"citations", "table", "data", "files"}"""
    topic: Mapped[str | None] = mapped_column(String(20))
    response: Mapped[str | None] = mapped_column(String(80))
    understood: Mapped[dict[str, Any] | None]
    interim: Mapped[bool] = mapped_column(default=False)
    """A polite word while the real answer takes longer."""
    pushed: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class Button(Base):
    """A button issued with a message; pressed once, by its token, in its own conversation."""

    __tablename__ = "buttons"

    token: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    intent: Mapped[str] = mapped_column(String(60))
    entities: Mapped[dict[str, Any]]
    used_at: Mapped[datetime | None]


class File(Base):
    """An uploaded file; its bytes lie in the data folder under the SHA-256."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    mime: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    at: Mapped[datetime]


class SharedFile(Base):
    """A file that whoever acts for an insured may read: a report, a hazard's photo, a decision."""

    __tablename__ = "shared_files"

    file_id: Mapped[str] = mapped_column(ForeignKey("files.id"), primary_key=True)
    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), primary_key=True, index=True)
    subject: Mapped[str] = mapped_column(String(80))
    """The row it belongs to, e.g. service:12"""
    title: Mapped[str] = mapped_column(String(200))
    shared_at: Mapped[datetime]


class Upload(Base):
    """A file that comes in pieces over a bad line; `received` bytes are there."""

    __tablename__ = "uploads"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    client_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    """Set when it is whole"""
    at: Mapped[datetime]
    """Of the last piece"""


class TurnEffect(Base):
    """What a writing action of a turn returned: a replay of the turn returns it again and writes nothing."""

    __tablename__ = "turn_effects"

    turn_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    action: Mapped[str] = mapped_column(String(60), primary_key=True)
    result: Mapped[dict[str, Any]]
