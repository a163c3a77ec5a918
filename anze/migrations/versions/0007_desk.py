"""The complaint desk: what staff do with a case, who was told of it, and why it came to it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "improvements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_improvements_branch_id_branches")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_improvements_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvements")),
        sa.UniqueConstraint(
            "cause",
            "branch_id",
            "provider_id",
            "opened_on",
            name=op.f("uq_improvements_cause_branch_id_provider_id_opened_on"),
        ),
    )
    op.create_index(op.f("ix_improvements_branch_id"), "improvements", ["branch_id"], unique=False)

    op.create_table(
        "complaint_causes",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_complaint_causes_branch_id_branches")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_causes_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_complaint_causes_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint_causes")),
    )
    op.create_index(op.f("ix_complaint_causes_provider_id"), "complaint_causes", ["provider_id"], unique=False)

    op.create_table(
        "complaint_classifications",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_classifications_complaint_id_complaints")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint_classifications")),
    )
    op.create_table(
        "complaint_extensions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=60), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.Column("approver", sa.String(length=30), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["branches.id"], name=op.f("fk_complaint_extensions_branch_id_branches")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_extensions_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["staff.id"], name=op.f("fk_complaint_extensions_substitute_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_extensions")),
        sa.UniqueConstraint("complaint_id", "no", name=op.f("uq_complaint_extensions_complaint_id_no")),
    )
    op.create_index("ix_extensions_asked", "complaint_extensions", ["state", "answer_by"], unique=False)

    op.create_table(
        "complaint_interests",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_interests_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_complaint_interests_staff_id_staff")),
        sa.PrimaryKeyConstraint("complaint_id", "staff_id", name=op.f("pk_complaint_interests")),
    )
    op.create_table(
        "complaint_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("about_no", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=15), nullable=False),
        sa.Column("recipient", sa.String(length=120), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_notices_complaint_id_complaints")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_complaint_notices_message_id_messages")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_complaint_notices_outbox_id_outbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_notices")),
    )
    op.create_index(op.f("ix_complaint_notices_complaint_id"), "complaint_notices", ["complaint_id"], unique=False)
    op.create_index("ix_complaint_notices_message", "complaint_notices", ["message_id"], unique=False)

    op.create_table(
        "complaint_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("commissioned_on", sa.Date(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("returned_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_pauses_complaint_id_complaints")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_pauses")),
        sa.UniqueConstraint("complaint_id", "no", name=op.f("uq_complaint_pauses_complaint_id_no")),
    )
    op.add_column("complaints", sa.Column("queue_on", sa.Date(), nullable=True))
    op.add_column("complaints", sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("complaints", sa.Column("source", sa.String(length=20), server_default="chat", nullable=False))
    op.add_column("complaints", sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("complaints", sa.Column("late_reason", sa.String(length=300), nullable=True))
    op.add_column("complaints", sa.Column("standing_right", sa.String(length=100), nullable=True))
    op.add_column("complaints", sa.Column("regulator_no", sa.String(length=60), nullable=True))
    op.add_column("complaints", sa.Column("regulator_due_on", sa.Date(), nullable=True))
    op.add_column("complaints", sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "complaints",
        sa.Column(
            "handler_id",
            sa.Integer(),
            sa.ForeignKey("staff.id", name=op.f("fk_complaints_handler_id_staff")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.add_column(
        "complaints",
        sa.Column(
            "merged_into_id",
            sa.Integer(),
            sa.ForeignKey("complaints.id", name=op.f("fk_complaints_merged_into_id_complaints")),
            nullable=True,
        ),
        inline_references=True,
    )
    op.create_index("ix_complaints_by_day", "complaints", ["status", "queue_on", "id"], unique=False)
    op.create_index(op.f("ix_complaints_handler_id"), "complaints", ["handler_id"], unique=False)
    # Where the queue stands with what is there: the earlier of both dates.
    op.execute(
        "UPDATE complaints SET queue_on = CASE WHEN due_on IS NULL OR second_due_on < due_on THEN second_due_on "
        "ELSE due_on END"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_complaints_handler_id"), table_name="complaints")
    op.drop_index("ix_complaints_by_day", table_name="complaints")
    op.drop_column("complaints", "merged_into_id")
    op.drop_column("complaints", "handler_id")
    op.drop_column("complaints", "accepted_at")
    op.drop_column("complaints", "regulator_due_on")
    op.drop_column("complaints", "regulator_no")
    op.drop_column("complaints", "standing_right")
    op.drop_column("complaints", "late_reason")
    op.drop_column("complaints", "entered_at")
    op.drop_column("complaints", "source")
    op.drop_column("complaints", "paused")
    op.drop_column("complaints", "queue_on")

    op.drop_table("complaint_pauses")
    op.drop_index("ix_complaint_notices_message", table_name="complaint_notices")
    op.drop_index(op.f("ix_complaint_notices_complaint_id"), table_name="complaint_notices")

    op.drop_table("complaint_notices")
    op.drop_table("complaint_interests")
    op.drop_index("ix_extensions_asked", table_name="complaint_extensions")

    op.drop_table("complaint_extensions")
    op.drop_table("complaint_classifications")
    op.drop_index(op.f("ix_complaint_causes_provider_id"), table_name="complaint_causes")

    op.drop_table("complaint_causes")
    op.drop_index(op.f("ix_improvements_branch_id"), table_name="improvements")

    op.drop_table("improvements")
