"""Plays one conversation against a running stack and compares what was said and what was written."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

import httpx
from sqlalchemy import func, select

from anze.clock import SHANGHAI
from anze.complaints.models import Complaint, ComplaintStatus
from anze.conversations.models import Channel, Conversation, Direction, Message
from anze.db import Database
from anze.hazards.models import Hazard, HazardStatus
from anze.policies.models import Insured
from tests.conversations.grammar import Conversation as Told
from tests.conversations.grammar import Expect, Step
from tests.helpers.rows import Difference, Row, difference, snapshot
from tests.helpers.stack import Stack
from tests.helpers.talk import Reply, Talk

BY_THE_WAY = {
    "messages", "buttons", "turn_effects", "conversations", "files", "audit_head", "complaint_serials",
    "service_serials", "booking_drafts", "service_steps",
}  # fmt: skip
"""Written by nearly every message; `bookkeeping` compares them exactly, so conversations need not name them."""

OPEN_QUESTION = re.compile(
    r"utter_(ask_|complaint_ask_|identity_ask_|booking_ask_|hazard_ask_|complaint_card|booking_card"
    r"|(complaint|booking)_change_what$)"
)
DESK_KINDS = {"complaint_due", "extension", "decision_unread", "duty_round"}
"""Tasks and events about other cases' dates and duties, which the sweep writes whenever the clock moves."""
SECOND_PART = {
    "utter_complaint_filed_no_contact",
    "utter_complaint_status_draft",
    "utter_complaint_too_many",
    "utter_identity_bound",
}
"""These stand beside an answer and belong to it."""

NEVER_SAID = re.compile(r"亲[，,~]|！|[{}]|\bNone\b|您的问题不在|nlu_|utter_")
COLLEAGUE = "supervisor"
SWEEP_SECONDS = 20
QUIET_SECONDS = 7
"""Longer than the time between two sweeps: what would have been done by then is done."""


def moved(now: datetime, by: str) -> datetime:
    """2h10m later; 7d@10:30 is that time of the seventh day from now, in Shanghai."""
    by, _, clock = by.partition("@")
    then = now.astimezone(SHANGHAI) + duration(by)
    return datetime.combine(then, time_of_day.fromisoformat(clock), SHANGHAI) if clock else then


def duration(text: str) -> timedelta:
    """2h10m → 2:10:00"""
    found = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?", text)
    assert found, text
    assert text, "an empty duration"
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def without_the_desk(found: Difference) -> Difference:
    """Without what the sweep did about the dates of cases that wait at the desk, not in this talk."""

    def kept(table: str, rows: list[Row]) -> list[Row]:
        if table == "tasks":
            return [row for row in rows if row["kind"] not in DESK_KINDS]
        if table == "audit_events":
            return [row for row in rows if row["kind"] != "complaint.extension_escalated"]
        if table == "app_state":
            return [row for row in rows if not row["key"].startswith("duty_round:")]
        return [] if table == "complaint_extensions" else rows

    def of(tables: dict[str, list[Row]]) -> dict[str, list[Row]]:
        return {table: left for table, rows in tables.items() if (left := kept(table, rows))}

    return Difference(of(found.added), of(found.changed), of(found.removed))


