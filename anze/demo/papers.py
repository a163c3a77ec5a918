"""Photos of hazards and reports of services: three sample files that stand behind all of the demo's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from anze.bookings.lines import item_name
from anze.bookings.models import Service, ServiceStatus
from anze.conversations.files import FileStore
from anze.conversations.models import Channel, Conversation, File, SharedFile
from anze.demo.talks import talk
from anze.demo.world import Row, World, dice, instant
from anze.hazards.models import Hazard, HazardFile, HazardStatus
from anze.identity.models import Role, Staff
from anze.policies.models import Policy
from anze.texts import text as say

_SAMPLES = Path(__file__).parent / "files"
_MIMES = {".jpg": "image/jpeg", ".pdf": "application/pdf"}
REPORTS = 80
"""The newest reports are here as files, older ones on paper only."""
WITHOUT_PHOTO = 3
"""Every third hazard that is closed has no photo of its rectification: 缺证据."""


def keep(store: FileStore) -> None:
    """Lay the bytes of the samples where uploads lie. May be done again."""
    for path in sorted(_SAMPLES.iterdir()):
        store.put(path.read_bytes(), path.name)


def add_papers(world: World) -> None:
    """Rows of the files: uploaded by an officer of the branch, shared with the insured."""
    rng = dice("papers")
    desk = Desk(world, rng)
    for hazard in world.rows[Hazard]:
        _photo(world, desk, hazard, "found", hazard["found_at"])
    late = [row for row in world.rows[Hazard] if row["status"] == HazardStatus.CLOSED]
    bare = {row["id"] for row in late[::WITHOUT_PHOTO]}
    for hazard in world.rows[Hazard]:
        if hazard["rectified_at"] is not None and hazard["id"] not in bare:
            _photo(world, desk, hazard, "rectified", hazard["rectified_at"])
    branches = {row["id"]: row["branch_id"] for row in world.rows[Policy]}
    for service in _reported(world):
        at = min(instant(service["completed_on"], 16) + timedelta(days=3), world.now - timedelta(hours=1))
        title = say("booking.report_title", item=item_name(service["item"]), number=service["number"])
        file = desk.file("report.pdf", f"{service['report_no']}.pdf", branches[service["policy_id"]], at)
        _share(world, file, service["insured_id"], f"service:{service['id']}", title, at)


class Desk:
    """The talk through which a branch's officer uploads."""

    def __init__(self, world: World, rng: Random) -> None:
        self._world, self._rng = world, rng
        self._talks: dict[int, Row] = {}

    def file(self, sample: str, name: str, branch_id: int, at: datetime) -> Row:
        content = (_SAMPLES / sample).read_bytes()
        return self._world.add(
            File,
            id=f"{self._rng.getrandbits(128):032x}",
            conversation_id=self._talk(branch_id)["id"],
            sha256=sha256(content).hexdigest(),
            name=name,
            mime=_MIMES[Path(sample).suffix],
            size=len(content),
            at=at,
        )

    def _talk(self, branch_id: int) -> Row:
        if branch_id not in self._talks:
            officers: Iterable[Row] = (row for row in self._world.rows[Staff] if row["role"] == Role.SERVICE)
            officer = next(row for row in officers if row["branch_id"] == branch_id)
            began = self._world.now - timedelta(days=400)
            self._talks[branch_id] = self._kept(officer) or talk(
                self._world, self._rng, began, {"id": branch_id}, staff=officer, channel=Channel.STAFF
            )
        return self._talks[branch_id]

    def _kept(self, officer: Row) -> Row | None:
        """The talk that another part of the demo has made for it."""
        talks = self._world.rows[Conversation]
        return next((one for one in talks if one["staff_id"] == officer["id"]), None)


def _photo(world: World, desk: Desk, hazard: Row, kind: str, at: datetime) -> None:
    file = desk.file(f"{kind}.jpg", f"{hazard['number']}-{kind}.jpg", hazard["branch_id"], at)
    world.add(HazardFile, hazard_id=hazard["id"], file_id=file["id"], kind=kind, added_at=at)
    title = say(f"hazard.file.{kind}", number=hazard["number"], place=hazard["place"])
    _share(world, file, hazard["insured_id"], f"hazard:{hazard['id']}", title, at)


def _share(world: World, file: Row, insured_id: int, subject: str, title: str, at: datetime) -> None:
    world.add(SharedFile, file_id=file["id"], insured_id=insured_id, subject=subject, title=title, shared_at=at)


def _reported(world: World) -> list[Row]:
    """Completed services with a report, the newest first."""
    reported = [
        row
        for row in world.rows[Service]
        if row["status"] == ServiceStatus.COMPLETED and row["report_no"] and row["completed_on"]
    ]
    return sorted(reported, key=lambda row: (row["completed_on"], row["id"]), reverse=True)[:REPORTS]
