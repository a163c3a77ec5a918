"""The signed-in staff member of a request, with the part of the branch tree that may be seen."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.denied import forbidden
from anze.identity.models import Role
from anze.identity.speaker import Speaker, speaker_of

_OFFICE = frozenset({Role.INTAKE, Role.SERVICE, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})


async def office(request: Request, here: Here, me: Me) -> Speaker:
    """Staff of the insurer; anybody else gets 403, a provider's person too (and is on record when it was a read)."""
    if me.staff_id is None:
        raise DomainError("forbidden", 403)

    def work(session: Session) -> Speaker:
        return speaker_of(session, session.get_one(Conversation, me.conversation_id))

    speaker = await here.db.in_read(work)
    if speaker.role not in _OFFICE:
        raise forbidden(speaker.actor, request.method, request.url.path)
    return speaker


async def administrator(request: Request, speaker: Annotated[Speaker, Depends(office)]) -> Speaker:
    """Who manages users."""
    if speaker.role != Role.ADMIN:
        raise forbidden(speaker.actor, request.method, request.url.path)
    return speaker


async def writer(speaker: Annotated[Speaker, Depends(office)]) -> Speaker:
    """Staff who may change something: an auditor reads only."""
    if speaker.role == Role.AUDITOR:
        raise DomainError("forbidden", 403)
    return speaker


Office = Annotated[Speaker, Depends(office)]
Administrator = Annotated[Speaker, Depends(administrator)]
Writer = Annotated[Speaker, Depends(writer)]
