"""Persons on the customers' side and what they may act for."""

from datetime import timedelta

from anze.demo.branches import person_name
from anze.demo.firms import PHONES
from anze.demo.world import Row, World, dice
from anze.identity.models import Person, Right, RightKind
from anze.policies.models import Applicant, Insured

MAIN_CONTACTS = 60
COLLEAGUES = 12
AGENTS = 6
APPLICANTS = 5
ENDED = 4
FROM_THE_FIRST = 10
"""Main contacts who were there before anything that is told."""
BEFORE_ALL = 720
"""Days."""


def add_people(world: World) -> None:
    """Main contacts of some insureds, among them the first fixed one's; colleagues, agents, applicants' people."""
    rng = dice("people")
    insureds = world.rows[Insured]
    free = [row for row in insureds if row["contact_phone"] not in PHONES]
    contacts = [insureds[0], *rng.sample(free, MAIN_CONTACTS - 1)]
    for number, insured in enumerate(contacts):
        days_ago = BEFORE_ALL if number < FROM_THE_FIRST else rng.randint(30, BEFORE_ALL)
        person = _person(world, insured["contact_name"], insured["contact_phone"], days_ago)
        _right(world, person, RightKind.MAIN_CONTACT, "code", insured=insured)
    for number, insured in enumerate(rng.sample(contacts, COLLEAGUES)):
        person = _person(world, person_name(rng), f"1380012{number:04d}", rng.randint(5, 25))
        right = _right(world, person, RightKind.COLLEAGUE, "invite", insured=insured)
        if number < ENDED:
            right.update(ended_at=world.now - timedelta(days=number + 1), ended_by=right["granted_by"])
    for number in range(AGENTS):
        person = _person(world, person_name(rng), f"1380013{number:04d}", rng.randint(30, 300))
        for insured in rng.sample(free, 2):
            _right(world, person, RightKind.AGENT, "staff", insured=insured)
    groups = [row for row in world.rows[Applicant] if row["contact_phone"].startswith("1380011")]
    for applicant in groups[:APPLICANTS]:
        person = _person(world, applicant["contact_name"], applicant["contact_phone"], rng.randint(30, 300))
        _right(world, person, RightKind.APPLICANT, "code", applicant=applicant)


def _person(world: World, name: str, phone: str, days_ago: int) -> Row:
    at = world.now - timedelta(days=days_ago)
    return world.add(Person, name=name, phone=phone, phone_proved_at=at, created_at=at)


def _right(
    world: World,
    person: Row,
    kind: RightKind,
    proof: str,
    *,
    insured: Row | None = None,
    applicant: Row | None = None,
) -> Row:
    return world.add(
        Right,
        person_id=person["id"],
        insured_id=insured["id"] if insured else None,
        applicant_id=applicant["id"] if applicant else None,
        kind=kind,
        proof=proof,
        granted_at=person["created_at"],
        granted_by={"code": f"person:{person['id']}", "staff": "staff:1"}.get(proof, "person:1"),
        ended_at=None,
        ended_by=None,
    )
