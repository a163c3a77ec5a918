"""Everything an operator can set: environment variables, listed in docs/settings.md."""

import re
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The project's folder; knowledge/, bot/, data/ and models/ are read from here."""


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def is_safe(url: str) -> bool:
    """Whether what is sent to an address cannot be read on its way: https, or this very machine."""
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        return False
    return (scheme == "https" and bool(host)) or (scheme == "http" and host in {"127.0.0.1", "::1", "localhost"})


class Settings(BaseSettings):
    """Read once at start and passed on; nothing else in the program reads the environment."""

    model_config = SettingsConfigDict(env_prefix="ANZE_", extra="ignore", frozen=True, populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = 8000
    data: Path = ROOT / "var"
    audit_heads: Path | None = None
    """The folder outside the database to which the audit chain's heads are exported; empty: one in the data folder"""
    now: str | None = None
    """ISO instant at which the application's clock starts; demo database only."""
    demo: bool = False
    """Set by `anze serve --demo`; a demo login works on a database marked as demo and nowhere else."""
    public_url: str = "http://127.0.0.1:8000"
    """The address under which people open the page; in links that leave the application."""
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    rasa_url: str | None = None
    """A Rasa that somebody else runs; empty: `anze serve` starts and watches one of its own."""
    engine_secret: str | None = None
    """Shared by anze and Rasa; empty: a random one for each start."""
    turn_timeout_seconds: float = 8.0
    staff_idle_minutes: int = Field(default=120, ge=1, le=720)
    """A staff session that is not used for so long ends; twelve hours end any."""
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = None
    oidc_issuer: str | None = Field(default=None, validate_default=True)
    """Staff may sign in by this OpenID Connect issuer; empty: by password only. The three go together."""
    oidc_claim: str = "preferred_username"
    """The claim of the ID token that is a staff member's user name here"""
    sms_url: str | None = None
    """The SMS gateway's address; empty: a demo keeps the messages, elsewhere they go by the next channel"""
    sms_key: str | None = None
    """Signs what goes to the gateway, and proves what comes back from it"""
    smtp_url: str | None = None
    """smtp://user:password@host:port, smtp+starttls:// or smtps://"""
    mail_from: str | None = None
    wechat_token: str | None = Field(default=None, validation_alias="WECHAT_TOKEN")
    """Of the Official Account's server configuration; empty: no WeChat"""
    wechat_appid: str | None = Field(default=None, validation_alias="WECHAT_APPID")
    wechat_secret: str | None = Field(default=None, validation_alias="WECHAT_SECRET")
    wechat_aes_key: str | None = Field(default=None, validation_alias="WECHAT_AES_KEY")
    """EncodingAESKey; empty: the plain mode"""
    wechat_aes_key_before: str | None = Field(default=None, validation_alias="WECHAT_AES_KEY_BEFORE")
    """The one that counted until it was changed: the platform may use it for a while"""
    wechat_api_base: str = Field(default="https://api.weixin.qq.com", validation_alias="WECHAT_API_BASE")
    wechat_open_base: str = Field(default="https://open.weixin.qq.com", validation_alias="WECHAT_OPEN_BASE")
    """Where a browser is sent to say who it is"""
    wechat_mp_base: str = Field(default="https://mp.weixin.qq.com", validation_alias="WECHAT_MP_BASE")
    """Where the pictures of QR codes are"""
    wechat_push: bool = Field(default=True, validation_alias="WECHAT_PUSH")
    """Whether the account has the right to customer-service messages and OAuth; unverified ones have not"""
    wechat_template: str | None = Field(default=None, validation_alias="WECHAT_TEMPLATE")
    """ID:field[,time_field] of the template message that is sent when 48 hours have passed"""
    embed_sites: str = ""
    """Origins that may show the page in a frame, separated by blanks"""
    upload_limit_bytes: int = 10 * 1024 * 1024
    import_limit_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """A file of policies, firms or services that an administrator brings"""
    log_level: str = "INFO"

    @field_validator("oidc_issuer")
    @classmethod
    def _whole_and_safe(cls, value: str | None, info: ValidationInfo) -> str | None:
        given = {bool(info.data.get(name)) for name in ("oidc_client_id", "oidc_client_secret")} | {bool(value)}
        if len(given) > 1:
            raise ValueError("ANZE_OIDC_ISSUER, ANZE_OIDC_CLIENT_ID, ANZE_OIDC_CLIENT_SECRET: all three or none")
        if value and not is_safe(value):
            raise ValueError("https://")
        return value or None

    @field_validator("wechat_api_base", "wechat_open_base", "wechat_mp_base")
    @classmethod
    def _platform_is_safe(cls, value: str) -> str:
        if not is_safe(value):
            raise ValueError("https://")
        return value

    @field_validator("embed_sites")
    @classmethod
    def _whole_origins(cls, value: str) -> str:
        if not all(_ORIGIN.fullmatch(site) for site in value.split()):
            raise ValueError("https://site.example https://other.example")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_scheme(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme not in {"smtp", "smtp+starttls", "smtps"}:
            raise ValueError("smtp://, smtp+starttls:// or smtps://")
        return value

    @property
    def files(self) -> Path:
        """Where uploads lie."""
        return self.data / "files"

    @property
    def heads_file(self) -> Path:
        """The file of the audit chain's exported heads."""
        return (self.audit_heads or self.data / "audit-heads") / "heads.jsonl"

    @field_validator("data", "audit_heads")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().resolve() if value else None

    @cached_property
    def database(self) -> str:
        """SQLAlchemy URL of the service database; SQLite in the data folder unless DATABASE_URL says otherwise."""
        url = self.database_url or f"sqlite:///{self.data / 'anze.db'}"
        return url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def knowledge(self) -> Path:
        return ROOT / "knowledge"
