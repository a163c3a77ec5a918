"""Notices of the complaint procedure (6.4)."""

import sqlalchemy as sa
from alembic import op

from anze.migrations.guards import guard

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("insured_id", sa.Integer(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=True),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_policy_notices_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_policy_notices_file_id_files")),
        sa.ForeignKeyConstraint(["insured_id"], ["insureds.id"], name=op.f("fk_policy_notices_insured_id_insureds")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_policy_notices_policy_id_policies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_notices")),
        sa.UniqueConstraint("policy_id", "insured_id", name=op.f("uq_policy_notices_policy_id_insured_id")),
    )
    op.create_index(op.f("ix_policy_notices_insured_id"), "policy_notices", ["insured_id"])
    guard("policy_notices", ("id",), ("policy_id", "insured_id"))


def downgrade() -> None:
    op.drop_index(op.f("ix_policy_notices_insured_id"), table_name="policy_notices")
    op.drop_table("policy_notices")
