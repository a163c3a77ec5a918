"""The part of the branch tree that somebody may see, for every query that is limited to it."""

from sqlalchemy import Select, false, select

from anze.identity.models import Branch, Role
from anze.identity.speaker import Speaker


def branches_of(speaker: Speaker) -> Select[tuple[int]]:
    """The ids of the branches whose records this speaker may see: a staff member's tree, nobody else's any."""
    if speaker.staff_id is None or speaker.role == Role.PROVIDER or speaker.branch_path is None:
        return select(Branch.id).where(false())
    return select(Branch.id).where(Branch.path.startswith(speaker.branch_path, autoescape=True))
