"""Sessions, messages, events and files, as the contract has them."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response, UploadFile
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from anze.conversations import store, usecases, views
from anze.conversations.models import Channel, Conversation, File, Message
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity import profile
from anze.identity.auth import SignedIn, issue, signed_in
from anze.services import Services

_HEARTBEAT_SECONDS = 15.0
_BIGGEST_ID = 2**63 - 1


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def current(
    services: Annotated[Services, Depends(services_of)], authorization: Annotated[str | None, Header()] = None
) -> SignedIn:
    """The signed-in conversation of a request."""
    return await services.db.in_read(lambda s: signed_in(s, authorization, real_now()))


Here = Annotated[Services, Depends(services_of)]
Me = Annotated[SignedIn, Depends(current)]


class MessageIn(BaseModel):
    """One message; a button is its payload as text, files alone are allowed."""

    text: str = ""
    message_id: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    files: Annotated[list[str], Field(max_length=10)] = []


class ConsentIn(BaseModel):
    version: Annotated[str, Field(min_length=1, max_length=20)]


class ActingForIn(BaseModel):
    insured_id: int


routes = APIRouter(prefix="/api")


@routes.post("/sessions", status_code=201)
async def open_session(here: Here) -> dict[str, Any]:
    """An anonymous web conversation with its token."""

    def work(session: Session) -> dict[str, Any]:
        conversation = usecases.open_conversation(session, Channel.WEB, here.clock.now())
        usecases.welcome(session, conversation, here.clock.now())
        token = issue(session, conversation, real_now())
        return {"token": token, "conversation_id": conversation.id} | profile.first_contact(
            session, conversation, here.clock, demo=here.demo
        )

    return await here.db.in_write(work)


@routes.get("/sessions/me")
async def who_am_i(here: Here, me: Me) -> dict[str, Any]:
    """What the page shows around the talk: whom it is bound to, the branch, who answers."""
    return await here.db.in_read(
        lambda s: profile.of(s, s.get_one(Conversation, me.conversation_id), here.clock, demo=here.demo)
    )


@routes.post("/sessions/consent", status_code=204)
async def consent(body: ConsentIn, here: Here, me: Me) -> Response:
    """The privacy notice was read; its version and the moment are kept."""
    await here.db.in_write(lambda s: profile.consent(s, me.conversation_id, body.version, here.clock.now()))
    return Response(status_code=204)


@routes.post("/sessions/acting-for")
async def act_for(body: ActingForIn, here: Here, me: Me) -> dict[str, Any]:
    """Choose for which of one's firms the talk goes on."""
    await here.db.in_write(lambda s: profile.act_for(s, me.conversation_id, body.insured_id))
    return await who_am_i(here, me)


@routes.post("/messages")
async def send(body: MessageIn, here: Here, me: Me) -> dict[str, Any]:
    """Store the message, run its turn, give the answer; a polite word when the answer takes longer."""
    message_id = await _receive(here, me, body)
    timeout = here.settings.turn_timeout_seconds
    answer = await here.turns.answer(me.conversation_id, message_id, timeout)
    if answer is None:
        said = await here.db.in_write(partial(usecases.say_interim, message_id=message_id, now=here.clock.now()))
        if said is not None:
            return {"topic": "fallback", "understood": {"intent": None, "confidence": 0.0}, "messages": said}
        answer = await here.db.in_read(partial(usecases.answers_if_done, message_id=message_id))
    if answer is None:
        raise DomainError("internal", 500)
    return answer


async def _receive(here: Services, me: SignedIn, body: MessageIn) -> int:
    def work(session: Session) -> int:
        now = here.clock.now()
        return usecases.receive(session, me.conversation_id, body.text, body.message_id, body.files, now).id

    try:
        return await here.db.in_write(work)
    except IntegrityError:
        # The same message_id arrived twice at once; the other one was stored, so now it is found.
        return await here.db.in_write(work)


@routes.get("/messages")
async def history(here: Here, me: Me, after: Annotated[int, "id"] = 0) -> dict[str, Any]:
    """The conversation so far, both directions, pushed messages included."""
    start = min(max(after, 0), _BIGGEST_ID)

    def work(session: Session) -> dict[str, Any]:
        rows = store.history(session, me.conversation_id, start)
        return {"items": views.messages(session, rows), "last": rows[-1].id if rows else start}

    return await here.db.in_read(work)


@routes.get("/events")
async def events(
    request: Request, here: Here, me: Me, last_event_id: Annotated[str | None, Header()] = None
) -> StreamingResponse:
    """Server-sent events: what is pushed, as it happens; Last-Event-ID resumes."""
    if last_event_id is not None and last_event_id.isdecimal():
        after = min(int(last_event_id), _BIGGEST_ID)
    else:
        after = await here.db.in_read(lambda s: store.last_id(s, me.conversation_id))
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, here, me, after), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, here: Services, me: SignedIn, after: int) -> AsyncIterator[str]:
    handoff = None
    async with here.hub.listen(me.conversation_id) as woken:
        while not await request.is_disconnected():
            woken.clear()
            rows, views_, now_handoff = await here.db.in_read(partial(_news, me=me, after=after))
            if now_handoff != handoff:
                handoff = now_handoff
                yield _event("state", {"handoff": handoff, "typing": False})
            for row, view in zip(rows, views_, strict=True):
                after = row.id
                yield _event("message", view, row.id)
            try:
                await asyncio.wait_for(woken.wait(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"


def _news(session: Session, me: SignedIn, after: int) -> tuple[list[Message], list[dict[str, Any]], str]:
    rows = store.pushed_after(session, me.conversation_id, after)
    handoff = session.get_one(Conversation, me.conversation_id).handoff
    return rows, views.messages(session, rows), handoff


def _event(kind: str, data: dict[str, Any], id_: int | None = None) -> str:
    head = f"id: {id_}\n" if id_ is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


@routes.post("/files", status_code=201)
async def upload(here: Here, me: Me, file: UploadFile) -> dict[str, Any]:
    """Keep a file as evidence; its type is told by its content."""
    content = await file.read(here.files.limit + 1)
    name = usecases.storable_name(file.filename or "")
    stored = await asyncio.to_thread(here.files.put, content, name)

    def work(session: Session) -> dict[str, Any]:
        row = usecases.add_file(session, me.conversation_id, stored, name, here.clock.now())
        return {"file_id": row.id, "sha256": row.sha256}

    return await here.db.in_write(work)


@routes.get("/files/{file_id}")
async def download(file_id: str, here: Here, me: Me) -> FileResponse:
    """A file of this conversation."""

    def work(session: Session) -> File:
        found = store.files_of(session, me.conversation_id, [file_id])
        if not found:
            raise DomainError("not_found", 404)
        return found[0]

    row = await here.db.in_read(work)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(row.name)}"}
    return FileResponse(here.files.path(row.sha256), media_type=row.mime, headers=headers)
