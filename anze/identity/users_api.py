"""Users over HTTP, for administrators within their branch tree. A password is shown once, by the call that makes it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.conversations.turns import real_now
from anze.fields import Line, Phone
from anze.identity import administration, passwords
from anze.identity.desk import Administrator
from anze.identity.models import Role
from anze.identity.staff_api import wake

routes = APIRouter(prefix="/api/staff")
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]


class UserIn(BaseModel):
    username: Line
    name: Line
    role: Role
    branch_id: Id
    provider_id: Id | None = None
    phone: Phone | None = None


class MoveIn(BaseModel):
    branch_id: Id


class RoleIn(BaseModel):
    role: Role
    provider_id: Id | None = None


@routes.get("/branches")
async def branches(here: Here, speaker: Administrator) -> dict[str, Any]:
    """The branches to which somebody may be put."""
    return await here.db.in_read(lambda s: administration.branches(s, administration.admin_of(speaker)))


@routes.get("/users")
async def users(
    here: Here,
    speaker: Administrator,
    role: Role | None = None,
    branch_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    gone: bool = False,
    q: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Users by user name; `gone`: those who have left."""
    wanted = administration.Filter(role, branch_id, gone, q.replace("\x00", "").strip(), page, size)
    return await here.db.in_read(lambda s: administration.users(s, administration.admin_of(speaker), wanted))


@routes.post("/users", status_code=201)
async def add(body: UserIn, here: Here, speaker: Administrator) -> dict[str, Any]:
    """A new user with the one-time password: {"password", "username", "name", "role", "branch", …}."""
    password = passwords.one_time()
    fresh = await asyncio.to_thread(passwords.hashed, password)
    new = administration.NewUser(**body.model_dump())

    def work(session: Session) -> dict[str, Any]:
        row = administration.add(session, administration.admin_of(speaker), new, fresh, here.clock.now())
        return administration.view(row)

    return await here.db.in_write(work) | {"password": password}


@routes.post("/users/{username}/reset-password")
async def reset(username: Line, here: Here, speaker: Administrator) -> dict[str, Any]:
    """A one-time password in place of one that was forgotten or became known: {"username", "password"}."""
    password = passwords.one_time()
    fresh = await asyncio.to_thread(passwords.hashed, password)

    def work(session: Session) -> list[str]:
        admin = administration.admin_of(speaker)
        return administration.reset(session, admin, username, fresh, now=here.clock.now(), real_now=real_now())

    wake(here, await here.db.in_write(work))
    return {"username": username, "password": password}


@routes.post("/users/{username}/leave", status_code=204)
async def leave(username: Line, here: Here, speaker: Administrator) -> Response:
    """Somebody is gone."""

    def work(session: Session) -> list[str]:
        admin = administration.admin_of(speaker)
        return administration.leave(session, admin, username, now=here.clock.now(), real_now=real_now())

    wake(here, await here.db.in_write(work))
    return Response(status_code=204)


@routes.post("/users/{username}/move", status_code=204)
async def move(username: Line, body: MoveIn, here: Here, speaker: Administrator) -> Response:
    """Somebody works at another branch."""

    def work(session: Session) -> list[str]:
        admin, now = administration.admin_of(speaker), here.clock.now()
        return administration.move(session, admin, username, body.branch_id, now=now, real_now=real_now())

    wake(here, await here.db.in_write(work))
    return Response(status_code=204)


@routes.post("/users/{username}/role", status_code=204)
async def give_role(username: Line, body: RoleIn, here: Here, speaker: Administrator) -> Response:
    """Somebody does other work."""

    def work(session: Session) -> list[str]:
        admin, now = administration.admin_of(speaker), here.clock.now()
        return administration.give_role(
            session, admin, username, body.role, body.provider_id, now=now, real_now=real_now()
        )

    wake(here, await here.db.in_write(work))
    return Response(status_code=204)
