"""What the checks of 6.4 ask of a case; questions about duties that somebody wants answered again and again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("complaints", sa.Column("remedial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("complaints", sa.Column("ordinary_on", sa.Date(), nullable=True))
    op.create_table(
        "obligation_subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("monthday", sa.Integer(), nullable=True),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_obligation_subscriptions_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_subscriptions")),
    )
    op.create_index(op.f("ix_obligation_subscriptions_staff_id"), "obligation_subscriptions", ["staff_id"])
    op.create_index("ix_obligation_subscriptions_due", "obligation_subscriptions", ["ended_at", "next_at"])


def downgrade() -> None:
    op.drop_table("obligation_subscriptions")
    op.drop_column("complaints", "ordinary_on")
    op.drop_column("complaints", "remedial")
