"""Whether a case's date is 补救期限, and its date without 情况复杂, for the checks of 6.4."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("complaints", sa.Column("remedial", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("complaints", sa.Column("ordinary_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("complaints", "ordinary_on")
    op.drop_column("complaints", "remedial")
