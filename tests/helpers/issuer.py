"""An OpenID Connect issuer for tests: a real one on loopback, that signs with RS256 and lies as it is told.

It holds its client to the code flow: registered address, secret, PKCE, a code used once.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Form, HTTPException, Query
from fastapi import Request as Asked
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from anze.conversations.turns import real_now

CLIENT_ID, CLIENT_SECRET = "anze", "issuer-secret"
REDIRECT_URI = "http://127.0.0.1:8000/staff/oidc/callback"

type Claims = dict[str, Any]
type Sign = Callable[["FakeIssuer", Claims], str]


@cache
def key(kid: str) -> RSAKey:
    """A key pair by its name; made once, they take a while."""
    return RSAKey.generate_key(2048, {"kid": kid})


def rs256(issuer: "FakeIssuer", claims: Claims, *, kid: str | None = None, by: str | None = None) -> str:
    """As an honest issuer signs; `kid` says another name than that of the key, `by` is another key."""
    signer = key(by or issuer.kid)
    return jwt.encode({"alg": "RS256", "kid": kid or signer.kid}, claims, signer)


def _unsigned(header: dict[str, Any], claims: Claims) -> str:
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims)
    )


def none(issuer: "FakeIssuer", claims: Claims) -> str:
    """No signature at all."""
    return _unsigned({"alg": "none", "typ": "JWT"}, claims) + "."


def hs256(secret: Callable[["FakeIssuer"], bytes]) -> Sign:
    """Signed with something that is no private key: our own secret, or the public key as if it were one."""

    def sign(issuer: "FakeIssuer", claims: Claims) -> str:
        text = _unsigned({"alg": "HS256", "kid": issuer.kid}, claims)
        mac = hmac.new(secret(issuer), text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"

    return sign


def tampered(issuer: "FakeIssuer", claims: Claims) -> str:
    """Signed for somebody else, then another name put in."""
    header, _, signature = rs256(issuer, claims | {"preferred_username": "nobody"}).split(".")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"{header}.{body}.{signature}"


@dataclass
class FakeIssuer:
    """`claims`: of who signs in there; `twist` changes what is signed, `sign` how, `describe` the description."""

    url: str = ""
    claims: Claims = field(default_factory=lambda: {"sub": "1", "preferred_username": "anna"})
    twist: Callable[[Claims], Claims] = lambda claims: claims
    sign: Sign = rs256
    describe: Callable[[Claims], Claims] = lambda found: found
    kid: str = "first"
    published: list[str] = field(default_factory=lambda: ["first"])
    answer: Callable[[Claims], Any] = lambda answer: answer
    codes_last: bool = False
    """A code may be used again, so that only the client can refuse a replay"""
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self, kid: str) -> None:
        """From now on another key; the old one is taken back."""
        self.kid, self.published = kid, [kid]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        async def description() -> Claims:
            self.asked.append("description")
            return self.describe(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )

        @app.get("/keys")
        async def keys() -> Claims:
            self.asked.append("keys")
            return dict(KeySet([key(kid) for kid in self.published]).as_dict(private=False))

        @app.get("/authorize")
        async def authorize(
            client_id: str, redirect_uri: str, response_type: str, scope: str, state: str, nonce: str,
            code_challenge: str, code_challenge_method: Annotated[str, Query()],
        ) -> RedirectResponse:  # fmt: skip
            honest = (client_id, redirect_uri, response_type, code_challenge_method)
            if honest != (CLIENT_ID, REDIRECT_URI, "code", "S256") or "openid" not in scope.split():
                raise HTTPException(400)
            code = secrets.token_urlsafe(16)
            self._codes[code] = {"nonce": nonce, "challenge": code_challenge}
            return RedirectResponse(f"{redirect_uri}?code={code}&state={state}", 303)

        @app.post("/token")
        async def token(
            request: Asked, grant_type: Annotated[str, Form()], code: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()], code_verifier: Annotated[str, Form()],
        ) -> Any:  # fmt: skip
            self.asked.append("token")
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            if request.headers.get("authorization") != f"Basic {basic}":
                raise HTTPException(401)
            given = self._codes.get(code) if self.codes_last else self._codes.pop(code, None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
            wanted = ("authorization_code", REDIRECT_URI)
            if given is None or (grant_type, redirect_uri) != wanted or challenge != given["challenge"]:
                raise HTTPException(400)
            now = int(real_now().timestamp())
            honest = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": given["nonce"]}
            signed = self.sign(self, self.twist(honest | self.claims))
            return self.answer({"access_token": "opaque", "token_type": "Bearer", "id_token": signed})

        return app


@contextmanager
def serving(issuer: FakeIssuer) -> Iterator[FakeIssuer]:
    """The issuer on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(issuer.app(), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    issuer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield issuer
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()
