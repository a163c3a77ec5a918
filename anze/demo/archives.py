"""Archives (7.4): most folders are opened, newer services have their papers, some lack one, one photo is doubted."""

from datetime import timedelta
from random import Random
from typing import Any

from anze.archives.doubts import MARK
from anze.archives.keeping import content_of
from anze.archives.kinds import IN_WORDS, Doubt, Kind, Verdict
from anze.archives.lines import lines_of
from anze.archives.models import ArchiveFolder, ArchiveItem, PhotoDoubt
from anze.audit.chain import canonical, digest
from anze.bookings.models import Service
from anze.conversations.models import File, SharedFile
from anze.demo.papers import Desk
from anze.demo.world import Row, World, data, dice, instant
from anze.identity.models import Role, Staff
from anze.policies.models import Policy, PolicyInsured
from anze.standard.editions import load
from anze.state import AppState

_OPENED, _WHOLE = 0.9, 0.6


def add_archives(world: World) -> None:
    """After all papers: what a service still lacks is kept for six of ten, the others lack one thing."""
    rng, given = dice("archives"), data("archives")
    branches = {row["id"]: row["branch_id"] for row in world.rows[Policy]}
    clerks = {row["branch_id"]: f"staff:{row['id']}" for row in world.rows[Staff] if row["role"] == Role.SERVICE}
    _folders(world, rng, branches, clerks)
    desk = Desk(world, rng)
    reported = {row["subject"] for row in world.rows[SharedFile] if row["subject"].startswith("service:")}
    for service in world.rows[Service]:
        if f"service:{service['id']}" in reported:
            _papers(world, rng, given, desk, service, branches[service["policy_id"]], clerks)
    _doubts(world, given, branches, clerks)
    # The samples stand behind all photos: that they are the same is no news.
    world.add(AppState, key=MARK, value=world.now.isoformat())


def _folders(world: World, rng: Random, branches: dict[int, int], clerks: dict[int, str]) -> None:
    first: dict[int, Row] = {}
    policies = {row["id"]: row for row in world.rows[Policy]}
    for link in world.rows[PolicyInsured]:
        policy = policies[link["policy_id"]]
        known = first.setdefault(link["insured_id"], policy)
        if policy["start_on"] < known["start_on"]:
            first[link["insured_id"]] = policy
    for insured_id, policy in sorted(first.items()):
        lucky = rng.random() < _OPENED
        made_on = min(policy["start_on"] + timedelta(days=7), world.today)
        if not lucky or policy["start_on"] > world.today:
            continue
        who = clerks[branches[policy["id"]]]
        world.add(ArchiveFolder, insured_id=insured_id, made_on=made_on, made_by=who)
        world.happened(min(instant(made_on, 10), world.now), "archive.opened", f"insured:{insured_id}", who, {})


def _papers(
    world: World, rng: Random, given: Any, desk: Desk, service: Row, branch_id: int, clerks: dict[int, str]
) -> None:
    wanted = [
        (line.code, kind) for line in lines_of(load(), service["item"]) for kind in line.kinds
        if kind is not Kind.REPORT and not line.either
    ]  # fmt: skip
    if rng.random() >= _WHOLE and wanted:
        wanted.pop(rng.randrange(len(wanted)))
    at = min(instant(service["completed_on"], 17) + timedelta(days=4), world.now - timedelta(hours=1))
    for code, kind in wanted:
        file = None if kind in IN_WORDS else _file(desk, service, kind, branch_id, at)
        row = world.add(
            ArchiveItem, service_id=service["id"], code=code, kind=kind.value, file_id=file["id"] if file else None,
            words=None if file else given["words"][kind.value], added_at=at, added_by=clerks[branch_id],
        )  # fmt: skip
        content = content_of(ArchiveItem(**row), file["sha256"] if file else None)
        body: Row = {"item_sha256": digest(canonical(content)), "kind": kind.value}
        world.happened(at, "archive.added", f"archive_item:{row['id']}", clerks[branch_id], body)


def _file(desk: Desk, service: Row, kind: Kind, branch_id: int, at: Any) -> Row:
    sample, ending = ("found.jpg", "jpg") if kind is Kind.PHOTO else ("report.pdf", "pdf")
    return desk.file(sample, f"{service['number']}-{kind.value}.{ending}", branch_id, at)


def _doubts(world: World, given: Any, branches: dict[int, int], clerks: dict[int, str]) -> None:
    """Two services of one branch with the same photo: one doubt waits, one is looked at."""
    files = {row["id"]: row["sha256"] for row in world.rows[File]}
    photos = [row for row in world.rows[ArchiveItem] if row["kind"] == Kind.PHOTO]
    services = {row["id"]: row for row in world.rows[Service]}
    for place, item in enumerate(photos[:2]):
        service, other = services[item["service_id"]], services[photos[2]["service_id"]]
        branch_id = branches[service["policy_id"]]
        looked = place == 1
        row = world.add(
            PhotoDoubt, branch_id=branch_id, service_id=service["id"], sha256=files[item["file_id"]],
            doubt=Doubt.SAME.value, other_service_id=other["id"], detail=other["number"], found_at=item["added_at"],
            verdict=Verdict.FINE.value if looked else None, words=given["looked"] if looked else None,
            looked_at=world.now - timedelta(hours=1) if looked else None,
            looked_by=clerks[branch_id] if looked else None,
        )  # fmt: skip
        if looked:
            body = {"verdict": Verdict.FINE.value, "words_sha256": digest(given["looked"])}
            world.happened(row["looked_at"], "photo.looked", f"photo:{row['id']}", clerks[branch_id], body)
