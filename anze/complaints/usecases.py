"""What a complainant can do. Each use case takes an open session and the turn, never commits, returns plain data.

The draft in the database is the truth of what has been said; the dialogue only asks for what is missing from it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from anze.audit.chain import append, digest
from anze.bookings.models import Service
from anze.bookings.usecases import meant_service
from anze.channels.rasa import MessageOut
from anze.clock import legal_date
from anze.complaints import store, words
from anze.complaints.adoption import for_insured, know_owner
from anze.complaints.dates import ComplaintDates, Told
from anze.complaints.models import (
    Complaint,
    ComplaintKind,
    ComplaintStatus,
    Evidence,
    Statement,
    StatementKind,
)
from anze.contacts import find_contact
from anze.conversations.normalise import normalise
from anze.conversations.outbound import add_out
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.models import Branch, Person
from anze.policies.models import Insured, Policy
from anze.standard.load import load as load_standard
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

UNFINISHED_FOR = timedelta(hours=2)
"""A draft that nobody finished or dropped in this time goes to the staff, with the receipt time it has."""
NOT_KNOWN = ""
"""The answer 不知道: asked, and not to be asked again (None: not asked yet)."""


def open_draft(session: Session, turn: Turn, edition: str) -> dict[str, Any]:
    """Store the complaint from its first words (待补全), or go on with the one that is still unfinished."""
    _refuse_staff(turn)
    draft = store.unfinished(session, turn.conversation_id)
    resumed = draft is not None
    said = store.misunderstood_before(session, turn) if turn.intent and not resumed else None
    received_at = said.at if said else turn.now
    if draft is None:
        draft = Complaint(
            status=ComplaintStatus.DRAFT,
            kind=words.kind_of(normalise(turn.text)),
            edition=edition,
            received_at=received_at,
            conversation_id=turn.conversation_id,
            branch_id=turn.branch_id,
        )
        session.add(draft)
        session.flush()
        _record(session, turn, draft, "complaint.received", {"received_at": received_at.isoformat()})
    _know_speaker(session, turn, draft)
    # The first words may lie one message back: from there on the turn is that of those words.
    first = replace(turn, text=said.text, message_id=said.id, now=said.at) if said else turn
    if words.tells_story(normalise(first.text)):
        _state(session, first, draft, StatementKind.STORY, first.text)
    _attach(session, turn, draft)
    return _view(session, turn, draft) | {"resumed": resumed}


def _refuse_staff(turn: Turn) -> None:
    """Staff read complaints here and enter them elsewhere, with the day on which they came in."""
    if turn.speaker.staff_id is not None:
        raise DomainError("complaint_by_staff", 403)


def _know_speaker(session: Session, turn: Turn, draft: Complaint) -> None:
    """Fill in what the data already hold: the person, the firm, the policy in force, the branch."""
    if turn.speaker.person_id is not None:
        know_owner(session, draft, session.get_one(Person, turn.speaker.person_id), turn.speaker.acting_for_id)


def _record(session: Session, turn: Turn, complaint: Complaint, kind: str, body: dict[str, Any]) -> None:
    append(
        session, at=turn.now, kind=kind, subject=f"complaint:{complaint.id}", actor=turn.speaker.actor, body=body
    )  # fmt: skip


def _state(session: Session, turn: Turn, complaint: Complaint, kind: StatementKind, text: str) -> None:
    """Keep words of the complainant, and take from them what need not be asked any more."""
    complaint.statements.append(Statement(kind=kind, text=text, message_id=turn.message_id, at=turn.now))
    session.flush()
    _record(session, turn, complaint, "complaint.stated", {"kind": kind.value, "text_sha256": digest(text)})
    if kind in {StatementKind.STORY, StatementKind.CORRECTION}:
        plain = normalise(_story(complaint))
        complaint.kind = words.kind_of(plain)
        if complaint.insured_id is not None:
            service = meant_service(session, complaint.insured_id, plain, legal_date(complaint.received_at))
            complaint.service_id = service.id if service else complaint.service_id
        contact = words.own_contact(plain)
        if contact is not None and complaint.contact_phone is None:
            complaint.contact_phone, complaint.contact_name = contact.phone, complaint.contact_name or contact.name


def _story(complaint: Complaint) -> str:
    """What happened, as it stands after corrections."""
    told: list[str] = []
    for statement in complaint.statements:
        if statement.kind == StatementKind.CORRECTION:
            told = [statement.text]
        elif statement.kind == StatementKind.STORY:
            told.append(statement.text)
    return "\n".join(told)


def _attach(session: Session, turn: Turn, complaint: Complaint) -> None:
    known = set(session.scalars(select(Evidence.file_id).where(Evidence.complaint_id == complaint.id)))
    for file_id in turn.file_ids:
        if file_id not in known:
            session.add(Evidence(complaint_id=complaint.id, file_id=file_id, added_at=turn.now))
            _record(session, turn, complaint, "complaint.evidence_added", {"file_id": file_id})
    session.flush()


def _missing(turn: Turn, draft: Complaint) -> list[str]:
    """What is still to be asked, in order. Nothing that the data hold is asked."""
    missing = [] if _story(draft) else ["story"]
    if draft.insured_id is None and draft.firm is None:
        missing.append("firm")
    if draft.contact_phone is None:
        missing.append("contact")
    return missing


def _view(session: Session, turn: Turn, draft: Complaint) -> dict[str, Any]:
    return {"missing": _missing(turn, draft), "rows": _rows(session, draft), "kind": draft.kind}


def _rows(session: Session, draft: Complaint) -> list[dict[str, str]]:
    """The card: label and value of what is known, in the order of reading."""
    insured = session.get(Insured, draft.insured_id) if draft.insured_id else None
    policy = session.get(Policy, draft.policy_id) if draft.policy_id else None
    evidence = session.scalar(select(func.count()).where(Evidence.complaint_id == draft.id)) or 0
    wishes = [s.text for s in draft.statements if s.kind == StatementKind.WISH]
    contact = " ".join(part for part in (draft.contact_name, draft.contact_phone) if part)
    values = {
        "firm": insured.name if insured else draft.firm or say("complaint.card.not_known"),
        "policy": policy.number if policy else None,
        "contact": contact or say("complaint.card.not_known"),
        "story": _story(draft) or say("complaint.card.not_told"),
        "service": _service(session, draft),
        "wish": wishes[-1] if wishes else None,
        "evidence": say("complaint.card.files", count=evidence) if evidence else None,
    }
    return [{"label": say(f"complaint.card.{name}"), "value": value} for name, value in values.items() if value]


def _service(session: Session, draft: Complaint) -> str | None:
    """The service that the complaint is about, as people know it: day, what, by whom."""
    service = session.get(Service, draft.service_id) if draft.service_id else None
    if service is None:
        return None
    day = legal_date(service.starts_at).isoformat() if service.starts_at else ""
    item = next(i.everyday[0] for i in load_standard(draft.edition).service_items if i.letter == service.item)
    provider = service.provider.short_name if service.provider else ""
    return say("complaint.card.service_line", day=day, item=item, provider=provider)


def draft_view(session: Session, turn: Turn) -> dict[str, Any]:
    """Where the unfinished complaint stands: what is missing, the card's rows; {} when there is none."""
    draft = store.unfinished(session, turn.conversation_id)
    if draft is None:
        return {}
    return _view(session, turn, draft)


