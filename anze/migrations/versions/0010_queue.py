"""Indexes that hold all that the queue is filtered and sorted by: nothing is counted or sorted out of whole rows."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BY_BRANCH = ["branch_id", "status", "queue_on", "id", "number", "kind", "form", "source", "handler_id"]


def upgrade() -> None:
    op.drop_index("ix_complaints_by_branch", table_name="complaints")
    op.create_index("ix_complaints_by_branch", "complaints", [*BY_BRANCH, "received_at"])
    op.drop_index("ix_complaints_by_day", table_name="complaints")
    op.create_index("ix_complaints_by_day", "complaints", ["status", "queue_on", "id", "branch_id", "number"])
    op.drop_index("ix_complaints_handler_id", table_name="complaints")
    op.create_index(
        "ix_complaints_by_handler", "complaints", ["handler_id", "status", "queue_on", "id", "branch_id", "number"]
    )
    op.create_index("ix_complaints_by_number", "complaints", ["number", "branch_id", "status", "queue_on", "id"])


def downgrade() -> None:
    op.drop_index("ix_complaints_by_number", table_name="complaints")
    op.drop_index("ix_complaints_by_handler", table_name="complaints")
    op.create_index("ix_complaints_handler_id", "complaints", ["handler_id"])
    op.drop_index("ix_complaints_by_day", table_name="complaints")
    op.create_index("ix_complaints_by_day", "complaints", ["status", "queue_on", "id"])
    op.drop_index("ix_complaints_by_branch", table_name="complaints")
    op.create_index("ix_complaints_by_branch", "complaints", BY_BRANCH)
