"""A plan as the document of Annex A: each placeholder of its template, out of the stored rows. Reads only."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from anze.bookings.lines import item_name
from anze.clock import legal_date
from anze.identity.models import Branch, BranchLevel
from anze.letters.form import Content, Form
from anze.plans.drafting import said_of, say
from anze.plans.fields import plan_fields
from anze.plans.models import PlanVersion
from anze.texts import text

PLAN = Form(
    "service_plan",
    ("title", "number", "insureds", "insurer", "providers", "policies", "branch", "date", "management", "equipment",
     "process", "dangers", "content", "flow", "schedule", "goals", "safeguards"),
    {"items": ("no", "name", "times")},
    ("insureds", "insurer", "providers", "policies", "management", "equipment", "process", "dangers", "content", "flow",
     "schedule", "goals", "safeguards", "date"),
)  # fmt: skip


def content_of(session: Session, version: PlanVersion, now: datetime) -> Content:
    """The document as of `now`; what nobody has said yet is 待补充."""
    plan, body = version.plan, version.body
    branch = session.get_one(Branch, plan.branch_id)
    firms = {party.insured_id: party.insured.name for party in plan.parties}
    policies = dict.fromkeys((party.policy.number, party.insured.name) for party in plan.parties)
    said = said_of(session, version)
    today = legal_date(now)
    several = len(firms) > 1
    fields = {
        "title": say("title_of_plan"), "number": f"{plan.number}-{version.version}",
        "insureds": "、".join(firms.values()), "insurer": _insurer(session, branch), "branch": branch.name,
        "providers": "、".join(dict.fromkeys(one["provider"] for one in body["items"] if one["provider"])) or _none(),
        "policies": "、".join(say("policy_of", number=n, firm=firm) if several else n for n, firm in policies),
        "date": text("letters.day", year=today.year, month=today.month, day=today.day),
        "content": _lines(_item(one) for one in body["items"]), "goals": body["goals"] or _none(),
        "flow": _each(body, "flow"), "schedule": _each(body, "schedule"), "safeguards": body["safeguards"] or _none(),
    }  # fmt: skip
    fields |= {section: _section(section, firms, said) for section in ("management", "equipment", "process", "dangers")}
    rows = [
        {"no": str(no), "name": item_name(one["item"]), "times": one["times"] or _none()}
        for no, one in enumerate(body["items"], 1)
    ]
    return Content(PLAN, fields, {"items": rows or [{"no": "1", "name": _none(), "times": _none()}]})


def _none() -> str:
    return say("to_be_added")


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts) or _none()


def _section(section: str, firms: Mapping[int, str], said: Mapping[int, Mapping[str, str]]) -> str:
    """What is known of each insured; its name stands before it where there are several."""
    wanted = [field for field in plan_fields().profile if field.section == section]
    lines = []
    for id_, name in firms.items():
        if len(firms) > 1:
            lines.append(f"{name}：")
        for field in wanted:
            value = said[id_].get(field.key, "").strip() or _none()
            lines.append(value if len(wanted) == 1 else f"{field.title}：{value}")
    return "\n".join(lines)


def _item(one: Mapping[str, Any]) -> str:
    form = plan_fields().forms[one["form"]]
    lines = [f"{item_name(one['item'])}（{form.name}）" if len(form.items) == 1 else item_name(one["item"])]
    lines += [f"{field.title}：{one['fields'].get(field.key, '').strip() or _none()}" for field in form.fields]
    return "\n".join([*lines, f"{say('element.provider')}：{one['provider'] or _none()}"])


def _each(body: Mapping[str, Any], key: str) -> str:
    """Item by item (附录A 填写说明)."""
    return _lines(f"{item_name(one['item'])}：{one[key] or _none()}" for one in body["items"])


def _insurer(session: Session, branch: Branch) -> str:
    """The insurer with the branch that serves."""
    top = branch
    while top.level != BranchLevel.HEAD and top.parent_id is not None:
        top = session.get_one(Branch, top.parent_id)
    return branch.name if top is branch else f"{top.name}{branch.name}"
