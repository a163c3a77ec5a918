"""Who acts for a firm, seen and managed by its main contact; requests of those without the phone on file."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.channels.models import OutboxMessage
from anze.channels.rasa import ButtonOut, MessageOut
from anze.clock import legal_date
from anze.conversations.models import Conversation, File
from anze.conversations.normalise import normalise
from anze.conversations.outbound import add_out
from anze.conversations.turn import Turn
from anze.errors import DomainError
from anze.identity.auth import sha256
from anze.identity.models import Branch, Invitation, Person, RequestState, Right, RightKind, RightRequest
from anze.identity.profile import masked
from anze.identity.rights import RightClaim, grant, person_of
from anze.identity.speaker import Speaker
from anze.identity.usecases import bind
from anze.policies.models import Insured, Policy
from anze.tasks.models import Task, TaskKind
from anze.texts import text as say

INVITATION_LIVES = timedelta(hours=24)


def _managed(session: Session, speaker: Speaker) -> Insured | None:
    """The firm that the talk is about, when the speaker is its main contact."""
    if speaker.acting_for_id is None or speaker.person_id is None:
        return None
    main = session.scalar(
        select(Right.id).where(
            Right.person_id == speaker.person_id,
            Right.insured_id == speaker.acting_for_id,
            Right.kind == RightKind.MAIN_CONTACT,
            Right.ended_at.is_(None),
        )
    )
    return session.get_one(Insured, speaker.acting_for_id) if main is not None else None


def members(session: Session, turn: Turn) -> dict[str, Any]:
    """Who may see the firm's matters; {"main": False} for anybody but the main contact."""
    insured = _managed(session, turn.speaker)
    if insured is None:
        return {"main": False}
    rights = session.scalars(
        select(Right).where(Right.insured_id == insured.id, Right.ended_at.is_(None)).order_by(Right.id)
    ).all()
    columns = [say(f"identity.column_{name}") for name in ("name", "phone", "right", "since")]
    rows = [
        [r.person.name, masked(r.person.phone), say(f"identity.right.{r.kind}"), legal_date(r.granted_at).isoformat()]
        for r in rights
    ]
    others = [{"right_id": r.id, "name": r.person.name} for r in rights if r.person_id != turn.speaker.person_id]
    return {
        "main": True,
        "remove": say("identity.remove"),
        "firm": insured.name,
        "table": {"columns": columns, "rows": rows},
        "others": others,
    }


def remove(session: Session, turn: Turn, right_id: int) -> dict[str, Any]:
    """End a colleague's rights for the firm, under whatever sign-in. Only the main contact can, for the own firm."""
    insured = _managed(session, turn.speaker)
    right = session.get(Right, right_id)
    if insured is None or right is None or right.insured_id != insured.id or right.ended_at is not None:
        raise DomainError("not_found", 404)
    if right.person_id == turn.speaker.person_id:
        raise DomainError("forbidden", 403)
    # Who was let in by a link and later proved the phone stands here twice, with one telephone number.
    same = select(Person.id).where(Person.phone == right.person.phone, Person.id != turn.speaker.person_id)
    for ended in session.scalars(
        select(Right).where(Right.insured_id == insured.id, Right.person_id.in_(same), Right.ended_at.is_(None))
    ):
        ended.ended_at, ended.ended_by = turn.now, turn.speaker.actor
        append(
            session,
            at=turn.now,
            kind="identity.ended",
            subject=f"person:{ended.person_id}",
            actor=turn.speaker.actor,
            body={"right_id": ended.id},
        )
    return {"name": right.person.name, "firm": insured.name}


def invite(session: Session, turn: Turn) -> dict[str, Any]:
    """A one-time token that lets in one colleague; {} for anybody but the main contact."""
    insured = _managed(session, turn.speaker)
    if insured is None or turn.speaker.person_id is None:
        return {}
    token = secrets.token_urlsafe(24)
    session.add(
        Invitation(
            token_sha256=sha256(token),
            insured_id=insured.id,
            created_by=turn.speaker.person_id,
            created_at=turn.now,
            expires_at=turn.now + INVITATION_LIVES,
        )
    )
    return {"token": token, "firm": insured.name}


def join(session: Session, conversation_id: str, token: str, name: str, phone: str, now: datetime) -> dict[str, Any]:
    """Use an invitation: the conversation becomes that of a colleague. Raises DomainError invitation_void."""
    invitation = session.get(Invitation, sha256(token), with_for_update=True)
    if invitation is None or invitation.used_by is not None or now >= invitation.expires_at:
        raise DomainError("invitation_void", 422)
    conversation = session.get_one(Conversation, conversation_id)
    person = person_of(session, conversation, name, phone, now)
    invitation.used_by = person.id
    _let_in(session, person, invitation.insured_id, proof="invite", by=f"person:{invitation.created_by}", now=now)
    bind(session, conversation, person, invitation.insured_id, now)
    return {"insured": session.get_one(Insured, invitation.insured_id).name}


