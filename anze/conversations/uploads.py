"""Uploaded files as rows of the conversation in which they came."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.complaints.access import may_see, may_see_evidence
from anze.conversations import desk
from anze.conversations.files import Stored
from anze.conversations.models import Conversation, File, SharedFile
from anze.conversations.normalise import storable
from anze.errors import DomainError
from anze.identity.auth import SignedIn
from anze.identity.branches import branches_of
from anze.identity.denied import DeniedError
from anze.identity.speaker import Speaker, speaker_of
from anze.letters.kept import complaint_of
from anze.policies.models import Policy, PolicyInsured
from anze.texts import text as say


def storable_name(name: str) -> str:
    """A file's name as shown: its last part, without control characters, at most 200 characters."""
    try:
        clean = storable(name)
    except UnicodeEncodeError as error:
        raise DomainError("text_not_unicode", 400) from error
    last = clean.replace("\n", "").replace("\t", " ").replace("\\", "/").rsplit("/", 1)[-1][-200:]
    return (last.strip(" .") and last) or say("conversation.file_without_name")


def add_file(session: Session, conversation_id: str, stored: Stored, name: str, now: datetime) -> File:
    """Register an uploaded file with the conversation in which it was uploaded."""
    row = File(
        id=uuid4().hex,
        conversation_id=conversation_id,
        sha256=stored.sha256,
        name=name,
        mime=stored.mime,
        size=stored.size,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def uploaded_by(session: Session, speaker: Speaker, file_id: str) -> File | None:
    """A file that this colleague has uploaded; None for any other."""
    query = select(File).join(Conversation, Conversation.id == File.conversation_id)
    return session.scalar(query.where(File.id == file_id, Conversation.staff_id == speaker.staff_id))


def own_file(session: Session, me: SignedIn, file_id: str) -> File:
    """A file of one's own conversation, one that was shared with a firm that the speaker acts for or looks after, or
    the letter of a complaint that the speaker may see. For staff also its evidence, and what came in a talk that was
    handed over to their branches.

    Raises DomainError not_found; DeniedError when it is another's.
    """
    file = session.get(File, file_id)
    if file is None:
        raise DomainError("not_found", 404)
    if file.conversation_id != me.conversation_id and not _shared(session, me, file_id):
        raise DeniedError(
            f"staff:{me.staff_id}" if me.staff_id else f"conversation:{me.conversation_id}", f"file:{file_id}"
        )
    return file


def _shared(session: Session, me: SignedIn, file_id: str) -> bool:
    speaker = speaker_of(session, session.get_one(Conversation, me.conversation_id))
    complaint_id = complaint_of(session, file_id)
    if complaint_id is not None and may_see(session, speaker, complaint_id):
        return True
    shared = select(SharedFile.file_id).where(SharedFile.file_id == file_id)
    if may_see_evidence(session, speaker, file_id) or _handed_over(session, speaker, file_id):
        return True
    if speaker.staff_id is None:
        return session.scalar(shared.where(SharedFile.insured_id.in_(speaker.insured_ids)).limit(1)) is not None
    in_scope = (
        select(PolicyInsured.insured_id)
        .join(Policy, Policy.id == PolicyInsured.policy_id)
        .where(Policy.branch_id.in_(branches_of(speaker)))
    )
    return session.scalar(shared.where(SharedFile.insured_id.in_(in_scope)).limit(1)) is not None


def _handed_over(session: Session, speaker: Speaker, file_id: str) -> bool:
    talks = desk.handed_over(speaker).join(File, File.conversation_id == Conversation.id)
    return session.scalar(talks.where(File.id == file_id)) is not None
