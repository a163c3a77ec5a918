"""The two addresses of the OpenID Connect sign-in: off to the issuer, and back. Both are 404 without an issuer."""

from collections.abc import AsyncIterator
from html import escape
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.orm import Session

from anze.conversations.api import Here
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity import browser, oidc
from anze.identity.models import Carrier, Proof
from anze.problems import problem
from anze.texts import text as say

COOKIE = "anze-oidc"
CONSOLE = "/staff/"
Part = Annotated[str, Query(max_length=4096)]


async def issuer(here: Here) -> oidc.Issuer:
    """The issuer. Raises not_found when there is none."""
    found = oidc.issuer_of(here.settings)
    if found is None:
        raise DomainError("not_found", 404)
    return found


async def client(issuer: Annotated[oidc.Issuer, Depends(issuer)]) -> AsyncIterator[oidc.Client]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield oidc.Client(issuer, http)


Issuer = Annotated[oidc.Issuer, Depends(issuer)]
Client = Annotated[oidc.Client, Depends(client)]

routes = APIRouter(prefix="/staff/oidc")


@routes.get("/sign-in")
async def sign_in(request: Request, here: Here, client: Client) -> Response:
    """To the issuer's page; a cookie knows the browser again that comes back."""
    begun = await here.db.in_write(lambda s: oidc.start(s, real_now()))
    try:
        response: Response = RedirectResponse(await client.address(begun), 303)
    except DomainError as error:
        return _refused(request, error)
    # Lax, not Strict: the way back begins at the issuer's page.
    response.set_cookie(
        COOKIE,
        begun.browser,
        max_age=int(oidc.LIVES.total_seconds()),
        path=oidc.CALLBACK,
        secure=browser.secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


@routes.get("/callback")
async def callback(
    request: Request, here: Here, issuer: Issuer, client: Client, state: Part = "", code: Part = "", iss: Part = ""
) -> Response:
    """Back from the issuer: a console session for who was vouched for, or one page that says no."""
    try:
        came = await _come_in(request, here, client, state, code, answered_by=iss or issuer.url, issuer=issuer)
    except DomainError as error:
        return _refused(request, error)
    token = came.pop("token")
    # A page and no redirect: a Strict cookie does not go along with a redirect that began at another site.
    title, go_on = escape(say("identity.oidc.welcome")), escape(say("identity.oidc.go_on"))
    page = f'<p>{title}</p><p><a href="{CONSOLE}">{go_on}</a></p>'
    onward = f'<meta http-equiv="refresh" content="0; url={CONSOLE}">'
    response = _page(title, page, 200, onward) if _wants_page(request) else JSONResponse(came)
    browser.give_cookie(request, response, token)
    response.delete_cookie(COOKIE, path=oidc.CALLBACK, secure=browser.secure(request), httponly=True, samesite="lax")
    return response


async def _come_in(
    request: Request, here: Here, client: oidc.Client, state: str, code: str, *, answered_by: str, issuer: oidc.Issuer
) -> dict[str, Any]:
    known = request.cookies.get(COOKIE, "")
    flow = await here.db.in_write(lambda s: oidc.take(s, state, known, real_now()))
    # Without a code the issuer, or the person there, said no; another issuer's name is a mix-up (RFC 9207).
    if not code or answered_by != issuer.url:
        raise DomainError("oidc_failed", 400)
    username = await client.username(flow, code, real_now())
    way = browser.way(request, Carrier.COOKIE, Proof.OIDC)

    def work(session: Session) -> dict[str, Any]:
        return oidc.come_in(session, username, way, now=here.clock.now(), real_now=real_now())

    return await here.db.in_write(work)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _refused(request: Request, error: DomainError) -> Response:
    """One page for people, one problem for programs."""
    if not _wants_page(request):
        return problem(error)
    title, again = escape(say("identity.oidc.refused")), escape(say("identity.oidc.back"))
    page = f'<p>{escape(error.detail)}</p><p><a href="{CONSOLE}">{again}</a></p>'
    return _page(title, page, error.status)


def _page(title: str, body: str, status: int, head: str = "") -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f'<meta name="viewport" content="width=device-width"></head><body><h1>{title}</h1>{body}</body></html>',
        status,
    )
