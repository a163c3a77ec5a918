"""Binding and colleagues over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.fields import Line, Phone, PolicyNo, Prose, Token
from anze.identity import members, usecases
from anze.identity.auth import SignedIn


class BindIn(BaseModel):
    policy_no: Line
    phone: Line


class CodeIn(BaseModel):
    code: Line


class JoinIn(BaseModel):
    token: Token
    name: Line
    phone: Phone


class RequestIn(BaseModel):
    policy_no: PolicyNo
    name: Line
    phone: Phone
    reason: Prose = ""
    file_id: Token | None = None


async def customer(me: Me) -> SignedIn:
    """Somebody on the insured's side: staff act for no firm."""
    if me.staff_id is not None:
        raise DomainError("forbidden", 403)
    return me


Customer = Annotated[SignedIn, Depends(customer)]

routes = APIRouter(prefix="/api")


@routes.post("/sessions/bind", status_code=202)
async def start(body: BindIn, here: Here, me: Customer) -> dict[str, Any]:
    """Send a one-time code to the phone on file; the same answer whether or not the pair exists."""

    def work(session: Session) -> dict[str, Any]:
        now = here.clock.now()
        return usecases.challenge_bind(session, me.conversation_id, here.codes, body.policy_no, body.phone, now)

    return await here.db.in_write(work)


@routes.post("/sessions/bind/confirm")
async def confirm(body: CodeIn, here: Here, me: Customer) -> dict[str, Any]:
    """The code binds the conversation."""
    result = await here.db.in_write(
        lambda s: usecases.confirm_bind(s, me.conversation_id, here.codes, body.code, here.clock.now())
    )
    if isinstance(result, DomainError):
        raise result
    return result


@routes.post("/sessions/bind/request", status_code=202)
async def request_right(body: RequestIn, here: Here, me: Customer) -> dict[str, Any]:
    """Ask to act for a firm without the phone on file."""

    def work(session: Session) -> list[str]:
        return members.request_right(session, me.conversation_id, now=here.clock.now(), **body.model_dump())

    for told in await here.db.in_write(work):
        here.hub.wake(told)
    return {}


@routes.post("/sessions/bind/join")
async def join(body: JoinIn, here: Here, me: Customer) -> dict[str, Any]:
    """Use a colleague's invitation."""

    def work(session: Session) -> dict[str, Any]:
        return members.join(session, me.conversation_id, body.token, body.name, body.phone, here.clock.now())

    return await here.db.in_write(work)


@routes.delete("/sessions", status_code=204)
async def leave(here: Here, me: Me) -> Response:
    """Sign out: every token of this conversation ends."""
    await here.db.in_write(lambda s: usecases.sign_out(s, me.conversation_id, real_now()))
    here.hub.wake(me.conversation_id)
    return Response(status_code=204)
