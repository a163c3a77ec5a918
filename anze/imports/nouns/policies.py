"""Policies with what they promise: their years, and the reminders about their end, follow what an import changes."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from anze.bookings.kinds import COMING
from anze.bookings.models import Service
from anze.clock import legal_date
from anze.complaints.models import Complaint
from anze.identity.models import Branch
from anze.imports import bulk
from anze.imports.rules import ITEMS
from anze.imports.spool import Decided, Row, Spool
from anze.imports.world import Looked, World, differences
from anze.policies.models import Applicant, Insured, Policy, PolicyInsured, PolicyYear, PromisedService
from anze.policies.rules import policy_years
from anze.reminders import standing
from anze.reminders.models import Reminder, ReminderState
from anze.texts import text

_DATES = ("start_on", "end_on", "ended_early_on")
_COLUMNS = ("branch_id", "applicant_id", *_DATES, "premium_cents")
_FOLLOWED = {*_DATES, "insured_ids", "renews"}
"""What the reminders about the end follow"""
MOST_YEARS = 10


class _Around:
    """What the rows of a piece name: firms by their code, policies by their number."""

    def __init__(self, world: World, rows: list[Row]) -> None:
        session = world.session
        self.known = _kept(world, [row.key for row in rows])
        self.applicants: dict[str, int] = {}
        self.insureds: dict[str, int] = {}
        for codes in bulk.pieces(row.values["applicant"] for row in rows):
            query = select(Applicant.uscc, Applicant.id).where(bulk.among(session, Applicant.uscc, codes))
            self.applicants |= {code: id_ for code, id_ in session.execute(query) if code}
        for codes in bulk.pieces(code for row in rows for code in row.values["insureds"]):
            found = select(Insured.uscc, Insured.id).where(bulk.among(session, Insured.uscc, codes))
            self.insureds |= {code: id_ for code, id_ in session.execute(found) if code}
        self.renewed: dict[str, int] = {}
        for numbers in bulk.pieces(number for row in rows if (number := row.values.get("renews"))):
            here = select(Policy.number, Policy.branch_id).where(bulk.among(session, Policy.number, numbers))
            self.renewed |= dict(session.execute(here).tuples().all())


def _kept(world: World, numbers: list[str]) -> dict[str, dict[str, Any]]:
    """The policies that are kept already, by number, in the form in which rows are compared."""
    before = aliased(Policy)
    found: dict[str, dict[str, Any]] = {}
    by_id: dict[int, dict[str, Any]] = {}
    for piece in bulk.pieces(numbers):
        columns = Policy.id, Policy.number, *(getattr(Policy, name) for name in _COLUMNS), before.number.label("renews")
        query = select(*columns).outerjoin(before, before.id == Policy.renews_id)
        query = query.where(bulk.among(world.session, Policy.number, piece))
        for one in world.session.execute(query).mappings():
            row = dict(one) | {"insured_ids": []} | dict.fromkeys(ITEMS, 0)
            row |= {name: row[name].isoformat() if row[name] else None for name in _DATES}
            found[row["number"]] = by_id[row["id"]] = row
    for ids in bulk.pieces(by_id):
        links = (
            select(PolicyInsured)
            .where(bulk.among(world.session, PolicyInsured.policy_id, ids))
            .order_by(PolicyInsured.insured_id)
        )
        for link in world.session.execute(links.with_only_columns(PolicyInsured.policy_id, PolicyInsured.insured_id)):
            by_id[link.policy_id]["insured_ids"].append(link.insured_id)
        promised = select(PromisedService.policy_id, PromisedService.item, PromisedService.per_year)
        for policy_id, item, per_year in world.session.execute(
            promised.where(bulk.among(world.session, PromisedService.policy_id, ids))
        ):
            by_id[policy_id][item] = per_year
    return found


class Policies:
    """See world.Noun."""

    def __init__(self) -> None:
        self._branches: dict[str, list[int]] | None = None
        self._own: set[int] = set()
        self._soon = False

    def look(self, world: World, rows: list[Row], spool: Spool) -> list[Looked]:
        if self._branches is None:
            self._branches = defaultdict(list)
            for id_, name, short in world.session.execute(select(Branch.id, Branch.name, Branch.short_name)):
                for said in {name, short}:
                    self._branches[said].append(id_)
            self._own = set(world.session.scalars(world.importer.branches()))
        around, keys = _Around(world, rows), spool.keys()
        looked = [self._one(row, around, keys) for row in rows]
        _refuse_with_history(world, looked, around)
        return looked

    def _one(self, row: Row, around: _Around, keys: Any) -> Looked:
        before = around.known.get(row.key)
        looked = Looked(Decided(row.no, "new", values={}))
        if before is not None and before["branch_id"] not in self._own:
            looked.faults.add("number", "policy_elsewhere")  # and nothing else of another branch's policy
            return looked
        given = self._given(row.values, before, around, keys, looked)
        if before is not None:
            old = differences(before, given)
            looked.decided = Decided(row.no, "changed" if old else "same", before["id"], old)
        looked.decided.values = given
        if given.get("renews") and given["renews"] not in around.renewed:
            looked.decided.ref = given["renews"]
        return looked

    def _given(
        self, values: dict[str, Any], before: dict[str, Any] | None, around: _Around, keys: Any, looked: Looked
    ) -> dict[str, Any]:
        faults = looked.faults
        given: dict[str, Any] = {name: values[name] for name in ("start_on", "end_on", "premium_cents")}
        given |= {item: values[item] or 0 for item in ITEMS if item in values}
        given["branch_id"] = self._branch(values["branch"], looked)
        given["applicant_id"] = around.applicants.get(values["applicant"])
        if given["applicant_id"] is None:
            faults.add("applicant", "applicant_unknown")
        ids = [around.insureds.get(code) for code in values["insureds"]]
        if unknown := [code for code, id_ in zip(values["insureds"], ids, strict=True) if id_ is None]:
            faults.add("insureds", "insured_unknown", codes="、".join(unknown[:3]))
        given["insured_ids"] = sorted(id_ for id_ in ids if id_ is not None)
        if given["end_on"] < given["start_on"]:
            faults.add("end_on", "end_before_start")
        elif int(given["end_on"][:4]) - int(given["start_on"][:4]) > MOST_YEARS:
            faults.add("end_on", "too_many_years", most=MOST_YEARS)
        else:
            given |= _ended(values, given, before, looked)
        if "renews" in values:
            given["renews"] = self._renews(values, around, keys, looked)
        return given

    def _branch(self, name: str, looked: Looked) -> int | None:
        ids = (self._branches or {}).get(name, [])
        if len(ids) != 1:
            looked.faults.add("branch", "branch_several" if ids else "branch_unknown")
            return None
        if ids[0] not in self._own:
            looked.faults.add("branch", "branch_elsewhere")
        return ids[0]

    def _renews(self, values: dict[str, Any], around: _Around, keys: Any, looked: Looked) -> str | None:
        number: str | None = values["renews"]
        if number is None:
            return None
        branch = around.renewed.get(number)
        if number == values["number"]:
            looked.faults.add("renews", "renews_itself")
        elif branch is None and number not in keys:
            looked.faults.add("renews", "renews_unknown")
        elif branch is not None and branch not in self._own:
            looked.faults.add("renews", "renews_elsewhere")
        return number

    def write(self, world: World, new: list[Row], changed: list[Row]) -> None:
        self._add(world, new)
        if changed:
            self._change(world, changed)
        horizon = (world.today + standing.AHEAD).isoformat()
        self._soon = self._soon or any(row.values["end_on"] <= horizon for row in (*new, *changed))

    def _add(self, world: World, rows: list[Row]) -> None:
        ids = bulk.add_with_ids(
            world.session, Policy,
            [{"number": row.key} | {name: _stored(name, row.values.get(name)) for name in _COLUMNS} for row in rows],
        )  # fmt: skip
        links, years, promised = [], [], []
        for id_, row in zip(ids, rows, strict=True):
            links += [{"policy_id": id_, "insured_id": insured} for insured in row.values["insured_ids"]]
            years += _years(id_, row.values)
            promised += [{"policy_id": id_, "item": item, "per_year": row.values[item]}
                         for item in ITEMS if row.values.get(item)]  # fmt: skip
        bulk.add(world.session, PolicyInsured, links)
        bulk.add(world.session, PolicyYear, years)
        bulk.add(world.session, PromisedService, promised)

    def _change(self, world: World, rows: list[Row]) -> None:
        bulk.change(
            world.session, Policy,
            [{"id": row.id} | {name: _stored(name, row.values[name]) for name in row.old if name in _COLUMNS}
             for row in rows],
        )  # fmt: skip
        _relink(world, rows)
        _promise_anew(world, rows)
        _slice_anew(world, [row for row in rows if row.old.keys() & set(_DATES)])
        for row in rows:
            _tell(world, row)

    def finish(self, world: World, spool: Spool) -> None:
        """Renewals last: the renewed policy may stand further down in the file. Then the reminders, by the rows."""
        for op in ("new", "changed"):
            for rows in spool.of(op):
                _renew(world, rows)
        world.session.flush()
        for rows in spool.of("changed"):
            _remind(world, [row for row in rows if row.old.keys() & _FOLLOWED])
        for op in ("new", "changed"):
            for rows in spool.of(op):
                _forget_renewed(world, rows)
        if self._soon:
            standing.plan_again(world.session)


def _stored(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name in _DATES and value else value


def _ended(
    values: dict[str, Any], given: dict[str, Any], before: dict[str, Any] | None, looked: Looked
) -> dict[str, Any]:
    """The last day after an early end, by state and day together; {} where the row says nothing of it."""
    state, said = values.get("state"), "ended_early_on" in values
    day = values.get("ended_early_on")
    before_start = (date.fromisoformat(given["start_on"]) - timedelta(days=1)).isoformat()
    if state == "cancelled":
        return {"ended_early_on": before_start}
    if state == "in_force":
        if day is not None:
            looked.faults.add("ended_early_on", "ended_in_force")
        return {"ended_early_on": None}
    if state == "ended" and not said:
        day, said = (before or {}).get("ended_early_on"), True
    if state == "ended" and day is None:
        looked.faults.add("ended_early_on", "ended_without_day")
    if day is not None and not before_start <= day <= given["end_on"]:
        looked.faults.add("ended_early_on", "ended_outside")
    return {"ended_early_on": day} if said else {}


def _years(policy_id: int, values: dict[str, Any]) -> list[dict[str, Any]]:
    start, end, ended = (_stored(name, values.get(name)) for name in _DATES)
    return [
        {"policy_id": policy_id, "no": one.no, "from_on": one.from_on, "to_on": one.to_on}
        for one in policy_years(start, end, ended)
    ]


def _refuse_with_history(world: World, looked: list[Looked], around: _Around) -> None:
    """An insured for whom something was done under a policy stays named in it."""
    gone = {
        (one.decided.id, insured): one
        for one in looked
        if one.decided.id is not None and "insured_ids" in one.decided.old
        for insured in set(one.decided.old["insured_ids"]) - set((one.decided.values or {})["insured_ids"])
    }
    for ids in bulk.pieces(policy_id for policy_id, _ in gone):
        pairs: set[tuple[Any, Any]] = set()
        for model in (Service, Complaint):
            query = select(model.policy_id, model.insured_id).where(model.policy_id.in_(ids)).distinct()
            pairs |= set(world.session.execute(query).tuples().all())
        for pair in pairs & gone.keys():
            gone[pair].faults.add("insureds", "insured_has_history")


def _relink(world: World, rows: list[Row]) -> None:
    added, removed = [], []
    for row in rows:
        if "insured_ids" in row.old:
            before, now = set(row.old["insured_ids"]), set(row.values["insured_ids"])
            added += [{"policy_id": row.id, "insured_id": insured} for insured in sorted(now - before)]
            removed += [{"policy_id": row.id, "insured_id": insured} for insured in sorted(before - now)]
    bulk.remove(world.session, PolicyInsured, removed, PolicyInsured.policy_id, PolicyInsured.insured_id)
    bulk.add(world.session, PolicyInsured, added)


def _promise_anew(world: World, rows: list[Row]) -> None:
    """What is promised, item by item; none is no row."""
    keys = [{"policy_id": row.id, "item": item} for row in rows for item in ITEMS if item in row.old]
    bulk.remove(world.session, PromisedService, keys, PromisedService.policy_id, PromisedService.item)
    bulk.add(
        world.session, PromisedService,
        [{"policy_id": row.id, "item": item, "per_year": row.values[item]}
         for row in rows for item in ITEMS if item in row.old and row.values[item]],
    )  # fmt: skip


def _slice_anew(world: World, rows: list[Row]) -> None:
    """The policy years by the dates as they are now."""
    for piece in bulk.pieces(row.id for row in rows if row.id is not None):
        policies = select(Policy.id, *(getattr(Policy, name) for name in _DATES)).where(Policy.id.in_(piece))
        wanted = {
            (one.id, year.no): {"from_on": year.from_on, "to_on": year.to_on}
            for one in world.session.execute(policies)
            for year in policy_years(one.start_on, one.end_on, one.ended_early_on)
        }
        columns = PolicyYear.id, PolicyYear.policy_id, PolicyYear.no, PolicyYear.from_on, PolicyYear.to_on
        there = {
            (one.policy_id, one.no): one
            for one in world.session.execute(select(*columns).where(PolicyYear.policy_id.in_(piece)))
        }
        bulk.remove(world.session, PolicyYear, [{"id": there[key].id} for key in there.keys() - wanted.keys()],
                    PolicyYear.id)  # fmt: skip
        bulk.change(world.session, PolicyYear, [
            {"id": there[key].id} | days for key, days in wanted.items()
            if key in there and (there[key].from_on, there[key].to_on) != (days["from_on"], days["to_on"])
        ])  # fmt: skip
        bulk.add(world.session, PolicyYear, [
            {"policy_id": key[0], "no": key[1]} | days for key, days in wanted.items() if key not in there
        ])  # fmt: skip
        _tell_years(world, there, wanted, {row.id: row.key for row in rows if row.id is not None})


def _tell_years(world: World, there: Any, wanted: Any, numbers: dict[int, str]) -> None:
    for key in sorted(there.keys() | wanted.keys()):
        old = f"{there[key].from_on}～{there[key].to_on}" if key in there else text("imports.moved.none")
        new = f"{wanted[key]['from_on']}～{wanted[key]['to_on']}" if key in wanted else text("imports.moved.none")
        if old != new:
            world.tell("policy_years", numbers[key[0]], text("imports.moved.policy_year", no=key[1], old=old, new=new))


def _tell(world: World, row: Row) -> None:
    for name in ("end_on", "ended_early_on"):
        if name in row.old:
            old, new = (value or text("imports.moved.none") for value in (row.old[name], row.values[name]))
            world.tell("ends", row.key, text(f"imports.moved.{name}", old=old, new=new))
    if "branch_id" in row.old:
        world.tell("branches", row.key, text("imports.moved.branch"))
    if "insured_ids" in row.old:
        before, now = set(row.old["insured_ids"]), set(row.values["insured_ids"])
        world.tell("insureds", row.key,
                   text("imports.moved.insureds", added=len(now - before), removed=len(before - now)))  # fmt: skip


def _renew(world: World, rows: list[Row]) -> None:
    """Link policies to those that they renew."""
    numbers = {row.key: row.values["renews"] for row in rows if "renews" in row.values and _is_set(row)}
    ids: dict[str, int] = {}
    for piece in bulk.pieces([*numbers, *(number for number in numbers.values() if number)]):
        ids |= dict(
            world.session.execute(
                select(Policy.number, Policy.id).where(bulk.among(world.session, Policy.number, piece))
            )
            .tuples()
            .all()
        )
    bulk.change(
        world.session, Policy,
        [{"id": ids[number], "renews_id": ids[renewed] if renewed else None} for number, renewed in numbers.items()],
    )  # fmt: skip


def _is_set(row: Row) -> bool:
    """Whether the row sets the renewal: a new one that has one, or a change of it."""
    return "renews" in row.old or (row.op == "new" and bool(row.values["renews"]))


def _with_reminders(world: World, ids: list[int]) -> list[int]:
    subjects = {f"policy:{id_}": id_ for id_ in ids}
    found: set[str] = set()
    for piece in bulk.pieces(subjects):
        found |= set(world.session.scalars(select(Reminder.subject).where(Reminder.subject.in_(piece)).distinct()))
    return sorted(subjects[key] for key in found)


def _open_reminders(world: World, subject: str) -> set[tuple[int, date]]:
    waiting = or_(Reminder.state == ReminderState.WAITING, Reminder.state == ReminderState.CLAIMED)
    query = select(Reminder.id, Reminder.due_on).where(Reminder.subject == subject, waiting)
    return set(world.session.execute(query).tuples().all())


def _remind(world: World, rows: list[Row]) -> None:
    """Reminders that are written already follow the policy; what is not written yet comes with the next round."""
    numbers = {row.id: row.key for row in rows if row.id is not None}
    for id_ in _with_reminders(world, list(numbers)):
        policy = world.session.get_one(Policy, id_, options=[selectinload(Policy.insureds)], populate_existing=True)
        before = _open_reminders(world, f"policy:{id_}")
        standing.replan(world.session, policy, world.now, world.calendar.calendar())
        world.session.flush()
        after = _open_reminders(world, f"policy:{id_}")
        if before != after:
            ended, planned = len(before - after), len(after - before)
            words = text("imports.moved.reminders", ended=ended, planned=planned)
            world.tell("reminders", numbers[id_], words, ended + planned)
    _tell_of_services(world, numbers)


def _forget_renewed(world: World, rows: list[Row]) -> None:
    """Of a policy that is renewed now nothing more is said about its end."""
    renewed = [row.values["renews"] for row in rows if "renews" in row.values and _is_set(row) and row.values["renews"]]
    ids: dict[int, str] = {}
    for piece in bulk.pieces(renewed):
        found = select(Policy.id, Policy.number).where(bulk.among(world.session, Policy.number, piece))
        ids |= dict(world.session.execute(found).tuples().all())
    for id_ in _with_reminders(world, list(ids)):
        policy = world.session.get_one(Policy, id_)
        before = _open_reminders(world, f"policy:{id_}")
        standing.replan(world.session, policy, world.now, world.calendar.calendar())
        if count := len(before - _open_reminders(world, f"policy:{id_}")):
            words = text("imports.moved.reminders", ended=count, planned=0)
            world.tell("reminders", ids[id_], words, count)


def _tell_of_services(world: World, numbers: dict[int, str]) -> None:
    """Booked services on days that the policy does not cover any more: nobody calls them off but a colleague."""
    for piece in bulk.pieces(numbers):
        query = (
            select(Service)
            .where(Service.policy_id.in_(piece), Service.status.in_(COMING), Service.starts_at.is_not(None))
            .options(joinedload(Service.policy))
        )
        for service in world.session.scalars(query):
            policy = service.policy
            last = min(policy.end_on, policy.ended_early_on or policy.end_on)
            if service.starts_at is not None and not policy.start_on <= legal_date(service.starts_at) <= last:
                words = text("imports.moved.service_outside", number=service.number)
                world.tell("services_outside", policy.number, words)
