"""Complaints for staff: the queue by legal date, one case, its decision. Within the branch tree of who asks."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.complaints import decision, desk
from anze.complaints.wanted import Wanted
from anze.conversations.api import Here
from anze.fields import Prose, Text
from anze.identity.desk import Office, Writer
from anze.identity.speaker import Speaker
from anze.services import Services

routes = APIRouter(prefix="/api/staff/complaints")


Part = Annotated[Text, Field(max_length=4000)]
"""May be empty: what is missing is named all at once, in words."""


class RemedyIn(BaseModel):
    """One way (review, mediation, arbitration, litigation); what is left out comes from the operator's data."""

    way: Annotated[str, Field(max_length=20)]
    where: Prose = ""
    phone: Prose = ""
    until: Prose = ""
    bring: Prose = ""
    clause: Prose = ""


class DecisionIn(BaseModel):
    """The five parts, and the version of the case that the officer saw. Without `remedies` the usual ones."""

    version: Annotated[int, Field(ge=1, le=1_000_000_000)]
    findings: Part = ""
    basis: Part = ""
    reasons: Part = ""
    outcome: Part = ""
    remedies: Annotated[list[RemedyIn], Field(max_length=10)] | None = None


class QueueIn(Wanted):
    """Filters and order, and which page of it."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    size: Annotated[int, Field(ge=1, le=200)] = 50


@routes.get("")
async def queue(here: Here, speaker: Office, asked: Annotated[QueueIn, Query()]) -> dict[str, Any]:
    """Cases by the day that is worked to, the earliest first, unless another order or other filters are asked for."""
    now = here.clock.now()

    def work(session: Session) -> dict[str, Any]:
        return desk.queue(session, speaker, asked, page=asked.page, size=asked.size, now=now, calendar=here.calendar)

    return await here.db.in_read(work)


@routes.get("/{number}")
async def one(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """One case with its words, evidence, dates and why, what was done so far, and the steps that may be taken now."""
    return await as_it_stands(here, speaker, number)


async def as_it_stands(here: Services, speaker: Speaker, number: str) -> dict[str, Any]:
    """The case whole, in a reading unit of its own: after a step, as it left the case or as a later one did.

    Never built in the unit that writes: all others wait for that one (SQLite) or for its rows.
    """
    now = here.clock.now()
    return await here.db.in_read(lambda session: desk.case(session, speaker, number, here.dates, now))


@routes.post("/{number}/decide")
async def decide(number: str, body: DecisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Decide a case; the complainant is told when the message was read. 409 when the case changed meanwhile."""
    now = here.clock.now()
    given = None if body.remedies is None else [one.model_dump() for one in body.remedies]
    parts = decision.Parts(body.findings, body.basis, body.reasons, body.outcome, given)

    def work(session: Session) -> list[str]:
        return decision.decide(session, speaker, number, parts, now, here.dates, version=body.version)

    for conversation_id in await here.db.in_write(work):
        here.hub.wake(conversation_id)
    return await as_it_stands(here, speaker, number)
