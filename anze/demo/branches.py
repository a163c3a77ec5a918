"""Branches and who works there."""

from random import Random

from argon2 import PasswordHasher

from anze.demo.world import Row, World, data, dice
from anze.identity.models import Branch, BranchLevel, Role, Staff

PASSWORD = "demo-anze"  # noqa: S105 - stands in the README; such a login works on a demo database only
HOURS = "工作日 8:30–17:30"
LOGINS = {
    Role.INTAKE: "江苏省分公司",
    Role.SERVICE: "南京分公司",
    Role.SUPERVISOR: "总公司",
    Role.AUDITOR: "总公司",
    Role.ADMIN: "总公司",
    Role.PROVIDER: "江苏省分公司",
}
"""The demo logins that the README names: the user name is the role's; and their branches."""


def person_name(rng: Random) -> str:
    firms = data("firms")
    name: str = rng.choice(firms["surnames"]) + rng.choice(firms["given"])
    return name


def add_branches(world: World) -> dict[str, Row]:
    """The tree, by name."""
    branches: dict[str, Row] = {}
    for place in data("places"):
        parent = branches.get(place.get("parent", ""))
        row = world.add(
            Branch,
            parent_id=parent["id"] if parent else None,
            path="",
            level=BranchLevel(place["level"]),
            name=place["name"],
            short_name=place["short"],
            province=place.get("province"),
            city=place.get("city"),
            hotline=place["hotline"],
            hours=place.get("hours", HOURS),
        )
        row["path"] = f"{parent['path'] if parent else '/'}{row['id']}/"
        branches[place["name"]] = row
    return branches


def add_staff(world: World, branches: dict[str, Row], providers: list[Row]) -> dict[tuple[int, str], Row]:
    """The six fixed logins, and in every branch an officer for complaints and one for services.

    Gives those two by (branch id, role).
    """
    hire = _Hiring(world)
    fixed = {}
    for role, name in LOGINS.items():
        provider = providers[0] if role == Role.PROVIDER else None
        fixed[role, name] = hire(role.value, role, branches[name], provider)
    found = {}
    for branch in branches.values():
        for role in (Role.INTAKE, Role.SERVICE):
            member = fixed.get((role, branch["name"])) or hire(f"{role}-{branch['id']}", role, branch)
            found[int(branch["id"]), role.value] = member
    for provider in providers[1:]:
        home = next(row for row in branches.values() if row["province"] == provider["province"])
        hire(f"provider-{provider['id']}", Role.PROVIDER, home, provider)
    return found


class _Hiring:
    """Adds staff; all have the demo's password."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = dice("staff")
        # The same salt every time, so that the rows are the same; the password is no secret.
        self._hash = PasswordHasher().hash(PASSWORD, salt=b"anze-demo-salt-1")

    def __call__(self, username: str, role: Role, branch: Row, provider: Row | None = None) -> Row:
        return self._world.add(
            Staff,
            username=username,
            name=person_name(self._rng),
            role=role,
            branch_id=branch["id"],
            provider_id=provider["id"] if provider else None,
            phone=f"1380001{len(self._world.rows[Staff]) + 1:04d}",
            password_hash=self._hash,
            demo=True,
            left_at=None,
        )
