"""The account's menu (自定义菜单) out of knowledge/wechat_menu.yml."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from anze.channels.wechat.account import Account
from anze.settings import ROOT

_FILE = ROOT / "knowledge" / "wechat_menu.yml"
_TOP_BYTES, _SUB_BYTES = 16, 40


class Entry(BaseModel):
    """One thing to press: a meaning, or the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    intent: str | None = None
    page: bool = False

    @model_validator(mode="after")
    def _one_thing(self) -> "Entry":
        if bool(self.intent) == self.page:
            raise ValueError(f"{self.name}: intent or page")
        if len(self.name.encode()) > _SUB_BYTES:
            raise ValueError(f"{self.name}: {_SUB_BYTES} bytes")
        return self


class Top(BaseModel):
    """One of the three entries at the bottom."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1)]
    below: Annotated[tuple[Entry, ...], Field(min_length=1, max_length=5)]

    @model_validator(mode="after")
    def _short(self) -> "Top":
        if len(self.name.encode()) > _TOP_BYTES:
            raise ValueError(f"{self.name}: {_TOP_BYTES} bytes")
        return self


class Menu(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    entries: Annotated[tuple[Top, ...], Field(min_length=1, max_length=3)]

    def named(self, key: str) -> Entry | None:
        """The entry whose key the platform names."""
        return next((entry for top in self.entries for entry in top.below if entry.intent == key), None)

    def body(self, account: Account) -> dict[str, Any]:
        """As the platform wants it (/cgi-bin/menu/create)."""
        return {"button": [
            {"name": top.name, "sub_button": [_button(entry, account) for entry in top.below]} for top in self.entries
        ]}  # fmt: skip


def _button(entry: Entry, account: Account) -> dict[str, str]:
    if entry.intent is None:
        return {"type": "view", "name": entry.name, "url": account.enter_url}
    return {"type": "click", "name": entry.name, "key": entry.intent}


@cache
def load_menu(file: Path = _FILE) -> Menu:
    """Raises ValueError for a menu that the platform would refuse."""
    return Menu.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
