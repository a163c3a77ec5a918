"""Authorities, three-party mechanisms, and evaluations that authorities asked for (9.1, 9.3)."""

from typing import Any

from anze.audit.chain import canonical, digest
from anze.demo.world import Row, World, data, instant
from anze.identity.models import Branch, BranchLevel, Role
from anze.regulators import authorities, evaluations, mechanisms
from anze.regulators.models import Authority, EvaluationRequest, Mechanism, MechanismRecord

_SINCE = -420


def add_regulators(world: World, staff: dict[tuple[int, str], Row]) -> None:
    """Each place has its authorities; two places have a mechanism; one request waits, one is late, one is answered.

    Reports and hand-overs are made by whoever tries the demo: their files hold what the rows say at that moment.
    """
    given = data("regulators")
    branches = {row["name"]: row for row in world.rows[Branch]}
    who = {name: f"staff:{staff[row['id'], Role.SERVICE]['id']}" for name, row in branches.items()}
    for branch in world.rows[Branch]:
        if branch["level"] in {BranchLevel.PROVINCE, BranchLevel.CITY}:
            _authorities(world, given, branch, who[branch["name"]])
    for one in given["mechanisms"]:
        _mechanism(world, given, one, branches[one["branch"]], who[one["branch"]])
    for one in given["evaluations"]:
        _evaluation(world, one, branches[one["branch"]], who[one["branch"]])


def _authorities(world: World, given: Any, branch: Row, who: str) -> None:
    at = instant(world.day(_SINCE), 9)
    for one in given["kinds"]:
        if one["level"] != branch["level"]:
            continue
        name = one["name"].format(province=branch["province"], short=branch["short_name"], city=branch["city"])
        row = world.add(
            Authority, branch_id=branch["id"], kind=one["kind"], level=one["level"], province=branch["province"],
            city=branch["city"], county=None, name=name, contact=one["contact"], added_at=at, added_by=who,
            ended_on=None,
        )  # fmt: skip
        body = {"authority_sha256": digest(canonical(authorities.content_of(Authority(**row))))}
        world.happened(at, "authority.added", f"authority:{row['id']}", who, body)


def _mechanism(world: World, given: Any, one: Any, branch: Row, who: str) -> None:
    on = world.day(one["days"])
    row = world.add(
        Mechanism, branch_id=branch["id"], province=branch["province"], city=branch["city"], name=one["name"],
        agreement=one["agreement"], members=[{"side": side, "name": name} for side, name in one["members"].items()],
        set_up_on=on, added_at=instant(on, 16), added_by=who, ended_on=None, ended_at=None, ended_by=None,
    )  # fmt: skip
    body = {"mechanism_sha256": digest(canonical(mechanisms.content_of(Mechanism(**row)))), "on": on.isoformat()}
    world.happened(instant(on, 16), "mechanism.added", f"mechanism:{row['id']}", who, body)
    for kept in given["records"]:
        held = world.day(kept["days"])
        record = world.add(
            MechanismRecord, mechanism_id=row["id"], kind=kept["kind"], on=held, title=kept["title"],
            words=kept["words"], file_id=None, noted_at=instant(held, 17), noted_by=who,
        )  # fmt: skip
        sealed = digest(canonical(mechanisms.record_content(MechanismRecord(**record))))
        noted: Row = {"record": record["id"], "record_sha256": sealed, "file_sha256": None}
        world.happened(instant(held, 17), "mechanism.noted", f"mechanism:{row['id']}", who, noted)


def _evaluation(world: World, one: Any, branch: Row, who: str) -> None:
    authority = next(row for row in world.rows[Authority] if row["branch_id"] == branch["id"])
    received, answered = world.day(one["received"]), one.get("answered")
    on = world.day(answered) if answered else None
    row = world.add(
        EvaluationRequest, branch_id=branch["id"], authority_id=authority["id"], number=one["number"],
        received_on=received, due_on=world.day(one["due"]), asked=one["asked"], noted_at=instant(received, 10),
        noted_by=who, answer=one.get("answer"), answered_on=on, answered_at=instant(on, 15) if on else None,
        answered_by=who if on else None,
    )  # fmt: skip
    kept = EvaluationRequest(**row)
    subject = f"evaluation:{row['id']}"
    body: Row = {"request_sha256": digest(canonical(evaluations.request_content(kept))),
                 "due_on": row["due_on"].isoformat()}  # fmt: skip
    world.happened(instant(received, 10), "evaluation.received", subject, who, body)
    if on:
        said: Row = {"answer_sha256": digest(canonical(evaluations.answer_content(kept, []))), "on": on.isoformat(),
                     "files": []}  # fmt: skip
        world.happened(instant(on, 15), "evaluation.answered", subject, who, said)
