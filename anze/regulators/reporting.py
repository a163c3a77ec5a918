"""A report of 9.2 on its way: drafted, approved by a supervisor who did not draft it, sent by people, receipted.

A draft is prepared (read), made outside any transaction (letters.making.make), and kept (written).
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.audit.chain import append, canonical, digest
from anze.clock import SHANGHAI, legal_date
from anze.conversations.files import Stored
from anze.conversations.models import File
from anze.conversations.uploads import add_file
from anze.errors import DomainError
from anze.identity.names import names
from anze.identity.speaker import Speaker
from anze.letters.form import Content
from anze.policies.models import Insured
from anze.regulators import authorities, delivery, store
from anze.regulators.delivery import Receipt, Sent
from anze.regulators.kinds import ReportState
from anze.regulators.letter import content_of, number
from anze.regulators.models import Authority, RegulatorReport
from anze.regulators.rules import DRAFTS, judging, may_draft, place_fits
from anze.reports import desk
from anze.reports.kinds import CandidateState
from anze.reports.models import Candidate
from anze.texts import text as say


def prepare(
    session: Session, speaker: Speaker, candidate_id: int, authority_id: int, statement: str, now: datetime
) -> Content:
    """What the next draft is going to say.

    Raises DomainError forbidden, not_found (DeniedError out of scope), regulator_report_not_now (409),
    authority_ended (409), authority_place.
    """
    candidate, authority, version = _drafting(session, speaker, candidate_id, authority_id, now)
    return content_of(session, candidate, authority, statement, version, now)


def keep(
    session: Session, speaker: Speaker, candidate_id: int, authority_id: int, statement: str, content: Content,
    pdf: Stored, word: Stored, template_sha256: str, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    """Keep the draft as a new version; gives it as in `listed`. `now` as in prepare.

    Raises as prepare, and regulator_report_changed (409) when the rows no longer say what was made.
    """
    candidate, authority, version = _drafting(session, speaker, candidate_id, authority_id, now)
    if content_of(session, candidate, authority, statement, version, now) != content:
        raise DomainError("regulator_report_changed", 409)
    for older in store.reports_of(session, candidate.id):
        if older.state == ReportState.DRAFT:
            older.state = ReportState.REPLACED.value
    title = say("regulators.letter.file", number=number(candidate.id, version))
    row = RegulatorReport(
        candidate=candidate, version=version, authority=authority, statement=statement,
        pdf=add_file(session, speaker.conversation_id, pdf, f"{title}.pdf", now),
        word=add_file(session, speaker.conversation_id, word, f"{title}.docx", now),
        state=ReportState.DRAFT.value, drafted_at=now, drafted_by=speaker.actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    body = {
        "draft_sha256": digest(canonical(draft_content(row))), "sha256": pdf.sha256, "docx_sha256": word.sha256,
        "template_sha256": template_sha256, "candidate": candidate.id, "version": version,
    }  # fmt: skip
    append(session, at=now, kind="regulator.drafted", subject=_subject(row), actor=speaker.actor, body=body)
    return _views(session, [row])[0]


def approve(session: Session, speaker: Speaker, candidate_id: int, version: int, now: datetime) -> dict[str, Any]:
    """A supervisor who did not draft it: people may send it now.

    Raises DomainError forbidden, four_eyes (409), regulator_report_not_now (409), regulator_report_candidate (409:
    the case itself is not approved yet), not_found; DeniedError.
    """
    return _judge(session, speaker, candidate_id, version, None, now)


def send_back(
    session: Session, speaker: Speaker, candidate_id: int, version: int, reason: str, now: datetime
) -> dict[str, Any]:
    """A supervisor who did not draft it wants it otherwise. Raises as approve."""
    return _judge(session, speaker, candidate_id, version, reason, now)


def sent(
    session: Session, speaker: Speaker, candidate_id: int, version: int, how: Sent, now: datetime
) -> dict[str, Any]:
    """Somebody has sent the approved one. Raises forbidden, regulator_report_not_now, and those of mark_sent."""
    row = _noting(session, speaker, candidate_id, version, ReportState.APPROVED)
    delivery.mark_sent(session, speaker, row, _subject(row), how, row.judged_at or now, row.authority_id, now)
    row.state = ReportState.SENT.value
    return _views(session, [row])[0]


def received(
    session: Session, speaker: Speaker, candidate_id: int, version: int, receipt: Receipt, now: datetime
) -> dict[str, Any]:
    """The authority's receipt. Raises forbidden, regulator_report_not_now, and those of mark_receipt."""
    row = _noting(session, speaker, candidate_id, version, ReportState.SENT)
    delivery.mark_receipt(session, speaker, row, _subject(row), receipt, now)
    row.state = ReportState.RECEIVED.value
    return _views(session, [row])[0]


def listed(session: Session, speaker: Speaker, candidate_id: int) -> dict[str, Any]:
    """{"items", "total", "may_draft"}: every version, the newest first. Raises not_found; DeniedError."""
    candidate = desk.found(session, speaker, candidate_id)
    rows = store.reports_of(session, candidate.id)
    newest = ReportState(rows[0].state) if rows else None
    may = speaker.role in DRAFTS and may_draft(candidate.state, newest)
    return {"items": _views(session, rows), "total": len(rows), "may_draft": may}


