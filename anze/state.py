"""What the installation remembers about itself, e.g. that its database holds demo data."""

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from anze.db import Base


class AppState(Base):
    """One fact by its name."""

    __tablename__ = "app_state"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
