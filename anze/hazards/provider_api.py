"""Hazards as a provider's person writes them down on site."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from anze.conversations.api import Here
from anze.fields import Reply, Token
from anze.hazards import onsite, usecases
from anze.hazards.models import HazardLevel
from anze.providers.door import ProviderPerson

routes = APIRouter(prefix="/api/provider")
Place = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
FileIds = Annotated[list[Token], Field(max_length=20)]


class FoundIn(BaseModel):
    """A hazard; `client_id` is the page's name for it, so that sent twice it is written down once."""

    client_id: Token
    level: HazardLevel
    place: Place
    description: Reply
    basis: Reply
    advice: Reply
    file_ids: FileIds = []


class PhotosIn(BaseModel):
    file_ids: Annotated[FileIds, Field(min_length=1)]


@routes.get("/orders/{number}/hazards")
async def listed(number: str, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """The hazards of one's own order."""
    now = here.clock.now()
    return await here.db.in_read(lambda s: onsite.listed(s, speaker, number, now, here.calendar.calendar()))


@routes.post("/orders/{number}/hazards", status_code=201)
async def found(number: str, body: FoundIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """Write a hazard down and tell the insured at once: {"number", "level", "new", "notified"}."""
    now = here.clock.now()
    result = await here.db.in_write(lambda s: usecases.found(s, speaker, number, now=now, **body.model_dump()))
    for conversation_id in result.pop("told"):
        here.hub.wake(conversation_id)
    return result


@routes.post("/hazards/{number}/photos")
async def add_photos(number: str, body: PhotosIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """Photos that came after the words: {"number", "added"}."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: onsite.photos(s, speaker, number, file_ids=body.file_ids, now=now))
