"""The doctor names the ways out of the house that are not set up."""

from typing import Any

import pytest

from anze.doctor.checks import Doctor, State
from anze.settings import Settings
from tests.helpers.reminding import shanghai

SMS = {"sms_url": "https://sms.example/send", "sms_key": "k"}
MAIL = {"smtp_url": "smtps://mail.example", "mail_from": "a@b.example"}


@pytest.mark.parametrize(
    ("given", "state", "missing"),
    [
        ({}, State.WARNING, "ANZE_SMS_URL、ANZE_SMTP_URL"),
        (SMS, State.WARNING, "ANZE_SMTP_URL"),
        (SMS | {"sms_key": None}, State.WRONG, "ANZE_SMS_KEY"),
        (SMS | MAIL | {"mail_from": None}, State.WRONG, "ANZE_MAIL_FROM"),
        (SMS | MAIL, State.WELL, None),
    ],
)
def test_channels(given: dict[str, Any], state: State, missing: str | None) -> None:
    found = Doctor(Settings(**given), shanghai("2026-11-23 10:00")).channels()
    assert (found.state, found.fields.get("missing")) == (state, missing)


def test_a_mail_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="smtp"):
        Settings(smtp_url="http://mail.example")
