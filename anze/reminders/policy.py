"""knowledge/reminder_policy.yml, validated: per kind the steps, the hours, the channels, and who is told."""

from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, StringConstraints, model_validator

from anze.calendar.terms import Frozen
from anze.texts import all_texts

KNOWLEDGE = Path(__file__).resolve().parents[2] / "knowledge"

Step = Annotated[str, StringConstraints(pattern=r"^T([+-][1-9][0-9]?)?$")]
Channel = Literal["web", "sms", "email", "phone_task"]
Missed = Literal["skip", "say", "notices"]
Recipient = Literal["main_contacts", "booked_by", "branch"]


class Hours(Frozen):
    """A daily span in Shanghai, [begin, end); on working days only, or on every day."""

    begin: Annotated[time, Field(alias="from")]
    end: Annotated[time, Field(alias="to")]
    working_days: bool

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.begin >= self.end:
            raise ValueError("the hours must begin before they end")
        return self


class AllHours(Frozen):
    """When people may be spoken to unasked."""

    ordinary: Hours
    urgent: Hours

    @model_validator(mode="after")
    def _wider(self) -> Self:
        if self.urgent.begin > self.ordinary.begin or self.urgent.end < self.ordinary.end:
            raise ValueError("urgent hours hold the ordinary ones")
        return self


class KindPolicy(Frozen):
    """One kind of reminder; the fields are explained at the head of the file."""

    name: Annotated[str, Field(min_length=2, max_length=12)]
    words: tuple[str, ...] = ()
    """How people call it; without words nobody can name it"""
    steps: tuple[Step, ...]
    urgent: frozenset[Step] = frozenset()
    legal: frozenset[Step] = frozenset()
    exact: bool = False
    """Said at the very instant that somebody asked for, whatever the hours"""
    missed: Missed
    to: Annotated[tuple[Recipient, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    optional: bool
    answer_hours: Annotated[int, Field(ge=0, le=240)]
    task: Literal["hazard_date", "survey_call"] | None = None
    """The kind of task that a branch gets"""
    branch_steps: frozenset[Step] | None = None
    """When it gets it; None: at every step"""
    text: str

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in ("urgent", "legal", "branch_steps"):
            if unknown := (getattr(self, name) or frozenset()) - set(self.steps):
                raise ValueError(f"{name} names steps that are not there: {', '.join(sorted(unknown))}")
        if self.legal and self.optional:
            raise ValueError("a legal notice cannot be switched off")
        if len(set(self.channels)) < len(self.channels):
            raise ValueError("a channel stands twice")
        if "phone_task" in self.channels[:-1]:
            raise ValueError("a task for staff is the last resort")
        if bool(self.steps) == self.exact:
            raise ValueError("a reminder has steps, or else the exact time that somebody asked for")
        if ("branch" in self.to) != (self.task is not None):
            raise ValueError("a branch is told by a task of a kind")
        if f"reminder.say.{self.text}" not in all_texts():
            raise ValueError(f"no text reminder.say.{self.text}")
        return self


class ReminderPolicy(Frozen):
    """The whole file."""

    version: str
    hours: AllHours
    web_seen_days: Annotated[int, Field(gt=0)]
    form_left_minutes: Annotated[int, Field(gt=0)]
    kinds: dict[Annotated[str, StringConstraints(pattern=r"^[a-z_]{3,30}$")], KindPolicy]

    @model_validator(mode="after")
    def _has_wishes(self) -> Self:
        if "custom" not in self.kinds:
            raise ValueError("no kind for what people ask for themselves: custom")
        return self

    def kind(self, name: str) -> KindPolicy:
        """The policy of a kind. Raises KeyError for one that does not exist."""
        return self.kinds[name]

    def hours_of(self, name: str, step: str) -> Hours | None:
        """When a step of a kind may be said; None: at any time."""
        kind = self.kinds[name]
        if kind.exact:
            return None
        return self.hours.urgent if step in kind.urgent else self.hours.ordinary


@cache
def load_policy(knowledge: Path = KNOWLEDGE) -> ReminderPolicy:
    """The reminder policy. Raises pydantic's ValidationError for a malformed file."""
    raw = yaml.safe_load((knowledge / "reminder_policy.yml").read_text(encoding="utf-8"))
    return ReminderPolicy.model_validate(raw)
