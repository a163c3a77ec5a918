"""The firms that a speaker acts for now, each with its contracts and services, and what a contract has left for it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from anze.bookings.kinds import ServiceStatus
from anze.bookings.lines import item_name, time_line
from anze.bookings.models import Service
from anze.bookings.rules import Use, used
from anze.clock import legal_date
from anze.conversations.turn import Turn
from anze.policies.rules import Contract, Slice
from anze.policies.usecases import contracts
from anze.status import store
from anze.texts import text as say


@dataclass(frozen=True)
class Promise:
    """What a contract gives one insured of an item in the policy year of today."""

    item: str
    promised: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.promised - self.used)


@dataclass(frozen=True)
class Firm:
    """One insured. A contract with several insureds promises each of them its services, so it stands with each."""

    id: int
    name: str
    contracts: list[Contract]
    services: list[Service]

    def in_force(self, today: date) -> list[tuple[Contract, Slice]]:
        """Contracts that cover today, with their policy year."""
        return [(one, year) for one in self.contracts if (year := one.year(today)) is not None]

    def promises(self, contract: Contract, year: Slice) -> list[Promise]:
        """What is promised in a policy year and used up of it, by item."""
        found = []
        for item, promised in sorted(contract.promised.items()):
            uses = [
                Use(row.policy_id, ServiceStatus(row.status), row.completed_on or _day(row))
                for row in self.services
                if row.item == item
            ]
            found.append(Promise(item, promised, used(uses, contract.policy_id, year.from_on, year.to_on)))
        return found


@dataclass(frozen=True)
class Firms:
    """The one firm that the talk is about, or all of the speaker's."""

    all: list[Firm]

    @property
    def name(self) -> str:
        return "、".join(firm.name for firm in self.all)

    @property
    def ids(self) -> list[int]:
        return [firm.id for firm in self.all]

    def of(self, insured_id: int | None, words: str) -> str:
        """The words, with the firm's name in front when there are several."""
        if len(self.all) < 2:
            return words
        name = next((firm.name for firm in self.all if firm.id == insured_id), "")
        return say("status.of_firm", firm=name, words=words)


def read(session: Session, turn: Turn) -> Firms:
    """Everything is read within the speaker's own firms, by the store."""
    rows = store.firms(session, turn.speaker)
    by_firm: dict[int, list[Service]] = {}
    for service in store.services(session, [row.id for row in rows]):
        by_firm.setdefault(service.insured_id, []).append(service)
    return Firms([Firm(row.id, row.name, contracts(session, row.id), by_firm.get(row.id, [])) for row in rows])


def visit_fields(service: Service) -> dict[str, str]:
    """What a line about a coming visit says."""
    return {
        "item": item_name(service.item),
        "when": time_line(service.starts_at, service.ends_at),
        "provider": service.provider.short_name if service.provider else say("booking.no_provider"),
        "people": "、".join(str(person) for person in service.people) or say("booking.no_people"),
        "number": service.number,
    }


def coming(firms: Firms, turn: Turn) -> list[Service]:
    """Visits ahead, the next one first."""
    ahead = [one for firm in firms.all for one in store.coming(firm.services)]
    found = [(one.starts_at, one.id, one) for one in ahead if one.starts_at and one.starts_at > turn.now]
    return [one for *_, one in sorted(found, key=lambda row: row[:2])]


def _day(service: Service) -> date | None:
    return legal_date(service.starts_at) if service.starts_at else None
