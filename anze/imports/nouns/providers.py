"""Providers (3.4), their qualifications (5) and teams (3.5): head office's, or a province's own."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from anze.bookings.kinds import COMING
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.imports import bulk
from anze.imports.rules import key_of
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World, differences
from anze.providers.models import Certificate, Equipment, Provider, Qualification, Team
from anze.texts import text


class Providers:
    """See world.Noun."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        """Of the file: by name the code that has it"""

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        known: dict[str, dict[str, Any]] = {}
        owners: dict[str, str] = {}
        columns = Provider.__table__.columns
        for codes in bulk.pieces(row.key for row in rows):
            found = select(*columns).where(Provider.uscc.in_(codes))
            known |= {one["uscc"]: dict(one) for one in world.session.execute(found).mappings()}
        for names in bulk.pieces(row.values["name"] for row in rows):
            owners |= dict(
                world.session.execute(select(Provider.name, Provider.uscc).where(Provider.name.in_(names)))
                .tuples()
                .all()
            )
        return [self._one(world, row, known.get(row.key), owners) for row in rows]

    def _one(self, world: World, row: Row, before: dict[str, Any] | None, owners: dict[str, str]) -> Looked:
        looked = Looked(Decided(row.no, "new"))
        if before is not None and not world.importer.may_write_province(before["province"]):
            looked.faults.add("uscc", "provider_elsewhere")
            return looked
        if not world.importer.may_write_province(row.values["province"]):
            looked.faults.add("province", "province_elsewhere", province=world.importer.province or "")
        owner = self._names.setdefault(row.values["name"], row.key)
        if row.key not in {owner, None} or owners.get(row.values["name"], row.key) != row.key:
            looked.faults.add("name", "provider_name")
        if before is not None:
            old = differences(before, row.values)
            looked.decided = Decided(row.no, "changed" if old else "same", before["id"], old)
        return looked

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        bulk.add(world.session, Provider, [row.values for row in new])
        bulk.change(
            world.session, Provider, [{"id": row.id} | {name: row.values[name] for name in row.old} for row in changed]
        )

    def finish(self, world: World, spool: Spool) -> None:
        """Nothing is left to do."""


class _OfProvider:
    """Rows that belong to a provider, which must be there."""

    model: Any
    key: tuple[str, ...]
    days: tuple[str, ...]
    defaults: dict[str, Any] = {}  # noqa: RUF012 - a constant of each kind

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        providers = _providers(world.session, rows)
        kept: dict[str, list[dict[str, Any]]] = {}
        for ids in bulk.pieces(id_ for id_, _ in providers.values()):
            found = select(*self.model.__table__.columns, Provider.uscc.label("provider")).join(
                Provider, Provider.id == self.model.provider_id
            )
            for one in world.session.execute(found.where(self.model.provider_id.in_(ids))).mappings():
                row = dict(one) | {name: one[name].isoformat() if one[name] else None for name in self.days}
                kept.setdefault(key_of(self.key, row), []).append(row)
        return [self._one(world, row, providers.get(row.values["provider"]), kept.get(row.key, [])) for row in rows]

    def _one(self, world: World, row: Row, provider: tuple[int, str] | None, kept: list[dict[str, Any]]) -> Looked:
        looked = Looked(Decided(row.no, "new"))
        if provider is None:
            looked.faults.add("provider", "provider_unknown")
            return looked
        if not world.importer.may_write_province(provider[1]):
            looked.faults.add("provider", "provider_elsewhere")
            return looked
        if len(kept) > 1:
            looked.faults.add("provider", "several_kept")
            return looked
        given = {name: value for name, value in row.values.items() if name != "provider"}
        looked.decided.values = given | {"provider_id": provider[0]}
        self.check(given, looked)
        if kept:
            old = differences(kept[0], given)
            looked.decided = Decided(row.no, "changed" if old else "same", kept[0]["id"], old, looked.decided.values)
        return looked

    def check(self, given: dict[str, Any], looked: Looked) -> None:
        """What the columns of a row must agree on."""

    def _stored(self, name: str, value: Any) -> Any:
        return date.fromisoformat(value) if name in self.days and value else value

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        names = [column.name for column in self.model.__table__.columns if column.name != "id"]
        bulk.add(world.session, self.model, [
            {name: self._stored(name, row.values.get(name, self.defaults.get(name))) for name in names} for row in new
        ])  # fmt: skip
        bulk.change(world.session, self.model, [
            {"id": row.id} | {name: self._stored(name, row.values[name]) for name in row.old} for row in changed
        ])  # fmt: skip

    def finish(self, world: World, spool: Spool) -> None:
        """Nothing is left to do."""


def _providers(session: Session, rows: list[Row]) -> dict[str, tuple[int, str]]:
    """Id and province by code."""
    found: dict[str, tuple[int, str]] = {}
    for codes in bulk.pieces(row.values["provider"] for row in rows):
        query = select(Provider.uscc, Provider.id, Provider.province).where(Provider.uscc.in_(codes))
        found |= {code: (id_, province) for code, id_, province in session.execute(query)}
    return found


class Qualifications(_OfProvider):
    model, key, days = Qualification, ("provider", "kind", "valid_from"), ("valid_from", "valid_to")

    def check(self, given: dict[str, Any], looked: Looked) -> None:
        if given.get("valid_to") is not None and given["valid_to"] < given["valid_from"]:
            looked.faults.add("valid_to", "end_before_start")


class Certificates(_OfProvider):
    model, key, days = Certificate, ("provider", "number"), ("valid_from", "valid_to")

    def check(self, given: dict[str, Any], looked: Looked) -> None:
        if given.get("valid_to") is not None and given["valid_to"] < given["valid_from"]:
            looked.faults.add("valid_to", "end_before_start")


class Instruments(_OfProvider):
    model, key, days = Equipment, ("provider", "number"), ("checked_until",)


class Teams(_OfProvider):
    model, key, days = Team, ("provider", "no"), ("ended_on",)
    defaults = {"weekends": False}  # noqa: RUF012 - a constant

    def check(self, given: dict[str, Any], looked: Looked) -> None:
        if given.get("weekends", False) is None:
            given["weekends"] = False

    def finish(self, world: World, spool: Spool) -> None:
        """Services that a team cannot do any more after its last day: a colleague has to give them another."""
        for rows in spool.of("changed"):
            ended = {row.id: row for row in rows if "ended_on" in row.old and row.values["ended_on"]}
            for ids in bulk.pieces(id_ for id_ in ended if id_ is not None):
                query = select(Service.number, Service.team_id, Service.starts_at).where(
                    Service.team_id.in_(ids), Service.status.in_(COMING), Service.starts_at.is_not(None)
                )
                for number, team_id, starts_at in world.session.execute(query.order_by(Service.number)):
                    row = ended[team_id]
                    if legal_date(starts_at).isoformat() > row.values["ended_on"]:
                        words = text("imports.moved.team_outside", number=number)
                        world.tell("services_outside", row.key, words)
