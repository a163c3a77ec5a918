"""Appraisals of providers (8.1), which are never changed, and what is to be improved (8.2)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from anze.migrations.guards import guard

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "appraisals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scores", JSON, nullable=False),
        sa.Column("services", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("marks_sum", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("appraised_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_appraisals_branch_id_branches")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_appraisals_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sa.UniqueConstraint(
            "provider_id", "branch_id", "year", "version", name=op.f("uq_appraisals_provider_id_branch_id_year_version")
        ),
    )
    op.create_index(op.f("ix_appraisals_branch_id"), "appraisals", ["branch_id"])
    op.create_table(
        "improvement_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("opened_by", sa.String(length=60), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_improvement_items_branch_id_branches")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name=op.f("fk_improvement_items_provider_id_providers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_items")),
    )
    op.create_index("ix_improvement_items_open", "improvement_items", ["branch_id", "closed_at", "due_on"])
    guard("appraisals", ("id",), ("provider_id", "branch_id", "year", "version"))


def downgrade() -> None:
    op.drop_index("ix_improvement_items_open", table_name="improvement_items")
    op.drop_table("improvement_items")
    op.drop_index(op.f("ix_appraisals_branch_id"), table_name="appraisals")
    op.drop_table("appraisals")
