"""Canned answers of three levels: the head office's, one of a province that takes the place of a default, a city's."""

from datetime import timedelta

from anze.canned.models import CannedAnswer
from anze.demo.world import Row, World, data
from anze.identity.models import Role, Staff


def add_canned(world: World, branches: dict[str, Row]) -> None:
    """Written by the administrator, some months ago."""
    keeper = next(row for row in world.rows[Staff] if row["role"] == Role.ADMIN)
    for n, one in enumerate(data("canned")):
        world.add(
            CannedAnswer,
            branch_id=branches[one["branch"]]["id"],
            title=one["title"],
            text=one["text"],
            version=1,
            saved_at=world.now - timedelta(days=120 - n),
            saved_by=f"staff:{keeper['id']}",
        )
