"""XML of the platform in and out. Any DTD is refused; what XML forbids is cut out. Pure."""

import hashlib
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_FIELDS = 60
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class EnvelopeError(Exception):
    """Not a message of the platform."""


@dataclass(frozen=True)
class Incoming:
    """One message or event. `fields`: its elements by name, those of nested ones by path (`ScanCodeInfo.ScanType`)."""

    openid: str
    account: str
    """The account's own name (ToUserName)"""
    kind: str
    created: int
    """Seconds since 1970"""
    fields: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def event(self) -> str:
        return self.get("Event").lower() if self.kind == "event" else ""

    @property
    def key(self) -> str:
        """By which a repeat is known: a message by sender and MsgId, an event by sender, time, name and key."""
        own = (
            [self.get("CreateTime"), self.get("Event"), self.get("EventKey"), self.get("MsgID")]
            if self.kind == "event"
            else [self.get("MsgId") or self.get("CreateTime") + self.get("Content")]
        )
        named = [self.openid, "event" if self.kind == "event" else "message", *own]
        return hashlib.sha256("\n".join(named).encode()).hexdigest()


def fields_of(xml: bytes) -> dict[str, str]:
    """The elements of a document by name. Raises EnvelopeError."""
    try:
        text = _FORBIDDEN.sub("", xml.decode("utf-8"))
        root = fromstring(text, forbid_dtd=True)
    except (ValueError, ParseError, DefusedXmlException) as error:
        raise EnvelopeError(type(error).__name__) from error
    found: dict[str, str] = {}
    for child in root:
        if len(child) == 0:
            found.setdefault(child.tag, (child.text or "").strip("\x00"))
        for inner in child:
            if len(found) < _MOST_FIELDS:
                found.setdefault(f"{child.tag}.{inner.tag}", inner.text or "")
        if len(found) >= _MOST_FIELDS:
            break
    return found


def incoming(fields: dict[str, str]) -> Incoming:
    """A message of these elements. Raises EnvelopeError for one without sender, kind or time."""
    openid, created = fields.get("FromUserName", ""), fields.get("CreateTime", "")
    kind = fields.get("MsgType", "").lower()
    if not _OPENID.fullmatch(openid) or not kind or not created.isascii() or not created.isdecimal():
        raise EnvelopeError("no sender, kind or time")
    return Incoming(openid, fields.get("ToUserName", ""), kind, int(created[:12]), fields)


def reply(to: Incoming, text: str, seconds: int) -> bytes:
    """A text as the passive answer to a message."""
    return document({
        "ToUserName": to.openid, "FromUserName": to.account, "CreateTime": seconds, "MsgType": "text", "Content": text,
    })  # fmt: skip


def document(values: dict[str, str | int]) -> bytes:
    """`<xml>` of these elements, texts as CDATA."""
    inside = "".join(f"<{name}>{_value(value)}</{name}>" for name, value in values.items())
    return f"<xml>{inside}</xml>".encode()


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{_FORBIDDEN.sub('', value).replace(']]>', ']]]]><![CDATA[>')}]]>"
