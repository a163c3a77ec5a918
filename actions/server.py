"""The seam: Rasa's action calls over HTTP, on the internal address only."""

import hmac
import logging
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from rasa_sdk.executor import ActionExecutor

import actions
from actions.turn_action import Desk, run_in
from anze.conversations.turn import load_turn
from anze.errors import DomainError
from anze.identity import denied
from anze.services import Services

log = logging.getLogger(__name__)


def _error(code: str, status: int, action: str | None) -> JSONResponse:
    return JSONResponse({"error": code, "action_name": action}, status)


def router(services: Services) -> APIRouter:
    """Routes for Rasa. Errors are a code only: an action's error text may hold what the user wrote."""
    routes = APIRouter()
    executor = ActionExecutor()
    executor.register_package(actions)

    @routes.post("/actions")
    async def run_action(request: Request) -> JSONResponse:
        sent = request.headers.get("authorization", "")
        if not hmac.compare_digest(sent.encode(), f"Bearer {services.engine_secret}".encode()):
            return _error("unauthorised", 401, None)
        call: dict[str, Any] = await request.json()
        name = call.get("next_action")
        try:
            turn = await services.db.in_read(partial(load_turn, turn_id=str(call.get("sender_id"))))
            result = await run_in(Desk(turn, services), partial(executor.run, call))
        except DomainError as error:
            await denied.record(services.db, error, services.clock.now())
            refusal = {"response": "utter_fallback_refused", "detail": error.detail}
            return JSONResponse({"events": [], "responses": [refusal]})
        except Exception as error:
            log.error("action %s failed: %s", name, type(error).__name__, exc_info=not _may_tell(error))
            return _error("internal", 500, str(name))
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})

    return routes


def _may_tell(error: Exception) -> bool:
    """Whether an error's text may hold words of a user (a database error repeats its parameters)."""
    return hasattr(error, "params")
