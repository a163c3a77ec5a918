"""Staff rows for tests, with passwords that are quick to check."""

from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from anze.db import Database
from anze.demo.branches import PASSWORD as DEMO_PASSWORD
from anze.identity.models import Branch, BranchLevel, Role, Staff

PASSWORD = "a right password"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def cheap_hash(password: str) -> str:
    """As it is kept, in a hundredth of the time."""
    return _CHEAP.hash(password)


def quicken(session: Session) -> None:
    """The demo's password for everybody, quick to check: hundreds of tests sign somebody in."""
    quick = _CHEAP.hash(DEMO_PASSWORD, salt=b"anze-tests-salt-")
    session.execute(update(Staff).values(password_hash=quick))


def hire(
    database: Database,
    username: str,
    role: Role = Role.INTAKE,
    *,
    branch_id: int | None = None,
    password: str = PASSWORD,
    demo: bool = False,
    must_change: bool = False,
    left_at: datetime | None = None,
) -> int:
    """A staff member, at the head office unless another branch is named; the id."""
    with database.write() as session:
        row = Staff(
            username=username,
            name="甲",
            role=role,
            branch_id=branch_id or session.scalars(select(Branch.id).order_by(Branch.id)).first(),
            password_hash=cheap_hash(password),
            demo=demo,
            must_change=must_change,
            left_at=left_at,
        )
        session.add(row)
        session.flush()
        return row.id


def branch(database: Database, name: str, parent_id: int) -> int:
    """A branch beneath another; the id."""
    with database.write() as session:
        parent = session.get_one(Branch, parent_id)
        # The head office of the tests has an id of its own choice, of which PostgreSQL's sequence knows nothing.
        taken = session.scalar(select(func.max(Branch.id))) or 0
        row = Branch(
            id=taken + 1,
            parent_id=parent_id,
            path="/",
            level=BranchLevel.PROVINCE,
            name=name,
            short_name=name,
            hotline="1",
            hours="9",
        )
        session.add(row)
        session.flush()
        row.path = f"{parent.path}{row.id}/"
        return row.id
