"""A provider's own orders over HTTP, for the page on the phone."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.bookings import orders
from anze.conversations.api import Here
from anze.fields import Line, Reply, Token
from anze.providers.door import ProviderPerson
from anze.services import Services

routes = APIRouter(prefix="/api/provider/orders")


class Sent(BaseModel):
    """`client_id`: the page's own name for this step; the same one again does nothing."""

    client_id: Token


class AcceptIn(Sent):
    people: Annotated[list[Line], Field(max_length=20)] = []


class DeclineIn(Sent):
    reason: Reply


class FinishIn(Sent):
    process: Reply
    completed_on: date


class ReportIn(Sent):
    file_id: Token
    report_no: Line | None = None


@routes.get("")
async def listed(
    here: Here,
    speaker: ProviderPerson,
    which: orders.Which = "open",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Own orders: open (the next one first), today, done or all."""
    return await here.db.in_read(lambda s: orders.listed(s, speaker, which, here.clock.now(), page, size))


@routes.get("/{number}")
async def one(number: str, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """One order."""
    return await here.db.in_read(lambda s: orders.one(s, speaker, number))


@routes.post("/{number}/accept")
async def accept(number: str, body: AcceptIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """Confirm, and name who comes."""
    return await _changed(
        here,
        lambda s: orders.accept(
            s, speaker, number, people=body.people, client_id=body.client_id, now=here.clock.now(),
            calendar=here.calendar.calendar(),
        ),
    )  # fmt: skip


@routes.post("/{number}/decline")
async def decline(number: str, body: DeclineIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """Nobody can come."""
    return await _changed(
        here,
        lambda s: orders.decline(
            s, speaker, number, reason=body.reason, client_id=body.client_id, now=here.clock.now()
        ),
    )


@routes.post("/{number}/rules_seen")
async def rules_seen(number: str, body: Sent, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """The site's rules were read."""
    return await _changed(
        here, lambda s: orders.rules_seen(s, speaker, number, client_id=body.client_id, now=here.clock.now())
    )


@routes.post("/{number}/check_in")
async def check_in(number: str, body: Sent, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """On the site."""
    return await _changed(
        here, lambda s: orders.check_in(s, speaker, number, client_id=body.client_id, now=here.clock.now())
    )


@routes.post("/{number}/finish")
async def finish(number: str, body: FinishIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """The work is done."""
    return await _changed(
        here,
        lambda s: orders.finish(
            s, speaker, number, process=body.process, completed_on=body.completed_on, client_id=body.client_id,
            now=here.clock.now(), calendar=here.calendar,
        ),
    )  # fmt: skip


@routes.post("/{number}/report")
async def report(number: str, body: ReportIn, here: Here, speaker: ProviderPerson) -> dict[str, Any]:
    """The report, a file uploaded before."""
    return await _changed(
        here,
        lambda s: orders.report(
            s, speaker, number, file_id=body.file_id, report_no=body.report_no, client_id=body.client_id,
            now=here.clock.now(),
        ),
    )  # fmt: skip


async def _changed(here: Services, work: Callable[[Session], dict[str, Any]]) -> dict[str, Any]:
    """Do it in one transaction, then show what was said in the talks."""
    done = await here.db.in_write(work)
    for conversation_id in done.pop("told"):
        here.hub.wake(conversation_id)
    return done
