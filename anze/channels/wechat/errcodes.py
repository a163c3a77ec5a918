"""What the platform's error codes mean for us. Pure."""

from enum import StrEnum

from anze.channels.outbox.adapter import Refusal, Refused

_TOKEN = frozenset({40001, 40014, 42001})
_SETTINGS = frozenset({40013, 40125, 40164, 41001, 48001, 50002})
_BUSY = frozenset({-1, 50001})
_DAY, _MINUTE = 45009, 45011
_CLOSED = frozenset({43004, 45015, 45047})
_MINUTE_SECONDS, _DAY_SECONDS = 60.0, 3600.0


class Fault(StrEnum):
    """The token is old · our settings or rights · platform busy · too much · this user cannot be reached so · the
    message itself is wrong."""

    TOKEN = "token"  # noqa: S105 - names a fault
    SETTINGS = "settings"
    BUSY = "busy"
    QUOTA = "quota"
    CLOSED = "closed"
    MESSAGE = "message"


def fault_of(errcode: int) -> Fault | None:
    """None: no fault. A code that is not known is a fault of the message: it is not tried for ever."""
    for fault, codes in (
        (Fault.TOKEN, _TOKEN), (Fault.SETTINGS, _SETTINGS), (Fault.BUSY, _BUSY), (Fault.QUOTA, {_DAY, _MINUTE}),
        (Fault.CLOSED, _CLOSED),
    ):  # fmt: skip
        if errcode in codes:
            return fault
    return Fault.MESSAGE if errcode else None


def refused(errcode: int) -> Refused:
    """How the outbox takes it: what is worth another try, and from when."""
    code = f"wechat_{errcode}"
    match fault_of(errcode):
        case Fault.SETTINGS:
            return Refused(Refusal.SETTINGS, code)
        case Fault.TOKEN | Fault.BUSY:
            return Refused(Refusal.UNAVAILABLE, code)
        case Fault.QUOTA:
            return Refused(Refusal.RATE, code, _MINUTE_SECONDS if errcode == _MINUTE else _DAY_SECONDS)
        case _:
            return Refused(Refusal.PERMANENT, code)
