"""`anze audit verify`: was anything altered? Ends with 1 when it was. `anze audit export`: the head goes outside."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anze import commands
from anze.clock import SHANGHAI, parse_instant
from anze.texts import text

if TYPE_CHECKING:
    from anze.audit.examine import Report
    from anze.audit.heads import HeadLine

audit = typer.Typer(help=text("audit.help.audit"), no_args_is_help=True)

_SHOWN = 20
"""Lines of one kind that people are shown; a program gets all."""


@audit.callback()
def _audit() -> None:
    """Makes the app a group."""


@audit.command("verify", help=text("audit.help.verify"))
def verify(
    heads: Annotated[Path | None, typer.Option("--heads", metavar="FILE", help=text("audit.help.heads"))] = None,
    files: Annotated[bool, typer.Option("--files/--no-files", help=text("audit.help.files"))] = True,
    as_json: commands.Json = False,
) -> None:
    from anze.audit.examine import examine, with_files  # noqa: PLC0415 - loaded when called
    from anze.conversations.files import FileStore  # noqa: PLC0415

    settings = commands.settings()
    path = heads or settings.heads_file
    lines = _lines(path, must=heads is not None)
    with commands.database(settings) as database, database.read() as session:
        report = examine(session, lines, copy=path.resolve() != settings.heads_file)
    if files:
        try:
            report = with_files(report, FileStore(settings.files, settings.upload_limit_bytes))
        except OSError as error:
            raise commands.RefusedError(line=text("audit.unreadable", path=error.filename)) from error
    commands.say(_result(report, path), _told(report, path), as_json=as_json)
    if report.altered:
        raise typer.Exit(1)


@audit.command("export", help=text("audit.help.export"))
def export(
    restored: Annotated[
        str | None, typer.Option("--after-restore", metavar="REASON", help=text("audit.help.after_restore"))
    ] = None,
    as_json: commands.Json = False,
) -> None:
    from anze.audit.exporting import When  # noqa: PLC0415 - loaded when called
    from anze.audit.exporting import export as write  # noqa: PLC0415

    settings = commands.settings()
    if restored is not None and not restored.strip():
        raise commands.RefusedError(line=text("audit.no_reason"))
    path, now = settings.heads_file, commands.now(settings)
    try:
        with commands.database(settings) as database, database.write() as session:
            done = write(session, path, now, When.ASKED, restored=restored)
    except OSError as error:
        raise commands.RefusedError(line=text("audit.unwritable", path=path)) from error
    if done is None:
        raise commands.RefusedError(line=text("audit.no_head"))
    line, left = done.line, done.contradicted if restored is None else ()
    result = {"path": str(path), "line": line.no, "seq": line.seq, "sha256": line.sha256, "at": line.at}
    said = [text("audit.exported", path=path, seq=line.seq, no=line.no, sha256=line.sha256)]
    said += [text("audit.contradicted")] if left else []
    commands.say({**result, "void": list(line.void), "contradicted": list(left)}, said, as_json=as_json)


def _lines(path: Path, *, must: bool) -> "list[HeadLine]":
    from anze.audit import heads  # noqa: PLC0415 - loaded when called

    if must and not path.is_file():
        raise commands.RefusedError(line=text("audit.no_such_file", path=path))
    try:
        return heads.read(path)
    except OSError as error:
        raise commands.RefusedError(line=text("audit.unreadable", path=path)) from error


def _result(report: "Report", path: Path) -> dict[str, Any]:
    first, last = report.unanchored or (None, None)
    return {
        "ok": not report.altered,
        "events": report.head[0] if report.head else None,
        "head": report.head[1] if report.head else None,
        "anchored_to": report.anchored_to,
        "anchored_at": report.anchored.at if report.anchored else None,
        "unanchored": {"count": last - first + 1 if first and last else 0, "first": first, "last": last},
        "problems": [{"fault": one.fault.value, "first": one.first, "last": one.last} for one in report.problems],
        "heads": {
            "path": str(path),
            "lines": len(report.lines),
            "restored": [
                {"line": one.no, "at": one.at, "reason": one.restored, "void": list(one.void)}
                for one in report.lines
                if one.restored is not None
            ],
            "problems": [{"fault": one.fault.value, "first": one.first, "last": one.last} for one in report.heads],
        },
        "sealed": {
            "checked": report.seals_checked,
            "problems": [
                {"subject": one.subject, "what": one.what, "expected": one.expected, "actual": one.actual}
                for one in report.seals
            ],
        },
        "files": {
            "checked": report.files_checked,
            "problems": [
                {"fault": one.fault.value, "sha256": one.sha256, "files": list(one.files)} for one in report.files
            ],
        },
    }


def _told(report: "Report", path: Path) -> list[str]:
    lines = [text(f"audit.fault.{one.fault}", first=one.first, last=one.last) for one in report.problems]
    lines += [text(f"audit.heads.{one.fault}", first=one.first, last=one.last, path=path) for one in report.heads]
    lines += _some(
        [
            text(
                f"audit.seal.{_kind(one.expected, one.actual)}",
                subject=one.subject,
                what=text(f"audit.what.{one.what}"),
            )
            for one in report.seals
        ]
    )
    lines += _some(
        [text(f"audit.file.{one.fault}", sha256=one.sha256[:16], count=len(one.files)) for one in report.files]
    )
    found = len(lines)
    lines += [
        text("audit.restored", at=_when(one.at), reason=one.restored, count=len(one.void))
        for one in report.lines
        if one.restored is not None
    ]
    checked = report.files_checked
    lines.append(text("audit.no_files") if checked is None else text("audit.files_checked", count=checked))
    if report.altered:
        return [*lines, text("audit.altered", count=found)]
    return [*lines, *_proven(report)]


def _proven(report: "Report") -> list[str]:
    """How far the records are proven; nothing is called intact beyond the last exported head."""
    said = []
    if report.anchored is not None:
        said.append(
            text("audit.sound", events=report.anchored_to, at=_when(report.anchored.at), head=report.anchored.sha256)
        )
    if report.unanchored is not None:
        first, last = report.unanchored
        said.append(text("audit.unanchored", count=last - first + 1, first=first, last=last))
    return said or [text("audit.nothing")]


def _when(at: str) -> str:
    """An instant of the file as Shanghai time; as it stands there when it is none."""
    try:
        return parse_instant(at).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return at


def _kind(expected: str | None, actual: str | None) -> str:
    return "added" if expected is None else "gone" if actual is None else "changed"


def _some(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], text("audit.more", count=more)] if more > 0 else lines
