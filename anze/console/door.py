"""In front of the console: nobody without a live session reaches a page, a socket or anything that keeps memory."""

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from anze.console import sign_in
from anze.errors import DomainError
from anze.identity import browser

APP = "anze.app"
"""Where a page finds the public application: inside NiceGUI `request.app` is NiceGUI's own, one for the process."""
POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    b"frame-ancestors 'none'"
)
"""NiceGUI's pages carry inline scripts and Vue compiles templates in the browser; still nothing from elsewhere."""
_LIBRARY = ("/_nicegui/", "/assets/")
_SOCKET = "/_nicegui_ws/"
_ELSEWHERE = {"/sign-in": "/staff/", "/favicon.ico": "/icon.svg"}


class Door:
    """Wraps NiceGUI. Pages: the sign-in page for who is not signed in. Sockets: refused without a session."""

    def __init__(self, inner: ASGIApp, app: ASGIApp) -> None:
        self._inner = inner
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        scope[APP] = self._app
        if scope["type"] == "http" and path.startswith(_LIBRARY):
            await self._inner(scope, receive, send)
        elif path.startswith(_SOCKET):
            if await _may_connect(scope):
                await self._inner(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await Response(status_code=403)(scope, receive, send)
        elif scope["type"] == "http":
            answer = await _instead(scope, path)
            await (answer or self._inner)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def outer(connection: HTTPConnection) -> Request:
    """The request as the public application would see it."""
    scope = connection.scope
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return Request({**scope, "type": "http", "method": scope.get("method", "GET"), "scheme": scheme, "app": scope[APP]})


async def _may_connect(scope: Scope) -> bool:
    """A browser sends the cookie with a socket from any page, so the page must be ours (cross-site hijacking)."""
    request = outer(HTTPConnection(scope))
    reads = scope["type"] == "http" and scope["method"] == "GET"
    if not reads and not browser.from_own_page(request):
        return False
    try:
        return await browser.staff_of_request(request) is not None
    except DomainError:
        return False


async def _instead(scope: Scope, path: str) -> Response | None:
    """What is shown in a page's place; None: the page."""
    request = outer(HTTPConnection(scope))
    if scope["method"] not in {"GET", "HEAD"}:
        return Response(status_code=405)
    try:
        speaker = await browser.staff_of_request(request)
    except DomainError as error:
        if error.code == "password_must_change":
            return sign_in.change_page(request, forced=True)
        return sign_in.refusal(error)
    if speaker is None:
        return sign_in.page(request)
    if path == "/password":
        return sign_in.change_page(request, forced=False)
    return RedirectResponse(_ELSEWHERE[path], 303) if path in _ELSEWHERE else None
