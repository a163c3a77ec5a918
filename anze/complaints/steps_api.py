"""What staff do with a complaint, one route for each step of its life (life.py); within the branch tree of who asks.

Every call carries the version of the case that the officer saw: a stale one is refused (complaint_changed), nothing is
lost. The answer is the case as it stands then, with this step or with later ones too.
"""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy.orm import Session

from anze.complaints import causes, duplicates, extending, handling, merging, registering, staff_notices
from anze.complaints.api import as_it_stands
from anze.complaints.finding import found_for_staff
from anze.complaints.handling_models import About, NoticeChannel
from anze.complaints.models import Source
from anze.complaints.taking import Work, take
from anze.conversations.api import Here
from anze.fields import Line, Phone, Prose, Remark, Reply, Text, Token
from anze.identity.desk import Office, Writer
from anze.identity.speaker import Speaker
from anze.services import Services

routes = APIRouter(prefix="/api/staff/complaints")


class Seen(BaseModel):
    """The case as the officer saw it."""

    version: Annotated[int, Field(ge=1, le=1_000_000_000)]


class AssignIn(Seen):
    username: Line


class ReasonIn(Seen):
    reason: Reply


class AsideIn(Seen):
    reason: Remark


class SaidIn(Seen):
    said: Reply


class ExtendIn(Seen):
    reason: Reply
    substitute: Line | None = None


class AnswerIn(Seen):
    approve: bool
    words: Reply


class PauseIn(Seen):
    body: Line
    purpose: Reply
    commissioned_on: date
    expected_on: date


class ResumeIn(Seen):
    returned_on: date
    result: Reply


class NoticeIn(Seen):
    """`at`: when it was posted, said, signed; left out: now. `reached` false: a try that reached nobody."""

    about: About
    no: Annotated[int, Field(ge=1, le=100)] = 1
    channel: NoticeChannel
    recipient: Line
    evidence: Remark
    at: AwareDatetime | None = None
    reached: bool = True


class UnreachableIn(Seen):
    about: About
    no: Annotated[int, Field(ge=1, le=100)] = 1


class CauseIn(Seen):
    cause: Line
    provider: Line | None = None
    note: Prose = ""


class MergeIn(Seen):
    into: Line


class RegisterIn(BaseModel):
    """A complaint that came by telephone, letter, visit, mail or from a regulator. `reason`: why it is entered late."""

    source: Source
    received_on: date
    story: Reply
    wish: Prose = ""
    policy_no: Annotated[Text, Field(max_length=40)] = ""
    insured: Annotated[Text, Field(max_length=200)] = ""
    firm: Annotated[Text, Field(max_length=200)] = ""
    contact_name: Annotated[Text, Field(max_length=60)] = ""
    contact_phone: Phone | None = None
    standing_right: Annotated[Text, Field(max_length=100)] = ""
    reason: Annotated[Text, Field(max_length=300)] = ""
    regulator_no: Annotated[Text, Field(max_length=60)] = ""
    regulator_due_on: date | None = None
    file_ids: Annotated[list[Token], Field(max_length=20)] = []


class LikelyIn(BaseModel):
    """What is filled in so far; in the body, because an address is logged."""

    policy_no: Annotated[Text, Field(max_length=40)] = ""
    insured: Annotated[Text, Field(max_length=200)] = ""
    firm: Annotated[Text, Field(max_length=200)] = ""
    phone: Annotated[Text, Field(max_length=20)] = ""
    story: Annotated[Text, Field(max_length=4000)] = ""


async def _do(here: Services, speaker: Speaker, number: str, work: Work, body: Seen) -> dict[str, Any]:
    """One step in one transaction; the talks that were spoken in are woken, the case is shown as it stands."""
    now = here.clock.now()
    told = await here.db.in_write(lambda session: take(work, session, speaker, number, body, here, now))
    for conversation_id in told:
        here.hub.wake(conversation_id)
    return await as_it_stands(here, speaker, number)


@routes.post("", status_code=201)
async def register(body: RegisterIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """Write a complaint down; likely duplicates are offered for merging."""
    now = here.clock.now()
    slip = registering.Slip(**(body.model_dump() | {"contact_phone": body.contact_phone or ""}))

    def run(session: Session) -> str:
        return str(registering.register(session, speaker, slip, now, here.dates).number)

    return await as_it_stands(here, speaker, await here.db.in_write(run))


@routes.post("/likely")
async def likely(body: LikelyIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """While it is being written down: open cases that may be the same, and the insureds of the policy."""
    return await here.db.in_read(lambda s: duplicates.likely_before(s, speaker, **body.model_dump()))


@routes.get("/{number}/duplicates")
async def same(number: str, here: Here, speaker: Office) -> dict[str, Any]:
    """Open cases that may be the same grievance."""

    def run(session: Session) -> dict[str, Any]:
        case = found_for_staff(session, speaker, number)
        return {"items": duplicates.likely_same(session, speaker, case)}

    return await here.db.in_read(run)


@routes.post("/{number}/accept")
async def accept(number: str, body: Seen, here: Here, speaker: Writer) -> dict[str, Any]:
    """受理."""
    return await _do(here, speaker, number, handling.accept, body)


@routes.post("/{number}/assign")
async def assign(number: str, body: AssignIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """指派; somebody with an interest in the case is refused."""
    return await _do(here, speaker, number, handling.assign, body)


@routes.post("/{number}/stand-aside")
async def stand_aside(number: str, body: AsideIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """回避."""
    return await _do(here, speaker, number, handling.stand_aside, body)


@routes.post("/{number}/classify")
async def classify(number: str, body: ReasonIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """认定情况复杂 (6.4 b)."""
    return await _do(here, speaker, number, handling.classify, body)


@routes.post("/{number}/extend")
async def extend(number: str, body: ExtendIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """申请延期 (6.4 c)."""
    return await _do(here, speaker, number, extending.ask, body)


@routes.post("/{number}/extension")
async def extension(number: str, body: AnswerIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """批准或不批准延期 (6.4 c)."""
    return await _do(here, speaker, number, extending.answer, body)


@routes.post("/{number}/pause")
async def pause(number: str, body: PauseIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """暂停计时 (6.4 d)."""
    return await _do(here, speaker, number, handling.pause, body)


@routes.post("/{number}/resume")
async def resume(number: str, body: ResumeIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """恢复计时."""
    return await _do(here, speaker, number, handling.resume, body)


@routes.post("/{number}/withdraw")
async def withdraw(number: str, body: SaidIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """撤回, on the complainant's word."""
    return await _do(here, speaker, number, handling.withdraw, body)


@routes.post("/{number}/notices")
async def notice(number: str, body: NoticeIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """记录告知: a letter, a call, a signature, or a try."""
    return await _do(here, speaker, number, staff_notices.tell_by_hand, body)


@routes.post("/{number}/unreachable")
async def unreachable(number: str, body: UnreachableIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """无法联系, confirmed by a supervisor."""
    return await _do(here, speaker, number, staff_notices.give_up, body)


@routes.post("/{number}/cause")
async def cause(number: str, body: CauseIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """归因 of a closed case (8.2)."""
    return await _do(here, speaker, number, causes.name, body)


@routes.post("/{number}/merge")
async def merge(number: str, body: MergeIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """合并 into another open case; the earliest receipt governs."""
    return await _do(here, speaker, number, merging.merge, body)