def answer_question(session: Session, turn: Turn, question: str, unknown: bool) -> dict[str, Any]:
    """Take an answer to `story`, `firm`, `contact` or `wish`. `taken` says whether it was one.

    Whatever else the answer holds (a phone number beside the firm's name) is taken too.
    """
    draft = _unfinished(session, turn)
    _know_speaker(session, turn, draft)
    _attach(session, turn, draft)
    plain = normalise(turn.text)
    taken = _take(session, turn, draft, question, plain, unknown)
    return _view(session, turn, draft) | {"taken": taken}


def _take(session: Session, turn: Turn, draft: Complaint, question: str, plain: str, unknown: bool) -> bool:
    if question == "story":
        if unknown or not words.says_something(plain):
            return False
        corrected = bool(_story(draft))
        _state(session, turn, draft, StatementKind.CORRECTION if corrected else StatementKind.STORY, turn.text)
        return True
    if question == "wish":
        if not unknown:
            _state(session, turn, draft, StatementKind.WISH, turn.text)
        return True
    contact = find_contact(plain)
    if contact is not None:
        draft.contact_phone = contact.phone
    if question == "contact":
        # Beside the number of an answer for the firm stands the firm's name, not a person's.
        draft.contact_name = (contact.name if contact else None) or draft.contact_name
        if contact is None and unknown:
            draft.contact_phone = NOT_KNOWN
        return contact is not None or unknown
    return _take_firm(session, turn, draft, plain, unknown)


