"""Rows behind the chain, made by the use cases and then altered by somebody with every right: each one is named."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from anze.audit import chain
from anze.audit.examine import examine
from anze.complaints import improving
from anze.complaints.handling_models import Improvement
from anze.db import Database
from anze.hazards import desk as hazard_desk
from anze.hazards import usecases as hazards
from anze.hazards.models import Hazard
from anze.surveys import usecases as surveys
from anze.surveys.models import Survey
from tests.audit.forging import unguard
from tests.conftest import NOW
from tests.hazards.conftest import find
from tests.helpers.complainant import Talk
from tests.helpers.firm import firm_of, staff, write
from tests.helpers.gateway import PNG, Caller, Gateway
from tests.surveys.conftest import ASKED, survey_of

__all__ = ["find"]

type Alter = tuple[str, str]
"""What is named, and the statement that harms it."""

ALTERED: dict[str, Alter] = {
    "a worse measure": ("improvement", "UPDATE improvements SET measure = '开过会了' WHERE id = :improvement"),
    "a measure taken away": (
        "improvement",
        "UPDATE improvements SET measure = NULL, closed_at = NULL WHERE id = :improvement",
    ),
    "a measure that nobody gave": ("improvement", "UPDATE improvements SET measure = '改好了' WHERE id = :open"),
    "an improvement gone": ("improvement", "DELETE FROM improvements WHERE id = :improvement"),
    "a better mark": ("survey_mark", "UPDATE surveys SET mark = 5 WHERE id = :survey"),
    "a mark that is none": ("survey_mark", "UPDATE surveys SET mark = NULL WHERE id = :survey"),
    "a kinder opinion": ("survey_opinion", "UPDATE surveys SET opinion = '很满意' WHERE id = :survey"),
    "only the first words": ("survey_opinion", "UPDATE surveys SET opinion = '5分，没意见' WHERE id = :survey"),
    "an answer that nobody gave": (
        "survey_opinion",
        "UPDATE surveys SET mark = 5, opinion = '好', status = 'done' WHERE id = :unanswered",
    ),
    "a follow-up gone": ("survey_opinion", "DELETE FROM surveys WHERE id = :survey"),
    "put right in other words": ("rectification", "UPDATE hazards SET rectification = '全部整改' WHERE id = :hazard"),
    "a report that nobody made": (
        "rectification",
        "UPDATE hazards SET rectification = '整改了' WHERE id = :unreported",
    ),
    "another verdict": ("verdict", "UPDATE hazards SET verdict = '复查合格' WHERE id = :hazard"),
    "a letter gone": ("letter", "DELETE FROM complaint_letters WHERE origin = 'scan'"),
    "another file as the letter": (
        "letter",
        "UPDATE complaint_letters SET file_id = :other WHERE origin = 'issued'",
    ),
    "another file as its Word form": (
        "letter",
        "UPDATE complaint_letters SET word_id = :other WHERE origin = 'issued'",
    ),
    "the scan called an issue": ("letter", "UPDATE complaint_letters SET origin = 'issued'"),
    "somebody else issued it": ("letter", "UPDATE complaint_letters SET issued_by = 'staff:99'"),
    "a scan that nobody brought": (
        "letter",
        "INSERT INTO complaint_letters (complaint_id, kind, version, origin, file_id, issued_at, issued_by) "
        "SELECT complaint_id, kind, 9, 'scan', :other, issued_at, issued_by FROM complaint_letters "
        "WHERE origin = 'scan'",
    ),
}


@pytest.fixture
async def ids(
    demo_gateway: Gateway, find: Callable[..., dict[str, Any]], talk: Talk, number: str, officer: Caller
) -> dict[str, Any]:
    """Everything said and issued once, by the use cases; the ids of its rows."""
    gateway = demo_gateway
    firm = await firm_of(gateway)
    await firm.do(surveys.rate, text="5分，没意见")
    await firm.do(surveys.rate, ASKED, text="改成2分，师傅没带仪器")
    hazard_no = find()["number"]
    await firm.do(hazards.report_done, hazard_no, text="箱门装好了")
    await firm.do(hazards.report_done, hazard_no, text="锁也装上了")
    boss = staff(gateway, "supervisor")
    write(gateway, lambda s: hazard_desk.send_back(s, boss, hazard_no, "锁是坏的", NOW, gateway.services.calendar))
    again = find("general")["number"]
    improvements = [write(gateway, lambda s: _improvement(s, 1)) for _ in range(2)]
    write(gateway, lambda s: improving.close(s, boss, improvements[0], "派单前打电话确认", NOW))
    letter = f"/api/staff/complaints/{number}/letters/acknowledgement"
    assert (await officer.post(letter)).status_code == 201
    assert (await officer.post(f"{letter}/scan", {"file_id": await officer.file()})).status_code == 201
    with gateway.db.read() as session:
        named = {one.number: one.id for one in session.query(Hazard)}
        waiting = session.query(Survey).filter(Survey.mark.is_(None)).first()
    assert waiting is not None
    return {
        "improvement": improvements[0], "open": improvements[1], "survey": survey_of(gateway, ASKED).id,
        "unanswered": waiting.id, "hazard": named[hazard_no], "unreported": named[again],
        "other": await officer.file("别的.png", PNG + b"1"),
    }  # fmt: skip


def _improvement(session: Session, branch_id: int) -> int:
    count = session.query(Improvement).count()
    row = Improvement(cause="no_show", branch_id=branch_id, opened_on=NOW.date().replace(day=1 + count))
    session.add(row)
    session.flush()
    return row.id


def wrong(session: Session) -> set[str]:
    return {seal.what for seal in examine(session, []).seals}


async def test_each_alteration_of_a_row_is_named(demo_gateway: Gateway, ids: dict[str, Any]) -> None:
    database = demo_gateway.db
    with database.read() as session:
        assert wrong(session) == set(), "nothing was altered yet"
    with database.engine.begin() as connection:
        unguard(connection)
    for name, (what, statement) in ALTERED.items():
        with database.engine.connect() as connection:
            _harm(connection, statement, ids)
            with Session(connection) as session:
                assert what in wrong(session), name
            connection.rollback()
    with database.read() as session:
        assert wrong(session) == set(), "all of it was undone"


def _harm(connection: Connection, statement: str, ids: dict[str, Any]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    used = {name: value for name, value in ids.items() if f":{name}" in statement}
    assert connection.execute(text(statement), used).rowcount > 0, statement


def test_bytes_that_are_no_text_stop_nothing(demo_database: Database) -> None:
    if demo_database.engine.dialect.name == "sqlite":
        with demo_database.engine.begin() as connection:
            unguard(connection)
            for change in ("surveys SET mark = CAST(x'ff' AS TEXT)", "surveys SET opinion = CAST(x'ff41' AS TEXT)",
                           "hazards SET rectification = CAST(x'ff41' AS TEXT)",
                           "improvements SET measure = CAST(x'ff41' AS TEXT)"):  # fmt: skip
                connection.execute(text(f"UPDATE {change}"))
        with demo_database.read() as session:
            assert wrong(session) == {"survey_mark", "survey_opinion", "rectification", "improvement"}


def test_events_of_older_versions_are_no_alteration(demo_database: Database) -> None:
    """They tell only the words that were added: a report's whole is known while there is one, a correction's is not."""
    with demo_database.write() as session:
        hazard = session.query(Hazard).filter(Hazard.rectification.is_(None)).first()
        survey = session.query(Survey).filter(Survey.opinion.is_not(None)).first()
        assert hazard is not None
        assert survey is not None
        survey.mark, survey.opinion = 4, f"{survey.opinion}\n改成4分"
        hazard.rectification = "装好了"
        _old(session, "survey.corrected", f"survey:{survey.id}", {"old": 5, "new": 4}, opinion="改成4分")
        _old(session, "hazard.reported", f"hazard:{hazard.id}", {"files": []}, text="装好了")
        session.flush()
        assert wrong(session) == set()
        hazard.rectification = "全装好了"
        session.flush()
        assert wrong(session) == {"rectification"}
        hazard.rectification = "装好了\n锁也装上了"
        _old(session, "hazard.report_added", f"hazard:{hazard.id}", {"files": []}, text="锁也装上了")
        session.flush()
        assert wrong(session) == set()
        session.rollback()


def _old(session: Session, kind: str, subject: str, body: dict[str, Any], **words: str) -> None:
    said = {f"{name}_sha256": chain.digest(value) for name, value in words.items()}
    chain.append(session, at=NOW, kind=kind, subject=subject, actor="person:1", body=body | said)
