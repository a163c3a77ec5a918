"""The settings of one Official Account (公众号), checked."""

import re
from dataclasses import dataclass

from anze.channels.wechat.crypto import Keys, key_of
from anze.settings import Settings

_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_APPID = re.compile(r"[A-Za-z0-9_]{3,40}")
_TEMPLATE = re.compile(r"[A-Za-z0-9_-]{1,80}:[a-z_]+[0-9]*(,[a-z_]+[0-9]*)?")


@dataclass(frozen=True)
class Template:
    """A message outside the window: its id, the field that takes our words, and the field that takes the time."""

    id: str
    words: str
    time: str | None


@dataclass(frozen=True)
class Account:
    """`keys` None: plain mode. `may_push`: the account has the right to customer-service messages."""

    token: str
    appid: str
    secret: str
    api_base: str
    open_base: str
    mp_base: str
    keys: Keys | None
    may_push: bool
    template: Template | None
    public_url: str

    @property
    def enter_url(self) -> str:
        """Opens the page with the reader's own talk, inside WeChat; without the right to OAuth, the plain page."""
        return f"{self.public_url}/channels/wechat/enter" if self.may_push else self.public_url


def account_of(settings: Settings) -> Account | None:
    """None: this installation has no account. Raises ValueError with the setting that is wrong."""
    if not settings.wechat_token:
        return None
    if not _TOKEN.fullmatch(settings.wechat_token):
        raise ValueError("WECHAT_TOKEN: 3-32 letters and digits")
    if not settings.wechat_appid or not _APPID.fullmatch(settings.wechat_appid):
        raise ValueError("WECHAT_APPID")
    return Account(
        token=settings.wechat_token, appid=settings.wechat_appid, secret=settings.wechat_secret or "",
        api_base=settings.wechat_api_base.rstrip("/"), open_base=settings.wechat_open_base.rstrip("/"),
        mp_base=settings.wechat_mp_base.rstrip("/"), keys=_keys(settings, settings.wechat_appid),
        may_push=settings.wechat_push and bool(settings.wechat_secret), template=_template(settings.wechat_template),
        public_url=settings.public_url.rstrip("/"),
    )  # fmt: skip


def _keys(settings: Settings, appid: str) -> Keys | None:
    given = [settings.wechat_aes_key, settings.wechat_aes_key_before]
    if not given[0]:
        return None
    try:
        return Keys(appid, tuple(key_of(key) for key in given if key))
    except ValueError as error:
        raise ValueError(f"WECHAT_AES_KEY: {error}") from error


def _template(setting: str | None) -> Template | None:
    if not setting:
        return None
    if not _TEMPLATE.fullmatch(setting):
        raise ValueError("WECHAT_TEMPLATE: ID:field or ID:field,time_field")
    id_, _, fields = setting.partition(":")
    words, _, time = fields.partition(",")
    return Template(id_, words, time or None)