def _take_firm(session: Session, turn: Turn, draft: Complaint, plain: str, unknown: bool) -> bool:
    if turn.speaker.insured_ids:
        own = session.scalars(select(Insured).where(Insured.id.in_(turn.speaker.insured_ids)))
        chosen = next((insured.id for insured in own if normalise(insured.name) == plain), None)
        if chosen is None:
            return False
        for_insured(session, draft, chosen)
        return True
    if unknown:
        draft.firm = NOT_KNOWN
        return True
    firm = words.firm_name(plain)
    if not words.names_firm(firm):
        return False
    draft.firm = firm
    draft.branch_id = _branch_of(session, plain, words.firm_name(turn.text)) or draft.branch_id
    return True


def _branch_of(session: Session, plain: str, as_typed: str) -> int | None:
    """The branch that will handle it, by an exact policy number or firm name. Only routing: nothing is shown."""
    number = words.find_policy_no(plain)
    if number is not None:
        return session.scalar(select(Policy.branch_id).where(Policy.number == number))
    return session.scalar(
        select(Policy.branch_id)
        .join(Policy.insureds)
        .where(Insured.name.in_({words.firm_name(plain), as_typed}))
        .order_by(Policy.start_on.desc())
        .limit(1)
    )


def _unfinished(session: Session, turn: Turn) -> Complaint:
    draft = store.unfinished(session, turn.conversation_id)
    if draft is None:
        raise DomainError("complaint_no_draft", 409)
    return draft


def add_to_story(session: Session, turn: Turn) -> dict[str, Any]:
    """More words or files while the card is open: they join the story."""
    draft = _unfinished(session, turn)
    _attach(session, turn, draft)
    if normalise(turn.text):
        _state(session, turn, draft, StatementKind.STORY, turn.text)
    return _view(session, turn, draft)


def firms_to_choose(session: Session, turn: Turn) -> list[str]:
    """Names of the insureds that the speaker acts for, when there are several; a visitor has none."""
    return list(
        session.scalars(select(Insured.name).where(Insured.id.in_(turn.speaker.insured_ids)).order_by(Insured.id))
    )


def add_files(session: Session, turn: Turn) -> dict[str, Any]:
    """Files sent alone: to the unfinished complaint, else to the only open one; `target` names it."""
    target = store.unfinished(session, turn.conversation_id)
    if target is None:
        _refuse_staff(turn)
        candidates = store.filed(session, turn.speaker, open_only=True, limit=2)
        if len(candidates) != 1:
            return {"attached": False, "count": len(turn.file_ids)}
        (target,) = candidates
    _attach(session, turn, target)
    name = target.number or say("complaint.this_one")
    return {"attached": True, "target": name, "count": len(turn.file_ids)}


