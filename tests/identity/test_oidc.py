"""Sign-in by a real OpenID Connect issuer on loopback, and every token that must not be believed."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from anze.commands import RefusedError, settings
from anze.conversations.turns import real_now
from anze.identity.models import OidcFlow, Role, SignIn, Staff
from anze.identity.oidc import LEEWAY, LIVES
from tests.helpers.gateway import Gateway
from tests.helpers.issuer import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    FakeIssuer,
    Sign,
    hs256,
    key,
    none,
    rs256,
    serving,
    tampered,
)
from tests.helpers.staffing import PASSWORD, hire

HOME = "http://127.0.0.1:8000"
START, BACK = "/staff/oidc/sign-in", "/staff/oidc/callback"
COOKIE = "anze-oidc"


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with serving(FakeIssuer()) as running:
        yield running


def _connect(gateway: Gateway, issuer: FakeIssuer, **more: str) -> None:
    values = {"oidc_issuer": issuer.url, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET} | more
    gateway.app.state.services = replace(gateway.services, settings=gateway.services.settings.model_copy(update=values))


def _browser(gateway: Gateway) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url=HOME)


@pytest.fixture
async def page(gateway: Gateway, issuer: FakeIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at an installation that knows the issuer, with one user."""
    hire(gateway.db, "anna", Role.SERVICE)
    _connect(gateway, issuer)
    async with _browser(gateway) as client:
        yield client


async def _at_issuer(page: httpx.AsyncClient) -> str:
    """To the issuer's page and back as far as the address to which it sends the browser."""
    off = await page.get(START)
    assert off.status_code == 303, off.text
    async with httpx.AsyncClient(trust_env=False) as outside:
        vouched = await outside.get(off.headers["location"])
    assert vouched.status_code == 303, vouched.text
    return vouched.headers["location"].removeprefix(HOME)


