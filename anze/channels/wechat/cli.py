"""`anze wechat menu | push | qr`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer

from anze import commands
from anze.texts import text

if TYPE_CHECKING:
    from anze.channels.wechat.account import Account
    from anze.channels.wechat.platform import Platform
    from anze.db import Database
    from anze.settings import Settings

wechat = typer.Typer(help=text("wechat.help.wechat"), no_args_is_help=True)


@wechat.callback()
def _wechat() -> None:
    """Makes the app a group."""


@wechat.command("menu", help=text("wechat.help.menu"))
def menu(
    dry_run: Annotated[bool, typer.Option("--dry-run", help=text("wechat.help.dry_run"))] = False,
    as_json: commands.Json = False,
) -> None:
    from anze.channels.wechat.menu import load_menu  # noqa: PLC0415 - loaded when called

    settings = commands.settings()
    account = _account(settings)
    try:
        body = load_menu().body(account)
    except ValueError as error:
        raise commands.RefusedError(line=text("wechat.menu_bad", why=error)) from error
    if not dry_run:
        _asked(settings, account, lambda platform: platform.call("/cgi-bin/menu/create", body))
    names = [f"{top['name']}：{'、'.join(entry['name'] for entry in top['sub_button'])}" for top in body["button"]]
    done = [] if dry_run else [text("wechat.menu_done", count=len(body["button"]))]
    commands.say(body, [*names, *done], as_json=as_json)


@wechat.command("push", help=text("wechat.help.push"))
def push(
    openid: Annotated[str, typer.Argument(metavar="OPENID", help=text("wechat.help.openid"))],
    words: Annotated[str, typer.Argument(metavar="TEXT", help=text("wechat.help.text"))],
    as_json: commands.Json = False,
) -> None:
    from anze.channels.rasa import MessageOut  # noqa: PLC0415 - loaded when called
    from anze.channels.wechat.models import WeChatUser  # noqa: PLC0415
    from anze.conversations import pushing  # noqa: PLC0415

    settings = commands.settings()
    _account(settings)
    with commands.database(settings) as database, database.write() as session:
        user = session.get(WeChatUser, openid)
        if user is None:
            raise commands.RefusedError(line=text("wechat.openid_unknown", openid=openid))
        out = MessageOut(text=words, response="utter_handoff_staff")
        row = pushing.push(session, user.conversation_id, out, commands.now(settings))
    commands.say({"message_id": row.id}, [text("wechat.queued", id=row.id)], as_json=as_json)


@wechat.command("qr", help=text("wechat.help.qr"))
def qr(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help=text("wechat.help.policy"))],
    as_json: commands.Json = False,
) -> None:
    from anze.channels.wechat import scenes  # noqa: PLC0415 - loaded when called

    settings = commands.settings()
    account = _account(settings)
    with commands.database(settings) as database, database.read() as session:
        number = scenes.policy_named(session, policy)
    if number is None:
        raise commands.RefusedError(line=text("wechat.policy_unknown", number=policy))
    body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": f"{scenes.POLICY}{number}"}}}
    made = _asked(settings, account, lambda platform: platform.call("/cgi-bin/qrcode/create", body))
    url = f"{account.mp_base}/cgi-bin/showqrcode?{urlencode({'ticket': made['ticket']})}"
    commands.say({"policy": number, "picture": url, "url": made.get("url")}, [text("wechat.qr_done", url=url)],
                 as_json=as_json)  # fmt: skip


def _account(settings: "Settings") -> "Account":
    account = commands.account(settings)
    if account is None or not account.secret:
        raise commands.RefusedError(line=text("wechat.not_set_up"))
    return account


def _asked(
    settings: "Settings", account: "Account", ask: "Callable[[Platform], Awaitable[dict[str, Any] | Any]]"
) -> dict[str, Any]:
    """What the platform answers. Raises RefusedError with its code."""
    with commands.database(settings) as database:
        found = asyncio.run(_call(account, database, ask))
    if not isinstance(found, dict):
        raise commands.RefusedError(line=text("wechat.refused", code=found.code))
    return found


async def _call(account: "Account", database: "Database", ask: "Callable[[Platform], Awaitable[Any]]") -> Any:
    from anze.channels.wechat.platform import make_client  # noqa: PLC0415 - loaded when called
    from anze.channels.wechat.wiring import platform_of  # noqa: PLC0415

    async with make_client() as client:
        return await ask(platform_of(account, database, client))
