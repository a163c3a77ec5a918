"""Follow-ups over HTTP, for staff within their branch tree; a provider's people have no way in (6.3)."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.fields import Line
from anze.identity.desk import Office, Writer
from anze.surveys import desk
from anze.surveys.models import SurveyChannel

routes = APIRouter(prefix="/api/staff/surveys")
Words = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]


class AnswerIn(BaseModel):
    channel: Literal[SurveyChannel.PHONE, SurveyChannel.SITE]
    mark: Annotated[int, Field(ge=1, le=5)] | None = None
    opinion: Words = ""
    answered_by: Line


@routes.get("")
async def surveys(
    here: Here,
    speaker: Office,
    which: desk.Filter | None = None,
    q: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Follow-ups by their last day, open ones first."""
    now = here.clock.now()
    return await here.db.in_read(
        lambda s: desk.surveys(s, speaker, which=which, text=q.strip(), page=page, size=size, now=now)
    )


@routes.get("/{number}")
async def survey(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """The follow-up of one service."""
    return await here.db.in_read(lambda s: desk.survey(s, speaker, number, here.clock.now()))


@routes.post("/{number}/record")
async def record(number: str, body: AnswerIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Write down what the insured said by telephone or on site."""
    now = here.clock.now()

    def work(session: Session) -> dict[str, Any]:
        desk.record(
            session,
            speaker,
            number,
            channel=body.channel,
            mark=body.mark,
            opinion=body.opinion,
            answered_by=body.answered_by,
            now=now,
        )
        return desk.survey(session, speaker, number, now)

    return await here.db.in_write(work)
