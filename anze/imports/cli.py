"""`anze import FILE --kind KIND`: a file from the core system, by hand or every night."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from datetime import date, datetime

    from anze.db import Database
    from anze.imports.planning import Plan
    from anze.settings import Settings

import_ = typer.Typer()
_SHOWN = 20


@import_.command(help=text("imports.cli.help"))
def run(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    kind: Annotated[str, typer.Option(metavar="KIND", help=text("imports.cli.kind"))],
    since: Annotated[str | None, typer.Option(metavar="DATE", help=text("imports.cli.since"))] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("imports.cli.dry_run"))] = False,
    partial: Annotated[bool, typer.Option("--partial", help=text("imports.cli.partial"))] = False,
    report: Annotated[Path | None, typer.Option(metavar="XLSX", help=text("imports.cli.report"))] = None,
    as_json: commands.Json = False,
) -> None:
    from anze.imports.refused import FileRefusedError  # noqa: PLC0415 - loaded when called

    settings = commands.settings()
    now = commands.now(settings)
    commands.editions(settings)
    from_day = commands.day(since) if since else None
    if not file.is_file():
        raise commands.RefusedError(line=text("imports.cli.no_file", file=file))
    try:
        with commands.database(settings) as database:
            view = _imported(settings, database, file, kind, from_day, now, dry_run=dry_run, partial=partial)
    except FileRefusedError as error:
        raise commands.RefusedError(line=error.detail) from error
    if report is not None:
        _write_report(report, view)
    commands.say(view, _lines(view), as_json=as_json)
    if view["counts"]["refused"]:
        raise typer.Exit(1)


def _imported(
    settings: "Settings", database: "Database", file: Path, kind: str, since: "date | None", now: "datetime", *,
    dry_run: bool, partial: bool,
) -> dict[str, Any]:  # fmt: skip
    """Plan; write unless it is a dry run or something is wrong; plan anew when another import came between."""
    from anze.calendar.data import CalendarStore  # noqa: PLC0415 - loaded when called
    from anze.imports import applying, importer, planning, running  # noqa: PLC0415
    from anze.imports.spool import Spool  # noqa: PLC0415
    from anze.imports.world import World  # noqa: PLC0415
    from anze.standard.editions import editions  # noqa: PLC0415

    calendar = CalendarStore(settings.knowledge, settings.data)
    sha256 = planning.sha256_of(file)
    while True:
        with Spool() as spool:
            plan = planning.new_plan(kind, sha256, spool, since)
            planning.read_file(plan, file, _silent)
            with database.read() as session:
                planning.compare(plan, World(session, importer.operator(session), now, calendar, editions()), _silent)
            left = bool(plan.counts["refused"]) and (plan.table.whole or not partial)
            if dry_run or left:
                return _view(plan, file, done=False, dry_run=dry_run)
            try:
                with database.write() as session:
                    applying.hold(session, plan)
                    world = World(session, importer.operator(session), now, calendar, editions())
                    row = _row(world, plan, file, partial=partial)
                    running.write(world, plan, row)
                    moves = [(move.what, move.subject, move.words) for move in world.moves]
                    return _view(plan, file, done=True, dry_run=False, id_=row.id) | _moved(world.moved, moves)
            except applying.StaleError:
                continue


def _silent(_: int) -> None:
    """Nobody watches."""


def _row(world: Any, plan: "Plan", file: Path, *, partial: bool) -> Any:
    """What stands in the console's list."""
    from anze.imports.models import Import, ImportState  # noqa: PLC0415 - loaded when called

    row = Import(
        kind=plan.kind, branch_id=world.importer.branch_id, staff_id=None, file_name=file.name[-200:],
        file_sha256=plan.file_sha256, file_size=file.stat().st_size, since=plan.since,
        state=ImportState.WRITING.value, partial=partial, created_at=world.now,
    )  # fmt: skip
    world.session.add(row)
    world.session.flush()
    return row


def _view(plan: "Plan", file: Path, *, done: bool, dry_run: bool, id_: int | None = None) -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 - loaded when called

    from anze.imports import planning, running  # noqa: PLC0415

    return {
        "id": id_, "kind": plan.kind, "name": plan.table.name, "file": file.name, "file_sha256": plan.file_sha256,
        "since": plan.since.isoformat() if plan.since else None, "done": done, "dry_run": dry_run,
        "digest": plan.digest, "counts": running.counts_of(plan),
        "faults": [asdict(fault) for fault in planning.faults_of(plan)], "moved": {}, "moves": [],
    }  # fmt: skip


def _moved(counts: dict[str, int], moves: list[tuple[str, str, str]]) -> dict[str, Any]:
    found = [{"what": what, "subject": subject, "words": words} for what, subject, words in moves]
    return {"moved": dict(counts), "moves": found}


def _lines(view: dict[str, Any]) -> list[str]:
    counts = view["counts"]
    key = "done" if view["done"] else "dry" if view["dry_run"] and not counts["refused"] else "left"
    lines = [text("imports.cli.counts", name=view["name"], **{name: counts[name] for name in (
        "new", "changed", "same", "refused"
    )})]  # fmt: skip
    if counts["older"]:
        lines.append(text("imports.cli.older", count=counts["older"], since=view["since"]))
    if counts["ignored"]:
        lines.append(text("imports.cli.ignored", names="、".join(counts["ignored"])))
    for fault in view["faults"][:_SHOWN]:
        place = text("imports.place_sheet" if fault["sheet"] else "imports.place", **{
            "sheet": fault["sheet"], "line": fault["line"]
        })  # fmt: skip
        lines.append(text("imports.cli.fault", place=place, **{name: fault[name] for name in (
            "column", "found", "wrong", "write"
        )}))  # fmt: skip
    if counts["faults"] > _SHOWN:
        lines.append(text("imports.cli.more", count=counts["faults"] - _SHOWN))
    lines += [f"{text(f'imports.what.{what}')}：{count}" for what, count in view["moved"].items()]
    return [*lines, text(f"imports.cli.{key}")]


def _write_report(path: Path, view: dict[str, Any]) -> None:
    from anze.imports.report import report  # noqa: PLC0415 - loaded when called

    state = "done" if view["done"] else "checked"
    shown = view | {
        "state": state, "problem": None, "file_name": view["file"], "who": text("imports.cli.operator"), "branch": "",
        "partial": False, "id": view["id"] or "",
    }  # fmt: skip
    faults = [
        {"sheet": one["sheet"], "line": one["line"], "column": one["column"], "found": one["found"],
         "words": one["wrong"], "advice": one["write"]}
        for one in view["faults"]
    ]  # fmt: skip
    moved = [
        {"column": text(f"imports.what.{one['what']}"), "found": one["subject"], "words": one["words"]}
        for one in view["moves"]
    ]  # fmt: skip
    try:
        path.write_bytes(report(shown, faults, moved).content)
    except OSError as error:
        raise commands.RefusedError(line=text("imports.cli.unwritable", path=path)) from error
