"""What bookings ask of providers: who can come, and who they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from anze.providers.models import Certificate, Equipment, Provider, Team, TeamLeave
from anze.providers.rules import Held, qualified


@dataclass(frozen=True)
class Crew:
    """A team with all that decides whether it can come on a day."""

    team_id: int
    provider_id: int
    items: str
    weekends: bool
    ended_on: date | None
    held: tuple[Held, ...]
    away: tuple[tuple[date, date], ...]
    """Leave: first and last days"""

    def may(self, item: str, day: date, *, aq8011: bool, statutory: bool) -> bool:
        """Whether the team does this item and its provider is qualified for it on that day (5)."""
        there = self.ended_on is None or day <= self.ended_on
        return there and item in self.items and qualified(self.held, item, day, aq8011=aq8011, statutory=statutory)

    def goes_out(self, day: date, workday: bool) -> bool:
        """Whether the team works that day."""
        return (workday or self.weekends) and not any(first <= day <= last for first, last in self.away)


def held_by(provider: Provider) -> tuple[Held, ...]:
    """A provider's qualifications for the rules."""
    return tuple(Held(q.kind, q.items, q.valid_from, q.valid_to) for q in provider.qualifications)


def crews(session: Session, province: str, item: str, first: date, last: date) -> list[Crew]:
    """Teams of a province that do an item, with their leave between two days."""
    teams = session.scalars(
        select(Team)
        .join(Provider, Provider.id == Team.provider_id)
        .where(
            Provider.province == province,
            Team.items.contains(item, autoescape=True),
            or_(Team.ended_on.is_(None), Team.ended_on >= first),
        )
        .options(joinedload(Team.provider).selectinload(Provider.qualifications))
        .order_by(Team.id)
    ).all()
    return _crews(session, teams, first, last)


def crew(session: Session, team_id: int, first: date, last: date) -> Crew | None:
    """One team, whatever its province; None when there is none."""
    teams = session.scalars(
        select(Team).where(Team.id == team_id).options(joinedload(Team.provider).selectinload(Provider.qualifications))
    ).all()
    return next(iter(_crews(session, teams, first, last)), None)


def _crews(session: Session, teams: Sequence[Team], first: date, last: date) -> list[Crew]:
    away: dict[int, list[tuple[date, date]]] = {}
    for leave in session.scalars(
        select(TeamLeave).where(
            TeamLeave.team_id.in_([team.id for team in teams]), TeamLeave.from_on <= last, TeamLeave.to_on >= first
        )
    ):
        away.setdefault(leave.team_id, []).append((leave.from_on, leave.to_on))
    return [
        Crew(
            team.id,
            team.provider_id,
            team.items,
            team.weekends,
            team.ended_on,
            held_by(team.provider),
            tuple(away.get(team.id, ())),
        )
        for team in teams
    ]


def people_of(session: Session, provider_id: int) -> set[str]:
    """Names of the professionals in a provider's teams."""
    teams = session.scalars(select(Team).where(Team.provider_id == provider_id))
    return {str(name) for team in teams for name in team.people}


def teams_of(session: Session, provider_ids: Iterable[int]) -> list[Team]:
    """The teams of providers, in their order."""
    return list(
        session.scalars(
            select(Team)
            .where(Team.provider_id.in_(list(provider_ids)))
            .options(selectinload(Team.provider))
            .order_by(Team.provider_id, Team.no)
        )
    )


def certificates_of(session: Session, provider_id: int) -> list[Certificate]:
    """What a provider's professionals hold, person by person."""
    query = select(Certificate).where(Certificate.provider_id == provider_id)
    return list(session.scalars(query.order_by(Certificate.person, Certificate.valid_from, Certificate.id)))


def equipment_of(session: Session, provider_id: int) -> list[Equipment]:
    """A provider's instruments, those whose check ends first at the top."""
    query = select(Equipment).where(Equipment.provider_id == provider_id)
    last = Equipment.checked_until
    return list(session.scalars(query.order_by(last.is_(None), last, Equipment.id)))


def expired(session: Session, provider_id: int, people: Iterable[str], day: date) -> list[str]:
    """Of these people those who hold certificates, none of which is valid on the day; nobody without any known."""
    held: dict[str, list[Certificate]] = {}
    for row in certificates_of(session, provider_id):
        held.setdefault(row.person, []).append(row)
    return [
        name for name in people
        if name in held
        and not any(one.valid_from <= day and (one.valid_to is None or day <= one.valid_to) for one in held[name])
    ]  # fmt: skip
