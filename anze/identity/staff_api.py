"""Staff sign in and out, see and end their sessions, change their password; the console's sign-in by cookie."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.conversations.api import Here, Me
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.fields import Line, Token
from anze.identity import browser, passwords, sessions, staff
from anze.identity.auth import SignedIn
from anze.identity.models import Carrier
from anze.identity.rules import password_refusal
from anze.services import Services

Password = Annotated[str, Field(max_length=200)]


class LoginIn(BaseModel):
    username: Line
    password: Password


class ChangeIn(BaseModel):
    old: Password
    new: Password


async def colleague(me: Me) -> SignedIn:
    """Somebody with a staff login, whatever the role."""
    if me.staff_id is None:
        raise DomainError("forbidden", 403)
    return me


async def changer(request: Request) -> SignedIn:
    """A staff member, also one who may do nothing else yet."""
    return await colleague(await browser.whose(request, to_change=True))


Colleague = Annotated[SignedIn, Depends(colleague)]
Changer = Annotated[SignedIn, Depends(changer)]

routes = APIRouter()


async def by_password(here: Services, body: LoginIn, request: Request, carrier: Carrier) -> dict[str, Any]:
    """{"token", "role", "branch", "must_change"?} for the right password. Raises login_failed, login_locked."""
    stored = await here.db.in_read(partial(staff.stored_hash, username=body.username))
    right = await asyncio.to_thread(passwords.matches, stored, body.password)
    checked, way = staff.Checked(stored, right), browser.way(request, carrier)

    def work(session: Session) -> dict[str, Any] | DomainError:
        now = here.clock.now()
        return staff.login(session, body.username, checked, way, demo=here.demo, now=now, real_now=real_now())

    result = await here.db.in_write(work)
    if isinstance(result, DomainError):
        raise result
    return result


@routes.post("/api/staff/login")
async def login(body: LoginIn, request: Request, here: Here) -> dict[str, Any]:
    """A staff token; used on /api/messages it is a staff conversation."""
    return await by_password(here, body, request, Carrier.BEARER)


@routes.post("/staff/sign-in")
async def sign_in(body: LoginIn, request: Request, here: Here) -> JSONResponse:
    """The same as a cookie, for the console's pages; the token itself is in no answer."""
    browser.check_own_page(request)
    came = await by_password(here, body, request, Carrier.COOKIE)
    token = came.pop("token")
    response = JSONResponse(came)
    browser.give_cookie(request, response, token)
    return response


@routes.post("/api/staff/password", status_code=204)
async def change_password(body: ChangeIn, here: Here, me: Changer) -> Response:
    """Change one's own password; every other session ends."""
    username = await here.db.in_read(lambda s: staff.own_name(s, me))
    if code := password_refusal(body.new, old=body.old, username=username, common=passwords.common()):
        raise DomainError(code, 422)
    stored = await here.db.in_read(partial(staff.stored_hash, username=username))
    right = await asyncio.to_thread(passwords.matches, stored, body.old)
    fresh = await asyncio.to_thread(passwords.hashed, body.new)
    checked = staff.Checked(stored, right)

    def work(session: Session) -> list[str] | DomainError:
        return staff.change_password(session, me, checked, fresh, now=here.clock.now(), real_now=real_now())

    result = await here.db.in_write(work)
    if isinstance(result, DomainError):
        raise result
    wake(here, result)
    return Response(status_code=204)


@routes.get("/api/staff/sessions")
async def own_sessions(here: Here, me: Colleague) -> dict[str, Any]:
    """One's own sessions that are open, the last used first."""
    return await here.db.in_read(lambda s: sessions.own(s, me, real_now()))


@routes.delete("/api/staff/sessions", status_code=204)
async def end_others(here: Here, me: Colleague) -> Response:
    """End all of one's own sessions but this one."""
    wake(here, await here.db.in_write(lambda s: sessions.end_all(s, me.staff_id, real_now(), but=me.token_sha256)))
    return Response(status_code=204)


@routes.delete("/api/staff/sessions/{session_id}", status_code=204)
async def end_one(session_id: Token, here: Here, me: Colleague) -> Response:
    """End one of one's own sessions."""
    wake(here, await here.db.in_write(lambda s: sessions.end_one(s, me, session_id, real_now())))
    return Response(status_code=204)


@routes.delete("/api/staff/session", status_code=204)
async def sign_out(request: Request, here: Here, me: Colleague) -> Response:
    """Sign out."""
    wake(here, await here.db.in_write(lambda s: sessions.end_current(s, me, real_now())))
    response = Response(status_code=204)
    browser.take_cookie(request, response)
    return response


def wake(here: Services, talks: list[str]) -> None:
    """Let the event streams of these talks look again: their tokens have ended."""
    for conversation_id in talks:
        here.hub.wake(conversation_id)
