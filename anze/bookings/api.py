"""Services for staff over HTTP: a list, one, and what the service manager does. Within the branch tree of who asks."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from anze.bookings import arranging, creating, desk
from anze.bookings.kinds import Audience, ServiceStatus
from anze.conversations.api import Here
from anze.errors import DomainError
from anze.fields import Line, Phone, Prose, Reply
from anze.identity.desk import Office
from anze.identity.speaker import Speaker
from anze.services import Services

routes = APIRouter(prefix="/api/staff/bookings")
Item = Literal["a", "b", "c", "d", "e", "f", "g"]
_BIGGEST_ID = 2**31 - 1


async def manager(speaker: Office) -> Speaker:
    """Who arranges services: the service manager and a supervisor; the rest of the office reads."""
    if speaker.role not in arranging.MANAGERS:
        raise DomainError("forbidden", 403)
    return speaker


Manager = Annotated[Speaker, Depends(manager)]


class Looked(BaseModel):
    """The version that was looked at: what has changed since is not overwritten."""

    version: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]


class ProposalIn(Looked):
    slot: Line


class AssignIn(Looked):
    team_id: Annotated[int, Field(ge=1, le=_BIGGEST_ID)]
    people: Annotated[list[Line], Field(max_length=20)] = []


class ReasonIn(Looked):
    reason: Reply


class WordsIn(Looked):
    words: Reply


class CompletionIn(Looked):
    completed_on: date
    report_no: Line | None = None
    process: Reply | None = None


class ServiceIn(BaseModel):
    insured_ids: Annotated[list[Annotated[int, Field(ge=1, le=_BIGGEST_ID)]], Field(min_length=1, max_length=50)]
    item: Item
    slot: Line | None = None
    audience: Audience | None = None
    statutory: bool = False
    place: Annotated[Prose, Field(min_length=1, max_length=200)] | None = None
    measures: Reply | None = None
    attendees: Annotated[int, Field(ge=1, le=100_000)] | None = None
    contact_name: Line | None = None
    contact_phone: Phone | None = None
    note: Reply | None = None


@routes.get("")
async def listed(
    here: Here,
    speaker: Office,
    status: ServiceStatus | None = None,
    item: Item | None = None,
    q: Annotated[str, Query(max_length=60)] = "",
    waiting: bool = False,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
    sort: desk.Sort = "starts_at",
    descending: bool = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Services; `waiting`: those that a colleague has to arrange."""
    wanted = desk.Filter(
        status, item, q.replace("\x00", "").strip(), waiting, first, last, sort, descending, page, size
    )
    return await here.db.in_read(lambda s: desk.listed(s, speaker, wanted))


@routes.get("/{number}")
async def one(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """One service with its stages and steps."""
    return await here.db.in_read(lambda s: desk.one(s, speaker, number))


@routes.get("/{number}/slots")
async def slots(
    number: str, here: Here, speaker: Office, when: Annotated[str, Query(max_length=60)] = ""
) -> dict[str, Any]:
    """Free half days, nearest to a time in words."""
    days, now = here.calendar.calendar(), here.clock.now()
    return await here.db.in_read(lambda s: desk.free_slots(s, speaker, number, text=when, now=now, calendar=days))


@routes.post("", status_code=201)
async def create(body: ServiceIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """Enter a service, or a joint training of several insureds."""
    wanted = creating.Wanted(**body.model_dump())
    return await _changed(
        here, lambda s: creating.create(s, speaker, wanted, here.clock.now(), here.calendar.calendar())
    )


@routes.post("/{number}/propose")
async def propose(number: str, body: ProposalIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """A new time (and team); both sides confirm it."""
    return await _changed(
        here,
        lambda s: arranging.propose(
            s, speaker, number, version=body.version, slot=body.slot, now=here.clock.now(),
            calendar=here.calendar.calendar(),
        ),
    )  # fmt: skip


@routes.post("/{number}/confirm")
async def confirm(number: str, body: Looked, here: Here, speaker: Manager) -> dict[str, Any]:
    """The provider has confirmed to a colleague."""
    return await _changed(
        here,
        lambda s: arranging.confirm_for_provider(s, speaker, number, version=body.version, now=here.clock.now()),
    )


@routes.post("/{number}/assign")
async def assign(number: str, body: AssignIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """Send a team."""
    return await _changed(
        here,
        lambda s: arranging.assign(
            s, speaker, number, version=body.version, team_id=body.team_id, people=body.people, now=here.clock.now(),
            calendar=here.calendar.calendar(),
        ),
    )  # fmt: skip


@routes.post("/{number}/cancel")
async def cancel(number: str, body: ReasonIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """Call it off."""
    return await _changed(
        here,
        lambda s: arranging.cancel(
            s, speaker, number, version=body.version, reason=body.reason, now=here.clock.now(),
            calendar=here.calendar.calendar(),
        ),
    )  # fmt: skip


@routes.post("/{number}/no_show")
async def no_show(number: str, body: WordsIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """Our people were there and it could not be carried out; with the words said."""
    return await _not_carried_out(number, "no_show", body, here, speaker)


@routes.post("/{number}/refused")
async def refused(number: str, body: WordsIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """The insured does not want it; with the words said."""
    return await _not_carried_out(number, "refused", body, here, speaker)


async def _not_carried_out(number: str, which: str, body: WordsIn, here: Services, speaker: Speaker) -> dict[str, Any]:
    return await _changed(
        here,
        lambda s: arranging.not_carried_out(
            s, speaker, number, version=body.version, which=which, words=body.words, now=here.clock.now()
        ),
    )


@routes.post("/{number}/complete")
async def complete(number: str, body: CompletionIn, here: Here, speaker: Manager) -> dict[str, Any]:
    """It is done."""
    return await _changed(
        here,
        lambda s: arranging.complete(
            s, speaker, number, version=body.version, completed_on=body.completed_on, report_no=body.report_no,
            process=body.process, now=here.clock.now(), calendar=here.calendar,
        ),
    )  # fmt: skip


async def _changed(here: Services, work: Callable[[Session], dict[str, Any]]) -> dict[str, Any]:
    """Do it in one transaction, then show what was said in the talks."""
    done = await here.db.in_write(work)
    for conversation_id in done.pop("told"):
        here.hub.wake(conversation_id)
    return done
