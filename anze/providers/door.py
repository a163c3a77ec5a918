"""The signed-in person of a provider: sees the provider's own orders and nothing else."""

from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.models import Conversation
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker, speaker_of


async def provider_person(here: Here, me: Me) -> Speaker:
    """A provider's person; anybody else gets 403, staff of the insurer too."""
    if me.staff_id is None:
        raise DomainError("forbidden", 403)

    def work(session: Session) -> Speaker:
        return speaker_of(session, session.get_one(Conversation, me.conversation_id))

    speaker = await here.db.in_read(work)
    if speaker.role != Role.PROVIDER or speaker.provider_id is None:
        raise DomainError("forbidden", 403)
    return speaker


ProviderPerson = Annotated[Speaker, Depends(provider_person)]
