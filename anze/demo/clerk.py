"""What was done with one complaint at the desk, step by step: rows, notices, dates and events as the use cases leave
them (anze/complaints/handling.py and its neighbours).

Not by the use cases themselves: they number rows and events as they run, so that all steps and the sweeps of two years
would have to run in the order of time, and 23 steps take 1.6 s and one sweep 0.08 s (measured on two busy cores) where
the whole of the demo loads in about 6 s. tests/demo/test_desk.py holds that both leave the same.
"""

from datetime import date, datetime, timedelta
from random import Random

from anze.audit.chain import digest
from anze.calendar.data import CalendarStore
from anze.calendar.words import spoken, spoken_time
from anze.channels.models import OutboxChannel, OutboxMessage, OutboxState
from anze.clock import legal_date
from anze.complaints import life
from anze.complaints.clocks import Approver
from anze.complaints.dates import Assumed, ComplaintDates, Told
from anze.complaints.extending import answer_by
from anze.complaints.handling import both, notice_fields, old_dates
from anze.complaints.handling_models import (
    About,
    Classification,
    Extension,
    ExtensionState,
    Interest,
    Notice,
    NoticeChannel,
    Pause,
)
from anze.complaints.life import Step
from anze.complaints.models import ComplaintStatus, Decision
from anze.complaints.notices import MOST_WORDS
from anze.conversations.models import Channel, Message
from anze.demo.decisions import add_decision
from anze.demo.standing import case_of, settle
from anze.demo.talks import pushed
from anze.demo.waiting import Waiting, add_sms
from anze.demo.world import Row, World
from anze.identity.models import Branch, Staff
from anze.tasks.models import Task, TaskKind
from anze.texts import shortened
from anze.texts import text as say

_EXPECTED = timedelta(days=30)
"""How long an outside body is said to need."""
_SMS_GONE = timedelta(minutes=1)
_READER = "page"


