"""Errors as RFC 9457 problem details: a stable `code`, a Chinese `detail`, nothing internal."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from anze.audit import retention
from anze.errors import DomainError
from anze.identity import denied

log = logging.getLogger(__name__)

_BY_STATUS = {401: "unauthorised", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}


def problem(error: DomainError, **more: Any) -> JSONResponse:
    """One problem document; `more` are members of its own (RFC 9457, 3.2)."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": error.code,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        **more,
    }
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Render every error of the app as a problem."""

    @app.exception_handler(DomainError)
    async def _domain(request: Request, error: DomainError) -> JSONResponse:
        services = request.app.state.services
        await denied.record(services.db, error, services.clock.now())
        await retention.record(services.db, error, services.clock.now())
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(DomainError("bad_request", 422))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        code = _BY_STATUS.get(error.status_code, "bad_request")
        return problem(DomainError(code, error.status_code))

    @app.exception_handler(Exception)
    async def _bug(request: Request, error: Exception) -> JSONResponse:
        # The text of an error may repeat what a user wrote (a database error its parameters): only its kind is logged.
        log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
        return problem(DomainError("internal", 500))
