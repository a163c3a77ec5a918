"""`anze staff add|reset|list`: users from the operator's terminal, above all the first administrator."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from anze.settings import Settings

staff = typer.Typer(help=text("identity.help.staff"), no_args_is_help=True)
Username = Annotated[str, typer.Argument(metavar="USERNAME", help=text("identity.help.username"))]


@staff.callback()
def _staff() -> None:
    """Makes the app a group."""


@staff.command("add", help=text("identity.help.add"))
def add(
    username: Username,
    name: Annotated[str, typer.Option("--name", help=text("identity.help.name"))],
    role: Annotated[str, typer.Option("--role", help=text("identity.help.role"))] = "admin",
    branch: Annotated[str | None, typer.Option("--branch", help=text("identity.help.branch"))] = None,
    provider: Annotated[str | None, typer.Option("--provider", help=text("identity.help.provider"))] = None,
    phone: Annotated[str | None, typer.Option("--phone", help=text("identity.help.phone"))] = None,
    hotline: Annotated[str | None, typer.Option("--hotline", help=text("identity.help.hotline"))] = None,
    hours: Annotated[str | None, typer.Option("--hours", help=text("identity.help.hours"))] = None,
    as_json: commands.Json = False,
) -> None:
    from anze.identity import administration, founding, passwords  # noqa: PLC0415 - loaded when called

    kind = founding.role_named(role)
    settings = commands.settings()
    password = passwords.one_time()
    fresh = passwords.hashed(password)
    with commands.database(settings) as database, database.write() as session:
        now = _now(session, settings)
        home = founding.branch_for(session, branch, hotline, hours, now)
        firm = founding.provider_named(session, provider)
        new = administration.NewUser(username, name, kind, home.id, firm, phone)
        row = administration.view(administration.add(session, administration.OPERATOR, new, fresh, now))
    shown = {"role": text(f"identity.role.{row['role']}"), "branch": row["branch"]["name"]}
    line = text("identity.cli.added", username=username, **shown)
    commands.say(row | {"password": password}, [line, _once(password)], as_json=as_json)


@staff.command("reset", help=text("identity.help.reset"))
def reset(username: Username, as_json: commands.Json = False) -> None:
    from anze.conversations.turns import real_now  # noqa: PLC0415 - loaded when called
    from anze.identity import administration, passwords  # noqa: PLC0415

    settings = commands.settings()
    password = passwords.one_time()
    fresh = passwords.hashed(password)
    with commands.database(settings) as database, database.write() as session:
        now = _now(session, settings)
        administration.reset(session, administration.OPERATOR, username, fresh, now=now, real_now=real_now())
    lines = [text("identity.cli.reset", username=username), _once(password)]
    commands.say({"username": username, "password": password}, lines, as_json=as_json)


@staff.command("list", help=text("identity.help.list"))
def listed(
    gone: Annotated[bool, typer.Option("--gone", help=text("identity.help.gone"))] = False,
    as_json: commands.Json = False,
) -> None:
    from anze.identity import administration  # noqa: PLC0415 - loaded when called

    wanted = administration.Filter(gone=gone, size=_ALL)
    with commands.database(commands.settings()) as database, database.read() as session:
        found = administration.users(session, administration.OPERATOR, wanted)
    lines = ["  ".join(_shown(row)) for row in found["items"]]
    commands.say(found, lines or [text("identity.cli.nobody")], as_json=as_json)


_ALL = 100_000


def _shown(row: dict[str, Any]) -> list[str]:
    words = [row["username"], row["name"], text(f"identity.role.{row['role']}"), row["branch"]["name"]]
    return [*words, text("identity.cli.to_change")] if row["must_change"] else words


def _now(session: "Session", settings: "Settings") -> "datetime":
    """The application's time. Raises DomainError clock_demo_only when a real database is told another."""
    from anze.demo.load import is_demo  # noqa: PLC0415 - loaded when called
    from anze.errors import DomainError  # noqa: PLC0415

    if settings.now is not None and not is_demo(session):
        raise DomainError("clock_demo_only", 409)
    return commands.now(settings)


def _once(password: str) -> str:
    return text("identity.cli.once", password=password)