def _let_in(session: Session, person: Person, insured_id: int, *, proof: str, by: str, now: datetime) -> None:
    grant(session, person, RightClaim(RightKind.COLLEAGUE, insured_id=insured_id), proof=proof, by=by, now=now)


def request_right(
    session: Session,
    conversation_id: str,
    *,
    policy_no: str,
    name: str,
    phone: str,
    reason: str,
    file_id: str | None,
    now: datetime,
) -> list[str]:
    """Ask without the phone on file. With a photo staff decide and the old contact is told; without, the main contact.

    Nothing in the answer tells whether the policy exists. Returns the conversations in which something was said.
    """
    policy_no = normalise(policy_no).upper()[:40]
    policy = session.scalar(select(Policy).where(Policy.number == policy_no))
    insured = policy.insureds[0] if policy is not None and policy.insureds else None
    if file_id is not None and not _is_own_file(session, conversation_id, file_id):
        raise DomainError("file_unknown", 422)
    request = RightRequest(
        conversation_id=conversation_id,
        insured_id=insured.id if insured else None,
        policy_no=policy_no,
        name=name,
        phone=phone,
        reason=reason,
        file_id=file_id,
        created_at=now,
    )
    session.add(request)
    session.flush()
    if insured is None or policy is None:
        return []
    if file_id is None:
        return _to_main_contact(session, request, insured, now)
    _to_staff(session, request, policy.branch_id, insured, now)
    return []


def _is_own_file(session: Session, conversation_id: str, file_id: str) -> bool:
    file = session.get(File, file_id)
    return file is not None and file.conversation_id == conversation_id


def _to_staff(session: Session, request: RightRequest, branch_id: int, insured: Insured, now: datetime) -> None:
    body = {"conversation_id": request.conversation_id}
    subject = f"right_request:{request.id}"
    session.add(Task(kind=TaskKind.RIGHT_REQUEST, subject=subject, branch_id=branch_id, body=body, created_at=now))
    if insured.contact_phone:
        hotline = session.get_one(Branch, branch_id).hotline
        text = say("identity.request_notice_old", firm=insured.name, hotline=hotline)
        session.add(
            OutboxMessage(
                channel="sms",
                subject=subject,
                step="notice",
                recipient=insured.contact_phone,
                text=text,
                body={},
                due_at=now,
            )
        )


def _to_main_contact(session: Session, request: RightRequest, insured: Insured, now: datetime) -> list[str]:
    """Into every conversation of the main contact, with two buttons."""
    text = say("identity.request_waiting_main", name=request.name, phone=masked(request.phone), firm=insured.name)
    buttons = [
        ButtonOut(
            title=say(f"identity.{word}"),
            intent="identity_decide",
            entities={"request_id": str(request.id), "accept": accept},
        )
        for word, accept in (("accept", "yes"), ("refuse", "no"))
    ]
    out = MessageOut(text=text, response="utter_identity_request", buttons=buttons)
    mains = select(Right.person_id).where(
        Right.insured_id == insured.id, Right.kind == RightKind.MAIN_CONTACT, Right.ended_at.is_(None)
    )
    told = list(session.scalars(select(Conversation.id).where(Conversation.person_id.in_(mains)).order_by("id")))
    for conversation_id in told:
        add_out(session, conversation_id, out, now, pushed=True)
    return told


def decide_as_main_contact(session: Session, turn: Turn, request_id: int, accept: bool) -> dict[str, Any]:
    """The main contact lets a colleague in, or not."""
    request = session.get(RightRequest, request_id, with_for_update=True)
    insured = _managed(session, turn.speaker)
    if request is None or insured is None or request.insured_id != insured.id or request.file_id is not None:
        raise DomainError("not_found", 404)
    return decide(session, request, accept=accept, reason="", by=turn.speaker.actor, proof="invite", now=turn.now)


def decide(
    session: Session, request: RightRequest, *, accept: bool, reason: str, by: str, proof: str, now: datetime
) -> dict[str, Any]:
    """Grant or refuse, once, and tell the conversation that asked. Raises DomainError already_decided."""
    if request.state != RequestState.WAITING or request.insured_id is None:
        raise DomainError("already_decided", 409)
    request.state = RequestState.ACCEPTED if accept else RequestState.REFUSED
    request.decided_at, request.decided_by, request.decision_reason = now, by, reason
    insured = session.get_one(Insured, request.insured_id)
    if accept:
        conversation = session.get_one(Conversation, request.conversation_id)
        person = person_of(session, conversation, request.name, request.phone, now)
        _let_in(session, person, insured.id, proof=proof, by=by, now=now)
        bind(session, conversation, person, insured.id, now)
    told = say(f"identity.request_{request.state}", firm=insured.name)
    out = MessageOut(text=told, response="utter_identity_request_decided")
    add_out(session, request.conversation_id, out, now, pushed=True)
    return {"accepted": accept, "name": request.name, "firm": insured.name, "conversation_id": request.conversation_id}
