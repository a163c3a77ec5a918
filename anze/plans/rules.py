"""What a plan must say (6.1, 附录A 填写说明), and what is missing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anze.plans.fields import PlanFields
from anze.plans.kinds import Answer, State

ELEMENTS = ("items", "content", "times", "provider", "goals", "safeguards")
"""6.1: 服务项目、服务内容、服务频次、服务机构、预期目标、服务保障事项"""
EDITABLE = frozenset({State.DRAFT})
ANSWERABLE = frozenset({State.OFFERED, State.WANTED})


@dataclass(frozen=True)
class Gap:
    """Something that is not said. `of`: an insured's name, an item's name, or empty for the plan as a whole."""

    of: str
    title: str
    element: bool
    """One of the six elements: without it a plan is not offered"""


def profile_gaps(fields: PlanFields, profiles: Mapping[str, Mapping[str, str]], *, factors: bool) -> list[Gap]:
    """What is not said of the insureds; `profiles`: by name. `factors`: only what 6.1 itself names."""
    return [
        Gap(name, field.title, element=False)
        for name, said in profiles.items()
        for field in fields.profile
        if (field.factor or not factors) and not _said(said.get(field.key))
    ]


def element_gaps(
    fields: PlanFields, body: Mapping[str, Any], names: Mapping[str, str], titles: Mapping[str, str]
) -> list[Gap]:
    """Which of the six elements are not there; `names`: of items by letter, `titles`: of the elements."""
    items: Sequence[Mapping[str, Any]] = body["items"]
    found = [] if items else [Gap("", titles["items"], element=True)]
    for one in items:
        name = names[one["item"]]
        form = fields.forms[one["form"]]
        said = one["fields"]
        found += [Gap(name, field.title, element=True) for field in form.fields if not _said(said.get(field.key))]
        found += [Gap(name, titles[key], element=True) for key in ("times", "provider") if not _said(one.get(key))]
        found += [Gap(name, titles[key], element=False) for key in ("flow", "schedule") if not _said(one.get(key))]
    found += [Gap("", titles[key], element=True) for key in ("goals", "safeguards") if not _said(body.get(key))]
    return found


def standing(insureds: Iterable[int], answers: Mapping[int, Answer]) -> State:
    """How an offered version stands: one that wants it otherwise holds it up, and all must agree (6.1 协商一致)."""
    if Answer.WANTED in answers.values():
        return State.WANTED
    return State.CONFIRMED if all(answers.get(one) is Answer.AGREED for one in insureds) else State.OFFERED


def _said(value: Any) -> bool:
    return bool(str(value or "").strip())