def submit(session: Session, turn: Turn, dates: ComplaintDates) -> dict[str, Any]:
    """Register the complaint: number, both dates with their reasons, all of it told in this turn's answer."""
    draft = _unfinished(session, turn)
    _know_speaker(session, turn, draft)
    was_intake = draft.status == ComplaintStatus.INTAKE
    _number(session, draft, turn.now)
    told = _fix_dates(draft, turn.now, dates)
    draft.status = ComplaintStatus.FILED
    draft.filed_at = turn.now
    _record(session, turn, draft, "complaint.filed", {"number": draft.number} | told.record())
    if was_intake:
        _done_task(session, draft, turn)
    branch = session.get_one(Branch, draft.branch_id)
    contact = {"branch": branch.name, "hotline": branch.hotline, "hours": branch.hours}
    return {
        "kind": draft.kind,
        "reachable": bool(draft.contact_phone),
        "fields": {"number": draft.number} | told.fields() | contact,
        "data": told.data(str(draft.number)),
        "clauses": list(told.clauses),
    }


def _fix_dates(draft: Complaint, now: datetime, dates: ComplaintDates) -> Told:
    told = dates.told(draft, now)
    draft.due_on, draft.second_due_on, draft.provisional = told.due_on, told.second_due_on, told.provisional
    draft.version += 1
    return told


def _number(session: Session, draft: Complaint, now: datetime) -> None:
    if draft.number is None:
        day = legal_date(now)
        draft.number = f"TS{day:%Y%m%d}{store.next_serial(session, day):03d}"


def _done_task(session: Session, complaint: Complaint, turn: Turn) -> None:
    session.execute(
        update(Task)
        .where(Task.kind == TaskKind.INTAKE, Task.subject == f"complaint:{complaint.id}", Task.done_at.is_(None))
        .values(done_at=turn.now, done_by=turn.speaker.actor)
    )


def drop(session: Session, turn: Turn) -> dict[str, Any]:
    """Drop the unfinished complaint because the person says so. One that has a number ends as withdrawn."""
    draft = store.unfinished(session, turn.conversation_id)
    if draft is None:
        return {"dropped": False}
    _close(session, turn, draft)
    return {"dropped": True, "number": draft.number}


def _close(session: Session, turn: Turn, complaint: Complaint) -> None:
    if complaint.status == ComplaintStatus.INTAKE:
        _done_task(session, complaint, turn)
    complaint.status = ComplaintStatus.DROPPED if complaint.number is None else ComplaintStatus.WITHDRAWN
    complaint.closed_at = turn.now
    complaint.version += 1
    _record(session, turn, complaint, f"complaint.{complaint.status}", {"text_sha256": digest(turn.text)})


def withdraw(session: Session, turn: Turn, number: str) -> dict[str, Any]:
    """Withdraw a filed complaint; it ends on this day."""
    _refuse_staff(turn)
    complaint = store.by_number(session, turn.speaker, number)
    if complaint is None or complaint.status not in store.OPEN:
        return {"withdrawn": False, "number": number}
    _close(session, turn, complaint)
    return {"withdrawn": True, "number": number}


def supplement(session: Session, turn: Turn, dates: ComplaintDates, number: str) -> dict[str, Any]:
    """Add words and files to an open complaint.

    The standard's date stays. New facts restart the second clock (令2020年第3号): `moved` says that its date changed;
    the answer tells so in the same turn.
    """
    _refuse_staff(turn)
    complaint = store.by_number(session, turn.speaker, number)
    if complaint is None or complaint.status not in store.OPEN:
        return {"added": False, "fields": {"number": number}}
    before = complaint.second_due_on
    if normalise(turn.text):
        _state(session, turn, complaint, StatementKind.SUPPLEMENT, turn.text)
    _attach(session, turn, complaint)
    told = dates.told(complaint, turn.now)
    moved = before is not None and told.second_due_on != before
    if moved:
        complaint.second_due_on = told.second_due_on
        days = {"old": str(before), "new": told.second_due_on.isoformat()}
        _record(session, turn, complaint, "complaint.second_clock_restarted", days)
    complaint.version += 1
    return {"added": True, "moved": moved, "fields": {"number": number} | told.fields()}


