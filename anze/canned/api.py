"""Canned answers over HTTP, for staff within their branch tree."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from anze.canned import usecases
from anze.canned.defaults import load_canned
from anze.conversations.api import Here
from anze.fields import Line
from anze.identity.desk import Office, Writer

routes = APIRouter(prefix="/api/staff")
_BIGGEST_ID = 2**31 - 1
Id = Annotated[int, Path(ge=1, le=_BIGGEST_ID)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class AnswerIn(BaseModel):
    """`branch`: for that branch and those below it; left out: one's own."""

    title: Line
    text: Words
    branch: Annotated[int, Field(ge=1, le=_BIGGEST_ID)] | None = None


class ChangeIn(BaseModel):
    """The version that was read: what was changed since is not overwritten."""

    version: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
    title: Line
    text: Words


@routes.get("/canned-answers")
async def kept(here: Here, speaker: Office) -> dict[str, Any]:
    """What is written for one's branches: inherited, own, below."""
    return await here.db.in_read(lambda s: usecases.kept(s, speaker, load_canned(here.settings.knowledge)))


@routes.get("/conversations/{conversation_id}/canned-answers")
async def offered(
    conversation_id: str, here: Here, speaker: Office, number: Annotated[str | None, Query(max_length=20)] = None
) -> dict[str, Any]:
    """What can be put into the reply of a talk, filled in from its case."""
    defaults, now = load_canned(here.settings.knowledge), here.clock.now()

    def work(session: Session) -> dict[str, Any]:
        return usecases.offered(session, speaker, conversation_id, number, defaults, now, here.dates)

    return await here.db.in_read(work)


@routes.post("/canned-answers", status_code=201)
async def write(body: AnswerIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A new one, by a supervisor or an administrator. 422: an unknown placeholder, or a promise of a result."""
    now = here.clock.now()
    return await here.db.in_write(lambda s: usecases.write(s, speaker, body.title, body.text, body.branch, now))


@routes.put("/canned-answers/{answer_id}")
async def change(answer_id: Id, body: ChangeIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Write it anew. 409: somebody did so meanwhile, or the title is taken."""
    now = here.clock.now()
    return await here.db.in_write(
        lambda s: usecases.change(s, speaker, answer_id, body.version, body.title, body.text, now)
    )


@routes.delete("/canned-answers/{answer_id}", status_code=204)
async def remove(answer_id: Id, here: Here, speaker: Writer) -> Response:
    """Take it out of the list."""
    await here.db.in_write(lambda s: usecases.remove(s, speaker, answer_id))
    return Response(status_code=204)
