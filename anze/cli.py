"""The command `anze`: a mount point. A command's module is imported only when it is called, so each starts fast."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from anze.commands import RefusedError
from anze.errors import DomainError
from anze.texts import text

COMMANDS = {
    "audit": "anze.audit.cli:audit",
    "backup": "anze.backup.cli:backup",
    "calendar": "anze.calendar.cli:calendar",
    "chat": "anze.talk.cli:chat",
    "clause": "anze.standard.cli:clause",
    "clock": "anze.serve.cli:clock",
    "db": "anze.cli_db:db",
    "demo": "anze.cli_db:demo",
    "doctor": "anze.doctor.cli:doctor",
    "due": "anze.complaints.cli:due",
    "import": "anze.imports.cli:import_",
    "obligations": "anze.obligations.cli:obligations",
    "restore": "anze.backup.cli:restore",
    "say": "anze.talk.cli:say",
    "search": "anze.standard.cli:search",
    "serve": "anze.serve.cli:serve",
    "standard": "anze.standard.cli:standard",
    "staff": "anze.identity.cli:staff",
    "train": "anze.cli_train:train",
    "wechat": "anze.channels.wechat.cli:wechat",
    "when": "anze.calendar.when.cli:when",
    "workday": "anze.calendar.cli:workday",
}
"""Name → module:typer app. A typer app with one command and no callback is mounted as that command."""


class _Commands(TyperGroup):
    """Loads commands late; says every refusal in one Chinese line with exit code 2."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = get_command(getattr(import_module(module), name))
        command.name = cmd_name
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        if not kwargs.get("standalone_mode", True):
            return super().main(*args, **kwargs)
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
        except RefusedError as refusal:
            _stop(str(refusal))
        except DomainError as refusal:
            _stop(refusal.detail)
        except typer.Abort:
            sys.exit(130)
        except typer.TyperException as error:
            _stop(_usage(error))
        sys.exit(code if isinstance(code, int) else 0)


def _stop(line: str) -> None:
    typer.echo(line, err=True)
    sys.exit(2)


def _usage(error: typer.TyperException) -> str:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "NoArgsIsHelpError" in kinds:
        return error.format_message()
    param: Any = getattr(error, "param", None)
    name = getattr(error, "option_name", None) or (_name(param) if param else None)
    for kind in ("MissingParameter", "NoSuchOption", "BadParameter"):
        if kind in kinds and name:
            return text(f"cli.usage.{kind}", name=name)
    return text("cli.usage.UsageError")


def _name(param: Any) -> str:
    """As the user types or reads it: an option's --name, an argument's word in the usage line."""
    return str(param.opts[-1] if param.param_type_name == "option" else param.metavar or param.name)


app = typer.Typer(
    cls=_Commands, help=text("cli.help.app"), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def _app() -> None:
    """Makes the app a group."""
