"""Hazards over HTTP, for staff within their branch tree."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.fields import Prose, Reply
from anze.hazards import desk, listing
from anze.hazards.models import HazardLevel
from anze.identity.desk import Office, Writer
from anze.identity.speaker import Speaker
from anze.services import Services

routes = APIRouter(prefix="/api/staff/hazards")
DateNo = Annotated[int, Field(ge=1, le=10_000)]


class ProposalIn(BaseModel):
    due_on: date
    reason: Prose = ""
    interim_measures: Prose = ""


class DateIn(BaseModel):
    no: DateNo


class RefusalIn(DateIn):
    reason: Reply


class SupervisionIn(DateIn):
    agree: bool
    reason: Reply


class ResultIn(BaseModel):
    result: Reply


class ReasonIn(BaseModel):
    reason: Reply


@routes.get("")
async def hazards(
    here: Here,
    speaker: Office,
    which: listing.Filter | None = None,
    level: HazardLevel | None = None,
    q: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Hazards, open and major ones first."""
    now = here.clock.now()
    return await here.db.in_read(
        lambda s: listing.hazards(
            s, speaker, which=which, level=level, text=q.strip(), page=page, size=size, now=now, calendar=here.calendar
        )
    )


@routes.get("/{number}")
async def hazard(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """One hazard with every date and who agreed."""
    return await here.db.in_read(lambda s: desk.hazard(s, speaker, number, here.clock.now(), here.calendar))


async def _do(here: Services, speaker: Speaker, number: str, work: Callable[[Session], list[str]]) -> dict[str, Any]:
    """Run one step, wake the talks that were spoken in, show the hazard as it stands then."""

    def run(session: Session) -> tuple[list[str], dict[str, Any]]:
        told = work(session)
        return told, desk.hazard(session, speaker, number, here.clock.now(), here.calendar)

    told, view = await here.db.in_write(run)
    for conversation_id in told:
        here.hub.wake(conversation_id)
    return view


@routes.post("/{number}/propose")
async def propose(number: str, body: ProposalIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Propose a date to the insured."""
    now = here.clock.now()
    return await _do(
        here,
        speaker,
        number,
        lambda s: desk.propose(s, speaker, number, body.due_on, body.reason, body.interim_measures, now),
    )


@routes.post("/{number}/accept")
async def accept(number: str, body: DateIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Agree to the insured's date."""
    now = here.clock.now()
    return await _do(here, speaker, number, lambda s: desk.accept(s, speaker, number, body.no, now, here.calendar))


@routes.post("/{number}/refuse")
async def refuse(number: str, body: RefusalIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Do not agree to the insured's date."""
    now = here.clock.now()
    return await _do(here, speaker, number, lambda s: desk.refuse(s, speaker, number, body.no, body.reason, now))


@routes.post("/{number}/supervise")
async def supervise(number: str, body: SupervisionIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """A supervisor agrees, or not, to the second new date or a later one."""
    now = here.clock.now()
    return await _do(
        here,
        speaker,
        number,
        lambda s: desk.supervise(
            s, speaker, number, body.no, agree=body.agree, reason=body.reason, now=now, calendar=here.calendar
        ),
    )


@routes.post("/{number}/close")
async def close(number: str, body: ResultIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Verified: it is put right."""
    now = here.clock.now()
    return await _do(here, speaker, number, lambda s: desk.close(s, speaker, number, body.result, now))


@routes.post("/{number}/send-back")
async def send_back(number: str, body: ReasonIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Verified: it is not put right."""
    now = here.clock.now()
    return await _do(
        here, speaker, number, lambda s: desk.send_back(s, speaker, number, body.reason, now, here.calendar)
    )
