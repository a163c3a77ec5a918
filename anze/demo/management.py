"""Managers, trainings, management documents, spot checks and complaint channels (7.1, 7.2, 6.4)."""

from datetime import date, timedelta
from random import Random
from typing import Any

from anze.audit.chain import canonical, digest
from anze.bookings.models import Service, ServiceStatus
from anze.demo.branches import person_name
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, BranchLevel, Role
from anze.management.documents import content_of
from anze.management.kinds import ChannelKind, Outcome
from anze.management.models import ComplaintChannel, Manager, ManagerTraining, QualityCheck, RuleDocument
from anze.management.rules import drawn
from anze.policies.models import Policy

_NAMED, _TRAINED, _TRIED, _CHECKED = 0.85, 0.7, 0.8, 3


def add_management(world: World, staff: dict[tuple[int, str], Row]) -> None:
    """Most branches have managers and a line that works; one document is missing."""
    rng, given = dice("management"), data("management")
    head = next(row for row in world.rows[Branch] if row["level"] == BranchLevel.HEAD)
    who = f"staff:{staff[head['id'], Role.SERVICE]['id']}"
    for branch in world.rows[Branch]:
        _managers(world, rng, given, branch, who)
        _channel(world, rng, branch, who)
    _documents(world, given, head, who)
    _checks(world, given, who)


def _managers(world: World, rng: Random, given: Any, branch: Row, who: str) -> None:
    lucky, names = rng.random() < _NAMED, [person_name(rng), person_name(rng)]
    trained = [rng.random() < _TRAINED for _ in names]
    if branch["level"] == BranchLevel.COUNTY or not lucky:
        return
    from_on = date(world.today.year - 1, 3, 1)
    for name, good in zip(names, trained, strict=True):
        row = world.add(
            Manager, branch_id=branch["id"], name=name, department=given["department"], from_on=from_on, to_on=None,
            added_at=instant(from_on, 9), added_by=who,
        )  # fmt: skip
        body = {"branch": branch["id"], "from_on": from_on.isoformat()}
        world.happened(instant(from_on, 9), "manager.named", f"manager:{row['id']}", who, body)
        for year in (world.today.year - 1, world.today.year):
            on = min(date(year, 5, 20), world.today)
            if year == world.today.year and not good:
                continue
            at = min(instant(on, 17), world.now)
            world.add(
                ManagerTraining, manager_id=row["id"], on=on, topic=given["topics"][row["id"] % len(given["topics"])],
                hours=16, proof=f"PX{year}-{row['id']:03d}", noted_at=at, noted_by=who,
            )  # fmt: skip
            training = {"on": on.isoformat(), "hours": 16}
            world.happened(at, "manager.trained", f"manager:{row['id']}", who, training)


def _channel(world: World, rng: Random, branch: Row, who: str) -> None:
    tried, works = rng.random() < _TRIED, rng.random() < _TRIED
    from_on, tested = date(world.today.year - 1, 1, 5), world.day(-10)
    row = world.add(
        ComplaintChannel, branch_id=branch["id"], kind=ChannelKind.PHONE, value=branch["hotline"],
        hours=branch["hours"], from_on=from_on, to_on=None, tested_on=tested if tried else None,
        works=works if tried else None, tested_by=who if tried else None,
    )  # fmt: skip
    body = {"branch": branch["id"], "kind": "phone", "value_sha256": digest(branch["hotline"])}
    world.happened(instant(from_on, 9), "channel.opened", f"channel:{row['id']}", who, body)
    if tried:
        world.happened(instant(tested, 10), "channel.tried", f"channel:{row['id']}", who, {"works": works})


def _documents(world: World, given: Any, head: Row, who: str) -> None:
    versions: dict[str, int] = {}
    for number, one in enumerate(given["documents"], 1):
        version = versions[one["kind"]] = versions.get(one["kind"], 0) + 1
        at = instant(date(world.today.year - 2 + version, 1, 4), 9)
        if at > world.now:
            at = world.now - timedelta(days=1)
        row = world.add(
            RuleDocument, branch_id=head["id"], kind=one["kind"], version=version, title=one["title"],
            number=f"安责险发〔{at.year}〕{number}号", changes=one["changes"], in_force_from=at.date(), issued_at=at,
            issued_by=who,
        )  # fmt: skip
        sealed = digest(canonical(content_of(RuleDocument(**row))))
        world.happened(at, "document.issued", f"document:{row['id']}", who, {"document_sha256": sealed})


def _checks(world: World, given: Any, who: str) -> None:
    branches = {row["id"]: row["branch_id"] for row in world.rows[Policy]}
    on = world.day(-40)
    could = {
        row["number"]: row for row in world.rows[Service]
        if row["status"] == ServiceStatus.COMPLETED and row["completed_on"] and on - timedelta(days=90)
        <= row["completed_on"] <= on
    }  # fmt: skip
    chosen = drawn(could, given["seed"], 6)
    for place, number in enumerate(chosen):
        service, done = could[number], place < _CHECKED
        outcome = (Outcome.GOOD if place else Outcome.PROBLEM) if done else None
        findings = (given["good"] if place else given["bad"]) if done else None
        checked = world.day(-20) if done else None
        row = world.add(
            QualityCheck, branch_id=branches[service["policy_id"]], service_id=service["id"], seed=given["seed"],
            drawn_on=on, drawn_by=who, outcome=outcome, findings=findings, checked_on=checked,
            checked_by=who if done else None,
        )  # fmt: skip
        if done and checked:
            body = {"outcome": str(outcome), "findings_sha256": digest(str(findings))}
            world.happened(instant(checked, 15), "quality.checked", f"quality:{row['id']}", who, body)
    drawing: Row = {"seed": given["seed"], "services": chosen, "of": len(could)}
    world.happened(instant(on, 9), "quality.drawn", "quality:1", who, drawing)
