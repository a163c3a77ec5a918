"""What a report of 9.2 says: each placeholder of its template, out of the stored rows. Reads only."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.models import Service
from anze.calendar.words import spoken
from anze.clock import legal_date
from anze.hazards.models import Hazard
from anze.identity.models import Branch
from anze.letters.form import Content, Form
from anze.management.models import QualityCheck
from anze.policies.models import Insured
from anze.policies.usecases import newest
from anze.regulators.models import Authority
from anze.reports.models import Candidate
from anze.standard.usecases import cite
from anze.texts import text as say

REPORT = Form(
    "regulator_report",
    ("title", "number", "addressee", "branch", "hotline", "date", "firm", "uscc", "place", "policy", "clause", "rule",
     "quoted", "situation", "words", "found", "verified", "statement"),
    {"details": ("name", "value")},
    ("number", "addressee", "firm", "situation", "words", "statement", "rule", "branch", "date"),
)  # fmt: skip


def content_of(
    session: Session, candidate: Candidate, authority: Authority, statement: str, version: int, now: datetime
) -> Content:
    """The report as of `now`; the same rows and the same day give the same content."""
    insured = session.get_one(Insured, candidate.insured_id)
    branch = session.get_one(Branch, candidate.branch_id)
    policy = newest(session, insured.id)
    clause = f"9.2 {candidate.kind})"
    cited = cite([clause])
    today = legal_date(now)
    none = say("regulators.letter.none")
    return Content(
        REPORT,
        {
            "title": say("regulators.letter.title"),
            "number": number(candidate.id, version),
            "addressee": authority.name,
            "branch": branch.name,
            "hotline": branch.hotline,
            "date": say("letters.day", year=today.year, month=today.month, day=today.day),
            "firm": insured.name,
            "uscc": insured.uscc or none,
            "place": f"{insured.province}{insured.city}{insured.address}",
            "policy": policy.number if policy else none,
            "clause": clause,
            "rule": cited[0]["version"] if cited else clause,
            "quoted": cited[0]["text"] if cited else "",
            "situation": say(f"report.kind.{candidate.kind}"),
            "words": candidate.words,
            "found": spoken(legal_date(candidate.found_at)),
            "verified": candidate.decision_reason or "",
            "statement": statement,
        },
        {"details": [{"name": name, "value": value} for name, value in _details(session, candidate)]},
    )


def number(candidate_id: int, version: int) -> str:
    """SB000012-1: how people refer to a draft."""
    return f"SB{candidate_id:06d}-{version}"


def _details(session: Session, candidate: Candidate) -> list[tuple[str, str]]:
    """What the rows say of the matter itself, by the row that the candidate is about."""
    about, _, id_ = candidate.subject.partition(":")
    if about == "hazard" and id_.isdecimal():
        return _hazard(session, int(id_))
    if about == "service" and id_.isdecimal():
        return _service(session, int(id_))
    if about == "quality" and id_.isdecimal():
        checked = session.scalar(select(QualityCheck).where(QualityCheck.id == int(id_)))
        return _service(session, checked.service_id) if checked else []
    return []


def _hazard(session: Session, id_: int) -> list[tuple[str, str]]:
    row = session.get(Hazard, id_)
    if row is None:
        return []
    agreed = spoken(row.agreed_on) if row.agreed_on else ""
    told = spoken(legal_date(row.notified_at)) if row.notified_at else ""
    return _named(
        ("hazard", row.number), ("level", say(f"hazard.level.{row.level}")), ("where", row.place),
        ("description", row.description), ("advice", row.advice), ("found_on", spoken(legal_date(row.found_at))),
        ("told", told), ("agreed", agreed),
    )  # fmt: skip


def _service(session: Session, id_: int) -> list[tuple[str, str]]:
    row = session.get(Service, id_)
    if row is None:
        return []
    when = row.completed_on or (legal_date(row.starts_at) if row.starts_at else None)
    return _named(
        ("service", row.number), ("item", say(f"obligation.value.item.{row.item}")), ("where", row.place),
        ("when", spoken(when) if when else ""), ("provider", row.provider.name if row.provider else ""),
        ("report_no", row.report_no or ""), ("said", row.ended_reason or ""),
    )  # fmt: skip


def _named(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(say(f"regulators.letter.detail.{name}"), value) for name, value in pairs if value]
