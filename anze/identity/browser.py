"""What a browser brings: the console's cookie, and whether our own page sent the request (RFC 6265bis, Fetch)."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import Request, Response

from anze.conversations.models import Conversation
from anze.conversations.turns import real_now
from anze.errors import DomainError
from anze.identity.auth import STAFF_HOURS, Shown, SignedIn, Way, note_use, signed_in
from anze.identity.models import Carrier, Proof, Role
from anze.identity.speaker import Speaker, speaker_of
from anze.services import Services

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_AGENT = 200


def shown(request: Request) -> Shown:
    """What the request shows of who sends it."""
    own = request.method in _READS or from_own_page(request)
    return Shown(request.headers.get("authorization"), request.cookies.get(cookie_name(request)), own)


def from_own_page(request: Request) -> bool:
    """Whether a browser says that a page of this very address sent the request; every present one says it."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    services: Services = request.app.state.services
    origin = request.headers.get("origin")
    # Behind a proxy the address that people open may not be the one that arrives here.
    public = urlsplit(services.settings.public_url)
    asked_for = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin is not None and origin in {asked_for, f"{public.scheme}://{public.netloc}"}


def check_own_page(request: Request) -> None:
    """For what hands out or takes away a cookie. Raises DomainError cross_site."""
    if not from_own_page(request):
        raise DomainError("cross_site", 403)


def secure(request: Request) -> bool:
    """Whether people reach us by https."""
    services: Services = request.app.state.services
    return request.url.scheme == "https" or services.settings.public_url.startswith("https://")


def cookie_name(request: Request) -> str:
    """With https a name that no neighbouring host and no plain http can set."""
    return "__Host-anze-staff" if secure(request) else "anze-staff"


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Put a staff token into the browser: unreadable for scripts, never sent from another site."""
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=STAFF_HOURS * 3600,
        path="/",
        secure=secure(request),
        httponly=True,
        samesite="strict",
    )


def take_cookie(request: Request, response: Response) -> None:
    """Remove it."""
    response.delete_cookie(cookie_name(request), path="/", secure=secure(request), httponly=True, samesite="strict")


def way(request: Request, carrier: Carrier, proof: Proof = Proof.PASSWORD) -> Way:
    """How somebody comes in by this request."""
    services: Services = request.app.state.services
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())[:_AGENT]
    return Way(idle_limit(services), carrier, proof, agent)


def idle_limit(services: Services) -> timedelta:
    return timedelta(minutes=services.settings.staff_idle_minutes)


async def whose(request: Request, *, to_change: bool = False, used: bool = True) -> SignedIn:
    """Who sends a request; the use is noted, if it is one. Raises as signed_in."""
    services: Services = request.app.state.services
    now, brought = real_now(), shown(request)
    me = await services.db.in_read(lambda s: signed_in(s, brought, now, to_change=to_change))
    if me.unnoted and used:
        await services.db.in_write(lambda s: note_use(s, me.token_sha256, idle_limit(services), now))
    return me


async def staff_of_request(request: Request, *, used: bool = True) -> Speaker | None:
    """The insurer's staff member who sends a request, by cookie or bearer token; None when nobody is signed in.

    For the console's pages. A provider's person is nobody here. `used` False: the page asks by itself, nobody did
    anything, and the idle limit runs on. Raises DomainError password_must_change (show the
    change of the password), cross_site.
    """
    services: Services = request.app.state.services
    try:
        me = await whose(request, used=used)
    except DomainError as error:
        if error.status == 401:
            return None
        raise
    speaker = await services.db.in_read(lambda s: speaker_of(s, s.get_one(Conversation, me.conversation_id)))
    return speaker if speaker.staff_id is not None and speaker.role != Role.PROVIDER else None
