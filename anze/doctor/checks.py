"""What can be wrong with an installation, one function a part. Each looks at the real thing and changes nothing."""

import platform
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from anze import engine, migrate, models
from anze.calendar.data import CalendarStore, HolidayFileError
from anze.calendar.rules import WARN_BELOW
from anze.clock import legal_date
from anze.db import Database, make_engine
from anze.demo.load import is_demo
from anze.errors import DomainError
from anze.letters.content import FORMS
from anze.letters.form import example
from anze.letters.making import make
from anze.letters.template import Templates
from anze.obligations.proving import prove
from anze.plans.document import PLAN
from anze.regulators.letter import REPORT
from anze.settings import ROOT, Settings
from anze.standard.editions import read_editions
from anze.texts import text as say

UV = ROOT / ".tools" / "bin" / "uv"
ENVIRONMENTS = {"environment": ROOT, "bot_environment": ROOT / "bot"}

_TABLES = models.Base.metadata


class State(StrEnum):
    """`warning`: works, and somebody should do something soon."""

    WELL = "well"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One part. `note` is a key of texts/doctor.yml, `fields` fill it and are the facts for a program."""

    part: str
    state: State
    note: str
    fields: dict[str, Any] = field(default_factory=dict)


def well(part: str, note: str, **fields: Any) -> Finding:
    return Finding(part, State.WELL, note, fields)


def wrong(part: str, note: str, **fields: Any) -> Finding:
    return Finding(part, State.WRONG, note, fields)


class Doctor:
    """Examines one installation."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._settings = settings
        self._now = now

    def findings(self) -> Iterator[Finding]:
        """Every part, in the order in which a start would need it."""
        parts: list[Callable[[], Finding]] = [
            self.python,
            self.bot_python,
            *(lambda part=part: self.environment(part) for part in ENVIRONMENTS),
            self.telemetry,
            self.model,
            self.knowledge,
            self.calendar,
            self.letters,
            self.data,
            self.database,
            self.channels,
            self.port,
        ]
        for examine in parts:
            yield examine()

    def python(self) -> Finding:
        return well("python", "python", version=platform.python_version())

    @cached_property
    def _bot(self) -> dict[str, Any] | str:
        try:
            return engine.inspect()
        except engine.EngineMissingError as error:
            return str(error)

    def bot_python(self) -> Finding:
        if isinstance(self._bot, str):
            return wrong("bot_python", "bot_missing", why=self._bot)
        return well("bot_python", "bot_python", version=self._bot["python"], rasa=self._bot["rasa"])

    def environment(self, part: str) -> Finding:
        """Whether what is installed is what the lock says."""
        if not UV.exists():
            return Finding(part, State.WARNING, "no_uv")
        done = subprocess.run(  # noqa: S603 - our own uv
            [UV, "sync", "--locked", "--inexact", "--check", "--offline"],
            cwd=ENVIRONMENTS[part],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return wrong(part, "not_as_locked") if done.returncode else well(part, "as_locked")

    def telemetry(self) -> Finding:
        """Asked of Rasa itself, loaded as every entry loads it."""
        if isinstance(self._bot, str):
            return wrong("telemetry", "telemetry_unknown")
        return wrong("telemetry", "telemetry_on") if self._bot["telemetry"] else well("telemetry", "telemetry_off")

    def model(self) -> Finding:
        zh = self._bot["zh"] if isinstance(self._bot, dict) else None
        if self._settings.rasa_url is not None:
            return well("model", "model_elsewhere", url=self._settings.rasa_url)
        try:
            why = engine.stale()
        except engine.EngineMissingError as error:
            return wrong("model", "bot_missing", why=str(error))
        card = engine.card() or {}
        facts = {"trained_with": card.get("zh"), "environment_has": zh, "trained_at": card.get("trained_at")}
        if not engine.MODEL.exists():
            return wrong("model", "model_missing", **facts)
        return wrong("model", "model_stale", why=why, **facts) if why else well("model", "model", **facts)

    def knowledge(self) -> Finding:
        """The loader checks every file; a fault names file, line and reason."""
        try:
            here = read_editions(self._settings.knowledge, self._settings.data, lambda: legal_date(self._now), prove)
        except Exception as error:  # whatever is wrong with the files is the finding
            return wrong("knowledge", "knowledge_bad", why=str(error).split("\n", 1)[0])
        if here.broken:
            return wrong("knowledge", "knowledge_left_out", why=here.broken[0].split("\n", 1)[0])
        known = here.on(here.today())
        note = "knowledge" if known.edition.is_final else "knowledge_draft"
        coming = [other for other in here.by_key.values() if (other.edition.in_force_from or date.min) > here.today()]
        if coming:
            after = coming[0].edition
            return well("knowledge", f"{note}_coming", edition=known.edition.key, next=after.key,
                        day=str(after.in_force_from))  # fmt: skip
        return well("knowledge", note, edition=known.edition.key)

    def calendar(self) -> Finding:
        try:
            calendar = CalendarStore(self._settings.knowledge, self._settings.data).calendar()
        except HolidayFileError as error:
            return wrong("calendar", "calendar_bad", why=str(error))
        days = calendar.cover_from(legal_date(self._now))
        facts = {"days": days, "year": max(calendar.tables), "limit": WARN_BELOW}
        if days < WARN_BELOW:
            return Finding("calendar", State.WARNING, "calendar_short", facts)
        return well("calendar", "calendar", **facts)

    def letters(self) -> Finding:
        """Every template, filled and drawn: a broken one is found before a clerk needs it."""
        templates = Templates(self._settings.knowledge, self._settings.data)
        for form in (*FORMS.values(), REPORT, PLAN):
            try:
                make(example(form), templates.of(form.name))
            except DomainError as error:
                return wrong("letters", "letters_bad", why=error.detail)
        return well("letters", "letters", own="、".join(templates.own()) or say("doctor.note.letters_shipped"))

    def data(self) -> Finding:
        folder = self._settings.data
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".doctor"
            probe.touch()
            probe.unlink()
        except OSError:
            return wrong("data", "data_unwritable", folder=str(folder))
        return well("data", "data", folder=str(folder))

    def database(self) -> Finding:
        if self._settings.database_url is None and not (self._settings.data / "anze.db").exists():
            return Finding("database", State.WARNING, "database_none")
        try:
            database = Database(make_engine(self._settings.database))
        except (SQLAlchemyError, ImportError):
            return wrong("database", "database_unreachable")
        try:
            revision = migrate.current(database.engine)
            if revision != migrate.head():
                return wrong("database", "database_old", revision=revision, needed=migrate.head())
            with database.read() as session:
                demo = is_demo(session)
            note = "database_demo" if demo else "database"
            return well("database", note, kind=database.engine.dialect.name, revision=revision, demo=demo)
        except SQLAlchemyError:
            return wrong("database", "database_unreachable")
        finally:
            database.dispose()

    def channels(self) -> Finding:
        """Ways out of the house: an address without its key or sender cannot be used."""
        here = self._settings
        pairs = {"ANZE_SMS_URL": (here.sms_url, "ANZE_SMS_KEY", here.sms_key),
                 "ANZE_SMTP_URL": (here.smtp_url, "ANZE_MAIL_FROM", here.mail_from)}  # fmt: skip
        half = [other for url, other, value in pairs.values() if url and not value]
        if half:
            return wrong("channels", "channels_half", missing="、".join(half))
        if missing := [name for name, (url, _, _) in pairs.items() if not url]:
            return Finding("channels", State.WARNING, "channels_missing", {"missing": "、".join(missing)})
        return well("channels", "channels")

    def port(self) -> Finding:
        """Free, or taken by anze itself."""
        host, port = self._settings.host, self._settings.port
        try:
            answer = httpx.get(f"http://{host}:{port}/readyz", timeout=3, trust_env=False)
            parts = answer.json()["parts"]
        except httpx.TransportError:
            return self._free(host, port)
        except (ValueError, KeyError, TypeError):
            return wrong("port", "port_taken", host=host, port=port)
        behind = [name for name, part in parts.items() if not part["ready"]]
        if behind:
            return wrong("port", "running_not_ready", host=host, port=port, parts="、".join(behind))
        return well("port", "running", host=host, port=port)

    def _free(self, host: str, port: int) -> Finding:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return wrong("port", "port_taken", host=host, port=port)
        return well("port", "port_free", host=host, port=port)
