"""Follow-ups after a service (回访, 6.3): satisfaction and opinion of each insured."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.bookings.models import Service
from anze.db import Base
from anze.surveys.kinds import SurveyChannel, SurveyStatus

__all__ = ["Survey", "SurveyChannel", "SurveyStatus"]


class Survey(Base):
    """One per service, and so one per insured also after a joint training. Done with a mark *and* an opinion only."""

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_due", "status", "due_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), unique=True)
    status: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[date]
    """6.3, by the edition in force on the day of completion"""
    provisional: Mapped[bool] = mapped_column(default=False)
    ask_on: Mapped[date]
    """The working day after completion"""
    asked_at: Mapped[datetime | None]
    mark: Mapped[int | None]
    """满意度, 1 to 5"""
    opinion: Mapped[str | None] = mapped_column(Text)
    """具体意见, verbatim; 没意见 counts"""
    channel: Mapped[str | None] = mapped_column(String(10))
    answered_by: Mapped[str | None] = mapped_column(String(60))
    recorded_by: Mapped[str | None] = mapped_column(String(60))
    """Staff who took it by phone or on site; never the provider"""
    done_at: Mapped[datetime | None]
    service: Mapped[Service] = relationship()