def open_numbers(session: Session, turn: Turn) -> dict[str, Any]:
    """Numbers of the open complaints that the speaker may see, newest first, and whether a draft waits."""
    draft = store.unfinished(session, turn.conversation_id)
    return {
        "numbers": [c.number for c in store.filed(session, turn.speaker, open_only=True)],
        "draft": draft is not None,
    }


def status(session: Session, turn: Turn, dates: ComplaintDates, number: str | None) -> dict[str, Any]:
    """How the visible complaints stand (or one of them): words, dates, remaining working days, who handles them."""
    if number is not None:
        found = store.by_number(session, turn.speaker, number)
        cases = [found] if found is not None else []
    else:
        cases = store.filed(session, turn.speaker, limit=5)
    draft = store.unfinished(session, turn.conversation_id)
    shown = [_case(session, case, turn.now, dates) for case in cases]
    return {
        "cases": shown,
        "table": _table(shown),
        "draft": draft is not None and draft.number is None and number is None,
    }


def _case(session: Session, case: Complaint, now: datetime, dates: ComplaintDates) -> dict[str, Any]:
    branch = session.get_one(Branch, case.branch_id)
    told = dates.told(case, now)
    state = "closed" if case.status not in store.OPEN else _open_state(case, told)
    fields = told.fields() | {
        "number": case.number,
        "status_text": say(f"complaint.status.{case.status}"),
        "summary": normalise(_story(case))[:24],
        "branch": branch.name,
        "hotline": branch.hotline,
    }
    return {"state": state, "fields": fields, "working_to": told.working_to.isoformat()}


def _open_state(case: Complaint, told: Told) -> str:
    if case.kind == ComplaintKind.OTHER:
        return "other"
    return "overdue" if told.overdue else "open"


def _table(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Several cases as a table: what an open one still has, a closed one has no more."""
    rows = []
    for case in cases:
        fields, is_open = case["fields"], case["state"] != "closed"
        left = fields["remaining"] if is_open and fields["remaining"] is not None else "—"
        due = (fields["due"] or fields["second"]) if is_open else "—"
        rows.append([fields["number"], fields["status_text"], fields["summary"], due, str(left)])
    columns = [say(f"complaint.column.{name}") for name in ("number", "status", "summary", "due", "remaining")]
    return {"columns": columns, "rows": rows}


def hand_over_stale(session: Session, now: datetime, dates: ComplaintDates) -> list[str]:
    """Drafts older than two hours become intake tasks with their own receipt time; the person is told so.

    From then on they stand in the queue with their dates: the legal clock runs whether or not they are complete.

    Returns the conversations that were told.
    """
    told = []
    for draft in store.stale_drafts(session, now - UNFINISHED_FOR):
        draft.status = ComplaintStatus.INTAKE
        _number(session, draft, now)
        stated = _fix_dates(draft, now, dates)
        session.add(
            Task(
                kind=TaskKind.INTAKE,
                subject=f"complaint:{draft.id}",
                branch_id=draft.branch_id,
                body={"number": draft.number, "conversation_id": draft.conversation_id},
                created_at=now,
            )
        )
        append(
            session,
            at=now,
            kind="complaint.handed_to_intake",
            subject=f"complaint:{draft.id}",
            actor="system",
            body={"number": draft.number} | stated.record(),
        )
        received = f"{legal_date(draft.received_at):%Y-%m-%d}"
        text = say("complaint.handed_to_intake", number=draft.number, received=received)
        out = MessageOut(text=text, response="utter_complaint_handed_to_intake")
        add_out(session, draft.conversation_id, out, now, pushed=True)
        told.append(draft.conversation_id)
    return told


def is_other(kind: str) -> bool:
    """A grievance about claims, premium or selling: the second clock only."""
    return kind == ComplaintKind.OTHER
