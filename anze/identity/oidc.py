"""Sign-in by the firm's own OpenID Connect issuer: code flow with PKCE, and what an ID token must hold to be believed.

Every sign-in asks the issuer for its addresses and keys anew: they are few, and a key that was taken back is worth
nothing from that moment on.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from anze.errors import DomainError
from anze.identity import staff
from anze.identity.auth import Way, sha256
from anze.identity.models import OidcFlow, Staff
from anze.settings import Settings, is_safe

LIVES = timedelta(minutes=10)
"""How long somebody may take at the issuer's page."""
LEEWAY = 30
"""Seconds by which the issuer's clock may differ from ours."""
ALGORITHMS = ("RS256", "PS256", "ES256")
"""Signatures by the issuer's private key. Never `none`; never HS256, whose key would be our own secret."""
CALLBACK = "/staff/oidc/callback"
_SECONDS = 10


@dataclass(frozen=True)
class Issuer:
    """Who vouches for staff. `claim`: what of its ID token is a user name here."""

    url: str
    client_id: str
    client_secret: str
    claim: str
    redirect_uri: str


def issuer_of(settings: Settings) -> Issuer | None:
    """The issuer of this installation; None when there is none."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret):
        return None
    back = settings.public_url.rstrip("/") + CALLBACK
    return Issuer(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_claim, back)


@dataclass(frozen=True)
class Begun:
    """A flow that begins: what the browser takes along (`state` in the address, `browser` in a cookie)."""

    state: str
    browser: str
    nonce: str
    verifier: str


def start(session: Session, real_now: datetime) -> Begun:
    """Keep a new flow; those that ran out are removed."""
    begun = Begun(
        state=secrets.token_urlsafe(32),
        browser=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
    )
    session.execute(delete(OidcFlow).where(OidcFlow.expires_at <= real_now))
    session.add(
        OidcFlow(
            state_sha256=sha256(begun.state),
            browser_sha256=sha256(begun.browser),
            nonce=begun.nonce,
            verifier=begun.verifier,
            expires_at=real_now + LIVES,
        )
    )
    return begun


def take(session: Session, state: str, browser: str, real_now: datetime) -> OidcFlow:
    """The flow of this state, which is used up by that. Raises DomainError oidc_failed.

    A state of another browser is refused and stays: whoever learns one can neither use it nor spoil it.
    """
    flow = session.scalar(
        select(OidcFlow)
        .where(
            OidcFlow.state_sha256 == sha256(state),
            OidcFlow.browser_sha256 == sha256(browser),
            OidcFlow.expires_at > real_now,
        )
        .with_for_update()
    )
    if flow is None:
        raise DomainError("oidc_failed", 400)
    session.delete(flow)
    session.flush()
    return flow


class Client:
    """Speaks to the issuer. Its word counts only when it comes from where its own description says."""

    def __init__(self, issuer: Issuer, http: httpx.AsyncClient) -> None:
        self._issuer = issuer
        self._http = http

    async def address(self, begun: Begun) -> str:
        """Where the browser goes. Raises DomainError oidc_unreachable."""
        described = await self._description()
        address: str = prepare_grant_uri(
            described["authorization_endpoint"],
            client_id=self._issuer.client_id,
            response_type="code",
            redirect_uri=self._issuer.redirect_uri,
            scope="openid profile email",
            state=begun.state,
            nonce=begun.nonce,
            code_challenge=create_s256_code_challenge(begun.verifier),
            code_challenge_method="S256",
        )
        return address

    async def username(self, flow: OidcFlow, code: str, real_now: datetime) -> str:
        """The user name that the issuer vouches for. Raises DomainError oidc_unreachable, oidc_failed."""
        described = await self._description()
        answer = await self._ask(
            "POST",
            described["token_endpoint"],
            auth=(self._issuer.client_id, self._issuer.client_secret),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._issuer.redirect_uri,
                "code_verifier": flow.verifier,
            },
        )
        keys = await self._ask("GET", described["jwks_uri"])
        return verified_name(self._issuer, answer, keys, flow.nonce, real_now)

    async def _description(self) -> dict[str, Any]:
        found = await self._ask("GET", self._issuer.url.rstrip("/") + "/.well-known/openid-configuration")
        ends = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if found.get("issuer") != self._issuer.url or not all(isinstance(end, str) and is_safe(end) for end in ends):
            raise DomainError("oidc_failed", 502)
        return found

    async def _ask(self, method: str, url: str, **how: Any) -> dict[str, Any]:
        try:
            answer = await self._http.request(method, url, timeout=_SECONDS, follow_redirects=False, **how)
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise DomainError("oidc_unreachable", 502) from error
        if answer.status_code >= 500:
            raise DomainError("oidc_unreachable", 502)
        if answer.status_code != 200 or not isinstance(found, dict):
            raise DomainError("oidc_failed", 400)
        return found


def verified_name(issuer: Issuer, answer: dict[str, Any], keys: dict[str, Any], nonce: str, real_now: datetime) -> str:
    """The claim of an ID token that this issuer signed for us, now, for this very flow. Raises DomainError oidc_failed.

    `answer` is the token endpoint's, `keys` the issuer's JWKS.
    """
    try:
        token = jwt.decode(answer["id_token"], KeySet.import_key_set(keys), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"value": issuer.url}, "aud": {"value": issuer.client_id}},
            {"nonce": nonce, "client_id": issuer.client_id, "access_token": answer.get("access_token")},
        )
        claims.validate(int(real_now.timestamp()), LEEWAY)
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        # A token is what a stranger may have made: whatever is wrong with it, it is not believed.
        raise DomainError("oidc_failed", 400) from error
    name = claims.get(issuer.claim)
    if not isinstance(name, str) or not name or (issuer.claim == "email" and claims.get("email_verified") is not True):
        raise DomainError("oidc_refused", 403)
    return name


def come_in(session: Session, username: str, way: Way, *, now: datetime, real_now: datetime) -> dict[str, Any]:
    """As staff.come_in. Nobody is made a user by it.

    Raises DomainError oidc_refused for whoever is no user here, has left, or is a demo's, all alike.
    """
    found = session.scalar(select(Staff).where(Staff.username == username))
    if found is None or found.left_at is not None or found.demo:
        raise DomainError("oidc_refused", 403)
    return staff.come_in(session, found, way, now=now, real_now=real_now)
