"""`anze backup FILE` and `anze restore FILE`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.settings import Settings

backup = typer.Typer()
restore = typer.Typer()

File = Annotated[Path, typer.Argument(metavar="FILE")]


@backup.command("backup", help=text("backup.help.backup"))
def write(file: File, as_json: commands.Json = False) -> None:
    from anze import migrate  # noqa: PLC0415 - loaded when called
    from anze.backup import archive  # noqa: PLC0415
    from anze.backup.engines import EngineFailedError, ProgramMissingError, engine_of  # noqa: PLC0415

    settings = commands.settings()
    _refuse_without_database(settings)
    with commands.database(settings, current=False) as database:
        revision = migrate.current(database.engine)
    try:
        made = archive.write(
            file.resolve(), settings.data, engine_of(settings.database), revision, commands.now(settings)
        )
    except OSError as error:
        raise commands.RefusedError(line=text("backup.unwritable", file=file)) from error
    except ProgramMissingError as error:
        raise commands.RefusedError(line=text("backup.program_missing", program=error)) from error
    except EngineFailedError as error:
        raise commands.RefusedError(line=text("backup.failed", why=error)) from error
    result = {"file": str(file), "engine": made.engine, "revision": made.revision, "files": made.files}
    line = text("backup.written", file=file, count=len(made.files), size=file.stat().st_size // 1024 + 1)
    commands.say(result, [line], as_json=as_json)


@restore.command("restore", help=text("backup.help.restore"))
def read(
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help=text("backup.help.replace"))] = False,
    as_json: commands.Json = False,
) -> None:
    from anze import migrate  # noqa: PLC0415 - loaded when called
    from anze.audit.chain import verify  # noqa: PLC0415
    from anze.backup import archive  # noqa: PLC0415
    from anze.backup.engines import EngineFailedError, ProgramMissingError, engine_of  # noqa: PLC0415

    settings = commands.settings()
    engine = engine_of(settings.database)
    try:
        with archive.opened(file) as (manifest, place):
            if manifest.engine != engine.name:
                raise commands.RefusedError(line=text("backup.other_engine", theirs=manifest.engine, ours=engine.name))
            if not replace and _holds_something(settings):
                raise commands.RefusedError(line=text("backup.not_empty"))
            settings.data.mkdir(parents=True, exist_ok=True)
            archive.put_back(manifest, place, settings.data, engine)
    except archive.BadArchiveError as error:
        raise commands.RefusedError(line=text(f"backup.{error.reason}", file=file, name=error.name)) from error
    except OSError as error:
        raise commands.RefusedError(line=text("backup.unreadable", file=file)) from error
    except ProgramMissingError as error:
        raise commands.RefusedError(line=text("backup.program_missing", program=error)) from error
    except EngineFailedError as error:
        raise commands.RefusedError(line=text("backup.failed", why=error)) from error
    with commands.database(settings, current=False) as database:
        current = migrate.is_current(database.engine)
        with database.read() as session:
            sound = not verify(session)
    lines = [text("backup.restored", file=file, made_at=manifest.made_at, count=len(manifest.files))]
    lines += [] if current else [text("backup.upgrade_next")]
    lines += [] if sound else [text("backup.chain_altered")]
    result = {"file": str(file), "made_at": manifest.made_at, "revision": manifest.revision, "current": current}
    commands.say({**result, "chain_sound": sound}, lines, as_json=as_json)
    if not sound:
        raise typer.Exit(1)


def _refuse_without_database(settings: "Settings") -> None:
    if not _holds_something(settings):
        raise commands.RefusedError(line=text("backup.nothing", data=settings.data))


def _holds_something(settings: "Settings") -> bool:
    """Whether there is a database with tables. A SQLite file is not made by asking."""
    from anze import migrate  # noqa: PLC0415 - loaded when called

    if settings.database_url is None and not (settings.data / "anze.db").exists():
        return False
    with commands.database(settings, current=False) as database:
        return migrate.current(database.engine) is not None
