"""Managers and their training (7.1), management documents and spot checks (7.2), complaint channels (6.4)."""

import sqlalchemy as sa
from alembic import op

from anze.migrations.guards import guard

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "complaint_channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("tested_on", sa.Date(), nullable=True),
        sa.Column("works", sa.Boolean(), nullable=True),
        sa.Column("tested_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_complaint_channels_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_channels")),
    )
    op.create_index(op.f("ix_complaint_channels_branch_id"), "complaint_channels", ["branch_id"])
    op.create_table(
        "managers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("department", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_managers_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_managers")),
    )
    op.create_index(op.f("ix_managers_branch_id"), "managers", ["branch_id"])
    op.create_table(
        "rule_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_rule_documents_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_documents")),
        sa.UniqueConstraint("branch_id", "kind", "version", name=op.f("uq_rule_documents_branch_id_kind_version")),
    )
    op.create_table(
        "manager_trainings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("proof", sa.String(length=120), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["managers.id"], name=op.f("fk_manager_trainings_manager_id_managers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_trainings")),
    )
    op.create_index(op.f("ix_manager_trainings_manager_id"), "manager_trainings", ["manager_id"])
    op.create_table(
        "quality_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("drawn_by", sa.String(length=60), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("checked_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_quality_checks_branch_id_branches")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_quality_checks_service_id_services")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_checks")),
        sa.UniqueConstraint("service_id", name=op.f("uq_quality_checks_service_id")),
    )
    op.create_index(op.f("ix_quality_checks_branch_id"), "quality_checks", ["branch_id"])
    guard("rule_documents", ("id",), ("branch_id", "kind", "version"))


def downgrade() -> None:
    op.drop_index(op.f("ix_quality_checks_branch_id"), table_name="quality_checks")
    op.drop_table("quality_checks")
    op.drop_index(op.f("ix_manager_trainings_manager_id"), table_name="manager_trainings")
    op.drop_table("manager_trainings")
    op.drop_table("rule_documents")
    op.drop_index(op.f("ix_managers_branch_id"), table_name="managers")
    op.drop_table("managers")
    op.drop_index(op.f("ix_complaint_channels_branch_id"), table_name="complaint_channels")
    op.drop_table("complaint_channels")