def cases(session: Session, speaker: Speaker, *, page: int = 1, size: int = 50) -> dict[str, Any]:
    """Candidates of the tree that are confirmed or approved, as desk.candidates gives them, those that wait first.

    Each with `draft`: the state of its newest draft, None without one.
    """
    states = (CandidateState.CONFIRMED, CandidateState.APPROVED)
    found = desk.candidates(session, speaker, states=states, kind=None, page=page, size=size)
    newest = store.newest_states(session, [one["id"] for one in found["items"]])
    return found | {"items": [one | {"draft": newest.get(one["id"])} for one in found["items"]]}


def file_of(session: Session, speaker: Speaker, candidate_id: int, version: int, form: str) -> File:
    """`form`: pdf, docx, receipt. Raises not_found; DeniedError."""
    row = _version(session, desk.found(session, speaker, candidate_id), version)
    file = {"pdf": row.pdf, "docx": row.word}.get(form, row.receipt)
    if file is None:
        raise DomainError("not_found", 404)
    return file


def fitting(session: Session, speaker: Speaker, candidate_id: int, now: datetime) -> list[Authority]:
    """Authorities of the insured's place, those to which a draft may be addressed (AMB-34)."""
    candidate = desk.found(session, speaker, candidate_id)
    insured = session.get_one(Insured, candidate.insured_id)
    today = legal_date(now)
    return [
        row for row in authorities.in_use(session, speaker, today)
        if place_fits(row.province, row.city, insured.province, insured.city)
    ]  # fmt: skip


def draft_content(row: RegulatorReport) -> dict[str, Any]:
    """What the chain knows of a draft by digest; its files have theirs beside it."""
    return {
        "candidate": row.candidate_id, "version": row.version, "authority": row.authority_id,
        "statement": row.statement, "pdf": row.pdf_id, "word": row.word_id, "by": row.drafted_by,
    }  # fmt: skip


def _drafting(
    session: Session, speaker: Speaker, candidate_id: int, authority_id: int, now: datetime
) -> tuple[Candidate, Authority, int]:
    if speaker.role not in DRAFTS:
        raise DomainError("forbidden", 403)
    candidate = desk.found(session, speaker, candidate_id)
    rows = store.reports_of(session, candidate.id)
    if not may_draft(candidate.state, ReportState(rows[0].state) if rows else None):
        raise DomainError("regulator_report_not_now", 409)
    authority = authorities.usable(session, speaker, authority_id, legal_date(now))
    insured = session.get_one(Insured, candidate.insured_id)
    if not place_fits(authority.province, authority.city, insured.province, insured.city):
        raise DomainError("authority_place", 422, place=f"{insured.province}{insured.city}")
    return candidate, authority, rows[0].version + 1 if rows else 1


def _judge(
    session: Session, speaker: Speaker, candidate_id: int, version: int, reason: str | None, now: datetime
) -> dict[str, Any]:
    # The candidate's row is held, so that of two at once the second sees what the first decided.
    candidate = desk.found(session, speaker, candidate_id)
    row = _version(session, candidate, version)
    code = judging(ReportState(row.state), candidate.state, speaker.role, speaker.actor, row.drafted_by)
    if code == "regulator_report_candidate" and reason is not None:
        code = ""  # sent back it may be before the case is decided
    if code:
        raise DomainError(code, 403 if code == "forbidden" else 409)
    row.state = (ReportState.APPROVED if reason is None else ReportState.RETURNED).value
    row.judged_at, row.judged_by, row.judged_reason = now, speaker.actor, reason
    session.flush()
    body = {"judged_sha256": digest(canonical(judged_content(row))), "sha256": row.pdf.sha256}
    append(session, at=now, kind=f"regulator.{row.state}", subject=_subject(row), actor=speaker.actor, body=body)
    return _views(session, [row])[0]


def judged_content(row: RegulatorReport) -> dict[str, Any]:
    """What the chain knows by digest of who approved or returned a draft."""
    approved = row.judged_reason is None
    return {"approved": approved, "by": row.judged_by, "reason": row.judged_reason}


def _noting(session: Session, speaker: Speaker, candidate_id: int, version: int, state: ReportState) -> RegulatorReport:
    if speaker.role not in DRAFTS:
        raise DomainError("forbidden", 403)
    row = _version(session, desk.found(session, speaker, candidate_id), version)
    if row.state != state:
        raise DomainError("regulator_report_not_now", 409)
    return row


def _version(session: Session, candidate: Candidate, version: int) -> RegulatorReport:
    row = next((one for one in store.reports_of(session, candidate.id) if one.version == version), None)
    if row is None:
        raise DomainError("not_found", 404)
    return row


def _subject(row: RegulatorReport) -> str:
    return f"regulator_report:{row.id}"


def _views(session: Session, rows: list[RegulatorReport]) -> list[dict[str, Any]]:
    actors = [actor for row in rows for actor in (row.drafted_by, row.judged_by, row.sent_by, row.receipt_by)]
    who = names(session, actors)
    return [
        {
            "version": row.version, "number": number(row.candidate_id, row.version), "state": row.state,
            "state_text": say(f"regulators.state.{row.state}"), "authority": row.authority.name,
            "authority_id": row.authority_id, "statement": row.statement, "sha256": row.pdf.sha256,
            "docx_sha256": row.word.sha256, "drafted_by": who[row.drafted_by],
            "drafted_at": row.drafted_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "judged_by": who[row.judged_by] if row.judged_by else None, "reason": row.judged_reason,
            "judged_at": row.judged_at.astimezone(SHANGHAI).isoformat(timespec="seconds") if row.judged_at else None,
        }
        | delivery.view(row, who)
        for row in rows
    ]  # fmt: skip
