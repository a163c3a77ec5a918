"""WeChat: users, arrivals, nonces, the access token, tickets."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "wechat_users",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("following", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("heard_at", _WHEN, nullable=True),
        sa.Column("touched_at", _WHEN, nullable=True),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_wechat_users_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_wechat_users")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_wechat_users_conversation_id")),
    )
    op.create_table(
        "wechat_arrivals",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("at", _WHEN, nullable=False),
        sa.Column("deliveries", sa.Integer(), server_default="1", nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("queued_at", _WHEN, nullable=True),
        sa.Column("said_at", _WHEN, nullable=True),
        sa.Column("fields", sa.Text(), nullable=True),
        sa.Column("media_id", sa.String(length=200), nullable=True),
        sa.Column("media_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("media_rests_until", _WHEN, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_wechat_arrivals_message_id_messages")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_wechat_arrivals")),
    )
    op.create_index(op.f("ix_wechat_arrivals_at"), "wechat_arrivals", ["at"])
    op.create_index(op.f("ix_wechat_arrivals_queued_at"), "wechat_arrivals", ["queued_at"])
    op.create_index(op.f("ix_wechat_arrivals_media_id"), "wechat_arrivals", ["media_id"])
    op.create_table(
        "wechat_nonces",
        sa.Column("signed_sha256", sa.String(length=64), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", _WHEN, nullable=False),
        sa.PrimaryKeyConstraint("signed_sha256", name=op.f("pk_wechat_nonces")),
    )
    op.create_index(op.f("ix_wechat_nonces_at"), "wechat_nonces", ["at"])
    op.create_table(
        "wechat_tokens",
        sa.Column("appid", sa.String(length=40), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("good_until", _WHEN, nullable=True),
        sa.Column("asked_by", sa.String(length=32), nullable=True),
        sa.Column("asked_until", _WHEN, nullable=True),
        sa.PrimaryKeyConstraint("appid", name=op.f("pk_wechat_tokens")),
    )
    op.create_table(
        "wechat_tickets",
        sa.Column("ticket_sha256", sa.String(length=64), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("good_until", _WHEN, nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_wechat_tickets_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("ticket_sha256", name=op.f("pk_wechat_tickets")),
    )
    op.create_index(op.f("ix_wechat_tickets_good_until"), "wechat_tickets", ["good_until"])
    op.create_index("ix_outbox_waiting", "outbox", ["recipient", "state"])


def downgrade() -> None:
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    for table in ("wechat_tickets", "wechat_tokens", "wechat_nonces", "wechat_arrivals", "wechat_users"):
        op.drop_table(table)
