"""The demo holds every state of the second half of a complaint."""

from sqlalchemy import select

from anze.complaints.models import Complaint, ComplaintForm, ComplaintStatus, Representative
from anze.conversations.models import Conversation, Message
from anze.db import Database
from anze.policies.models import Insured


def test_whatever_was_told_has_its_five_parts_and_nothing_else_has(demo_database: Database) -> None:
    with demo_database.read() as session:
        cases = session.scalars(select(Complaint)).all()
        decided = [case for case in cases if case.status in {ComplaintStatus.TOLD, ComplaintStatus.DECIDED}]
        assert len(decided) > 15
        for case in cases:
            made = case.decision
            assert (made is not None) == (case in decided), case.number
            if made is None:
                continue
            assert all((made.findings, made.basis, made.reasons, made.outcome))
            assert [way["way"] for way in made.remedies] == ["review", "mediation", "litigation"]
            assert made.told_at == case.closed_at
            assert made.decided_at > case.received_at
            message = session.get_one(Message, made.message_id)
            assert message.conversation_id == case.conversation_id
            assert str(case.number) in message.text
            read_up_to = session.get_one(Conversation, case.conversation_id).read_up_to
            assert (read_up_to >= message.id) == (case.status == ComplaintStatus.TOLD)


def test_each_kind_of_case_is_there(demo_database: Database) -> None:
    with demo_database.read() as session:
        cases = session.scalars(select(Complaint)).all()
        assert [case for case in cases if case.status == ComplaintStatus.DECIDED]
        assert [case for case in cases if case.form == ComplaintForm.OBJECTION]
        (group,) = [case for case in cases if case.group_size]
        assert len(session.scalars(select(Representative).where(Representative.complaint_id == group.id)).all()) == 3
        (agent,) = [case for case in cases if case.agent_name]
        assert (agent.principal_name, agent.agent_file_id) == ("周广才", None)
        (again,) = [case for case in cases if case.follows_id]
        assert again.follows is not None
        assert again.follows.status == ComplaintStatus.TOLD
        assert again.follows.person_id == again.person_id
        assert again.follows.closed_at is not None
        assert again.follows.closed_at < again.received_at
        first = session.scalars(select(Insured).where(Insured.contact_phone == "13800000001")).one()
        (own,) = [case for case in cases if case.insured_id == first.id]
        assert own.status == ComplaintStatus.TOLD
        assert own.decision is not None
