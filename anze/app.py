"""The public application: routes, page, headers, limits. And the internal one, for Rasa's action calls."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions import server as actions_server
from anze import migrate, problems
from anze.appraisals.api import routes as appraisal_routes
from anze.archives.api import routes as archive_routes
from anze.audit.api import routes as retention_routes
from anze.bookings.api import routes as booking_routes
from anze.bookings.orders_api import routes as order_routes
from anze.canned.api import routes as canned_routes
from anze.channels.outbox.api import routes as sms_routes
from anze.channels.wechat.api import routes as wechat_routes
from anze.complaints.api import routes as complaint_routes
from anze.complaints.register_api import routes as complaint_register_routes
from anze.complaints.steps_api import routes as complaint_step_routes
from anze.complaints.views_api import routes as complaint_view_routes
from anze.console.app import install as install_console
from anze.console.door import POLICY as CONSOLE_POLICY
from anze.conversations.api import routes as conversation_routes
from anze.conversations.desk_api import routes as desk_routes
from anze.conversations.uploads_api import routes as upload_routes
from anze.errors import DomainError
from anze.fees.api import budget_routes
from anze.fees.api import routes as fee_routes
from anze.hazards.api import routes as hazard_routes
from anze.hazards.provider_api import routes as found_routes
from anze.identity.api import routes as identity_routes
from anze.identity.oidc_api import routes as oidc_routes
from anze.identity.requests_api import routes as request_routes
from anze.identity.staff_api import routes as staff_routes
from anze.identity.users_api import routes as user_routes
from anze.imports.api import routes as import_routes
from anze.letters.api import routes as letter_routes
from anze.management.api import routes as management_routes
from anze.obligations.api import routes as obligation_routes
from anze.plans.api import routes as plan_routes
from anze.presence.api import routes as presence_routes
from anze.procedure.api import routes as procedure_routes
from anze.regulators.api import routes as regulator_routes
from anze.regulators.reports_api import routes as regulator_report_routes
from anze.reports.api import routes as report_routes
from anze.services import Services
from anze.surveys.api import routes as survey_routes

PAGE = Path(__file__).parent / "channels" / "web" / "page"
EMBED = PAGE.parent / "embed.js"
"""For other sites; no part of the page"""
ENTER_PAGE = PAGE.parents[1] / "wechat" / "page"
PROVIDER_PAGE = Path(__file__).parent / "channels" / "provider" / "page"
_JSON_LIMIT = 256 * 1024
_FORM_OVERHEAD = 64 * 1024
_CSP = b"content-security-policy"
_POLICY = (
    b"default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'self'%s; require-trusted-types-for 'script'"
)
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), camera=()"),
]
_ASKED_AGAIN = (b"cache-control", b"no-cache")
_NOT_KEPT = (b"cache-control", b"no-store")
"""What the API answers is somebody's own; no cache keeps it."""


def _headers(path: str, sites: bytes) -> list[tuple[bytes, bytes]]:
    """Which headers an answer gets by its path; `sites` may show the insureds' page in a frame."""
    if not path.startswith("/staff/"):
        framed = b"" if path.startswith("/provider") else sites
        return [(_CSP, _POLICY % framed), *_HEADERS, _NOT_KEPT if path.startswith("/api/") else _ASKED_AGAIN]
    # NiceGUI's own files carry their version in their path and say themselves how long they may be kept.
    kept = [] if path.startswith("/staff/_nicegui/") else [_NOT_KEPT]
    return [(_CSP, CONSOLE_POLICY), *_HEADERS, *kept]


class Guard:
    """Security headers on every answer; a body that is too large and a path that no file can have are refused."""

    def __init__(self, app: ASGIApp, uploads: dict[str, tuple[str, int]], sites: str = "") -> None:
        """`uploads`: by path the code of the refusal and the bytes that a file may have there; `sites`: origins that
        may show the page in a frame."""
        self._app = app
        self._uploads = uploads
        self._sites = "".join(f" {site}" for site in sites.split()).encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        code, most = self._uploads.get(scope["path"], ("body_too_large", 0))
        limit = most + _FORM_OVERHEAD if most else _JSON_LIMIT
        too_large = DomainError(code, 413, limit=most // (1024 * 1024) or 1)
        taken = 0
        kept = _headers(scope["path"], self._sites)

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise too_large  # ends the reading; whatever the application makes of it is not sent
            return message

        async def answered(message: Message) -> None:
            if taken > limit:
                return
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *kept]
            await send(message)

        async def refuse(error: DomainError) -> None:
            nonlocal taken
            taken = 0
            await problems.problem(error)(scope, receive, answered)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and len(declared) < 20 and int(declared) <= limit:
            if "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
                await refuse(DomainError("bad_request", 400))
                return
            await self._app(scope, counted, answered)
        else:
            taken = limit + 1
        if taken > limit:
            await refuse(too_large)


def public_app(services: Services) -> FastAPI:
    """What browsers, WeChat and staff talk to."""
    app = FastAPI(title="anze", version="1", docs_url=None, redoc_url=None)
    app.state.services = services
    problems.install(app)
    uploads = {
        "/api/files": ("file_too_large", services.files.limit),
        "/api/staff/imports": ("import_too_large", services.settings.import_limit_bytes),
    }
    app.add_middleware(Guard, uploads=uploads, sites=services.settings.embed_sites)
    for routes in (
        conversation_routes,
        identity_routes,
        staff_routes,
        user_routes,
        oidc_routes,
        request_routes,
        complaint_view_routes,
        complaint_register_routes,
        complaint_routes,
        letter_routes,
        complaint_step_routes,
        booking_routes,
        order_routes,
        desk_routes,
        canned_routes,
        presence_routes,
        sms_routes,
        wechat_routes,
        hazard_routes,
        found_routes,
        upload_routes,
        survey_routes,
        report_routes,
        regulator_report_routes,
        regulator_routes,
        archive_routes,
        plan_routes,
        procedure_routes,
        fee_routes,
        budget_routes,
        appraisal_routes,
        management_routes,
        import_routes,
        obligation_routes,
        retention_routes,
    ):
        # As they are, not by `include_router`: in the first request after the start it builds each route once more.
        app.router.routes.extend(routes.routes)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        parts = await readiness(services)
        ready = all(part["ready"] for part in parts.values())
        return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)

    @app.get("/embed.js", include_in_schema=False)
    async def embed() -> FileResponse:
        return FileResponse(EMBED, media_type="text/javascript")

    @app.get("/provider", include_in_schema=False)
    async def provider_page() -> RedirectResponse:
        return RedirectResponse("provider/")

    install_console(app)
    app.mount("/provider", StaticFiles(directory=PROVIDER_PAGE, html=True), name="provider_page")
    app.mount("/enter", StaticFiles(directory=ENTER_PAGE, html=True), name="enter_page")
    app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    return app


async def readiness(services: Services) -> dict[str, dict[str, Any]]:
    """Which part is ready: database, migrations, Rasa and its model."""
    try:
        migrated = await asyncio.to_thread(migrate.is_current, services.db.engine)
        database = True
    except Exception:  # whatever a database does when it is away, the answer is the same
        database = migrated = False
    model = await services.rasa.ready()
    return {
        "database": {"ready": database},
        "migrations": {"ready": migrated},
        "rasa": {"ready": model is not None, **(model or {})},
    }


def internal_app(services: Services) -> FastAPI:
    """Listens on loopback only; Rasa calls actions here."""
    app = FastAPI(title="anze actions", openapi_url=None)
    app.include_router(actions_server.router(services))
    return app
