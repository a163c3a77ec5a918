"""Writes what a plan says, in the caller's transaction: all of it or nothing; one event in the audit chain."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from anze.audit.chain import append
from anze.db import insert_missing
from anze.errors import DomainError
from anze.imports.models import Import
from anze.imports.planning import GENERATION, Plan
from anze.imports.world import World
from anze.state import AppState


class StaleError(Exception):
    """Another import was done since the plan was made: it says nothing about the database as it is now."""


def hold(session: Session, plan: Plan) -> None:
    """From here to the end of the transaction no other import writes. Raises StaleError."""
    insert_missing(session, AppState, key=GENERATION, value="0")
    done = session.get_one(AppState, GENERATION, with_for_update=True, populate_existing=True)
    if done.value != plan.generation:
        raise StaleError
    session.execute(update(AppState).where(AppState.key == GENERATION).values(value=str(int(done.value) + 1)))


def check(plan: Plan, *, partial: bool) -> None:
    """Whether a plan may be written. Raises DomainError import_faults, import_whole."""
    if plan.counts["refused"] and plan.table.whole:
        raise DomainError("import_whole", 409, count=plan.counts["refused"])
    if plan.counts["refused"] and not partial:
        raise DomainError("import_faults", 409, count=plan.counts["refused"])


def apply(world: World, plan: Plan) -> None:
    """Write all rows that are new or change, and let what hangs on them follow. The caller holds the import."""
    for op in ("new", "changed"):
        for rows in plan.spool.of(op):
            plan.noun.write(world, rows if op == "new" else [], rows if op == "changed" else [])
    plan.noun.finish(world, plan.spool)
    world.session.flush()


def note(world: World, plan: Plan, row: Import) -> None:
    """One event for the import: which file, how many rows, what moved; nobody's data."""
    body: dict[str, Any] = {
        "kind": plan.kind,
        "file_sha256": plan.file_sha256,
        "plan_sha256": plan.digest,
        "since": plan.since.isoformat() if plan.since else None,
        "partial": row.partial,
        "branch_id": row.branch_id,
        "counts": {name: plan.counts[name] for name in ("new", "changed", "same", "refused")},
        "moved": dict(sorted(world.moved.items())),
    }
    append(world.session, at=world.now, kind="import.done", subject=f"import:{row.id}", actor=world.importer.actor,
           body=body)  # fmt: skip