async def _sign_in(page: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await page.get(await _at_issuer(page), headers=headers)


def _refused(gateway: Gateway, answer: httpx.Response, code: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "anze-staff" not in answer.headers.get("set-cookie", "")
    with gateway.db.read() as session:
        assert session.scalars(select(SignIn)).all() == []


async def test_the_way_in(gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    off = await page.get(START)
    asked = httpx.URL(off.headers["location"]).params
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert {"openid"} <= set(asked["scope"].split())
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    cookie = off.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", f"path={BACK}", "max-age=600"))
    answer = await _sign_in(page)
    assert (answer.status_code, answer.json()) == (200, {"role": "service", "branch": "总公司"})
    given = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("anze-staff="))
    assert {"httponly", "samesite=strict"} <= {part.lower() for part in given.split("; ")}
    assert (await page.get("/api/staff/complaints")).status_code == 200
    with gateway.db.read() as session:
        (row,) = session.scalars(select(SignIn))
        assert (row.proof, row.carrier) == ("oidc", "cookie")
        assert row.idle_until is not None


async def test_a_page_goes_on_by_itself(page: httpx.AsyncClient) -> None:
    # A redirect would be part of a way that began at another site, and a Strict cookie stays behind on those.
    answer = await _sign_in(page, Accept="text/html,application/xhtml+xml")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<meta http-equiv="refresh" content="0; url=/staff/">' in answer.text


def _claims(**values: Any) -> Callable[[Claims], Claims]:
    """The honest claims with these in their place; None leaves one out."""
    return lambda honest: {n: v for n, v in (honest | values).items() if v is not None}


def _shifted(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda honest: honest | {name: int(real_now().timestamp()) + seconds}


LIES: dict[str, Callable[[Claims], Claims]] = {
    "wrong nonce": _claims(nonce="of another flow"),
    "no nonce": _claims(nonce=None),
    "wrong aud": _claims(aud="another client"),
    "wrong aud that names us as its party": _claims(aud="another client", azp=CLIENT_ID),
    "no aud": _claims(aud=None),
    "several aud, azp another": _claims(aud=[CLIENT_ID, "another client"], azp="another client"),
    "several aud, no azp": _claims(aud=[CLIENT_ID, "another client"]),
    "wrong iss": _claims(iss="https://another.example"),
    "no iss": _claims(iss=None),
    "expired": _shifted("exp", -LEEWAY - 5),
    "no exp": _claims(exp=None),
    "exp is a word": _claims(exp="tomorrow"),
    "issued tomorrow": _shifted("iat", 86400),
    "not yet valid": _shifted("nbf", 3600),
    "no sub": _claims(sub=None),
    "hash of another access token": _claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}
FORGERIES: dict[str, Sign] = {
    "alg none": none,
    "HS256 with our secret": hs256(lambda issuer: CLIENT_SECRET.encode()),
    "HS256 with the public key": hs256(lambda issuer: key(issuer.kid).as_pem(private=False)),
    "another's key": partial(rs256, by="stranger"),
    "another's key under the name of the right one": partial(rs256, by="stranger", kid="first"),
    "claims changed after signing": tampered,
    "no token at all": lambda issuer, claims: "nonsense",
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_says_the_wrong_thing(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient, lie: str
) -> None:
    issuer.twist = LIES[lie]
    _refused(gateway, await _sign_in(page), "oidc_failed")


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_token_that_the_issuer_did_not_sign(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient, forgery: str
) -> None:
    issuer.sign = FORGERIES[forgery]
    _refused(gateway, await _sign_in(page), "oidc_failed")


@pytest.mark.parametrize("answer", [{}, {"id_token": None}, {"id_token": 7}, [], "word"], ids=str)
async def test_an_answer_that_is_none(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient, answer: Any
) -> None:
    issuer.answer = lambda _: answer
    _refused(gateway, await _sign_in(page), "oidc_failed")


async def test_clocks_may_differ_a_little(issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    issuer.twist = _shifted("exp", -LEEWAY + 15)
    assert (await _sign_in(page)).status_code == 200


async def test_a_rotated_key_counts_at_once_and_the_old_one_no_more(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient
) -> None:
    assert (await _sign_in(page)).status_code == 200
    with gateway.db.write() as session:
        session.execute(SignIn.__table__.delete())  # type: ignore[attr-defined]
    issuer.rotate("second")
    issuer.sign = partial(rs256, by="first")
    _refused(gateway, await _sign_in(page), "oidc_failed")
    issuer.sign = rs256
    assert (await _sign_in(page)).status_code == 200


async def test_a_state_is_used_once(gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    issuer.codes_last = True
    back = await _at_issuer(page)
    browser = page.cookies[COOKIE]
    assert (await page.get(back)).status_code == 200
    with gateway.db.write() as session:
        session.execute(SignIn.__table__.delete())  # type: ignore[attr-defined]
    asked = len(issuer.asked)
    page.cookies.clear()
    replayed = await page.get(back, headers={"Cookie": f"{COOKIE}={browser}"})
    _refused(gateway, replayed, "oidc_failed")
    assert len(issuer.asked) == asked, "the issuer was not even asked"


async def test_a_state_belongs_to_one_browser(gateway: Gateway, page: httpx.AsyncClient) -> None:
    back = await _at_issuer(page)
    async with _browser(gateway) as other:
        _refused(gateway, await other.get(back), "oidc_failed")
        await other.get(START)
        _refused(gateway, await other.get(back), "oidc_failed")
    assert (await page.get(back)).status_code == 200, "and nobody else can spoil it"


async def test_a_flow_lasts_ten_minutes(gateway: Gateway, page: httpx.AsyncClient) -> None:
    back = await _at_issuer(page)
    with gateway.db.write() as session:
        (flow,) = session.scalars(select(OidcFlow))
        assert timedelta(0) <= real_now() + LIVES - flow.expires_at < timedelta(seconds=20)
        flow.expires_at = real_now()
    _refused(gateway, await page.get(back), "oidc_failed")
    await page.get(START)
    with gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(OidcFlow)) == 1, "what ran out is removed"


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied"])
async def test_a_way_back_that_nobody_began(gateway: Gateway, page: httpx.AsyncClient, query: str) -> None:
    await page.get(START)
    _refused(gateway, await page.get(BACK + query), "oidc_failed")


async def test_a_no_at_the_issuer_and_another_issuers_answer(gateway: Gateway, page: httpx.AsyncClient) -> None:
    state = httpx.URL((await page.get(START)).headers["location"]).params["state"]
    _refused(gateway, await page.get(BACK, params={"state": state, "error": "access_denied"}), "oidc_failed")
    back = await _at_issuer(page)
    _refused(gateway, await page.get(f"{back}&iss=https://another.example"), "oidc_failed")


async def test_somebody_elses_code(gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    stolen = httpx.URL(HOME + await _at_issuer(page)).params["code"]
    async with _browser(gateway) as other:
        mine = httpx.URL(HOME + await _at_issuer(other)).params["state"]
        answer = await other.get(BACK, params={"state": mine, "code": stolen})
    _refused(gateway, answer, "oidc_failed")


async def test_a_wrong_secret(gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    _connect(gateway, issuer, oidc_client_secret="another")
    _refused(gateway, await _sign_in(page), "oidc_failed")


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://another.example"},
        {"token_endpoint": "http://issuer.example/token"},
        {"jwks_uri": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://["},
        {"token_endpoint": "https://"},
    ],
    ids=str,
)
async def test_a_description_that_is_not_the_issuers_own_or_not_safe(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient, changed: Claims
) -> None:
    issuer.describe = lambda honest: honest | changed
    _refused(gateway, await page.get(START), "oidc_failed", 502)


async def test_an_issuer_that_is_away(gateway: Gateway, page: httpx.AsyncClient) -> None:
    _connect(gateway, FakeIssuer("http://127.0.0.1:1"))
    _refused(gateway, await page.get(START), "oidc_unreachable", 502)


@pytest.mark.parametrize("who", ["nobody", "gone", "demo", "supplier", "ANNA", "", None, 7])
async def test_who_is_no_user_here_becomes_none(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient, who: Any
) -> None:
    hire(gateway.db, "gone", left_at=real_now())
    hire(gateway.db, "demo", demo=True)
    hire(gateway.db, "supplier", Role.PROVIDER)
    issuer.claims = {"sub": "1", "preferred_username": who, "name": "某某"}
    answer = await _sign_in(page)
    _refused(gateway, answer, "forbidden" if who == "supplier" else "oidc_refused", 403)
    with gateway.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Staff)) == 4


async def test_no_demo_login_by_an_issuer_not_even_on_the_demo(demo_gateway: Gateway, issuer: FakeIssuer) -> None:
    _connect(demo_gateway, issuer)
    issuer.claims = {"sub": "1", "preferred_username": "supervisor"}
    async with _browser(demo_gateway) as page:
        answer = await _sign_in(page)
    assert (answer.status_code, answer.json()["code"]) == (403, "oidc_refused")


async def test_an_address_counts_when_it_was_verified(
    gateway: Gateway, issuer: FakeIssuer, page: httpx.AsyncClient
) -> None:
    _connect(gateway, issuer, oidc_claim="email")
    hire(gateway.db, "bert@example.cn")
    for verified in (False, None, "true"):
        issuer.claims = {"sub": "1", "email": "bert@example.cn", "email_verified": verified}
        _refused(gateway, await _sign_in(page), "oidc_refused", 403)
    issuer.claims["email_verified"] = True
    assert (await _sign_in(page)).status_code == 200


async def test_a_one_time_password_holds_up_only_who_signs_in_with_it(
    gateway: Gateway, page: httpx.AsyncClient
) -> None:
    with gateway.db.write() as session:
        session.execute(update(Staff).values(must_change=True))
    assert "must_change" not in (await _sign_in(page)).json()
    assert (await page.get("/api/staff/complaints")).status_code == 200
    by_password = await page.post("/api/staff/login", json={"username": "anna", "password": PASSWORD})
    assert by_password.json()["must_change"] is True


async def test_a_refusal_is_one_page_for_people(issuer: FakeIssuer, page: httpx.AsyncClient) -> None:
    issuer.claims["preferred_username"] = "<b>nobody</b>"
    answer = await _sign_in(page, Accept="text/html")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "请联系管理员开通" in answer.text
    assert "nobody" not in answer.text


async def test_without_an_issuer_there_is_no_such_address(gateway: Gateway) -> None:
    for path in (START, BACK):
        answer = await gateway.client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "given",
    [
        {"ISSUER": "https://id.example"},
        {"ISSUER": "https://id.example", "CLIENT_ID": "anze"},
        {"CLIENT_ID": "anze", "CLIENT_SECRET": "x"},
        {"ISSUER": "http://id.example", "CLIENT_ID": "anze", "CLIENT_SECRET": "x"},
    ],
    ids=str,
)
def test_half_an_issuer_is_a_clear_error(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"ANZE_OIDC_{name}", value)
    with pytest.raises(RefusedError, match="ANZE_OIDC_ISSUER"):
        settings()


def test_a_whole_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ISSUER": "https://id.example", "CLIENT_ID": "anze", "CLIENT_SECRET": "x"}.items():
        monkeypatch.setenv(f"ANZE_OIDC_{name}", value)
    assert settings().oidc_issuer == "https://id.example"
