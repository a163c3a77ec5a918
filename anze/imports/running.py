"""The long work on imports: checking a file, writing what was agreed to. Any number of processes may run it.

A process that is killed leaves nothing half done: the rows of an import and its state are written in one transaction.
What it had under way is taken up again once its lease is over.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from uuid import uuid4

from sqlalchemy.orm import Session

from anze.conversations.turns import real_now
from anze.db import Database
from anze.errors import DomainError
from anze.imports import applying, importer, planning, store, usecases
from anze.imports.applying import StaleError
from anze.imports.files import Sources
from anze.imports.importer import Importer
from anze.imports.models import Import, ImportState
from anze.imports.planning import Plan
from anze.imports.refused import FileRefusedError
from anze.imports.spool import Spool
from anze.imports.world import World
from anze.services import Services
from anze.standard.editions import editions
from anze.texts import text

log = logging.getLogger(__name__)

LEASE, WRITING_LEASE = timedelta(seconds=60), timedelta(minutes=15)
"""While a transaction writes, its row cannot be renewed (SQLite has one writer): that lease is long."""
ATTEMPTS = 3
"""A file with which the process died so often is left alone"""
_TOLD_SECONDS = 1.0


class LostError(Exception):
    """Another worker has the import now."""


@dataclass(frozen=True)
class Job:
    """An import that was claimed, as plain values."""

    id: int
    kind: str
    staff_id: int | None
    file: Path
    file_sha256: str
    since: date | None
    state: str
    digest: str | None
    partial: bool


@dataclass
class Worker:
    """Works off what is due. `owner`: how claims name it."""

    services: Services
    owner: str = field(default_factory=lambda: uuid4().hex)

    @property
    def _db(self) -> Database:
        return self.services.db

    def run_one(self) -> bool:
        """Work off one import; False when none is due. Blocking: for a thread of its own."""
        with self._db.read() as session:
            if not store.is_due(session, real_now()):
                return False
        with self._db.write() as session:
            job = self._claimed(session)
        if job is None:
            return False
        try:
            self._work(job)
        except LostError:
            log.warning("import %d was taken by another worker", job.id)
        except FileRefusedError as error:
            self._end(job, ImportState.REFUSED, error.detail)
        except DomainError as error:
            self._end(job, ImportState.FAILED, error.detail)
        except Exception as error:  # whatever it is, the row says that it ended; what stood in the file is in no log
            log.error("import %d failed: %s", job.id, type(error).__name__)
            self._end(job, ImportState.FAILED, text("imports.failed"))
        return True

    def _claimed(self, session: Session) -> Job | None:
        row = store.next_due(session, real_now())
        if row is None:
            return None
        if row.attempts >= ATTEMPTS:
            row.state, row.problem, row.ended_at = (
                ImportState.FAILED,
                text("imports.gave_up"),
                self.services.clock.now(),
            )
            return None
        checking = row.state in {ImportState.WAITING, ImportState.CHECKING}
        row.state = ImportState.CHECKING if checking else ImportState.WRITING
        row.attempts, row.progress = row.attempts + 1, 0
        row.claimed_by, row.claimed_until = self.owner, real_now() + (LEASE if checking else WRITING_LEASE)
        return Job(
            row.id, row.kind, row.staff_id, sources(self.services).path(row.file_sha256), row.file_sha256, row.since,
            row.state, row.digest, row.partial,
        )  # fmt: skip

    def _work(self, job: Job) -> None:
        if not job.file.is_file():
            raise FileRefusedError("lost")
        with self._planned(job) as plan:
            if job.state == ImportState.CHECKING or plan.digest != job.digest:
                self._checked(job, plan)
            else:
                self._write(job, plan)

    @contextmanager
    def _planned(self, job: Job) -> Iterator[Plan]:
        with Spool() as spool:
            plan = planning.new_plan(job.kind, job.file_sha256, spool, job.since)
            progress = _Progress(self, job)
            planning.read_file(plan, job.file, progress)
            with self._db.read() as session:
                planning.compare(plan, self._world(session, job), progress)
            yield plan

    def _world(self, session: Session, job: Job) -> World:
        """With the rights of this moment."""
        who: Importer = importer.of_staff(session, job.staff_id)
        services = self.services
        return World(session, who, services.clock.now(), services.calendar, editions())

    def _mine(self, session: Session, job: Job) -> Import:
        row = store.mine(session, job.id, self.owner)
        if row is None:
            raise LostError
        return row

    def _checked(self, job: Job, plan: Plan) -> None:
        """What the check found stands to be seen; of what was agreed to and is otherwise now, that it is otherwise."""
        with self._db.write() as session:
            row = self._mine(session, job)
            row.state, row.digest, row.counts = ImportState.CHECKED, plan.digest, counts_of(plan)
            row.problem = text("imports.changed_meanwhile") if job.state == ImportState.WRITING else None
            row.claimed_by = row.claimed_until = None
            row.attempts = 0
            store.tell(session, row.id, planning.faults_of(plan), [], {})

    def _write(self, job: Job, plan: Plan) -> None:
        try:
            with self._db.write() as session:
                row = self._mine(session, job)
                applying.hold(session, plan)
                world = self._world(session, job)
                world.importer.check_kind(plan.kind)
                applying.check(plan, partial=job.partial)
                write(world, plan, row)
        except StaleError:
            self._again(job)
            return
        for conversation_id in world.wake:
            self.services.hub.wake(conversation_id)

    def _again(self, job: Job) -> None:
        """Another import came between: planned anew, and written if nothing is otherwise by it."""
        with self._db.write() as session:
            row = self._mine(session, job)
            row.state, row.claimed_by, row.claimed_until = ImportState.CONFIRMED, None, None
            row.attempts -= 1

    def _end(self, job: Job, state: ImportState, problem: str) -> None:
        with self._db.write() as session:
            if (row := store.mine(session, job.id, self.owner)) is not None:
                row.state, row.problem, row.ended_at = state, problem, self.services.clock.now()
                row.claimed_by = row.claimed_until = None

    def renew(self, job: Job, progress: int) -> None:
        """Say how far it is, and keep the claim. Raises LostError."""
        lease = LEASE if job.state == ImportState.CHECKING else WRITING_LEASE
        with self._db.write() as session:
            row = self._mine(session, job)
            row.progress, row.claimed_until = progress, real_now() + lease


class _Progress:
    """Tells the row at most once a second."""

    def __init__(self, worker: Worker, job: Job) -> None:
        self._worker, self._job, self._told = worker, job, monotonic()

    def __call__(self, done: int) -> None:
        if monotonic() - self._told >= _TOLD_SECONDS:
            self._worker.renew(self._job, done)
            self._told = monotonic()


def counts_of(plan: Plan) -> dict[str, object]:
    """What the row tells of a plan."""
    ignored = [head[:40] for head in plan.read.ignored[:50]]
    return plan.counts | {"older": plan.older, "faults": plan.spool.faults, "ignored": ignored}


def write(world: World, plan: Plan, row: Import) -> None:
    """Write the plan and what is told of it, in the caller's transaction; the row is done with it."""
    applying.apply(world, plan)
    row.state, row.ended_at, row.digest, row.counts = ImportState.DONE, world.now, plan.digest, counts_of(plan)
    row.moved, row.problem, row.claimed_by, row.claimed_until = dict(world.moved), None, None, None
    row.progress = sum(plan.counts.values())
    names = {move.what: text(f"imports.what.{move.what}") for move in world.moves}
    store.tell(world.session, row.id, planning.faults_of(plan), world.moves, names)
    applying.note(world, plan, row)


def sources(services: Services) -> Sources:
    """Where files that are to be imported lie."""
    return Sources(services.settings.data / "imports", services.settings.import_limit_bytes)


async def run_due(services: Services) -> None:
    """A job of its own: whatever is due, one after the other, off the event loop."""
    worker = Worker(services)
    while await asyncio.to_thread(worker.run_one):
        pass


async def tidy(services: Services) -> None:
    """A step of the sweep: what is not needed any more is removed. Asked first without writing."""
    now = services.clock.now()
    if await services.db.in_read(partial(usecases.untidy, now=now)):
        await services.db.in_write(partial(usecases.tidy, now=now))
    needed = await services.db.in_read(store.open_files)
    await asyncio.to_thread(sources(services).keep_only, needed)
