"""Binding, colleagues, and staff sign-in over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity import members, staff, usecases

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\d{7,20}$")]


class BindIn(BaseModel):
    policy_no: Short
    phone: Short


class CodeIn(BaseModel):
    code: Short


class JoinIn(BaseModel):
    token: Annotated[str, Field(max_length=64)]
    name: Short
    phone: Phone


class RequestIn(BaseModel):
    policy_no: Short
    name: Short
    phone: Phone
    reason: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")] = ""
    file_id: str | None = None


class LoginIn(BaseModel):
    username: Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00]*$")]
    password: Annotated[str, Field(max_length=200)]


routes = APIRouter(prefix="/api")


@routes.post("/sessions/bind", status_code=202)
async def start(body: BindIn, here: Here, me: Me) -> dict[str, Any]:
    """Send a one-time code to the phone on file; the same answer whether or not the pair exists."""

    def work(session: Session) -> dict[str, Any]:
        now = here.clock.now()
        return usecases.challenge_bind(session, me.conversation_id, here.codes, body.policy_no, body.phone, now)

    return await here.db.in_write(work)


@routes.post("/sessions/bind/confirm")
async def confirm(body: CodeIn, here: Here, me: Me) -> dict[str, Any]:
    """The code binds the conversation."""
    result = await here.db.in_write(
        lambda s: usecases.confirm_bind(s, me.conversation_id, here.codes, body.code, here.clock.now())
    )
    if isinstance(result, DomainError):
        raise result
    return result


@routes.post("/sessions/bind/request", status_code=202)
async def request_right(body: RequestIn, here: Here, me: Me) -> dict[str, Any]:
    """Ask to act for a firm without the phone on file."""

    def work(session: Session) -> None:
        members.request_right(session, me.conversation_id, now=here.clock.now(), **body.model_dump())

    await here.db.in_write(work)
    return {}


@routes.post("/sessions/bind/join")
async def join(body: JoinIn, here: Here, me: Me) -> dict[str, Any]:
    """Use a colleague's invitation."""

    def work(session: Session) -> dict[str, Any]:
        return members.join(session, me.conversation_id, body.token, body.name, body.phone, here.clock.now())

    return await here.db.in_write(work)


@routes.delete("/sessions", status_code=204)
async def leave(here: Here, me: Me) -> Response:
    """Sign out: every token of this conversation ends."""
    await here.db.in_write(lambda s: usecases.sign_out(s, me.conversation_id, real_now()))
    return Response(status_code=204)


@routes.post("/staff/login")
async def login(body: LoginIn, here: Here) -> dict[str, Any]:
    """A staff token; used on /api/messages it is a staff conversation."""
    result = await here.db.in_write(
        lambda s: staff.login(
            s, body.username, body.password, demo=here.demo, now=here.clock.now(), real_now=real_now()
        )
    )
    if isinstance(result, DomainError):
        raise result
    return result
