"""Handed-over talks for staff, over HTTP."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from anze.conversations import desk
from anze.conversations.api import Here
from anze.fields import Reply
from anze.identity.desk import Office, Writer

routes = APIRouter(prefix="/api/staff/conversations")


class ReplyIn(BaseModel):
    text: Reply


@routes.get("")
async def waiting(here: Here, speaker: Office) -> dict[str, Any]:
    """Talks that wait for a person, the longest first."""
    return await here.db.in_read(lambda s: desk.waiting(s, speaker))


@routes.get("/{conversation_id}/messages")
async def read(conversation_id: str, here: Here, speaker: Office) -> dict[str, Any]:
    """One talk."""
    return await here.db.in_read(lambda s: desk.read(s, speaker, conversation_id))


@routes.post("/{conversation_id}/reply", status_code=201)
async def reply(conversation_id: str, body: ReplyIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Answer as a person."""
    said = await here.db.in_write(lambda s: desk.reply(s, speaker, conversation_id, body.text, here.clock.now()))
    here.hub.wake(conversation_id)
    return said


@routes.post("/{conversation_id}/give-back", status_code=204)
async def give_back(conversation_id: str, here: Here, speaker: Writer) -> Response:
    """Let the bot answer again."""
    await here.db.in_write(lambda s: desk.give_back(s, speaker, conversation_id, here.clock.now()))
    here.hub.wake(conversation_id)
    return Response(status_code=204)
