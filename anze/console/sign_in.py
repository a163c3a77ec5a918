"""The console's pages that need no session: sign-in, change of the password, a refusal. Plain HTML, no socket."""

from html import escape
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from anze.errors import DomainError
from anze.identity import oidc
from anze.services import Services
from anze.texts import text as say

# Until the script is there the button is disabled and Enter does nothing: a form that the browser itself sends would
# put the password into the address (without `method`), and so into logs and the history.
_END = '<p class="error" role="alert" hidden></p><button type="submit" disabled>{words}</button>'


def page(request: Request) -> HTMLResponse:
    """The sign-in page, at whatever address was asked for: after signing in that page is shown."""
    services: Services = request.app.state.services
    other = ""
    if oidc.issuer_of(services.settings) is not None:
        other = f'<p><a class="plain-button" href="/staff/oidc/sign-in">{_word("sign_in.by_oidc")}</a></p>'
    form = (
        f'<form id="sign-in" method="post" data-failed="{_word("sign_in.failed")}">'
        f"{_field('username', 'username', 'text')}{_field('password', 'current-password', 'password')}"
        f"{_END.format(words=_word('sign_in.button'))}</form>"
        f"{other}"
    )
    return _html(_word("sign_in.title"), form, 401)


def change_page(request: Request, *, forced: bool) -> HTMLResponse:
    """The change of one's own password; `forced`: nothing else is open before."""
    why = f"<p>{_word('password.forced')}</p>" if forced else f'<p><a href="/staff/">{_word("password.back")}</a></p>'
    form = (
        f'{why}<form id="change" method="post" data-failed="{_word("sign_in.failed")}" '
        f'data-differ="{_word("password.differ")}">'
        f"{_field('old', 'current-password', 'password')}{_field('new', 'new-password', 'password')}"
        f"{_field('again', 'new-password', 'password')}<p>{_word('password.rule')}</p>"
        f"{_END.format(words=_word('password.button'))}</form>"
    )
    return _html(_word("password.title"), form, 403 if forced else 200)


def refusal(error: DomainError) -> HTMLResponse:
    """One sentence, and the way back."""
    body = f'<p>{escape(error.detail)}</p><p><a href="/staff/">{_word("frame.to_queue")}</a></p>'
    return _html(_word("frame.not_here"), body, error.status)


def _word(key: str, **fields: Any) -> str:
    return escape(say(f"console.{key}", **fields))


def _field(name: str, complete: str, kind: str) -> str:
    return (
        f'<label>{_word(f"sign_in.{name}")}<input name="{name}" type="{kind}" autocomplete="{complete}" required '
        f'maxlength="200"></label>'
    )


def _html(title: str, body: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{title} · {_word('frame.name')}</title>"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/staff/assets/console.css">'
        '<script type="module" src="/staff/assets/sign-in.js"></script></head>'
        f'<body class="plain"><main><p class="soft">{_word("frame.name")}</p><h1>{title}</h1>{body}</main></body>'
        "</html>",
        status,
        {"Cache-Control": "no-store"},
    )
