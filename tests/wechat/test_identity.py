"""Who a follower is: scanning, binding in the talk, several firms, the page inside WeChat, one talk on two channels."""

import asyncio
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
from sqlalchemy import select

from anze.conversations.models import Conversation, Message
from anze.policies.models import Policy
from anze.serve.sweep import sweep
from tests.helpers.gateway import Caller
from tests.helpers.reminding import World
from tests.wechat.conftest import OPENID, WeChat
from tests.wechat.test_push import POLICY, bind


async def test_who_follows_is_welcomed_and_told_what_to_do(demo_wechat: WeChat) -> None:
    done = await demo_wechat.event("subscribe")
    assert str(done.text).startswith("您好")
    assert "5 绑定保单" in str(done.text)
    await demo_wechat.say("5")
    assert demo_wechat.gateway.rasa.turns[-1]["intent"] == "identity_bind"
    again = await demo_wechat.event("subscribe")
    assert again.text, "followed once more later"


async def test_a_printed_code_fills_the_policy_and_proves_nothing(demo_wechat: WeChat) -> None:
    for name, key in (("subscribe", f"qrscene_policy:{POLICY}"), ("SCAN", f"policy:{POLICY}")):
        await demo_wechat.event(name, key, openid=f"o{name}")
        turn = demo_wechat.gateway.rasa.turns[-1]
        assert turn["intent"] == "identity_bind"
        assert POLICY in turn["text"]
        with demo_wechat.gateway.db.read() as session:
            talk = session.get_one(Conversation, demo_wechat.user(f"o{name}").conversation_id)
            assert talk.person_id is None
    turns = len(demo_wechat.gateway.rasa.turns)
    for key in ("policy:AZ9999999999", "policy:", "other", "' OR 1=1"):
        assert (await demo_wechat.event("SCAN", key)).statuses == [200]
    assert len(demo_wechat.gateway.rasa.turns) == turns


async def test_somebody_of_the_firm_who_scans_goes_on_for_it(demo_wechat: WeChat) -> None:
    await demo_wechat.say("你好")
    await bind(demo_wechat)
    done = await demo_wechat.event("SCAN", f"policy:{POLICY}")
    with demo_wechat.gateway.db.read() as session:
        policy = session.scalars(select(Policy).where(Policy.number == POLICY)).one()
        talk = session.get_one(Conversation, demo_wechat.user().conversation_id)
        assert talk.acting_for_id in {one.id for one in policy.insureds}
        assert policy.insureds[0].name in str(done.text)


async def test_the_menu_means_what_its_entries_say(demo_wechat: WeChat) -> None:
    await demo_wechat.event("CLICK", "complaint_file")
    assert demo_wechat.gateway.rasa.turns[-1]["intent"] == "complaint_file"
    turns = len(demo_wechat.gateway.rasa.turns)
    for key in ("complaint_decide", "/restart", "", "identity_unbind_confirm"):
        await demo_wechat.event("CLICK", key)
    assert len(demo_wechat.gateway.rasa.turns) == turns, "only what the menu has"
    assert (await demo_wechat.event("VIEW", "https://x")).text is None


async def test_a_click_twice_in_one_second_is_two_and_a_repeat_is_one(demo_wechat: WeChat) -> None:
    xml = demo_wechat.platform.xml(OPENID, "event", Event="CLICK", EventKey="complaint_file", CreateTime=1764000000)
    other = demo_wechat.platform.xml(OPENID, "event", Event="CLICK", EventKey="status_due", CreateTime=1764000000)
    await asyncio.gather(*(demo_wechat.platform.deliver(demo_wechat.client, one) for one in (xml, xml, other)))
    assert sorted(turn["intent"] for turn in demo_wechat.gateway.rasa.turns) == ["complaint_file", "status_due"]


class Browser:
    """Opens pages inside WeChat."""

    def __init__(self, wechat: WeChat, openid: str) -> None:
        self.wechat = wechat
        self.base = wechat.webhook.removesuffix("/channels/wechat")
        self.cookies = {"openid": openid}
        self.state: dict[str, str] = {}

    async def get(self, url: str, cookies: dict[str, str] | None = None) -> httpx.Response:
        """With these cookies and no others."""
        self.wechat.client.cookies.clear()
        kept = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
        return await self.wechat.client.get(url, headers={"Cookie": kept} if kept else {})

    async def begin(self) -> str:
        """The address at the platform to which we are sent."""
        answer = await self.get(f"{self.base}/channels/wechat/enter")
        assert answer.status_code == 302
        cookie = SimpleCookie(answer.headers["set-cookie"])["anze-wechat-state"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "lax")
        self.state = {"anze-wechat-state": cookie.value}
        location = str(answer.headers["location"])
        assert location.endswith("#wechat_redirect")
        return location

    async def callback(self, location: str) -> str:
        """Where the platform sends us back to."""
        answer = await self.get(location, self.cookies)
        found = urlsplit(answer.headers["location"])
        return f"{self.base}{found.path}?{found.query}"

    async def finish(self, callback: str, state: dict[str, str] | None = None) -> str:
        kept = self.state if state is None else state
        answer = await self.get(callback, kept)
        assert answer.status_code == 302
        return str(answer.headers["location"])

    async def use(self, fragment: str) -> httpx.Response:
        ticket = fragment.removeprefix("/enter/#")
        return await self.wechat.client.post(f"{self.base}/api/sessions/enter", json={"ticket": ticket})


