"""Notices of the complaint procedure (6.4): told with the policy; of some that end soon it was forgotten."""

from datetime import date, timedelta

from anze.audit.chain import digest
from anze.demo.world import Row, World, instant
from anze.identity.models import Branch, Role, Staff
from anze.policies.models import Policy, PolicyInsured
from anze.procedure.kinds import Way
from anze.procedure.models import PolicyNotice
from anze.texts import text

_FORGOTTEN = 3
"""Of the policies that end within sixty days every third, where the firm has no other: nobody is told of them by chance
while somebody tries something else"""
_SOON = timedelta(days=60)


def add_procedure(world: World) -> None:
    """After the branches, the policies and their insureds."""
    clerks = {row["branch_id"]: f"staff:{row['id']}" for row in world.rows[Staff] if row["role"] == Role.SERVICE}
    hotlines = {row["id"]: row["hotline"] for row in world.rows[Branch]}
    policies = {row["id"]: row for row in world.rows[Policy]}
    last: dict[int, date] = {}
    for link in world.rows[PolicyInsured]:
        end = policies[link["policy_id"]]["end_on"]
        last[link["insured_id"]] = max(end, last.get(link["insured_id"], end))
    for link in world.rows[PolicyInsured]:
        policy = policies[link["policy_id"]]
        ending = world.today <= last[link["insured_id"]] <= world.today + _SOON
        if ending and policy["id"] % _FORGOTTEN == 0:
            continue
        on = min(policy["start_on"] + timedelta(days=3), world.today)
        at, who = min(instant(on, 11), world.now), clerks[policy["branch_id"]]
        words = text("procedure.with_policy", hotline=hotlines[policy["branch_id"]])
        row = world.add(
            PolicyNotice, policy_id=policy["id"], insured_id=link["insured_id"], told_on=on, way=Way.PAPER.value,
            words=words, conversation_id=None, file_id=None, noted_at=at, noted_by=who,
        )  # fmt: skip
        body: Row = {"policy": policy["id"], "insured": link["insured_id"], "on": on.isoformat(), "way": row["way"],
                     "words_sha256": digest(words)}  # fmt: skip
        world.happened(at, "procedure.told", f"policy_notice:{row['id']}", who, body)
