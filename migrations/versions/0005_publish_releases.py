"""publish releases."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("calendar", sa.String(length=24), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_approvals_approved_by_id_users")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_approvals_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index(op.f("ix_approvals_period_calendar"), "approvals", ["period", "calendar"])
    op.create_table(
        "releases",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("calendar", sa.String(length=24), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.Date(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("definitions", sa.JSON(), nullable=False),
        sa.Column("approvals", sa.JSON(), nullable=False),
        sa.Column("teams", sa.JSON(), nullable=False),
        sa.Column("baselines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["users.id"], name=op.f("fk_releases_published_by_id_users")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_releases_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint(
            "unit_id", "period", "calendar", "number", name=op.f("uq_releases_unit_id_period_calendar_number")
        ),
    )
    op.create_table(
        "release_cells",
        sa.Column("release_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("hamlet_id", sa.String(length=40), nullable=False),
        sa.Column("stock", sa.LargeBinary(), nullable=False),
        sa.Column("flow", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hamlet_id"], ["units.id"], name=op.f("fk_release_cells_hamlet_id_units")),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.id"], name=op.f("fk_release_cells_release_id_releases")
        ),
        sa.PrimaryKeyConstraint("release_id", "hamlet_id", name=op.f("pk_release_cells")),
    )


def downgrade() -> None:
    op.drop_table("release_cells")
    op.drop_table("releases")
    op.drop_table("approvals")