async def test_the_page_inside_wechat_goes_on_with_the_talk(demo_wechat: WeChat) -> None:
    await demo_wechat.say("我要投诉")
    browser = Browser(demo_wechat, OPENID)
    location = await browser.begin()
    asked = parse_qs(urlsplit(location).query)
    assert asked["scope"] == ["snsapi_base"]
    assert asked["state"][0].isalnum()
    fragment = await browser.finish(await browser.callback(location))
    answer = await browser.use(fragment)
    assert answer.status_code == 201
    caller = Caller(demo_wechat.gateway, answer.json()["token"], answer.json()["conversation_id"])
    assert [item["text"] for item in await caller.history()] == ["我要投诉", "答：我要投诉"]
    await caller.say("在网页上接着说")
    await demo_wechat.deliver()
    assert demo_wechat.platform.pushed == {}, "what was asked on the page is answered there"
    with demo_wechat.gateway.db.read() as session:
        talks = set(session.scalars(select(Message.conversation_id).where(Message.text == "在网页上接着说")))
        assert talks == {demo_wechat.user().conversation_id}
    again = await browser.use(fragment)
    assert (again.status_code, again.json()["code"]) == (422, "ticket_used")


async def test_another_browser_cannot_take_the_way_of_this_one(demo_wechat: WeChat) -> None:
    await demo_wechat.say("你好")
    mine, theirs = Browser(demo_wechat, OPENID), Browser(demo_wechat, "oAttacker")
    callback = await theirs.callback(await theirs.begin())
    await mine.begin()
    assert await mine.finish(callback) == "/", "a code of another's browser, slipped to me"
    assert await mine.finish(callback, {}) == "/"
    own = await mine.callback(await mine.begin())
    assert (await mine.finish(own)).startswith("/enter/#")
    assert await mine.finish(own) == "/", "a code works once"
    forged = own.split("?")[0] + f"?code=made-up&state={mine.state['anze-wechat-state']}&openid={OPENID}"
    assert await mine.finish(forged) == "/"
    demo_wechat.platform.faults["oauth"].append(500)
    assert await mine.finish(await mine.callback(await mine.begin())) == "/"


async def test_somebody_who_never_wrote_can_enter_first(demo_wechat: WeChat) -> None:
    browser = Browser(demo_wechat, "oFirstByPage")
    fragment = await browser.finish(await browser.callback(await browser.begin()))
    assert (await browser.use(fragment)).status_code == 201
    assert (await demo_wechat.say("你好", "oFirstByPage")).text == "答：你好"


async def test_a_reminder_reaches_the_talk_in_which_the_person_is_and_no_other(wechat: WeChat) -> None:
    """Bound in WeChat: what falls due is said there and pushed, without a text message beside it."""
    await wechat.say("你好")
    await wechat.say("你好", "oStranger")
    services = wechat.gateway.services
    world = World(wechat.gateway.db, services.clock)
    firm = world.firm(seen=world.now)
    world.change(Conversation, wechat.user().conversation_id, person_id=firm.person_id)
    service = world.service(firm, world.now + timedelta(days=2))
    world.plan("booking_visit", f"service:{service}", (world.now + timedelta(days=2)).date(), firm.insured)
    world.to("2026-11-24 09:30")
    await sweep(services)
    await wechat.deliver()
    assert len(wechat.platform.pushed[OPENID]) == 1
    assert "2026-11-25" in wechat.platform.pushed[OPENID][0]
    assert "oStranger" not in wechat.platform.pushed
    assert world.said(firm.conversation_id) == [], "nor in the web talk"
    assert [row.channel for row in world.outbox()] == ["wechat"] * 3
    await wechat.event("unsubscribe")
    world.to("2026-11-25 08:30")
    await sweep(services)
    assert len(world.said(firm.conversation_id)) == 1, "who left WeChat is told on the page again"
