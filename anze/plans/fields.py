"""What a plan is filled with, as data: knowledge/plan_fields.yml (6.1, 附录A 填写说明)."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from anze.settings import ROOT

KNOWLEDGE = ROOT / "knowledge"

type Section = Literal["management", "equipment", "process", "dangers"]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class FieldRow(_Row):
    """One thing to write; its name in Chinese."""

    key: str
    title: str


class ProfileField(FieldRow):
    """Of an insured. `factor`: 6.1 names it; `section`: of 一、企业概况."""

    section: Section
    factor: bool


class PlanForm(_Row):
    """What the notes ask to be written of an item."""

    name: str
    items: tuple[str, ...] = Field(strict=False)
    fields: tuple[FieldRow, ...] = Field(strict=False)


class PlanFields(_Row):
    """The whole file."""

    version: str
    profile: tuple[ProfileField, ...] = Field(strict=False)
    forms: dict[str, PlanForm]

    def form_of(self, item: str) -> str:
        """The first form for a service item."""
        return next(key for key, form in self.forms.items() if item in form.items)


@cache
def plan_fields(knowledge: Path = KNOWLEDGE) -> PlanFields:
    """The file, checked. Raises ValidationError for a malformed one."""
    raw: Any = yaml.safe_load((knowledge / "plan_fields.yml").read_text(encoding="utf-8"))
    return PlanFields.model_validate(raw)
