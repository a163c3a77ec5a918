"""Which address shows which page. A page reads before it builds anything, so that a refusal is a page of its own."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui

from anze.console import (
    answers_page,
    booking_page,
    candidate_page,
    case_page,
    chat_page,
    duties_page,
    duty_page,
    editions_page,
    evaluation_page,
    fee_entry_page,
    fee_settings_page,
    fees_page,
    figures_page,
    handover_page,
    hazard_page,
    import_page,
    imports_page,
    management_page,
    mechanism_page,
    plan_page,
    plans_page,
    provider_page,
    providers_page,
    queue_page,
    record_page,
    records_page,
    register_page,
    registers_page,
    regulators_page,
    sign_in,
    survey_page,
    talk_page,
    work_page,
)
from anze.console.visit import SignedOutError, Visit
from anze.errors import DomainError

_SECONDS, _BIGGEST = 20, 2**31 - 1
"""So long a page may be made, on a busy machine."""
Search = Annotated[str | None, Query(max_length=400)]
ViewId = Annotated[int, Query(ge=0, le=_BIGGEST)]
Number = Annotated[int, Query(ge=1, le=100_000)]
Id = Annotated[int, Path(ge=1, le=_BIGGEST)]


async def _shown(request: Request, build: Callable[[Visit], Awaitable[None]]) -> Response | None:
    """Build the page; what the speaker may not see is answered like what is not there."""
    try:
        await build(Visit.of(request))
    except SignedOutError:
        return RedirectResponse(request.url.path, 303)
    except DomainError as error:
        return sign_in.refusal(error)
    return None


def _of_number(path: str, build: Callable[[Visit, str], Awaitable[None]]) -> None:
    @ui.page(f"/{path}/{{number}}", response_timeout=_SECONDS)
    async def one(request: Request, number: str) -> Response | None:
        return await _shown(request, lambda visit: build(visit, number))


def _of_id(path: str, build: Callable[[Visit, int], Awaitable[None]]) -> None:
    @ui.page(f"/{path}/{{id_}}", response_timeout=_SECONDS)
    async def one(request: Request, id_: Id) -> Response | None:
        return await _shown(request, lambda visit: build(visit, id_))


def register() -> None:
    """Tell NiceGUI the pages; once for the process."""
    ui.add_head_html('<link rel="stylesheet" href="/staff/assets/console.css">', shared=True)

    @ui.page("/", response_timeout=_SECONDS)
    async def queue(
        request: Request, q: Search = None, status: Search = None, colour: Search = None, handler: Search = None,
        page: Number = 1, view: ViewId = 0,
    ) -> Response | None:  # fmt: skip
        asked = queue_page.Asked(q, status, colour, handler, page, view)
        return await _shown(request, lambda visit: queue_page.build(visit, asked))

    @ui.page("/complaints/{number}", response_timeout=_SECONDS)
    async def case(request: Request, number: str, step: Search = None) -> Response | None:
        return await _shown(request, lambda visit: case_page.build(visit, number, step or ""))

    @ui.page("/register", response_timeout=_SECONDS)
    async def by_hand(request: Request) -> Response | None:
        return await _shown(request, register_page.build)

    @ui.page("/work", response_timeout=_SECONDS)
    async def work(request: Request) -> Response | None:
        return await _shown(request, work_page.build)

    @ui.page("/talks/{conversation_id}", response_timeout=_SECONDS)
    async def talk(request: Request, conversation_id: str) -> Response | None:
        return await _shown(request, lambda visit: talk_page.build(visit, conversation_id))

    @ui.page("/chat", response_timeout=_SECONDS)
    async def chat(request: Request) -> Response | None:
        return await _shown(request, chat_page.build)

    @ui.page("/figures", response_timeout=_SECONDS)
    async def figures(request: Request) -> Response | None:
        return await _shown(request, figures_page.build)

    @ui.page("/duties", response_timeout=_SECONDS)
    async def duties(request: Request) -> Response | None:
        return await _shown(request, duties_page.build)

    @ui.page("/duties/{rule}", response_timeout=_SECONDS)
    async def duty(request: Request, rule: str) -> Response | None:
        return await _shown(request, lambda visit: duty_page.build(visit, rule))

    @ui.page("/fees", response_timeout=_SECONDS)
    async def fees(request: Request) -> Response | None:
        return await _shown(request, fees_page.build)

    @ui.page("/fees/new/{what}", response_timeout=_SECONDS)
    async def new_fee(request: Request, what: str) -> Response | None:
        return await _shown(request, lambda visit: fee_entry_page.build_new(visit, what))

    @ui.page("/fees/settings", response_timeout=_SECONDS)
    async def fee_settings(request: Request) -> Response | None:
        return await _shown(request, fee_settings_page.build)

    _of_id("fees", fee_entry_page.build)

    _of_id("payables", fee_entry_page.build_payable)

    @ui.page("/providers", response_timeout=_SECONDS)
    async def providers(request: Request) -> Response | None:
        return await _shown(request, providers_page.build)

    @ui.page("/providers/{provider_id}/{branch_id}", response_timeout=_SECONDS)
    async def provider(request: Request, provider_id: Id, branch_id: Id) -> Response | None:
        return await _shown(request, lambda visit: provider_page.build(visit, provider_id, branch_id))

    @ui.page("/management", response_timeout=_SECONDS)
    async def management(request: Request) -> Response | None:
        return await _shown(request, management_page.build)

    @ui.page("/management/new/{what}", response_timeout=_SECONDS)
    async def new_in_management(request: Request, what: str) -> Response | None:
        return await _shown(request, lambda visit: management_page.build_new(visit, what))

    _of_id("managers", management_page.build_manager)

    _of_id("checks", management_page.build_check)

    @ui.page("/records", response_timeout=_SECONDS)
    async def records(request: Request) -> Response | None:
        return await _shown(request, records_page.build)

    @ui.page("/regulators", response_timeout=_SECONDS)
    async def regulators(request: Request) -> Response | None:
        return await _shown(request, regulators_page.build)

    @ui.page("/regulators/new/{what}", response_timeout=_SECONDS)
    async def new_for_regulators(request: Request, what: str) -> Response | None:
        return await _shown(request, lambda visit: regulators_page.build_new(visit, what))

    @ui.page("/plans", response_timeout=_SECONDS)
    async def plans(request: Request) -> Response | None:
        return await _shown(request, plans_page.build)

    _of_id("plans", plan_page.build)
    _of_id("handovers", handover_page.build)
    _of_id("mechanisms", mechanism_page.build)
    _of_id("evaluations", evaluation_page.build)

    @ui.page("/improvements/new", response_timeout=_SECONDS)
    async def new_improvement(request: Request) -> Response | None:
        return await _shown(request, provider_page.build_new_item)

    @ui.page("/improvements/{id_}", response_timeout=_SECONDS)
    async def improvement(request: Request, id_: Id) -> Response | None:
        return await _shown(request, lambda visit: provider_page.build_item(visit, id_))

    @ui.page("/imports", response_timeout=_SECONDS)
    async def imports(request: Request) -> Response | None:
        return await _shown(request, imports_page.build)

    @ui.page("/imports/{id_}", response_timeout=_SECONDS)
    async def one_import(request: Request, id_: Id) -> Response | None:
        return await _shown(request, lambda visit: import_page.build(visit, id_))

    @ui.page("/editions", response_timeout=_SECONDS)
    async def all_editions(request: Request) -> Response | None:
        return await _shown(request, editions_page.build)

    @ui.page("/registers", response_timeout=_SECONDS)
    async def registers(request: Request) -> Response | None:
        return await _shown(request, registers_page.build)

    @ui.page("/registers/{register_id}", response_timeout=_SECONDS)
    async def register_version(request: Request, register_id: Id) -> Response | None:
        return await _shown(request, lambda visit: registers_page.build_one(visit, register_id))

    for path, build in (
        ("bookings", booking_page.build), ("hazards", hazard_page.build), ("surveys", survey_page.build),
        ("records", record_page.build),
    ):  # fmt: skip
        _of_number(path, build)

    @ui.page("/reports/{id_}", response_timeout=_SECONDS)
    async def candidate(request: Request, id_: Id) -> Response | None:
        return await _shown(request, lambda visit: candidate_page.build(visit, id_))

    @ui.page("/answers", response_timeout=_SECONDS)
    async def answers(request: Request) -> Response | None:
        return await _shown(request, answers_page.build)

    @ui.page("/{rest:path}", response_timeout=_SECONDS)
    async def nothing(rest: str) -> Response:
        return sign_in.refusal(DomainError("not_found", 404))
