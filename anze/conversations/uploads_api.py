"""Uploads in pieces over HTTP: begin, send pieces, ask how far it got."""

import asyncio
import logging
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from anze import problems
from anze.conversations import resumable
from anze.conversations.api import Here, Me
from anze.conversations.pieces import Pieces
from anze.errors import DomainError
from anze.fields import Token
from anze.identity.auth import SignedIn
from anze.services import Services

log = logging.getLogger(__name__)

routes = APIRouter(prefix="/api/uploads")
_BIGGEST = 2**40


class UploadIn(BaseModel):
    client_id: Token
    name: Annotated[str, Field(max_length=1000)]
    size: Annotated[int, Field(ge=0, le=_BIGGEST)]
    """In bytes"""


def pieces_of(here: Services) -> Pieces:
    """Where the bytes of unfinished uploads lie."""
    return Pieces(here.settings.data / "uploads")


@routes.post("", status_code=201)
async def start(body: UploadIn, here: Here, me: Me) -> dict[str, Any]:
    """Begin, or go on with the upload of this client_id."""
    begun = await here.db.in_write(
        lambda s: resumable.start(s, me, body.client_id, body.name, body.size, here.files.limit, here.clock.now())
    )
    # The answer to the last piece may have been lost with the process that was about to check the file.
    return begun | {"file_id": begun["file_id"] or await _checked(here, me, begun["upload_id"])}


@routes.get("/{upload_id}")
async def state(upload_id: str, here: Here, me: Me) -> dict[str, Any]:
    """How far it got."""
    return await here.db.in_read(lambda s: resumable.view(resumable.own(s, me, upload_id)))


@routes.patch("/{upload_id}", response_model=None)
async def add(
    upload_id: str, request: Request, here: Here, me: Me, upload_offset: Annotated[int, Header(ge=0, le=_BIGGEST)]
) -> dict[str, Any] | JSONResponse:
    """A piece at Upload-Offset; 409 with the true offset when it belongs elsewhere."""
    try:
        piece = await request.body()
    except ClientDisconnect as error:  # nobody waits for the answer; the piece comes again
        raise DomainError("bad_request", 400) from error
    taken = await here.db.in_write(
        lambda s: resumable.take(s, me, pieces_of(here), upload_id, upload_offset, piece, here.clock.now())
    )
    if taken.differs:
        return problems.problem(DomainError("upload_offset", 409), received=taken.received)
    file_id = await _checked(here, me, upload_id) if taken.whole else None
    return {"received": taken.received, "file_id": file_id}


async def _checked(here: Services, me: SignedIn, upload_id: str) -> str | None:
    """Once all bytes are there: the same checks as for a file sent whole. Gives its id, None when it is not whole.

    Raises DomainError file_kind; such an upload is forgotten. No transaction is open while the bytes are looked at.
    """
    pieces = pieces_of(here)
    upload = await here.db.in_read(lambda s: resumable.unchecked(s, me, upload_id))
    if upload is None:
        return (await here.db.in_read(lambda s: resumable.own(s, me, upload_id))).file_id
    content = await asyncio.to_thread(pieces.read, upload_id, upload.size)
    if len(content) < upload.size:
        return None  # the next piece is answered with the true offset
    try:
        stored = await asyncio.to_thread(here.files.put, content, upload.name)
    except DomainError:
        await here.db.in_write(lambda s: resumable.drop(s, me, upload_id))
        await asyncio.to_thread(pieces.remove, upload_id)
        raise
    file_id = await here.db.in_write(lambda s: resumable.finish(s, me, upload_id, stored, here.clock.now()))
    await asyncio.to_thread(pieces.remove, upload_id)
    return file_id


async def remove_stale(here: Services) -> None:
    """A step of the sweep: unfinished uploads that nobody goes on with."""
    removed = await here.db.in_write(lambda s: resumable.remove_stale(s, pieces_of(here), here.clock.now()))
    if removed:
        log.info("%d unfinished uploads removed", removed)
