"""Appraisals of providers and improvements (8.1, 8.2): most appraised, some failed, some not yet."""

from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

from anze.appraisals.models import Appraisal, ImprovementItem
from anze.appraisals.rules import Content, scale, suggested_rating, total
from anze.appraisals.usecases import content_of
from anze.audit.chain import canonical, digest
from anze.bookings.models import Service
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Branch, BranchLevel, Role
from anze.policies.models import Policy
from anze.surveys.models import Survey

_APPRAISED, _GOOD = 0.7, 0.88


def add_appraisals(world: World, staff: dict[tuple[int, str], Row]) -> None:
    """For last year's and some of this year's work, by the service officer of each branch."""
    rng, given = dice("appraisals"), data("appraisals")
    branches = {row["id"]: row["branch_id"] for row in world.rows[Policy]}
    marks = {row["service_id"]: row["mark"] for row in world.rows[Survey] if row["mark"]}
    for year in (world.today.year - 1, world.today.year):
        work: Counter[tuple[int, int]] = Counter()
        rated: dict[tuple[int, int], list[int]] = {}
        for service in world.rows[Service]:
            done = service["completed_on"]
            if service["provider_id"] is None or done is None or done.year != year:
                continue
            key = service["provider_id"], branches[service["policy_id"]]
            work[key] += 1
            if service["id"] in marks:
                rated.setdefault(key, []).append(marks[service["id"]])
        for key in sorted(work):
            lucky, good = rng.random() < _APPRAISED, rng.random() < _GOOD
            if lucky:
                _appraise(world, rng, given, staff, key, year, work[key], rated.get(key, []), good=good)
    _items(world, given, staff)


def _appraise(
    world: World, rng: Random, given: Any, staff: dict[tuple[int, str], Row], key: tuple[int, int], year: int,
    services: int, marks: list[int], *, good: bool,
) -> None:  # fmt: skip
    rating = suggested_rating(sum(marks), len(marks))
    low, high = (70, 95) if good else (35, 55)
    scores = {str(one): rng.randint(low, high) for one in Content}
    if rating is not None and good:
        scores[Content.RATING.value] = rating
    points = total({Content(name): score for name, score in scores.items()}, scale())
    who = f"staff:{staff[key[1], Role.SERVICE]['id']}"
    at = instant(world.day(-20) if year == world.today.year else date(year, 12, 20), 10)
    passed = points >= scale().passes
    row = world.add(
        Appraisal, provider_id=key[0], branch_id=key[1], year=year, version=1, scores=scores, services=services,
        marks=len(marks), marks_sum=sum(marks), total=points, passed=passed,
        words=rng.choice(given["words"]["passed" if passed else "failed"]), appraised_on=at.date(), at=at, by=who,
    )  # fmt: skip
    sealed = digest(canonical(content_of(Appraisal(**row))))
    world.happened(at, "provider.appraised", f"appraisal:{row['id']}", who, {"appraisal_sha256": sealed})


def _items(world: World, given: Any, staff: dict[tuple[int, str], Row]) -> None:
    nanjing = next(row for row in world.rows[Branch] if row["short_name"] == "南京")
    head = next(row for row in world.rows[Branch] if row["level"] == BranchLevel.HEAD)
    for number, one in enumerate(given["items"]):
        branch = nanjing if number % 2 == 0 else head
        who = f"staff:{staff[branch['id'], Role.SERVICE]['id']}"
        at = instant(world.day(-70), 9)
        closed = instant(world.day(-45), 16) if one["closed"] else None
        row = world.add(
            ImprovementItem, branch_id=branch["id"], source=one["source"], provider_id=None, finding=one["finding"],
            measure=one["measure"], owner=one["owner"], due_on=world.today + timedelta(days=one["due"]),
            opened_on=at.date(), opened_by=who, result=one.get("result"), closed_at=closed,
            closed_by=who if closed else None,
        )  # fmt: skip
        body = {"source": one["source"], "branch": branch["id"], "due_on": row["due_on"].isoformat()}
        subject = f"item:{row['id']}"
        world.happened(at, "improvement.opened", subject, who, body | {"measure_sha256": digest(one["measure"])})
        if closed:
            world.happened(closed, "improvement.closed", subject, who, {"result_sha256": digest(one["result"])})