class Play:
    """One conversation under way."""

    def __init__(self, stack: Stack, database: Database, client: httpx.Client, told: Told, firm: Row) -> None:
        self._stack = stack
        self._database = database
        self._client = client
        self._told = told
        self._firm = firm
        self._pushed = 0
        self._texts: list[str] = []
        self._tokens: dict[str, str] = {}
        self.talk = Talk.visitor(client)

    def run(self) -> None:
        """All steps, then the rows. Fails with the transcript."""
        with self._transcript():
            if self._told.moves_the_clock:
                self._settle_old_drafts()
            self._introduce()
            before = snapshot(self._database)
            for number, step in enumerate(self._told.steps, 1):
                self.talk.transcript.append(f"-- step {number}")
                self._step(step)
            after = snapshot(self._database)
            self._compare(difference(before, after))

    @contextmanager
    def _transcript(self) -> Iterator[None]:
        try:
            yield
        except AssertionError as error:
            raise AssertionError(f"{self._told.name}: {error}\n\n{self.talk.shown()}") from None

    def _settle_old_drafts(self) -> None:
        """What other conversations left unfinished falls due now and not in the middle of this one."""
        if self._drafts():
            self._move("2h1m")
            deadline = time.monotonic() + SWEEP_SECONDS
            while self._drafts():
                assert time.monotonic() < deadline, "old drafts were not handed over"
                time.sleep(0.2)

    def _drafts(self) -> int:
        with self._database.read() as session:
            query = select(func.count()).where(Complaint.status == ComplaintStatus.DRAFT)
            return session.scalar(query) or 0

    def _move(self, by: str) -> None:
        now = datetime.fromisoformat(self.talk.call("GET", "/api/sessions/me").json()["demo"]["now"])
        self._stack.move_clock(moved(now, by).isoformat())

    def _introduce(self) -> None:
        given = self._told.given
        if any(step.desk or step.staff for step in self._told.steps):
            self._login(COLLEAGUE)
        if given.staff:
            self.talk = self._talk_of_staff(given.staff)
        self.talk.known |= {"policy": self._firm["policy"], "phone": self._firm["phone"], "firm": self._firm["firm"]}
        if given.policy and given.phone:
            self.talk.known |= {"policy": given.policy, "phone": given.phone}
        with self._database.read() as session:
            own = select(Hazard.number).join(Insured).where(Insured.name == self._firm["firm"])
            open_one = session.scalar(own.where(Hazard.status == HazardStatus.OPEN).limit(1))
        if open_one is not None:
            self.talk.known["hazard"] = open_one
        if given.bound:
            self.talk.bind(self.talk.known["policy"], self.talk.known["phone"])

    def filled(self, text: str) -> str:
        for name, value in self.talk.known.items():
            text = text.replace(f"{{{name}}}", value)
        for number, said in enumerate(self._texts, 1):
            text = text.replace(f"{{{number}}}", said)
        return text

    def _step(self, step: Step) -> None:
        if step.later is not None:
            self.talk.transcript.append(f"(… {step.later} later)")
            self._move(step.later)
            if not any(s.pushed for s in self._told.steps):
                time.sleep(QUIET_SECONDS)
        elif step.pushed is not None:
            self._await_push(self.filled(step.pushed), step.expect)
        elif step.staff is not None:
            self._staff(step.staff)
        elif step.desk is not None:
            self._desk(self.filled(step.desk), step.send)
        else:
            self._check(self._send(step), step.expect)

    def _send(self, step: Step) -> Reply:
        if step.press is not None:
            self._texts.append(step.press)
            return self.talk.press(self.filled(step.press))
        words = self.filled(step.user or "")
        self._texts.append(words)
        return self.talk.say(words, [self.talk.upload(step.file)] if step.file else [])

    def _await_push(self, pattern: str, expect: Expect) -> None:
        deadline = time.monotonic() + SWEEP_SECONDS
        while True:
            news = self.talk.news()
            self._pushed += len(news)
            if news:
                text = "\n".join(item["text"] for item in news)
                assert re.search(pattern, text), f"pushed something else than {pattern!r}: {text}"
                self._words(text, expect)
                return
            assert time.monotonic() < deadline, f"nothing was pushed, expected {pattern!r}"
            time.sleep(0.2)

    def _login(self, username: str) -> str:
        if username not in self._tokens:
            login = self._client.post("/api/staff/login", json={"username": username, "password": "demo-anze"})
            assert login.status_code == 200, login.text
            self._tokens[username] = str(login.json()["token"])
        return self._tokens[username]

    def _talk_of_staff(self, username: str) -> Talk:
        token = self._login(username)
        with self._database.read() as session:
            own = select(Conversation.id).where(Conversation.channel == Channel.STAFF)
            newest = session.scalars(own.order_by(Conversation.created_at.desc()).limit(1)).one()
        return Talk(self._client, token, newest)

    def _staff(self, what: str) -> None:
        staff = {"Authorization": f"Bearer {self._login(COLLEAGUE)}"}
        path = f"/api/staff/conversations/{self.talk.conversation_id}"
        if what == "back":
            answer = self._client.post(f"{path}/give-back", headers=staff)
        else:
            answer = self._client.post(f"{path}/reply", headers=staff, json={"text": what})
        assert answer.is_success, answer.text

    def _desk(self, path: str, sent: dict[str, Any]) -> None:
        """A colleague who sees the case as it stands and does one thing to it."""
        staff = {"Authorization": f"Bearer {self._login(COLLEAGUE)}"}
        case, _, _ = path.rpartition("/")
        seen = self._client.get(f"/api/staff/{case}", headers=staff)
        assert seen.is_success, seen.text
        version = {"version": seen.json()["version"]} if "version" in seen.json() else {}
        answer = self._client.post(f"/api/staff/{path}", headers=staff, json=version | sent)
        assert answer.is_success, answer.text
        self.talk.transcript.append(f"(at the desk: {path} {sent})")

    def _check(self, reply: Reply, expect: Expect) -> None:
        self._manners(reply, expect)
        assert expect.topic in {None, reply.topic}, f"topic {reply.topic}, not {expect.topic}"
        self._words(reply.text, expect)
        missing = [title for title in map(self.filled, expect.buttons) if title not in reply.buttons]
        assert not missing, f"no button {missing}, only {reply.buttons}"
        missing = [clause for clause in expect.citations if clause not in reply.citations]
        assert not missing, f"no citation of {missing}, only {reply.citations}"
        for name, value in expect.data.items():
            assert self._equals(reply.data.get(name), value), f"data {name} = {reply.data.get(name)!r}, not {value!r}"
        card = {row["label"]: row["value"] for row in reply.data.get("rows", [])}
        for label, value in expect.card.items():
            assert self._equals(card.get(label, ""), value), f"card {label} = {card.get(label)!r}, not {value!r}"
        if expect.table:
            rows = [row for message in reply.messages for row in (message.get("table") or {"rows": []})["rows"]]
            assert len(rows) == len(expect.table), f"{len(rows)} rows, not {len(expect.table)}"
            for row, pattern in zip(rows, expect.table, strict=True):
                assert re.search(self.filled(pattern), " | ".join(row)), f"row {row} is not {pattern!r}"

    def _words(self, text: str, expect: Expect) -> None:
        """Spaces are typography and not compared."""
        said = text.replace(" ", "")
        for pattern in expect.words:
            assert re.search(self.filled(pattern).replace(" ", ""), said), f"not said: {pattern!r}"
        for pattern in expect.not_words:
            assert not re.search(self.filled(pattern).replace(" ", ""), said), f"should not be said: {pattern!r}"

    def _manners(self, reply: Reply, expect: Expect) -> None:
        """What holds for every answer: there is one, it is one, and it is well said."""
        if expect.silent:
            assert not reply.messages, "answered although a person is in the talk"
            return
        assert reply.messages, "no answer"
        for message in reply.messages:
            assert message["text"].strip(), "an empty message"
            assert not (bad := NEVER_SAID.search(message["text"])), f"said {bad and bad[0]!r}: {message['text']}"
        with self._database.read() as session:
            ids = [message["id"] for message in reply.messages]
            names = list(session.scalars(select(Message.response).where(Message.id.in_(ids)).order_by(Message.id)))
        answers = [name for name in names if name not in SECOND_PART and not OPEN_QUESTION.match(name or "")]
        assert len(answers) <= 1, f"two answers to one message: {answers}"
        unsure = [name for name in names if name in {"utter_fallback_ask", "utter_fallback_rephrase"}]
        assert not unsure or len(names) == 1, f"我没太明白 beside something else: {names}"
        assert len(names) - len(answers) <= 2, f"too many messages: {names}"

    def _equals(self, found: Any, wanted: Any) -> bool:
        if isinstance(wanted, str):
            wanted = self.filled(wanted)
            if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
                return re.search(wanted[1:-1], str(found)) is not None
            if wanted == "{person}":
                return found is not None
        if isinstance(found, datetime):
            return bool(found == wanted)
        if isinstance(found, date):
            return found.isoformat() == str(wanted)
        return bool(found == wanted)

    def _compare(self, found: Difference) -> None:
        if self._told.moves_the_clock:
            found = without_the_desk(found)
        assert found.removed.keys() <= {"slot_claims"}, f"rows were removed: {found.removed}"
        inbound = [row for row in found.added.get("messages", []) if row["direction"] == Direction.IN]
        self._bookkeeping(found, inbound)
        for wanted, rows, how in (
            (self._told.rows.added, found.added, "added"),
            (self._told.rows.changed, found.changed, "changed"),
            (self._told.rows.removed, found.removed, "removed"),
        ):
            tables = (rows.keys() | wanted.keys()) - (BY_THE_WAY - wanted.keys())
            for table in sorted(tables):
                if (expected := wanted.get(table, [])) != "any":
                    self._table(f"{how} in {table}", rows.get(table, []), expected, inbound)

    def _table(self, where: str, rows: list[Row], wanted: list[dict[str, Any]], inbound: list[Row]) -> None:
        shown = "\n".join(str(row) for row in rows)
        assert len(rows) == len(wanted), f"{len(rows)} rows {where}, not {len(wanted)}:\n{shown}"
        for row, values in zip(rows, wanted, strict=True):
            for column, value in values.items():
                expected = value
                if isinstance(value, str) and (at := re.fullmatch(r"\{at(\d+)\}", value)):
                    expected = inbound[int(at[1]) - 1]["at"]
                assert self._equals(row[column], expected), f"{where}: {column} = {row[column]!r}, not {expected!r}"

    def _bookkeeping(self, found: Difference, inbound: list[Row]) -> None:
        """Messages, buttons, files, effects of turns, numbers and the chain's head: exactly those of this talk."""
        mine = self.talk.conversation_id
        messages = found.added.get("messages", [])
        pushed = [row for row in messages if row["conversation_id"] != mine]
        assert self._told.moves_the_clock or not pushed, "messages in another conversation"
        assert all(row["pushed"] for row in pushed), "another conversation was answered"
        messages = [row for row in messages if row not in pushed]
        assert len(inbound) == self.talk.sent, f"{len(inbound)} messages stored, {self.talk.sent} sent"
        assert all(row["status"] == "done" for row in inbound), "a message without an answer"
        heard = {item["id"] for item in self.talk.call("GET", "/api/messages").json()["items"]}
        assert {row["id"] for row in messages} <= heard, "messages were stored that nobody can read"
        told = {row["id"] for row in pushed}
        mine_only = [row for row in found.added.get("buttons", []) if row["message_id"] not in told]
        assert {row["conversation_id"] for row in mine_only} <= {mine}
        assert {row["conversation_id"] for row in found.changed.get("buttons", [])} <= {mine}
        others = {row["conversation_id"] for row in pushed}
        changed = [row for row in found.changed.get("conversations", []) if row["id"] not in others]
        assert [row["id"] for row in changed] in ([], [mine]), "another conversation was changed"
        assert all(row["turn_owner"] is None for row in changed), "a turn is still held"
        turns = {row["turn_id"] for row in inbound}
        assert {row["turn_id"] for row in found.added.get("turn_effects", [])} <= turns
        files = sum(1 for step in self._told.steps if step.file)
        assert len(found.added.get("files", [])) == files
        events = len(found.added.get("audit_events", []))
        assert len(found.changed.get("audit_head", [])) == (1 if events else 0), (
            "the chain's head and its events differ"
        )
        serials = found.added.get("complaint_serials", []) + found.changed.get("complaint_serials", [])
        new = [row for row in found.added.get("complaints", []) if row["number"]]
        assert len(serials) <= (1 if new else 0), f"numbers were used up: {serials}"
        newest = max((row["number"] for row in new), default=None)
        assert newest is None or int(newest[-3:]) == serials[0]["last"], "the number is not the day's last"


def shanghai(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")
