"""Who has a case or a talk open at this moment, for colleagues: rows that run out by themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class Presence(Base):
    """One colleague at one subject (complaint:12, conversation:3f…). Instants are of the real clock."""

    __tablename__ = "presences"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    open_until: Mapped[datetime]
    typing_until: Mapped[datetime | None]
