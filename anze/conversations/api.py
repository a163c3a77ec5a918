"""Sessions, messages, events and files, as the contract has them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request, Response, UploadFile
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.conversations import exchange, marking, opening, reading, store, uploads, views
from anze.conversations.models import Channel, Conversation, File
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.fields import Token
from anze.identity import browser, profile
from anze.identity import usecases as identity
from anze.identity.auth import Shown, SignedIn, issue, signed_in
from anze.services import Services

_HEARTBEAT_SECONDS = 15.0
_BIGGEST_ID = 2**63 - 1
_EVENT_ID = re.compile(r"[0-9]{1,18}")


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Authorization = Annotated[str | None, Header()]


async def current(request: Request, authorization: Authorization = None) -> SignedIn:
    """The signed-in conversation of a request, by its bearer token (named for OpenAPI) or the console's cookie."""
    return await browser.whose(request)


Here = Annotated[Services, Depends(services_of)]
Me = Annotated[SignedIn, Depends(current)]


class MessageIn(BaseModel):
    """One message; a button is its payload as text, files alone are allowed."""

    text: str = ""
    message_id: Token | None = None
    files: Annotated[list[Token], Field(max_length=10)] = []


class ConsentIn(BaseModel):
    version: Annotated[Token, Field(max_length=20)]


class ReadIn(BaseModel):
    """The newest message that the page has shown."""

    message_id: Annotated[int, Field(ge=1, le=2**31 - 1)]


class ActingForIn(BaseModel):
    insured_id: int


routes = APIRouter(prefix="/api")


@routes.post("/sessions", status_code=201)
async def open_session(here: Here) -> dict[str, Any]:
    """An anonymous web conversation with its token."""

    def work(session: Session) -> dict[str, Any]:
        conversation = opening.open_conversation(session, Channel.WEB, here.clock.now())
        opening.welcome(session, conversation, here.clock.now())
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
    await here.db.in_write(lambda s: identity.act_for(s, me.conversation_id, body.insured_id, here.clock.now()))
    return await who_am_i(here, me)


@routes.post("/sessions/read", status_code=204)
async def read(body: ReadIn, here: Here, me: Me) -> Response:
    """The page has shown the talk up to this message; a complaint's decision in it is told by that."""

    def work(session: Session) -> None:
        reading.check_own(session, me.conversation_id, body.message_id)
        marking.shown(session, me.conversation_id, body.message_id, here.clock.now(), here.dates)

    await here.db.in_write(work)
    return Response(status_code=204)


@routes.post("/messages")
async def send(body: MessageIn, here: Here, me: Me) -> dict[str, Any]:
    """Store the message, run its turn, give the answer; a polite word when the answer takes longer."""
    message_id = await exchange.receive(here, me.conversation_id, body.text, body.message_id, body.files)
    return await exchange.answer(here, me.conversation_id, message_id)


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
    request: Request,
    here: Here,
    me: Me,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events: what is pushed, as it happens; Last-Event-ID resumes. Ends when the token does."""
    if last_event_id is not None and _EVENT_ID.fullmatch(last_event_id):
        after = int(last_event_id)
    else:
        after = await here.db.in_read(lambda s: store.last_id(s, me.conversation_id))
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        _stream(request, here, browser.shown(request), after), media_type="text/event-stream", headers=headers
    )


async def _stream(request: Request, here: Services, shown: Shown, after: int) -> AsyncIterator[str]:
    state = None
    me = await here.db.in_read(lambda s: signed_in(s, shown, real_now()))
    async with here.hub.listen(me.conversation_id) as woken:
        while not await request.is_disconnected():
            woken.clear()
            try:
                news = await here.db.in_read(partial(_news, here=here, shown=shown, after=after))
            except DomainError:
                return
            if news.state != state:
                state = news.state
                yield _event("state", state | {"typing": False})
            for view in news.pushed:
                after = view["id"]
                yield _event("message", view, after)
            try:
                await asyncio.wait_for(woken.wait(), _HEARTBEAT_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"


@dataclass(frozen=True)
class _News:
    pushed: list[dict[str, Any]]
    state: dict[str, Any]
    """Who answers, and whom the talk is bound to: what the page shows around it"""


def _news(session: Session, here: Services, shown: Shown, after: int) -> _News:
    """What was pushed since. Raises DomainError unauthorised when the token has ended meanwhile."""
    me = signed_in(session, shown, real_now())
    rows = store.pushed_after(session, me.conversation_id, after)
    around = profile.of(session, session.get_one(Conversation, me.conversation_id), here.clock, demo=here.demo)
    state = {name: around[name] for name in ("handoff", "bound", "person", "acting_for", "insureds", "branch")}
    return _News(views.messages(session, rows), state)


def _event(kind: str, data: dict[str, Any], id_: int | None = None) -> str:
    head = f"id: {id_}\n" if id_ is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


@routes.post("/files", status_code=201)
async def upload(here: Here, me: Me, file: UploadFile) -> dict[str, Any]:
    """Keep a file as evidence; its type is told by its content."""
    content = await file.read(here.files.limit + 1)
    name = uploads.storable_name(file.filename or "")
    stored = await asyncio.to_thread(here.files.put, content, name)

    def work(session: Session) -> dict[str, Any]:
        row = uploads.add_file(session, me.conversation_id, stored, name, here.clock.now())
        return {"file_id": row.id, "sha256": row.sha256}

    return await here.db.in_write(work)


@routes.get("/files/{file_id}")
async def download(file_id: str, here: Here, me: Me) -> FileResponse:
    """A file of this conversation."""
    return send_file(here, await here.db.in_read(lambda s: uploads.own_file(s, me, file_id)))


def send_file(here: Services, file: File) -> FileResponse:
    """A kept file, to be saved and never shown as a page of ours. Raises not_found when its bytes are lost."""
    if not here.files.path(file.sha256).is_file():
        raise DomainError("not_found", 404)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
    return FileResponse(here.files.path(file.sha256), media_type=file.mime, headers=headers)
