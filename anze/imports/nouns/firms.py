"""Applicants (投保人 3.2) and insureds (被保险人 3.3): known by their 统一社会信用代码."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from anze.identity.contact_moved import contact_moved
from anze.imports import bulk
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World, differences
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured
from anze.policies.rules import SizeClass, size_class
from anze.texts import text

_FIGURES = ("nbs_industry", "employees", "revenue_wan", "assets_wan")
_BASIS = {"report_year": "year"} | {name: name for name in _FIGURES}


def _elsewhere(world: World, of: Any) -> Select[tuple[int]]:
    """Firms with a policy outside the importer's branches: theirs to change is nobody below both."""
    policies = select(of).where(Policy.branch_id.not_in(world.importer.branches()))
    return policies if of.class_ is Policy else policies.join(Policy, Policy.id == PolicyInsured.policy_id)


def _known(session: Session, model: Any, rows: list[Row]) -> dict[str, dict[str, Any]]:
    """The rows that are kept already, by code."""
    columns = model.__table__.columns
    found: dict[str, dict[str, Any]] = {}
    for codes in bulk.pieces(row.key for row in rows):
        for one in session.execute(select(*columns).where(bulk.among(session, columns["uscc"], codes))).mappings():
            found[one["uscc"]] = dict(one)
    return found


class _Firms:
    """What both have in common. `of`: the column that names them beside a policy."""

    def __init__(self, model: Any, of: Any, whose: str) -> None:
        self.model, self.of, self.whose = model, of, whose

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        known = _known(world.session, self.model, rows)
        foreign: set[int] = set()
        for ids in bulk.pieces(one["id"] for one in known.values()):
            foreign |= set(
                world.session.scalars(_elsewhere(world, self.of).where(bulk.among(world.session, self.of, ids)))
            )
        return [self._one(world, row, known.get(row.key), foreign) for row in rows]

    def _one(self, world: World, row: Row, before: dict[str, Any] | None, foreign: set[int]) -> Looked:
        looked = Looked(Decided(row.no, "new"))
        given = self.given(world, row.values, before, looked)
        looked.decided.values = given
        if before is None:
            return looked
        old = differences(before, given)
        if old and before["id"] in foreign:
            looked.faults.add("uscc", "firm_elsewhere")
        looked.decided = Decided(row.no, "changed" if old else "same", before["id"], old, given)
        return looked

    def given(
        self, world: World, values: dict[str, Any], before: dict[str, Any] | None, looked: Looked
    ) -> dict[str, Any]:
        return values

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        columns = [column.name for column in self.model.__table__.columns if column.name != "id"]
        bulk.add(world.session, self.model, [{name: row.values.get(name) for name in columns} for row in new])
        bulk.change(
            world.session,
            self.model,
            [{"id": row.id} | {name: row.values[name] for name in row.old} for row in changed],
        )
        self._contacts(world, [row for row in changed if "contact_phone" in row.old])

    def _contacts(self, world: World, rows: list[Row]) -> None:
        """Whom the old telephone let in is out, and that is told."""
        named = {row.id: row for row in rows if row.id is not None}
        for ids in bulk.pieces(named):
            phones = {id_: named[id_].values["contact_phone"] for id_ in ids}
            ended = contact_moved(world.session, self.whose, phones, by=world.importer.actor, now=world.now)
            for id_ in ids:
                count = ended.get(id_, 0)
                words = text("imports.moved.contact", count=count) if count else text("imports.moved.contact_none")
                world.tell("contacts", named[id_].key, words)
                world.moved["rights_ended"] += count

    def finish(self, world: World, spool: Spool) -> None:
        """Nothing is left to do."""


class Applicants(_Firms):
    """See world.Noun."""

    def __init__(self) -> None:
        super().__init__(Applicant, Policy.applicant_id, "applicant")


class Insureds(_Firms):
    """See world.Noun."""

    def __init__(self) -> None:
        super().__init__(Insured, PolicyInsured.insured_id, "insured")

    def given(
        self, world: World, values: dict[str, Any], before: dict[str, Any] | None, looked: Looked
    ) -> dict[str, Any]:
        """The class follows from the figures of the annual report; what the file says counts where they do not do."""
        figures = {name: values[key] for key, name in _BASIS.items() if key in values}
        given = {key: value for key, value in values.items() if key not in _BASIS}
        kept: dict[str, Any] = (before or {}).get("size_basis") or {}
        if figures:
            basis = {name: value for name, value in (kept | figures).items() if value is not None}
            given["size_basis"] = basis or None
            given["size_class"] = self._class(world, basis, given.get("size_class"), looked)
        elif "size_class" in given or before is None:
            said = given.get("size_class") or SizeClass.UNKNOWN.value
            given["size_class"] = self._class(world, kept, said, looked)
        return given

    def _class(self, world: World, basis: dict[str, Any], said: str | None, looked: Looked) -> str:
        thresholds = world.editions.on(world.today).size_thresholds
        found = SizeClass.UNKNOWN
        if thresholds is not None:
            try:
                found = size_class(thresholds, *(basis.get(name) for name in _FIGURES))
            except LookupError:
                names = "、".join(sector.name for sector in thresholds.sectors)
                looked.faults.add("nbs_industry", "choice", choices=names)
        return found.value if found != SizeClass.UNKNOWN else (said or SizeClass.UNKNOWN.value)

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        super().write(world, new, changed)
        for row in changed:
            if "size_class" in row.old:
                named = {at: text(f"imports.size.{at}") for at in (row.old["size_class"], row.values["size_class"])}
                old, now = named[row.old["size_class"]], named[row.values["size_class"]]
                world.tell("sizes", row.key, text("imports.moved.size", old=old, new=now))
