"""A plan is drafted from what is known (6.1): contract, size, earlier services, profiles; people write the rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from anze.audit.chain import append, canonical, digest
from anze.bookings.lines import item_name
from anze.clock import legal_date
from anze.errors import DomainError
from anze.identity.models import Role
from anze.identity.speaker import Speaker
from anze.management.models import ComplaintChannel, Manager
from anze.plans import store
from anze.plans.fields import plan_fields
from anze.plans.kinds import State
from anze.plans.models import InsuredProfile, PlanParty, PlanVersion, ServicePlan
from anze.plans.rules import EDITABLE, ELEMENTS, Gap, element_gaps, profile_gaps
from anze.policies.models import Insured, Policy, PromisedService
from anze.texts import text

WRITES = frozenset({Role.SERVICE, Role.SUPERVISOR, Role.ADMIN})
_LARGE = frozenset({"large", "medium"})
_MOST = 200


def say(key: str, **fields: Any) -> str:
    return text(f"plans.{key}", **fields)


def draft(session: Session, speaker: Speaker, numbers: Sequence[str], now: datetime) -> PlanVersion:
    """A plan for all insureds of these policies, drafted from what is known.

    Raises forbidden, plan_policy, plan_policies (policies of several branches, or none), plan_over; DeniedError.
    """
    may_write(speaker)
    policies = store.policies(session, speaker, numbers)
    if len({policy.branch_id for policy in policies}) != 1 or len(policies) > _MOST:
        raise DomainError("plan_policies", 422)
    today = legal_date(now)
    if over := [policy.number for policy in policies if (policy.ended_early_on or policy.end_on) < today]:
        raise DomainError("plan_over", 409, numbers="、".join(over))
    plan = ServicePlan(branch_id=policies[0].branch_id, begun_at=now, begun_by=speaker.actor)
    plan.parties = [
        PlanParty(policy_id=policy.id, insured_id=insured.id) for policy in policies for insured in policy.insureds
    ]
    session.add(plan)
    session.flush()
    version = _new(session, speaker, plan, 1, _first_body(session, policies, plan.branch_id, now), now)
    _note(session, version, "plan.begun", now, speaker)
    return version


def again(session: Session, speaker: Speaker, id_: int, now: datetime) -> PlanVersion:
    """The next version, to be changed; the one before stands until this one is offered.

    Raises forbidden, not_found, plan_draft_open (409: there is one); DeniedError.
    """
    may_write(speaker)
    plan = store.found(session, speaker, id_, lock=True)
    newest = plan.versions[0]
    if newest.state == State.DRAFT:
        raise DomainError("plan_draft_open", 409)
    version = _new(session, speaker, plan, newest.version + 1, newest.body, now)
    _note(session, version, "plan.begun", now, speaker)
    return version


def edit(
    session: Session, speaker: Speaker, id_: int, edition: int, body: Mapping[str, Any], now: datetime
) -> PlanVersion:
    """Change the draft. Raises forbidden, not_found, plan_not_draft, plan_changed (409), plan_item; DeniedError."""
    may_write(speaker)
    plan = store.found(session, speaker, id_, lock=True)
    version = plan.versions[0]
    if version.state not in EDITABLE:
        raise DomainError("plan_not_draft", 409)
    if version.edition != edition:
        raise DomainError("plan_changed", 409)
    forms = plan_fields().forms
    if any(one["form"] not in forms or one["item"] not in forms[one["form"]].items for one in body["items"]):
        raise DomainError("plan_item", 422)
    version.body, version.edition = dict(body), edition + 1
    judge(session, version)
    session.flush()
    _note(session, version, "plan.edited", now, speaker)
    return version


def describe(session: Session, speaker: Speaker, insured_id: int, said: Mapping[str, str], now: datetime) -> int:
    """What is known of an insured: the next version of its profile; drafts of its plans see it. Gives the version.

    Raises forbidden, not_found, plan_field; DeniedError.
    """
    may_write(speaker)
    insured = store.insured(session, speaker, insured_id)
    known = {field.key for field in plan_fields().profile}
    if not said.keys() <= known:
        raise DomainError("plan_field", 422)
    session.get_one(Insured, insured.id, with_for_update=True)
    last = session.scalar(
        select(func.max(InsuredProfile.version)).where(InsuredProfile.insured_id == insured_id)
    ) or 0  # fmt: skip
    before = store.profiles(session, [insured_id]).get(insured_id)
    whole = (before.said if before else {}) | {key: value.strip() for key, value in said.items()}
    row = InsuredProfile(insured_id=insured_id, version=last + 1, said=whole, at=now, by=speaker.actor)
    session.add(row)
    session.flush()
    body = {"version": row.version, "profile_sha256": digest(canonical(whole))}
    append(session, at=now, kind="plan.profile", subject=f"insured:{insured_id}", actor=speaker.actor, body=body)
    drafts = (
        select(PlanVersion)
        .join(PlanParty, PlanParty.plan_id == PlanVersion.plan_id)
        .where(PlanParty.insured_id == insured_id, PlanVersion.state == State.DRAFT)
    )
    for version in session.scalars(drafts):
        judge(session, version)
    session.flush()
    return row.version


def said_of(session: Session, version: PlanVersion) -> dict[int, dict[str, str]]:
    """What is known of each insured: as it was offered, or as it is now of a draft."""
    if version.profiles:
        return {int(key): dict(value) for key, value in version.profiles.items()}
    parties = list(dict.fromkeys(party.insured_id for party in version.plan.parties))
    known = store.profiles(session, parties)
    return {id_: dict(known[id_].said) if id_ in known else {} for id_ in parties}


def gaps(session: Session, version: PlanVersion) -> list[Gap]:
    """Everything that is not said, the insureds first."""
    names = {party.insured_id: party.insured.name for party in version.plan.parties}
    profiles = {names[id_]: said for id_, said in said_of(session, version).items()}
    return [*profile_gaps(plan_fields(), profiles, factors=False), *_elements(version.body)]


def _elements(body: Mapping[str, Any]) -> list[Gap]:
    titles = {key: say(f"element.{key}") for key in (*ELEMENTS, "flow", "schedule")}
    return element_gaps(plan_fields(), body, {one["item"]: item_name(one["item"]) for one in body["items"]}, titles)


def judge(session: Session, version: PlanVersion) -> None:
    """Whether the factors and the elements of 6.1 are all there."""
    profiles = {str(id_): said for id_, said in said_of(session, version).items()}
    version.profiled = not profile_gaps(plan_fields(), profiles, factors=True)
    version.whole = not [gap for gap in _elements(version.body) if gap.element]


def may_write(speaker: Speaker) -> None:
    """Raises forbidden."""
    if speaker.role not in WRITES:
        raise DomainError("forbidden", 403)


def _new(
    session: Session, speaker: Speaker, plan: ServicePlan, number: int, body: Mapping[str, Any], now: datetime
) -> PlanVersion:
    version = PlanVersion(
        plan=plan, version=number, state=State.DRAFT.value, edition=1, body=dict(body), profiles={}, profiled=False,
        whole=False, drafted_at=now, drafted_by=speaker.actor,
    )  # fmt: skip
    session.add(version)
    session.flush()
    session.expire(plan, ["versions", "parties"])
    judge(session, version)
    session.flush()
    return version


def _first_body(session: Session, policies: Sequence[Policy], branch_id: int, now: datetime) -> dict[str, Any]:
    """Items of the contract, and b or d where the size asks for one of them each year (4)."""
    ids = [policy.id for policy in policies]
    promised = select(PromisedService.item, func.max(PromisedService.per_year)).where(
        PromisedService.policy_id.in_(ids), PromisedService.per_year > 0
    ).group_by(PromisedService.item)  # fmt: skip
    wanted: dict[str, int] = dict(session.execute(promised).tuples().all())
    insureds = [insured for policy in policies for insured in policy.insureds]
    if any(one.size_class in _LARGE for one in insureds) and not wanted.keys() & {"b", "d"}:
        wanted["d"] = 1
    fields = plan_fields()
    items = []
    for item, count in sorted(wanted.items()):
        form = fields.form_of(item)
        items.append({
            "item": item, "form": form, "times": say("times", count=count),
            "provider": store.last_provider(session, ids, item) or "", "flow": say("flow"), "schedule": "",
            "fields": {field.key: "" for field in fields.forms[form].fields} | _known(session, form, insureds),
        })  # fmt: skip
    return {"items": items, "goals": "", "safeguards": _safeguards(session, branch_id, now)}


def _known(session: Session, form: str, insureds: Sequence[Insured]) -> dict[str, str]:
    """What the rows say already: where major hazards are open, they are looked at again."""
    if form != "hazard_check":
        return {}
    open_ = [hazard for one in insureds for hazard in store.open_majors(session, one.id)]
    places = list(dict.fromkeys(hazard.place for hazard in open_))
    return {"focus": say("focus", places="、".join(places))} if places else {}


def _safeguards(session: Session, branch_id: int, now: datetime) -> str:
    """Who manages it, and where one can complain: both out of the registers (7.1, 6.4)."""
    today = legal_date(now)
    managers = session.scalars(
        select(Manager.name).where(
            Manager.branch_id == branch_id, Manager.from_on <= today,
            (Manager.to_on.is_(None)) | (Manager.to_on >= today),
        ).order_by(Manager.id)
    ).all()  # fmt: skip
    channels = session.scalars(
        select(ComplaintChannel.value).where(
            ComplaintChannel.branch_id == branch_id, ComplaintChannel.from_on <= today,
            (ComplaintChannel.to_on.is_(None)) | (ComplaintChannel.to_on >= today),
        ).order_by(ComplaintChannel.id)
    ).all()  # fmt: skip
    lines = [say("managers", names="、".join(managers))] if managers else []
    lines += [say("channels", values="、".join(channels))] if channels else []
    return "\n".join(lines)


def _note(session: Session, version: PlanVersion, kind: str, now: datetime, speaker: Speaker) -> None:
    body = {"version": version.version, "edition": version.edition, "body_sha256": digest(canonical(version.body))}
    append(session, at=now, kind=kind, subject=f"plan:{version.plan_id}", actor=speaker.actor, body=body)
