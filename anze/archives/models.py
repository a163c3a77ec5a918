"""Archives of services (事故预防服务档案, 7.4): folders of insureds, what is kept, photos and the doubts about them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.conversations.models import File
from anze.db import Base


class ArchiveFolder(Base):
    """The folder of an insured (7.4): one for each. Never changed."""

    __tablename__ = "archive_folders"

    insured_id: Mapped[int] = mapped_column(ForeignKey("insureds.id"), primary_key=True)
    made_on: Mapped[date]
    made_by: Mapped[str] = mapped_column(String(60))


class ArchiveItem(Base):
    """Something kept for a service: a file, or words where no file is asked for. Never changed or removed (7.4)."""

    __tablename__ = "archive_items"
    __table_args__ = (
        Index("ix_archive_items_of", "service_id", "kind"),
        Index("ix_archive_items_added", "added_at"),
        CheckConstraint("(file_id IS NULL) <> (words IS NULL)", name="file_or_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    code: Mapped[str] = mapped_column(String(4))
    """The line of Table B.1 that it is for; empty for what no line asks for (a video)"""
    kind: Mapped[str] = mapped_column(String(12))
    file_id: Mapped[str | None] = mapped_column(ForeignKey("files.id"))
    words: Mapped[str | None] = mapped_column(Text)
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(60))
    file: Mapped[File | None] = relationship()


class ArchiveWithdrawal(Base):
    """That something was put into the archive by mistake: it stays, and does not count. Never changed."""

    __tablename__ = "archive_withdrawals"

    item_id: Mapped[int] = mapped_column(ForeignKey("archive_items.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(60))


class PhotoFact(Base):
    """What the bytes of a photo say of themselves; None: they say nothing, or are no picture that can be read."""

    __tablename__ = "photo_facts"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken_on: Mapped[date | None]
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    look: Mapped[str | None] = mapped_column(String(16))
    """64 bits of a difference hash in hexadecimal digits: pictures that look alike differ in few of them"""


class PhotoDoubt(Base):
    """A photo that a person should look at (7.2: 不得虚假服务). The program judges nothing."""

    __tablename__ = "photo_doubts"
    __table_args__ = (
        UniqueConstraint("service_id", "sha256", "doubt"), Index("ix_photo_doubts_open", "branch_id", "verdict"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    doubt: Mapped[str] = mapped_column(String(12))
    other_service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    detail: Mapped[str] = mapped_column(String(200))
    """The other service's number, the day, or how far"""
    found_at: Mapped[datetime]
    verdict: Mapped[str | None] = mapped_column(String(8))
    words: Mapped[str | None] = mapped_column(Text)
    """What the person found who looked at it"""
    looked_at: Mapped[datetime | None]
    looked_by: Mapped[str | None] = mapped_column(String(60))
