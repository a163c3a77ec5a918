"""Staff: a password that must be changed, what is known of a session, sign-ins under way at an OpenID issuer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oidc_flows",
        sa.Column("state_sha256", sa.String(length=64), nullable=False),
        sa.Column("browser_sha256", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_sha256", name=op.f("pk_oidc_flows")),
    )
    op.create_index("ix_oidc_flows_expires_at", "oidc_flows", ["expires_at"], unique=False)
    op.add_column("staff", sa.Column("must_change", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("sign_ins", sa.Column("carrier", sa.String(length=10), server_default="bearer", nullable=False))
    op.add_column("sign_ins", sa.Column("proof", sa.String(length=10), nullable=True))
    op.add_column("sign_ins", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("idle_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sign_ins", sa.Column("agent", sa.String(length=200), nullable=True))
    op.create_index("ix_sign_ins_staff_id", "sign_ins", ["staff_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_sign_ins_staff_id", table_name="sign_ins")
    for column in ("agent", "idle_until", "seen_at", "proof", "carrier"):
        op.drop_column("sign_ins", column)
    op.drop_column("staff", "must_change")
    op.drop_table("oidc_flows")
