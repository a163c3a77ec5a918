"""A step taken with the fields that were filled in, whoever filled them in: a program over HTTP or a form."""

from collections.abc import Callable
from datetime import datetime
from inspect import signature

from pydantic import BaseModel
from sqlalchemy.orm import Session

from anze.identity.speaker import Speaker
from anze.services import Services

type Work = Callable[..., list[str]]
"""A use case of a step: (session, speaker, number, the fields…, now) → the talks that were spoken in."""


def take(
    work: Work, session: Session, speaker: Speaker, number: str, body: BaseModel, services: Services, now: datetime
) -> list[str]:  # fmt: skip
    """Call a use case of a step with the fields of `body`, and with the dates and the calendar if it asks for them.

    Gives the talks that were spoken in. Raises what the use case raises.
    """
    offered = {"dates": services.dates, "calendar": services.calendar}
    wanted = signature(work).parameters
    more = {name: value for name, value in offered.items() if name in wanted}
    return work(session, speaker, number, **dict(body), **more, now=now)
