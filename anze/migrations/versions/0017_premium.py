"""Premiums above 21.47 million yuan: as cents they leave 32 bits. SQLite's integers hold them as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("policies", "premium_cents", type_=sa.BigInteger())


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("policies", "premium_cents", type_=sa.Integer())
