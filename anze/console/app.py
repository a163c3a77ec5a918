"""The staff console beneath /staff: NiceGUI behind our door, on the public application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles

from anze.console.door import Door
from anze.texts import text as say

STATIC = Path(__file__).parent / "static"
MOUNT = "/staff"
_GONE_SECONDS = 20.0
"""So long a page may be without its line before the server forgets what was typed into it."""

_KEPT_SECONDS = 2 * 3600.0
"""So long what a tab was typed into may be gone and come back; in memory, never on the disk."""


@cache
def _nicegui() -> FastAPI:
    """NiceGUI and our pages. It is one for the process; what belongs to somebody hangs on the page's client."""
    from nicegui import core, ui  # noqa: PLC0415 - a second of importing that commands do not need

    from anze.console import pages  # noqa: PLC0415

    holder = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    holder.mount("/assets", StaticFiles(directory=STATIC))
    pages.register()
    ui.run_with(
        holder,
        title=say("console.frame.name"),
        language="zh-CN",
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=_GONE_SECONDS,
        show_welcome_message=False,
    )
    core.app.openapi_url = None
    core.app.storage.max_tab_storage_age = _KEPT_SECONDS
    return holder


def install(app: FastAPI) -> None:
    """Mount the console. Before the mount of `/`, after the routes beneath /staff."""
    inner = _nicegui()

    @app.get(MOUNT, include_in_schema=False)
    async def staff_page() -> RedirectResponse:
        return RedirectResponse(f"{MOUNT}/")

    app.mount(MOUNT, Door(inner, app), name="console")
    own = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[Any]:
        async with inner.router.lifespan_context(inner), own(app) as state:
            yield state

    app.router.lifespan_context = lifespan
