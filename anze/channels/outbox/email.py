"""E-mail by SMTP. The Message-ID is made of our key, so that a repeat can be known as one."""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from anze.channels.outbox.adapter import Outcome, Parcel, Refusal, Refused, Taken
from anze.conversations.turns import real_now
from anze.texts import text as say

_SECONDS = 20
_LASTING = 500
"""SMTP answers from here on are for good."""


class EmailAdapter:
    """Sends through the server at `url` (smtp://, smtp+starttls://, smtps://)."""

    def __init__(self, url: str, sender: str) -> None:
        self._url, self._sender = urlsplit(url), sender

    async def send(self, parcel: Parcel) -> Outcome:
        return await asyncio.to_thread(self._send, parcel)

    def _send(self, parcel: Parcel) -> Outcome:
        message = self._message(parcel)
        try:
            with self._connected() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            (code, _), *_ = error.recipients.values()
            return _refused(code)
        except smtplib.SMTPAuthenticationError as error:
            return Refused(Refusal.SETTINGS, str(error.smtp_code))
        except smtplib.SMTPResponseException as error:
            return _refused(error.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            return Refused(Refusal.UNAVAILABLE, type(error).__name__)
        return Taken(str(message["Message-ID"]))

    def _message(self, parcel: Parcel) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._sender, parcel.recipient
        message["Subject"] = say("outbox.mail_subject")
        message["Date"] = format_datetime(real_now())
        message["Message-ID"] = f"<{parcel.key}@{self._sender.rpartition('@')[2] or 'anze'}>"
        message.set_content(parcel.text)
        return message

    def _connected(self) -> smtplib.SMTP:
        host, secure = self._url.hostname or "localhost", self._url.scheme
        if secure == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, self._url.port or 465, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, self._url.port or 587, timeout=_SECONDS)
        if secure == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        return server


def _refused(code: int) -> Refused:
    return Refused(Refusal.PERMANENT if code >= _LASTING else Refusal.UNAVAILABLE, str(code))
