"""Who was told how complaints are handled, over HTTP, for staff (6.4)."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from anze.clock import legal_date
from anze.conversations.api import Here
from anze.fields import PolicyNo, Remark, Token
from anze.identity.desk import Office, Writer
from anze.procedure import usecases
from anze.procedure.kinds import Way
from anze.procedure.usecases import Told

routes = APIRouter(prefix="/api/staff/procedure-notices")
_BIGGEST_ID = 2**31 - 1


class ToldIn(BaseModel):
    """`insured`: one of the policy, all of them without; `words`: what was handed over, and to whom."""

    policy: PolicyNo
    way: Way
    on: date
    words: Remark
    insured: Annotated[int | None, Field(ge=1, le=_BIGGEST_ID)] = None
    file_id: Token | None = None


@routes.get("")
async def untold(
    here: Here, speaker: Office, page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:  # fmt: skip
    """Insureds with a policy in force who were not told yet."""
    today = legal_date(here.clock.now())
    return await here.db.in_read(lambda s: usecases.untold(s, speaker, today, page=page, size=size))


@routes.post("", status_code=201)
async def note(body: ToldIn, here: Here, speaker: Writer) -> dict[str, Any]:
    """They were told on paper, in person, by telephone."""
    now = here.clock.now()
    told = Told(body.policy, body.way, body.on, body.words, body.insured, body.file_id)
    return {"noted": await here.db.in_write(lambda s: usecases.note(s, speaker, told, now))}
