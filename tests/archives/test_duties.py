"""The duties about archives, each status built on purpose (7.4)."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from anze.archives.kinds import Kind
from anze.archives.models import ArchiveFolder, ArchiveItem, ArchiveWithdrawal
from anze.db import Database
from tests.fees.test_duties import Books, noon
from tests.obligations.world import TODAY


@pytest.fixture
def books(database: Database) -> Iterator[Books]:
    with database.write() as session:
        yield Books(session)


def keep(session: Session, service_id: int, kind: Kind, on: date = TODAY, code: str = "") -> ArchiveItem:
    row = ArchiveItem(
        service_id=service_id, code=code, kind=kind.value, words="写了", added_at=noon(on), added_by="staff:1"
    )
    session.add(row)
    session.flush()
    return row


def test_a_folder_is_opened_or_not(books: Books) -> None:
    assert books.statuses("folder") == ["overdue"] or books.statuses("folder") == ["not_due"]
    before = books.statuses("folder")
    books.session.add(ArchiveFolder(insured_id=books.firm.id, made_on=TODAY, made_by="staff:1"))
    assert books.statuses("folder") == ["met"]
    assert books.statuses("folder", TODAY - timedelta(days=1)) == before
    books.policy.ended_early_on = TODAY - timedelta(days=1)
    assert books.statuses("folder") == [], "only those with a policy in force"


def test_an_archive_is_complete_when_every_line_has_what_it_asks_for(books: Books) -> None:
    service = books.service()
    before = books.statuses("archive_items")
    assert before not in (["met"], [])
    keep(books.session, service.id, Kind.REPORT)
    keep(books.session, service.id, Kind.PHOTO)
    assert books.statuses("archive_items") == before
    books.entry(5, service_id=service.id)
    assert books.statuses("archive_items") == ["met"]
    assert books.statuses("archive_items", TODAY - timedelta(days=1)) == before, "what came today was not there"


def test_what_is_withdrawn_does_not_count(books: Books) -> None:
    service = books.service()
    books.entry(5, service_id=service.id)
    keep(books.session, service.id, Kind.REPORT)
    photo = keep(books.session, service.id, Kind.PHOTO)
    assert books.statuses("archive_items") == ["met"]
    books.session.add(ArchiveWithdrawal(item_id=photo.id, reason="传错了", at=noon(TODAY), by="staff:1"))
    assert books.statuses("archive_items") != ["met"]


@pytest.mark.parametrize(("code", "kind", "met"), [
    ("e1", Kind.REPORT, True), ("e2", Kind.REPORT, True), ("e3", Kind.RECORD, True), ("e1", Kind.RECORD, False),
    ("e3", Kind.PHOTO, False),
])  # fmt: skip
def test_item_e_needs_one_of_its_three(books: Books, code: str, kind: Kind, met: bool) -> None:
    service = books.service()
    service.item = "e"
    books.entry(5, service_id=service.id)
    keep(books.session, service.id, kind, code=code)
    assert (books.statuses("archive_items") == ["met"]) is met
