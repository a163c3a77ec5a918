"""The signed-in staff member of a request, with the part of the branch tree that may be seen."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker, speaker_of

_OFFICE = frozenset({Role.INTAKE, Role.SERVICE, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN})


async def office(here: Here, me: Me) -> Speaker:
    """Staff of the insurer; anybody else gets 403, a provider's person too."""
    if me.staff_id is None:
        raise DomainError("forbidden", 403)

    def work(session: Session) -> Speaker:
        return speaker_of(session, session.get_one(Conversation, me.conversation_id))

    speaker = await here.db.in_read(work)
    if speaker.role not in _OFFICE:
        raise DomainError("forbidden", 403)
    return speaker


async def writer(speaker: Annotated[Speaker, Depends(office)]) -> Speaker:
    """Staff who may change something: an auditor reads only."""
    if speaker.role == Role.AUDITOR:
        raise DomainError("forbidden", 403)
    return speaker


Office = Annotated[Speaker, Depends(office)]
Writer = Annotated[Speaker, Depends(writer)]
