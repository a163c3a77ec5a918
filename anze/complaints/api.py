"""Complaints for staff: the queue by legal date, and one case. Within the branch tree of who asks."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from anze.complaints import desk
from anze.complaints.models import ComplaintStatus
from anze.conversations.api import Here
from anze.identity.desk import Office

routes = APIRouter(prefix="/api/staff/complaints")


@routes.get("")
async def queue(
    here: Here,
    speaker: Office,
    status: ComplaintStatus | None = None,
    q: Annotated[str, Query(max_length=60)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Cases by the date that is worked to, the earliest first."""

    def work(session: Session) -> dict[str, Any]:
        return desk.queue(session, speaker, status=status, text=q.replace("\x00", ""), page=page, size=size)

    return await here.db.in_read(work)


@routes.get("/{number}")
async def one(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """One case with its statements, evidence, dates and their explanation."""
    now = here.clock.now()
    return await here.db.in_read(lambda s: desk.case(s, speaker, number, here.dates, now))
