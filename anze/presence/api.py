"""Signs between colleagues over HTTP: a page says every few seconds that it is open, and learns who else is there."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from anze.conversations.api import Here
from anze.conversations.turns import real_now
from anze.identity.desk import Office
from anze.identity.speaker import Speaker
from anze.presence import usecases
from anze.presence.rules import Doing
from anze.presence.usecases import Subject
from anze.services import Services

routes = APIRouter(prefix="/api/staff")


class SignIn(BaseModel):
    doing: Doing = Doing.OPEN


async def _who(here: Services, speaker: Speaker, subject: Subject) -> dict[str, Any]:
    return {"colleagues": await here.db.in_read(lambda s: usecases.others(s, speaker, subject, real_now()))}


async def _come(here: Services, speaker: Speaker, subject: Subject, body: SignIn) -> dict[str, Any]:
    seen = await here.db.in_write(lambda s: usecases.come(s, speaker, subject, body.doing, real_now()))
    return {"colleagues": seen}


async def _leave(here: Services, speaker: Speaker, subject: Subject) -> Response:
    await here.db.in_write(lambda s: usecases.leave(s, speaker, subject))
    return Response(status_code=204)


@routes.get("/complaints/{number}/presence")
async def at_case(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """Who else has the case open."""
    return await _who(here, speaker, usecases.complaint(number))


@routes.post("/complaints/{number}/presence")
async def open_case(number: str, body: SignIn, here: Here, speaker: Office) -> dict[str, Any]:
    """I have it open, for the next seven seconds."""
    return await _come(here, speaker, usecases.complaint(number), body)


@routes.delete("/complaints/{number}/presence", status_code=204)
async def leave_case(number: str, here: Here, speaker: Office) -> Response:
    """I have closed it."""
    return await _leave(here, speaker, usecases.complaint(number))


@routes.get("/conversations/{conversation_id}/presence")
async def at_talk(conversation_id: str, here: Here, speaker: Office) -> dict[str, Any]:
    """Who else is at the talk, and writes."""
    return await _who(here, speaker, usecases.talk(conversation_id))


@routes.post("/conversations/{conversation_id}/presence")
async def open_talk(conversation_id: str, body: SignIn, here: Here, speaker: Office) -> dict[str, Any]:
    """I am at it, or write."""
    return await _come(here, speaker, usecases.talk(conversation_id), body)


@routes.delete("/conversations/{conversation_id}/presence", status_code=204)
async def leave_talk(conversation_id: str, here: Here, speaker: Office) -> Response:
    """I have left it."""
    return await _leave(here, speaker, usecases.talk(conversation_id))
