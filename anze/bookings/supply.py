"""Which half days can be had: the contract gives the service that day, a qualified team of the province is free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from anze.bookings import claims, store
from anze.bookings.entitlement import Claim, claim
from anze.bookings.kinds import ServiceStatus
from anze.bookings.rules import Use, needs_aq8011
from anze.bookings.slots import Half, Slot, Window, bookable, halves, nearest, span
from anze.calendar.rules import WorkCalendar
from anze.clock import SHANGHAI, legal_date
from anze.policies.rules import Contract
from anze.policies.usecases import contracts
from anze.providers.usecases import Crew, crew, crews

AHEAD, AROUND = 45, 21
"""Days: how far is looked without a wish, and on both sides of one."""
OFFERS = 4


@dataclass(frozen=True)
class Need:
    """What is wanted. `service_id`, `team_id`, `provider_id`: of the booked service whose time is changed."""

    insured_id: int
    province: str
    item: str
    audience: str | None = None
    statutory: bool = False
    draft_id: int | None = None
    service_id: int | None = None
    team_id: int | None = None
    provider_id: int | None = None


@dataclass(frozen=True)
class Outlook:
    """`offers`: free slots nearest to the wish, at most OFFERS, one for each half day; `free`: all that were looked at.

    `problem`: why it cannot be had as wished: no_policy, not_in_contract, used_up, no_provider, no_slot.
    """

    offers: tuple[Slot, ...] = ()
    free: frozenset[Slot] = frozenset()
    problem: str | None = None


class Supply:
    """The contracts, teams and taken half days around a wish, read once."""

    def __init__(
        self,
        session: Session,
        need: Need,
        windows: Sequence[Window],
        now: datetime,
        calendar: WorkCalendar,
        *,
        beyond_contract: bool = False,
    ) -> None:
        """`beyond_contract`: staff may give what the contract does not, on any day with a policy."""
        self._beyond = beyond_contract
        self._need, self._windows, self._now, self._calendar = need, windows, now, calendar
        self._first, self._last = span(windows, legal_date(now), AHEAD, AROUND)
        self._contracts = contracts(session, need.insured_id)
        self._uses = [
            Use(row.policy_id, ServiceStatus(row.status), row.completed_on or _day(row.starts_at))
            for row in store.of_insured(session, need.insured_id)
            if row.item == need.item and row.id != need.service_id
        ]
        self._crews = crews(session, need.province, need.item, self._first, self._last)
        team_ids = [one.team_id for one in self._crews]
        self._busy = claims.not_free(session, team_ids, self._first, self._last, now, need.draft_id, need.service_id)
        # The team that was to come knows the site; else whoever has most time.
        self._crews.sort(
            key=lambda c: (
                c.team_id != need.team_id,
                c.provider_id != need.provider_id,
                len(self._busy.get(c.team_id, ())),
                c.team_id,
            )
        )

    def claim(self, day: date) -> Claim:
        """Under which contract the service is given on a day."""
        return claim(self._contracts, self._uses, self._need.item, day)

    @property
    def newest(self) -> Contract | None:
        """The insured's newest contract, whatever it promises."""
        return self._contracts[0] if self._contracts else None

    def look(self) -> Outlook:
        """What can be offered, or why nothing can."""
        days = [self._first + timedelta(days=n) for n in range((self._last - self._first).days + 1)]
        given = {day for day in days if self.claim(day).problem is None}
        problem = self._problem(days, given)
        if self._beyond:
            given = {day for day in days if self.claim(day).problem != "no_policy"}
        elif problem not in {None, "no_policy"}:
            given = set()
        if not given:
            return Outlook(problem=problem)
        may = {day: [one for one in self._crews if self._may(one, day)] for day in sorted(given)}
        if not any(may.values()):
            return Outlook(problem=problem or "no_provider")
        free = [
            Slot(half, one.team_id)
            for day, able in may.items()
            for half in halves(day, day)
            if bookable(half, self._now)
            for one in able
            if self._free(one, half)
        ]
        return Outlook(
            tuple(nearest(free, self._windows, OFFERS)), frozenset(free), problem or (None if free else "no_slot")
        )

    def _problem(self, days: Sequence[date], given: set[date]) -> str | None:
        """Why the wished days have none; without a wish, why no day ahead has one."""
        today = legal_date(self._now)
        wished = [day for day in days if day >= today and any(_within(day, window) for window in self._windows)]
        asked = wished or list(days)
        return None if given & set(asked) else self.claim(asked[0]).problem

    def _may(self, one: Crew, day: date) -> bool:
        need = self._need
        aq8011 = needs_aq8011(need.item, need.audience)
        return one.may(need.item, day, aq8011=aq8011, statutory=need.statutory) and one.goes_out(
            day, self._calendar.is_workday(day)
        )

    def _free(self, one: Crew, half: Half) -> bool:
        return half not in self._busy.get(one.team_id, ())


def able(session: Session, need: Need, slot: Slot, calendar: WorkCalendar) -> str | None:
    """Why a team cannot be sent on a day, by qualification or because it does not go out; None when it can.

    For staff, who choose the team and may give what the contract does not.
    """
    one = crew(session, slot.team_id, slot.half.day, slot.half.day)
    if one is None:
        return "team_unknown"
    aq8011 = needs_aq8011(need.item, need.audience)
    if not one.may(need.item, slot.half.day, aq8011=aq8011, statutory=need.statutory):
        return "team_not_qualified"
    return None if one.goes_out(slot.half.day, calendar.is_workday(slot.half.day)) else "team_away"


def _day(instant: datetime | None) -> date | None:
    return legal_date(instant) if instant else None


def _within(day: date, window: Window) -> bool:
    first = window.start.astimezone(SHANGHAI).date() if window.start else day
    last = window.end.astimezone(SHANGHAI).date() if window.end else day
    return first <= day <= last
