"""Terms as data: so many days of which kind, by which clause, kept in clocks/ of each edition of the standard."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """Parent of the schemas of clock data: unknown keys are refused, values do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(Frozen):
    """So many days. `roll`: a last day that is a rest day moves to the next working day."""

    clause: str | None
    days: Annotated[int, Field(gt=0)]
    unit: Literal["working", "calendar"]
    roll: bool


class ServiceTerms(Frozen):
    """6.3: follow-up and archive, counted from the completion of a service (day 0)."""

    rule_version: str
    follow_up: Term
    archive: Term
