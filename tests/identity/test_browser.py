"""The console's cookie: what it is made of, that no other site can use it, and who a request's staff member is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from fastapi import Request
from sqlalchemy import select

from anze.errors import DomainError
from anze.identity.auth import sha256
from anze.identity.browser import staff_of_request
from anze.identity.models import Role, SignIn, Staff
from anze.identity.speaker import Speaker
from tests.helpers.gateway import Gateway
from tests.helpers.staffing import PASSWORD, hire

HOME = "http://test"
OWN = {"Origin": HOME}


@pytest.fixture
async def page(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """A browser: it keeps cookies and sends them by itself."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url=HOME) as client:
        yield client


async def _sign_in(page: httpx.AsyncClient, username: str = "anna", **headers: str) -> httpx.Response:
    body = {"username": username, "password": PASSWORD}
    return await page.post("/staff/sign-in", json=body, headers=OWN | headers)


def _kept(gateway: Gateway) -> list[SignIn]:
    with gateway.db.read() as session:
        return list(session.scalars(select(SignIn)))


async def test_the_cookie(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna")
    answer = await _sign_in(page)
    assert (answer.status_code, answer.json()) == (200, {"role": "intake", "branch": "总公司"})
    head, *attributes = answer.headers["set-cookie"].split("; ")
    name, _, token = head.partition("=")
    assert name == "anze-staff"
    assert {one.lower() for one in attributes} == {"httponly", "samesite=strict", "path=/", "max-age=43200"}
    assert token not in answer.text
    (row,) = _kept(gateway)
    assert (row.token_sha256, row.carrier, row.proof) == (sha256(token), "cookie", "password")
    assert (await page.get("/api/staff/complaints")).status_code == 200


async def test_with_https_it_is_secure_and_nobody_elses(gateway: Gateway) -> None:
    hire(gateway.db, "anna")
    transport = httpx.ASGITransport(gateway.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://test") as page:
        answer = await page.post(
            "/staff/sign-in", json={"username": "anna", "password": PASSWORD}, headers={"Origin": "https://test"}
        )
        assert answer.headers["set-cookie"].startswith("__Host-anze-staff=")
        assert {"secure", "httponly", "path=/"} <= {p.lower() for p in answer.headers["set-cookie"].split("; ")[1:]}
        assert "domain" not in answer.headers["set-cookie"].lower()
        assert (await page.get("/api/staff/complaints")).status_code == 200
        token = answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]
        planted = await httpx.AsyncClient(transport=transport, base_url="https://test").get(
            "/api/staff/complaints", headers={"Cookie": f"anze-staff={token}"}
        )
        assert planted.status_code == 401, "a name that a neighbouring host could set counts for nothing"


async def test_behind_a_proxy_the_public_address_counts(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna")
    settings = gateway.services.settings.model_copy(update={"public_url": "https://anze.example"})
    gateway.app.state.services = replace(gateway.services, settings=settings)
    answer = await _sign_in(page, Origin="https://anze.example")
    assert answer.status_code == 200
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://test"},
        {"Origin": "http://test.evil.example"},
        {"Origin": "http://test:8080"},
        {"Referer": f"{HOME}/staff/"},
        OWN | {"Sec-Fetch-Site": "cross-site"},
        OWN | {"Sec-Fetch-Site": "same-site"},
        OWN | {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
async def test_another_site_changes_nothing_with_it(
    gateway: Gateway, page: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    hire(gateway.db, "anna")
    refused = await page.post("/staff/sign-in", json={"username": "anna", "password": PASSWORD}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site"), "nor is somebody signed in by it"
    assert _kept(gateway) == []
    await _sign_in(page)
    for method, path in (("POST", "/api/messages"), ("DELETE", "/api/staff/sessions"), ("DELETE", "/api/staff/session"),
                         ("PATCH", "/api/uploads/x"), ("POST", "/api/staff/password")):  # fmt: skip
        answer = await page.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site"), path
    assert (await page.get("/api/staff/sessions", headers=headers)).status_code == 200, "reading changes nothing"


async def test_our_own_page_does(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna")
    await _sign_in(page)
    fetched = OWN | {"Sec-Fetch-Site": "same-origin"}
    for headers in (OWN, fetched):
        assert (await page.delete("/api/staff/sessions", headers=headers)).status_code == 204
    out = await page.delete("/api/staff/session", headers=fetched)
    assert out.status_code == 204
    assert page.cookies.get("anze-staff") is None
    assert (await page.get("/api/staff/sessions")).status_code == 401


async def test_a_token_counts_only_the_way_it_was_issued_for(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna")
    await _sign_in(page)
    cookie = page.cookies["anze-staff"]
    bearer = (await gateway.staff("anna", PASSWORD)).token
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url=HOME) as other:
        swapped = [{"Authorization": f"Bearer {cookie}"}, {"Cookie": f"anze-staff={bearer}"}]
        for headers in swapped:
            assert (await other.get("/api/staff/sessions", headers=headers)).status_code == 401
    both = await page.get("/api/staff/sessions", headers={"Authorization": "Bearer nonsense"})
    assert both.status_code == 401, "a header that is there counts, whatever the cookie says"


async def test_guesses_are_counted_here_too(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna")
    for _ in range(5):
        await page.post("/staff/sign-in", json={"username": "anna", "password": "wrong"}, headers=OWN)
    answer = await _sign_in(page)
    assert (answer.status_code, answer.json()["code"]) == (429, "login_locked")
    assert "set-cookie" not in answer.headers


async def test_the_console_is_the_insurers(gateway: Gateway, page: httpx.AsyncClient) -> None:
    hire(gateway.db, "anna", Role.PROVIDER)
    answer = await _sign_in(page)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert _kept(gateway) == []


async def _asked(gateway: Gateway, **headers: str) -> Speaker | None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "scheme": "http", "path": "/staff/", "query_string": b"", "headers": raw,
        "server": ("test", 80), "app": gateway.app,
    }  # fmt: skip
    return await staff_of_request(Request(scope))


async def test_whose_a_page_of_the_console_is(demo_gateway: Gateway) -> None:
    gateway = demo_gateway
    assert await _asked(gateway) is None
    assert await _asked(gateway, cookie="anze-staff=nonsense") is None
    visitor, provider = await gateway.visitor(), await gateway.staff("provider")
    for caller in (visitor, provider):
        assert await _asked(gateway, **caller.headers) is None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url=HOME) as page:
        await page.post("/staff/sign-in", json={"username": "service", "password": "demo-anze"}, headers=OWN)
        found = await _asked(gateway, cookie=f"anze-staff={page.cookies['anze-staff']}")
        assert found is not None
        assert found.role == Role.SERVICE
        with gateway.db.read() as session:
            home = session.get_one(Staff, found.staff_id).branch.path
        assert found.branch_path == home
        assert found.actor.startswith("staff:")
        hire(gateway.db, "new", must_change=True)
        answer = await _sign_in(page, "new")
        assert answer.json()["must_change"] is True
        with pytest.raises(DomainError, match="password_must_change"):
            await _asked(gateway, cookie=f"anze-staff={page.cookies['anze-staff']}")
