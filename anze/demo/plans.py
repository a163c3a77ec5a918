"""Service plans (6.1): most policies in force of large firms have a confirmed one, some wait, one is to be changed."""

from datetime import timedelta
from typing import Any

from anze.audit.chain import canonical, digest
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Role, Staff
from anze.plans.fields import plan_fields
from anze.plans.kinds import Answer, How, State
from anze.plans.models import InsuredProfile, PlanAnswer, PlanParty, PlanVersion, ServicePlan
from anze.plans.offering import content_of_version
from anze.policies.models import Insured, Policy, PolicyInsured, PromisedService
from anze.tasks.models import Task, TaskKind
from anze.texts import text

_CONFIRMED, _WAITING, _WANTED = 0.55, 0.7, 0.75
"""Of ten plans some five are confirmed, one or two wait, one in twenty is to be otherwise; the rest have none"""
_TO_TRY = frozenset({"AZ2026000001", "AZ2026000002"})
"""The firms of the tutorial: their plan is for whoever tries the program to write"""
_UNPROFILED = 5
"""Every fifth lacks something of the firm"""


def add_plans(world: World) -> None:
    """Plans as rows only: their papers are made when a plan is offered in the program."""
    rng, given = dice("plans"), data("plans")
    clerks = {row["branch_id"]: f"staff:{row['id']}" for row in world.rows[Staff] if row["role"] == Role.SERVICE}
    large = {row["id"] for row in world.rows[Insured] if row["size_class"] in {"large", "medium"}}
    firms: dict[int, list[int]] = {}
    for link in world.rows[PolicyInsured]:
        firms.setdefault(link["policy_id"], []).append(link["insured_id"])
    promised: dict[int, list[Row]] = {}
    for row in world.rows[PromisedService]:
        promised.setdefault(row["policy_id"], []).append(row)
    for policy in world.rows[Policy]:
        luck = rng.random()
        if policy["number"] in _TO_TRY:
            continue
        ended = policy["ended_early_on"] or policy["end_on"]
        if not (policy["start_on"] <= world.today <= ended) or not large & set(firms[policy["id"]]) or luck > _WANTED:
            continue
        state = State.CONFIRMED if luck < _CONFIRMED else State.OFFERED if luck < _WAITING else State.WANTED
        items = [_item(given, row) for row in promised.get(policy["id"], [])]
        if items:
            _plan(world, given, policy, sorted(firms[policy["id"]]), items, state, clerks[policy["branch_id"]])


def _item(given: Any, promised: Row) -> dict[str, Any]:
    form = plan_fields().form_of(promised["item"])
    return {
        "item": promised["item"], "form": form, "times": text("plans.times", count=promised["per_year"]),
        "provider": given["provider"], "flow": text("plans.flow"), "schedule": given["schedule"],
        "fields": {field.key: given["words"] for field in plan_fields().forms[form].fields},
    }  # fmt: skip


def _plan(
    world: World, given: Any, policy: Row, firms: list[int], items: list[dict[str, Any]], state: State, who: str
) -> None:
    at = min(instant(policy["start_on"] + timedelta(days=20), 10), world.now - timedelta(hours=2))
    answered = min(at + timedelta(days=3), world.now - timedelta(hours=1))
    plan = world.add(ServicePlan, branch_id=policy["branch_id"], begun_at=at, begun_by=who)
    lacking = plan["id"] % _UNPROFILED == 0
    said = {key: value for key, value in given["profile"].items() if not (lacking and key == "accidents")}
    for firm in firms:
        world.add(PlanParty, plan_id=plan["id"], policy_id=policy["id"], insured_id=firm)
        _profile(world, firm, said, at, who)
    row = world.add(
        PlanVersion, plan_id=plan["id"], version=1, state=state.value, edition=2,
        body={"items": sorted(items, key=lambda one: one["item"]), "goals": given["goals"],
              "safeguards": given["safeguards"]},
        profiles={str(firm): said for firm in firms}, profiled=not lacking, whole=True, drafted_at=at, drafted_by=who,
        offered_at=at, offered_by=who, pdf_id=None, word_id=None,
        confirmed_at=answered if state is State.CONFIRMED else None,
    )  # fmt: skip
    body: Row = {"version": 1, "version_sha256": digest(canonical(content_of_version(PlanVersion(**row))))}
    world.happened(at, "plan.offered", f"plan:{plan['id']}", who, body)
    if state is State.OFFERED:
        return
    if state is State.WANTED:
        names = {row["id"]: row["name"] for row in world.rows[Insured]}
        world.add(
            Task, kind=TaskKind.PLAN_WISH, subject=f"plan:{plan['id']}:1:{firms[0]}", branch_id=policy["branch_id"],
            body={"number": f"FA{plan['id']:08d}", "firm": names[firms[0]], "words": given["wish"]},
            created_at=answered, done_at=None, done_by=None,
        )  # fmt: skip
    for firm in firms:
        answer = Answer.AGREED if state is State.CONFIRMED else Answer.WANTED
        words = given["wish"] if answer is Answer.WANTED else None
        world.add(
            PlanAnswer, version_id=row["id"], insured_id=firm, answer=answer.value, how=How.PAPER.value, words=words,
            on=answered.date(), file_id=None, at=answered, by=who,
        )  # fmt: skip
        kept: Row = {"version": 1, "insured": firm, "answer": answer.value, "how": How.PAPER.value,
                     "words_sha256": digest(words) if words else None, "on": answered.date().isoformat()}  # fmt: skip
        world.happened(answered, "plan.answered", f"plan:{plan['id']}", who, kept)


def _profile(world: World, firm: int, said: dict[str, str], at: Any, who: str) -> None:
    version = 1 + sum(row["insured_id"] == firm for row in world.rows[InsuredProfile])
    world.add(InsuredProfile, insured_id=firm, version=version, said=said, at=at, by=who)
    body: Row = {"version": version, "profile_sha256": digest(canonical(said))}
    world.happened(at, "plan.profile", f"insured:{firm}", who, body)
