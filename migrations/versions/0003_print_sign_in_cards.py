"""print sign-in cards."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_cards",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("made_by_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_sign_in_cards_made_by_id_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sign_in_cards_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_cards")),
        sa.UniqueConstraint("user_id", name=op.f("uq_sign_in_cards_user_id")),
    )


def downgrade() -> None:
    op.drop_table("sign_in_cards")