class Clerk:
    """One case at the desk. Every step takes its instant; steps are taken in the order of time."""

    def __init__(
        self, world: World, rng: Random, dates: ComplaintDates, calendar: CalendarStore, waiting: Waiting, *, row: Row,
        conversation: Row, officer: Row,
    ) -> None:  # fmt: skip
        self._world, self._rng, self._dates, self._calendar, self._waiting = world, rng, dates, calendar, waiting
        self.row, self.conversation = row, conversation
        self.actor = f"staff:{officer['id']}"
        self._officer = officer
        self.cause: str | None = None
        """Of causes.yml, what it will be found to have come from"""
        self.cause_always = False
        """It is named for sure"""
        self._superior = next(one for one in world.rows[Staff] if one["username"] == "supervisor")
        self._branch: Row = world.rows[Branch][row["branch_id"] - 1]

    def settle(self, at: datetime) -> Told:
        told = settle(self._world, self.row, self._dates, at)
        self._waiting.note(self.row, at)
        return told

    def event(self, at: datetime, kind: str, body: Row, actor: str | None = None) -> None:
        self._world.happened(at, f"complaint.{kind}", f"complaint:{self.row['id']}", actor or self.actor, body)

    def _record(self, at: datetime, step: Step, body: Row, actor: str | None = None) -> None:
        self.event(at, step.value, {"number": self.row["number"], "clause": life.LIFE[step].clause} | body, actor)

    def _told(self, at: datetime, assumed: Assumed | None = None) -> Told:
        return self._dates.told(case_of(self._world, self.row), at, assumed)

    def _old(self, at: datetime) -> Row:
        return old_dates(self._told(at))

    def accept(self, at: datetime, *, sms: str = "sent") -> None:
        self.row.update(status=ComplaintStatus.HANDLING, accepted_at=at, handler_id=self._officer["id"])
        self._record(at, Step.ACCEPT, {"handler": self._officer["id"]})
        fields = {"dates": both(self.settle(at))} | self._fields(at, {})
        self._tell(at, About.ACCEPTANCE, 1, say("complaint.notice.acceptance", **fields), sms=sms)

    def stand_aside(self, at: datetime, reason: str) -> None:
        self._world.add(
            Interest, complaint_id=self.row["id"], staff_id=self._officer["id"], reason=reason, at=at, by=self.actor
        )
        self.row["handler_id"] = None
        self._record(at, Step.STAND_ASIDE, {"reason_sha256": digest(reason)})
        self.settle(at)

    def assign(self, at: datetime, username: str) -> None:
        """By the colleague who takes it over."""
        member = next(one for one in self._world.rows[Staff] if one["username"] == username)
        before, self.row["handler_id"] = self.row["handler_id"], member["id"]
        self.actor, self._officer = f"staff:{member['id']}", member
        self._record(at, Step.ASSIGN, {"from": before, "to": member["id"]})
        self.settle(at)

    def classify(self, at: datetime, reason: str, *, sms: str = "sent") -> None:
        fields = self._old(at)
        old = self._told(at)
        self._world.add(Classification, complaint_id=self.row["id"], reason=reason, at=at, by=self.actor)
        self._record(at, Step.CLASSIFY, {"reason_sha256": digest(reason)} | fields)
        self._tell_of(at, About.CLASSIFICATION, 1, {"reason": reason}, old, sms)

    def ask(self, at: datetime, reason: str) -> None:
        asked = self._branch["parent_id"] or self._branch["id"]
        no = 1 + sum(one["complaint_id"] == self.row["id"] for one in self._world.rows[Extension])
        until = answer_by(at, self._calendar)
        extension = self._world.add(
            Extension, complaint_id=self.row["id"], no=no, reason=reason, asked_at=at, asked_by=self.actor,
            branch_id=asked, substitute_id=None, answer_by=until, state=ExtensionState.ASKED, answered_at=None,
            answered_by=None, approver=None, answer=None,
        )  # fmt: skip
        self._record(at, Step.ASK_EXTENSION, {
            "no": no, "reason_sha256": digest(reason), "branch": asked, "answer_by": until.isoformat(),
        })  # fmt: skip
        subject = f"extension:{extension['id']}:{until:%Y%m%d}"
        body = {"number": self.row["number"], "answer_by": spoken_time(until)}
        self._task(TaskKind.EXTENSION, subject, asked, body, at)
        self.settle(at)

    def refuse(self, at: datetime, words: str) -> None:
        self._answer(at, words, approve=False)
        self.settle(at)

    def approve(self, at: datetime, words: str, *, sms: str = "sent") -> None:
        old = self._told(at)
        extension = self._answer(at, words, approve=True)
        self._tell_of(at, About.EXTENSION, extension["no"], {"reason": extension["reason"]}, old, sms)

    def _answer(self, at: datetime, words: str, *, approve: bool) -> Row:
        extension = self._own(Extension)[-1]
        by, right, fields = f"staff:{self._superior['id']}", Approver.HEAD_OFFICE_EXECUTIVE, self._old(at)
        extension.update(
            state=ExtensionState.APPROVED if approve else ExtensionState.REFUSED, answered_at=at, answered_by=by,
            answer=words, approver=right if approve else None,
        )  # fmt: skip
        self._record(at, Step.ANSWER_EXTENSION, {
            "no": extension["no"], "approved": approve, "right": right.value, "words_sha256": digest(words),
        } | fields, by)  # fmt: skip
        for task in self._world.rows[Task]:
            if task["kind"] == TaskKind.EXTENSION and task["subject"].startswith(f"extension:{extension['id']}:"):
                task.update(done_at=at, done_by=by)
        return extension

    def pause(self, at: datetime, body: str, purpose: str, *, sms: str = "sent") -> None:
        fields, old, today = self._old(at), self._told(at), legal_date(at)
        no, expected = 1 + len(self._own(Pause)), today + _EXPECTED
        self._world.add(
            Pause, complaint_id=self.row["id"], no=no, body=body, purpose=purpose, commissioned_on=today,
            expected_on=expected, returned_on=None, result=None, at=at, by=self.actor, returned_by=None,
        )  # fmt: skip
        self._record(at, Step.PAUSE, {
            "no": no, "body_sha256": digest(body), "purpose_sha256": digest(purpose),
            "commissioned_on": today.isoformat(), "expected_on": expected.isoformat(),
        } | fields)  # fmt: skip
        said = {"body": body, "purpose": purpose, "since": spoken(today), "until": spoken(expected)}
        self._tell_of(at, About.PAUSE, no, said, old, sms)

    def resume(self, at: datetime, result: str, *, sms: str = "sent") -> None:
        running, fields, old, today = self._own(Pause)[-1], self._old(at), self._told(at), legal_date(at)
        running.update(returned_on=today, result=result, returned_by=self.actor)
        self._record(at, Step.RESUME, {
            "no": running["no"], "returned_on": today.isoformat(), "result_sha256": digest(result),
        } | fields)  # fmt: skip
        said = {"body": running["body"], "on": spoken(today)}
        self._tell_of(at, About.RETURN, running["no"], said, old, sms)

    def decide(self, at: datetime, texts: Row) -> None:
        self.row["status"] = ComplaintStatus.DECIDED
        told = self.settle(at)
        add_decision(self._world, self._rng, self.row, self.conversation, texts, at, self.actor, told)

    def read(self, at: datetime) -> None:
        """The complainant's page has shown everything up to here; a decision among it is told."""
        newest = max(one["id"] for one in self._messages())
        self.conversation["read_up_to"] = newest
        for notice in self._own(Notice):
            if notice["channel"] == NoticeChannel.PAGE and notice["read_at"] is None:
                self._became(at, notice, "read", _READER)
        if self.row["status"] == ComplaintStatus.DECIDED:
            person = self.row["person_id"]
            reader = f"person:{person}" if person else f"visitor:{self.conversation['id']}"
            self._decision_told(at, at, reader, "read")
            self.row["version"] += 1

    def by_hand(
        self, at: datetime, about: str, channel: str, recipient: str, evidence: str, *, reached: bool = True
    ) -> None:  # fmt: skip
        """A letter posted, a call, a signature, a mail; or a try that reached nobody."""
        self._keep(at, About(about), NoticeChannel(channel), recipient, evidence, reached=reached, actor=self.actor)

    def tried(self, at: datetime, about: str, channel: str, recipient: str, evidence: str) -> None:
        self.by_hand(at, about, channel, recipient, evidence, reached=False)

    def give_up(self, at: datetime, about: str) -> None:
        """A supervisor confirms that nobody could be reached."""
        tries = [one for one in self._own(Notice) if one["about"] == about and one["failed_at"] is not None]
        words = ",".join(str(one["id"]) for one in tries)
        by = f"staff:{self._superior['id']}"
        phone = self.row["contact_phone"] or ""
        self._keep(at, About(about), NoticeChannel.UNREACHABLE, phone, words, reached=True, actor=by)

    def _keep(
        self, at: datetime, about: About, channel: NoticeChannel, recipient: str, evidence: str, *, reached: bool,
        actor: str,
    ) -> None:  # fmt: skip
        kept = None if channel is NoticeChannel.UNREACHABLE else evidence
        notice = self._note(
            at, about, 1, channel, recipient, evidence, actor, sent_at=at if reached else None,
            failed_at=None if reached else at, evidence=kept,
        )  # fmt: skip
        self._record(at, Step.TELL, {
            "notice": notice["id"], "about": about.value, "no": 1, "channel": channel.value, "at": at.isoformat(),
            "reached": reached, "evidence_sha256": digest(kept or ""),
        }, actor)  # fmt: skip
        if about is About.DECISION and reached:
            self._decision_told(at, at, actor, channel.value)
        self._settle_open(at)

    def withdraw(self, at: datetime, said: str) -> None:
        """On the complainant's word, written down by the officer."""
        self.row.update(status=ComplaintStatus.WITHDRAWN, closed_at=at)
        self._record(at, Step.WITHDRAW, {"said_sha256": digest(said)})
        self._settle_open(at)
        self._waiting.ended(self.row, at, self.actor)

    def merge(self, at: datetime, kept: "Clerk") -> None:
        """Into an older case."""
        fields = kept._old(at)
        received = self.row["received_at"].isoformat()
        self.row.update(status=ComplaintStatus.MERGED, closed_at=at, merged_into_id=kept.row["id"])
        self._record(at, Step.MERGE, {"into": kept.row["number"], "received_at": received})
        self._settle_open(at)
        self._waiting.ended(self.row, at, self.actor)
        told = kept.settle(at)
        kept._record(at, Step.MERGE, {
            "from": self.row["number"], "received_at": kept.row["received_at"].isoformat(), "earlier": False,
        } | fields | told.record(), self.actor)  # fmt: skip

    def close(self, at: datetime, kind: str, actor: str, words: str) -> None:
        """The complainant ends it in the talk."""
        self.row["closed_at"] = at
        self.row["version"] += 1
        self._waiting.ended(self.row, at, actor)
        self.event(at, kind, {"text_sha256": digest(words)}, actor)

    def _decision_told(self, at: datetime, now: datetime, actor: str, how: str) -> None:
        made = self._own(Decision)[-1]
        made["told_at"] = at
        self.row.update(status=ComplaintStatus.TOLD, closed_at=at)
        self._waiting.ended(self.row, now, actor)
        body = {"number": self.row["number"], "clause": "6.4 e)", "how": how, "outcome_sha256": digest(made["outcome"])}
        self.event(now, "told", body, actor)

    def _settle_open(self, at: datetime) -> None:
        """Dates of a case that has just ended are written too; nothing waits for them."""
        if self.row["status"] in {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN, ComplaintStatus.MERGED}:
            settle(self._world, self.row, self._dates, at)
        else:
            self.settle(at)

    def _fields(self, at: datetime, assumed: Assumed, old: Told | None = None) -> dict[str, str]:
        after = self._told(at, assumed)
        return notice_fields(case_of(self._world, self.row), old or after, after)

    def _tell_of(self, at: datetime, about: About, no: int, said: Row, old: Told, sms: str) -> None:
        given: dict[tuple[About, int], date] = {(about, no): legal_date(at)}
        fields = self._fields(at, given, old) | said
        self.settle(at)
        self._tell(at, about, no, say(f"complaint.notice.{about}", **fields), sms=sms)

    def _tell(self, at: datetime, about: About, no: int, text: str, *, sms: str) -> None:
        """In the talk; by text message when there is a telephone, and what became of that; else a colleague calls."""
        message = pushed(
            self._world, self.conversation, at, text, "complaint", response=f"utter_complaint_{about}", sender="bot"
        )
        on_page = self.conversation["channel"] != Channel.DESK
        if on_page:
            where = self.conversation["id"]
            self._note(at, about, no, NoticeChannel.PAGE, where, text, self.actor, message_id=message["id"])
        if self.row["contact_phone"]:
            self._text_message(at, about, no, text, sms)
        elif not on_page:
            body = {"number": self.row["number"], "about": say(f"complaint.about.{about}")}
            self._task(TaskKind.PHONE_CALL, f"complaint:{self.row['id']}:{about}-{no}", self._branch["id"], body, at)

    def _text_message(self, at: datetime, about: About, no: int, text: str, sms: str) -> None:
        failed, gone = sms == "failed", at + _SMS_GONE
        step = f"{about}-{no}-{len(self._own(Notice))}"
        row = add_sms(self._world, self.row, step, shortened(text, MOST_WORDS), at, failed=failed)
        if not failed:
            row["sent_at"] = gone
        phone = self.row["contact_phone"]
        notice = self._note(at, about, no, NoticeChannel.SMS, phone, text, self.actor, outbox_id=row["id"])
        if failed:
            self._call_instead(gone, row)
        self._became(gone, notice, "failed" if failed else "sent", "outbox")

    def _call_instead(self, at: datetime, row: Row) -> None:
        """The text message was refused for good: somebody of the branch calls."""
        body = row["body"] | {"phone": row["recipient"]}
        self._world.add(
            OutboxMessage, **row | {
                "id": row["id"] + 1, "channel": OutboxChannel.PHONE_TASK, "recipient": f"branch:{self._branch['id']}",
                "body": body, "state": OutboxState.DELIVERED, "due_at": at, "sent_at": at, "delivered_at": at,
                "error": None, "fallback": [], "replaces_id": row["id"],
            },
        )  # fmt: skip
        subject = row["subject"]
        if not any(t["kind"] == TaskKind.PHONE_CALL and t["subject"] == subject for t in self._world.rows[Task]):
            said = {"name": "", "phone": row["recipient"], "said": say("outbox.call", said=row["text"])}
            self._task(TaskKind.PHONE_CALL, subject, self._branch["id"], said, at)

    def _became(self, at: datetime, notice: Row, what: str, by: str) -> None:
        notice[f"{what}_at"] = at
        body = {"number": self.row["number"], "notice": notice["id"], "about": str(notice["about"]), "what": what}
        self.event(at, "notice", body, by)
        if self.row["status"] not in {ComplaintStatus.TOLD, ComplaintStatus.WITHDRAWN, ComplaintStatus.MERGED}:
            self.settle(at)

    def _note(
        self, at: datetime, about: About, no: int, channel: NoticeChannel, recipient: str, text: str, by: str,
        **more: object,
    ) -> Row:  # fmt: skip
        empty = dict.fromkeys(("message_id", "outbox_id", "sent_at", "read_at", "failed_at", "evidence"))
        return self._world.add(
            Notice, complaint_id=self.row["id"], about=about, about_no=no, channel=channel, recipient=recipient,
            text_sha256=digest(text), at=at, by=by, **empty | more,
        )  # fmt: skip

    def _task(self, kind: TaskKind, subject: str, branch_id: int, body: Row, at: datetime) -> None:
        self._world.add(
            Task, kind=kind, subject=subject, branch_id=branch_id, body=body, created_at=at, done_at=None, done_by=None
        )

    def _own(self, model: type) -> list[Row]:
        return [one for one in self._world.rows.get(model, []) if one["complaint_id"] == self.row["id"]]

    def _messages(self) -> list[Row]:
        mine = self.conversation["id"]
        return [one for one in self._world.rows[Message] if one["conversation_id"] == mine]
