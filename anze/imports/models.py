"""An import under way or done, and what is told of it: rows that a page polls."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from anze.db import Base
from anze.identity.models import Branch


class ImportState(StrEnum):
    """等检查 · 正在检查 · 检查好了 · 等写入 · 正在写入 · 已完成 · 文件用不了 · 没有成功 · 不要了."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    DROPPED = "dropped"


class Import(Base):
    """One file of one kind. The file itself lies in the data folder until the import has ended."""

    __tablename__ = "imports"
    __table_args__ = (Index("ix_imports_due", "state", "claimed_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """A kind of knowledge/imports.yml"""
    branch_id: Mapped[int] = mapped_column(ForeignKey("branches.id"), index=True)
    """Of who imports, as it was then"""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: the operator at the command line"""
    file_name: Mapped[str] = mapped_column(String(200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_size: Mapped[int]
    since: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12))
    partial: Mapped[bool] = mapped_column(default=False)
    """Rows with something wrong are left out; otherwise one of them leaves out all"""
    progress: Mapped[int] = mapped_column(default=0)
    """Rows worked off in the present state"""
    digest: Mapped[str | None] = mapped_column(String(64))
    """Of what the check found; what is written has this digest or nothing is"""
    counts: Mapped[dict[str, Any] | None]
    """{"new", "changed", "same", "refused", "older", "faults", "ignored": [heads]}"""
    moved: Mapped[dict[str, Any] | None]
    """What moved beside the rows, by kind: how many"""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the file cannot be used, or what to look at again, in words"""
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None]
    """By the machine's clock"""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    branch: Mapped[Branch] = relationship()


class ImportNote(Base):
    """A line of the report: what is wrong in a cell, or what moved. It may repeat the file, so it is kept 30 days."""

    __tablename__ = "import_notes"
    __table_args__ = (Index("ix_import_notes_part", "import_id", "part", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id"))
    part: Mapped[str] = mapped_column(String(8))
    """faults or moved"""
    no: Mapped[int]
    sheet: Mapped[str] = mapped_column(String(100))
    line: Mapped[int | None]
    column: Mapped[str] = mapped_column(String(60))
    """The head of the column; of what moved the kind"""
    found: Mapped[str] = mapped_column(Text)
    """What stands in the cell; of what moved whose it is"""
    words: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
