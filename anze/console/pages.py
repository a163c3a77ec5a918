"""Which address shows which page. A page reads before it builds anything, so that a refusal is a page of its own."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from anze.console import case_page, figures_page, queue_page, register_page, sign_in, talk_page, work_page
from anze.console.visit import SignedOutError, Visit
from anze.errors import DomainError

_SECONDS = 20
"""So long a page may be made, on a busy machine."""
Search = Annotated[str, Query(max_length=60)]
Number = Annotated[int, Query(ge=1, le=100_000)]


async def _shown(request: Request, build: Callable[[Visit], Awaitable[None]]) -> Response | None:
    """Build the page; what the speaker may not see is answered like what is not there."""
    try:
        await build(Visit.of(request))
    except SignedOutError:
        return RedirectResponse(request.url.path, 303)
    except DomainError as error:
        return sign_in.refusal(error)
    return None


def register() -> None:
    """Tell NiceGUI the pages; once for the process."""
    ui.add_head_html('<link rel="stylesheet" href="/staff/assets/console.css">', shared=True)

    @ui.page("/", response_timeout=_SECONDS)
    async def queue(
        request: Request, q: Search = "", status: Search = "", colour: Search = "", handler: Search = "",
        page: Number = 1,
    ) -> Response | None:  # fmt: skip
        asked = queue_page.Asked(q, status, colour, handler, page)
        return await _shown(request, lambda visit: queue_page.build(visit, asked))

    @ui.page("/complaints/{number}", response_timeout=_SECONDS)
    async def case(request: Request, number: str) -> Response | None:
        return await _shown(request, lambda visit: case_page.build(visit, number))

    @ui.page("/register", response_timeout=_SECONDS)
    async def by_hand(request: Request) -> Response | None:
        return await _shown(request, register_page.build)

    @ui.page("/work", response_timeout=_SECONDS)
    async def work(request: Request) -> Response | None:
        return await _shown(request, work_page.build)

    @ui.page("/talks/{conversation_id}", response_timeout=_SECONDS)
    async def talk(request: Request, conversation_id: str) -> Response | None:
        return await _shown(request, lambda visit: talk_page.build(visit, conversation_id))

    @ui.page("/figures", response_timeout=_SECONDS)
    async def figures(request: Request) -> Response | None:
        return await _shown(request, figures_page.build)

    @ui.page("/{rest:path}", response_timeout=_SECONDS)
    async def nothing(rest: str) -> Response:
        return sign_in.refusal(DomainError("not_found", 404))
