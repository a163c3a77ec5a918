"""Who an actor of a record is, as people are shown it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from anze.identity.models import Person, Staff
from anze.texts import text as say


def names(session: Session, actors: Iterable[str | None]) -> dict[str, str]:
    """By actor (`staff:3`, `person:7`) a name, for staff with the branch; any other actor is the system."""
    wanted = {actor for actor in actors if actor}
    found = dict.fromkeys(wanted, say("identity.who.system"))
    staff = select(Staff).where(Staff.id.in_(_ids(wanted, "staff"))).options(joinedload(Staff.branch))
    for member in session.scalars(staff):
        found[f"staff:{member.id}"] = say("identity.who.staff", branch=member.branch.short_name, name=member.name)
    for person in session.scalars(select(Person).where(Person.id.in_(_ids(wanted, "person")))):
        found[f"person:{person.id}"] = person.name
    return found


def _ids(actors: Iterable[str], kind: str) -> list[int]:
    pairs = (actor.partition(":") for actor in actors)
    return [int(id_) for what, _, id_ in pairs if what == kind and id_.isdecimal()]
