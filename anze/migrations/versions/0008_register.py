"""Saved views of the queue, registers as they were issued (never changed, removed or replaced), the queue's indexes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SQLITE = (
    """
CREATE TRIGGER complaint_registers_no_update BEFORE UPDATE ON complaint_registers
BEGIN SELECT RAISE(ABORT, 'complaint_registers: rows are never changed'); END
""",
    """
CREATE TRIGGER complaint_registers_no_delete BEFORE DELETE ON complaint_registers
BEGIN SELECT RAISE(ABORT, 'complaint_registers: rows are never removed'); END
""",
    # INSERT OR REPLACE removes whoever holds the key without firing a DELETE trigger.
    """
CREATE TRIGGER complaint_registers_no_replace BEFORE INSERT ON complaint_registers
WHEN EXISTS (SELECT 1 FROM complaint_registers WHERE id = NEW.id
OR (branch_id = NEW.branch_id AND period = NEW.period AND version = NEW.version))
BEGIN SELECT RAISE(ABORT, 'complaint_registers: rows are never replaced'); END
""",
)
POSTGRESQL = """
CREATE TRIGGER complaint_registers_guard BEFORE UPDATE OR DELETE ON complaint_registers
FOR EACH ROW EXECUTE FUNCTION anze_refuse();
CREATE TRIGGER complaint_registers_no_truncate BEFORE TRUNCATE ON complaint_registers
FOR EACH STATEMENT EXECUTE FUNCTION anze_refuse();
ALTER TABLE complaint_registers ENABLE ALWAYS TRIGGER complaint_registers_guard;
ALTER TABLE complaint_registers ENABLE ALWAYS TRIGGER complaint_registers_no_truncate;
"""


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_saved_views_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("staff_id", "name", name=op.f("uq_saved_views_staff_id_name")),
    )
    op.create_table(
        "complaint_registers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_complaint_registers_branch_id_branches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_registers")),
        sa.UniqueConstraint(
            "branch_id", "period", "version", name=op.f("uq_complaint_registers_branch_id_period_version")
        ),
    )
    if op.get_bind().dialect.name == "sqlite":
        for trigger in SQLITE:
            op.execute(sa.text(trigger))
    else:
        op.execute(POSTGRESQL)
    op.drop_index("ix_complaints_queue", table_name="complaints")
    op.create_index(
        "ix_complaints_by_branch",
        "complaints",
        ["branch_id", "status", "queue_on", "id", "number", "kind", "form", "source", "handler_id"],
    )
    op.create_index("ix_complaints_firm", "complaints", ["firm"])
    op.create_index("ix_complaints_received_at", "complaints", ["received_at", "id"])
    op.create_index("ix_complaints_contact_phone", "complaints", ["contact_phone"])


def downgrade() -> None:
    op.drop_index("ix_complaints_contact_phone", table_name="complaints")
    op.drop_index("ix_complaints_received_at", table_name="complaints")
    op.drop_index("ix_complaints_firm", table_name="complaints")
    op.drop_index("ix_complaints_by_branch", table_name="complaints")
    op.create_index("ix_complaints_queue", "complaints", ["branch_id", "status", "due_on"])
    op.drop_table("complaint_registers")
    op.drop_table("saved_views")
