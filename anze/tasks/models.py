"""Work that waits for staff: an intake to complete, a person to answer, an emergency, a right to decide."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class TaskKind(StrEnum):
    INTAKE = "intake"
    HANDOFF = "handoff"
    EMERGENCY = "emergency"
    RIGHT_REQUEST = "right_request"
    BOOKING_WISH = "booking_wish"
    HAZARD_DATE = "hazard_date"
    SURVEY_CALL = "survey_call"
    PHONE_CALL = "phone_call"
    EXTENSION = "extension"
    COMPLAINT_DUE = "complaint_due"
    DECISION_UNREAD = "decision_unread"
    DUTY = "duty"
    DUTY_ROUND = "duty_round"
    PLAN_WISH = "plan_wish"


class Task(Base):
    """One piece of work of one branch; (kind, subject) is unique, so a retry adds nothing."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("kind", "subject"), Index("ix_tasks_open", "branch_id", "done_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(40))
