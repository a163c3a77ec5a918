"""What the commands share: refusing bad input in one Chinese line, reading days, saying a result."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze.clock import legal_date, parse_instant
from anze.texts import text

if TYPE_CHECKING:
    from anze.channels.wechat.account import Account
    from anze.db import Database
    from anze.settings import Settings
    from anze.standard.editions import Editions
    from anze.standard.load import Knowledge

FIRST_YEAR, LAST_YEAR = 2000, 2100


Json = Annotated[bool, typer.Option("--json", help=text("cli.help.json"))]


class RefusedError(Exception):
    """Bad input: `key` of texts/cli.yml and its fields, or a ready line. The program ends with exit code 2."""

    def __init__(self, key: str | None = None, *, line: str | None = None, **fields: Any) -> None:
        super().__init__(line or text(f"cli.{key}", **fields))


def day(value: str) -> date:
    """A date, or the Shanghai date of an ISO instant. Raises RefusedError."""
    try:
        found = date.fromisoformat(value) if len(value) <= 10 else legal_date(parse_instant(value))
    except (ValueError, OverflowError) as error:
        raise RefusedError("not_a_day", value=value) from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RefusedError("day_out_of_range", value=value, first=FIRST_YEAR, last=LAST_YEAR)
    return found


def instant(value: str) -> datetime:
    """An ISO instant as aware UTC; without an offset it is Shanghai time. Raises RefusedError."""
    try:
        return parse_instant(value)
    except (ValueError, OverflowError) as error:
        raise RefusedError("not_an_instant", value=value) from error


def settings() -> "Settings":
    """The settings from the environment. Raises RefusedError with the name of the one that cannot be read."""
    from pydantic import ValidationError  # noqa: PLC0415 - loaded when called

    from anze.settings import Settings  # noqa: PLC0415

    try:
        return Settings()
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0]).upper().removeprefix("ANZE_")
        name = name if name.startswith(("DATABASE_URL", "WECHAT_")) else f"ANZE_{name}"
        raise RefusedError("bad_setting", name=name, value=wrong["input"]) from error


def account(found: "Settings") -> "Account | None":
    """The Official Account of the settings, if there is one. Raises RefusedError."""
    from anze.channels.wechat.account import account_of  # noqa: PLC0415 - loaded when called

    try:
        return account_of(found)
    except ValueError as error:
        raise RefusedError(line=text("wechat.bad_setting", why=error)) from error


def now(found: "Settings") -> datetime:
    """The present instant as ANZE_NOW says, or the real one. Raises RefusedError."""
    from anze.clock import Clock  # noqa: PLC0415 - loaded when called

    return Clock(instant(found.now) if found.now else None).now()


def editions(found: "Settings") -> "Editions":
    """The editions of the standard, shipped and added, from now on those of this process. Raises RefusedError."""
    from anze.clock import Clock  # noqa: PLC0415 - loaded when called
    from anze.standard.editions import read_editions, use  # noqa: PLC0415
    from anze.standard.load import KnowledgeError  # noqa: PLC0415

    try:
        read = read_editions(found.knowledge, found.data, Clock(now(found)).today, _prove)
    except KnowledgeError as error:
        raise RefusedError("edition_broken", why=error) from error
    use(read)
    return read


def _prove(known: "Knowledge") -> None:
    """Loaded only when an edition was added: the engine behind it takes longer to load than most commands."""
    from anze.obligations.proving import prove  # noqa: PLC0415

    prove(known)


@contextmanager
def database(found: "Settings", *, current: bool = True) -> Iterator["Database"]:
    """The configured database, closed afterwards.

    Refused in one line when it cannot be reached and, with `current`, when it has not this program's tables.
    """
    from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError  # noqa: PLC0415 - loaded when called

    from anze import migrate, models  # noqa: F401, PLC0415 - a table can be written once all it refers to are known
    from anze.db import Database, make_engine  # noqa: PLC0415

    try:
        found.data.mkdir(parents=True, exist_ok=True)
        opened = Database(make_engine(found.database))
    except (OSError, SQLAlchemyError, ImportError) as error:  # ImportError: a URL names a driver that is not there
        raise RefusedError(line=text("db.unreachable", data=found.data)) from error
    try:
        if current and not migrate.is_current(opened.engine):
            raise RefusedError(line=text("db.not_current"))
        yield opened
    except DatabaseError as error:
        # Unreachable, or a file that is no database at all; every other kind is a fault of ours.
        if type(error) not in {DatabaseError, OperationalError}:
            raise
        raise RefusedError(line=text("db.unreachable", data=found.data)) from error
    finally:
        opened.dispose()


def say(data: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    """Print a result: as one JSON object for programs, or as lines for people."""
    typer.echo(json.dumps(data, ensure_ascii=False) if as_json else "\n".join(lines))
