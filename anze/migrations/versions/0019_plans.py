"""Service plans (6.1): profiles of insureds, plans, their versions and answers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from anze.migrations.guards import guard

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "insured_profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("insured_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["insured_id"], ["insureds.id"], name=op.f("fk_insured_profiles_insured_id_insureds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insured_profiles")),
        sa.UniqueConstraint("insured_id", "version", name=op.f("uq_insured_profiles_insured_id_version")),
    )
    op.create_table(
        "service_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_service_plans_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_plans")),
    )
    op.create_index(op.f("ix_service_plans_branch_id"), "service_plans", ["branch_id"])
    op.create_table(
        "plan_parties",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("insured_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["insured_id"], ["insureds.id"], name=op.f("fk_plan_parties_insured_id_insureds")),
        sa.ForeignKeyConstraint(["plan_id"], ["service_plans.id"], name=op.f("fk_plan_parties_plan_id_service_plans")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_plan_parties_policy_id_policies")),
        sa.PrimaryKeyConstraint("plan_id", "policy_id", "insured_id", name=op.f("pk_plan_parties")),
    )
    op.create_index(op.f("ix_plan_parties_insured_id"), "plan_parties", ["insured_id"])
    op.create_index(op.f("ix_plan_parties_policy_id"), "plan_parties", ["policy_id"])
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("profiles", JSON, nullable=False),
        sa.Column("profiled", sa.Boolean(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(length=60), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_by", sa.String(length=60), nullable=True),
        sa.Column("pdf_id", sa.String(length=32), nullable=True),
        sa.Column("word_id", sa.String(length=32), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pdf_id"], ["files.id"], name=op.f("fk_plan_versions_pdf_id_files")),
        sa.ForeignKeyConstraint(["plan_id"], ["service_plans.id"], name=op.f("fk_plan_versions_plan_id_service_plans")),
        sa.ForeignKeyConstraint(["word_id"], ["files.id"], name=op.f("fk_plan_versions_word_id_files")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_versions")),
        sa.UniqueConstraint("plan_id", "version", name=op.f("uq_plan_versions_plan_id_version")),
    )
    op.create_index("ix_plan_versions_state", "plan_versions", ["state"])
    op.create_table(
        "plan_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("insured_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_plan_answers_file_id_files")),
        sa.ForeignKeyConstraint(["insured_id"], ["insureds.id"], name=op.f("fk_plan_answers_insured_id_insureds")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["plan_versions.id"], name=op.f("fk_plan_answers_version_id_plan_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_answers")),
    )
    op.create_index(op.f("ix_plan_answers_version_id"), "plan_answers", ["version_id"])
    guard("insured_profiles", ("id",), ("insured_id", "version"))
    guard("plan_answers", ("id",))


def downgrade() -> None:
    op.drop_index(op.f("ix_plan_answers_version_id"), table_name="plan_answers")
    op.drop_table("plan_answers")
    op.drop_index("ix_plan_versions_state", table_name="plan_versions")
    op.drop_table("plan_versions")
    op.drop_index(op.f("ix_plan_parties_policy_id"), table_name="plan_parties")
    op.drop_index(op.f("ix_plan_parties_insured_id"), table_name="plan_parties")
    op.drop_table("plan_parties")
    op.drop_index(op.f("ix_service_plans_branch_id"), table_name="service_plans")
    op.drop_table("service_plans")
    op.drop_table("insured_profiles")
