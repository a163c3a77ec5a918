"""`anze wechat`: the menu is published, a code is made, a message is put into the outbox; refusals in one line."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import func, select

from anze.bookings.models import Service
from anze.channels.models import OutboxMessage
from anze.channels.wechat import arriving
from anze.conversations.turns import real_now
from anze.db import Database, make_engine
from anze.plans.models import PlanParty
from anze.policies.models import Policy
from anze.settings import Settings
from tests.cli.conftest import Anze, answer, refused
from tests.helpers.stack import free_port
from tools.wechat_simulator import Platform, build


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A simulated platform, and the settings of an account there."""
    made, port = Platform("", "token123", "wxtest", "secret"), free_port()
    server = uvicorn.Server(uvicorn.Config(build(made), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    for name, value in (
        ("TOKEN", made.token), ("APPID", made.appid), ("SECRET", made.secret), ("API_BASE", f"http://127.0.0.1:{port}"),
    ):  # fmt: skip
        monkeypatch.setenv(f"WECHAT_{name}", value)
    yield made
    server.should_exit = True
    thread.join(10)


def test_the_menu_is_published(anze: Anze, demo: Path, platform: Platform) -> None:
    tried = answer(anze("wechat", "menu", "--dry-run", "--json"))
    assert platform.menus == []
    assert answer(anze("wechat", "menu", "--json")) == tried
    assert platform.menus == [tried]
    names = [top["name"] for top in tried["button"]]
    assert names == ["投诉", "服务", "我的"]
    entries = [entry for top in tried["button"] for entry in top["sub_button"]]
    assert {"type": "click", "name": "我要投诉", "key": "complaint_file"} in entries
    assert all(len(entry["name"].encode()) <= 40 for entry in entries)


def test_a_code_for_a_policy(anze: Anze, demo: Path, platform: Platform) -> None:
    made = answer(anze("wechat", "qr", "az2026000001", "--json"))
    assert platform.qr_scenes == ["policy:AZ2026000001"]
    assert "showqrcode?ticket=" in made["picture"]
    refused(anze("wechat", "qr", "AZ1"), "没有这张保单")
    database = Database(make_engine(Settings().database))
    with database.read() as session:
        service, policy = session.execute(select(Service.number, Policy.number).join(Policy).limit(1)).one()
        plans = session.execute(
            select(PlanParty.plan_id, func.min(Policy.number), func.count(Policy.id.distinct()))
            .join(Policy, Policy.id == PlanParty.policy_id)
            .group_by(PlanParty.plan_id)
        ).all()
    database.dispose()
    assert answer(anze("wechat", "qr", service, "--json"))["policy"] == policy
    assert plans
    for plan, number, count in plans:
        printed = anze("wechat", "qr", f"FA{plan:08d}", "--json")
        if count == 1:
            assert answer(printed)["policy"] == number
        else:
            refused(printed, "几张保单")
    for wrong in ("FA", "FA99999999", "FW1", "FAx"):
        refused(anze("wechat", "qr", wrong), "没有这张保单")
    platform.faults["qr"].append(45009)
    refused(anze("wechat", "qr", "AZ2026000001"), "wechat_45009")


def test_a_message_by_hand(anze: Anze, demo: Path, platform: Platform) -> None:
    refused(anze("wechat", "push", "oNobody", "您好"), "没有这个关注者")
    assert demo.is_dir()
    database = Database(make_engine(Settings().database))
    with database.write() as session:
        arriving.user_of(session, "oSomebody", real_now())
    answer(anze("wechat", "push", "oSomebody", "您好，材料收到了", "--json"))
    with database.read() as session:
        row = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == "oSomebody")).one()
    database.dispose()
    assert (row.channel, row.state, row.text) == ("wechat", "queued", "您好，材料收到了")


def test_wrong_settings_are_said_in_one_line(anze: Anze, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(anze("wechat", "menu"), "没有设置微信公众号")
    for name, value, says in (
        ("TOKEN", "no", "WECHAT_TOKEN"), ("TOKEN", "token123", "WECHAT_APPID"), ("APPID", "wxtest", "没有设置"),
        ("AES_KEY", "short", "WECHAT_AES_KEY"), ("API_BASE", "http://example.com", "WECHAT_API_BASE"),
    ):  # fmt: skip
        monkeypatch.setenv(f"WECHAT_{name}", value)
        refused(anze("wechat", "menu"), says)
    monkeypatch.delenv("WECHAT_API_BASE")
    refused(anze("serve"), "WECHAT_AES_KEY")
    monkeypatch.delenv("WECHAT_AES_KEY")
    monkeypatch.setenv("WECHAT_SECRET", "secret")
    monkeypatch.setenv("WECHAT_TEMPLATE", "only-an-id")
    refused(anze("wechat", "menu"), "WECHAT_TEMPLATE")
