"""Terms as data: so many days of which kind, by which clause, kept per edition of the rules in knowledge/clocks/."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator


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


class Editions[T](Frozen):
    """One entry per edition; `current` is the one under which new cases begin."""

    current: str
    editions: dict[str, T]

    @model_validator(mode="after")
    def _current_is_there(self) -> Self:
        if self.current not in self.editions:
            raise ValueError(f"no edition {self.current}")
        return self

    def get(self, edition: str | None = None) -> T:
        """The named edition, or the current one. Raises KeyError for an edition that is not loaded."""
        return self.editions[edition or self.current]


def load_service_terms(knowledge: Path, edition: str | None = None) -> ServiceTerms:
    """The terms of knowledge/clocks/service.yml. Raises pydantic's ValidationError for a malformed file."""
    raw = yaml.safe_load((knowledge / "clocks" / "service.yml").read_text(encoding="utf-8"))
    return Editions[ServiceTerms].model_validate(raw).get(edition)
