"""add rollups."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rollups",
        sa.Column("hamlet_id", sa.String(length=40), nullable=False),
        sa.Column("half", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", sa.LargeBinary(), nullable=False),
        sa.Column("days", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("flow", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hamlet_id"], ["units.id"], name=op.f("fk_rollups_hamlet_id_units")),
        sa.PrimaryKeyConstraint("hamlet_id", "half", name=op.f("pk_rollups")),
    )
    op.add_column("visits", sa.Column("is_rolled", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("residences", sa.Column("rolled_unit_id", sa.String(length=40), nullable=True))
    unrolled = sa.text("is_rolled != is_counting")
    op.create_index(
        "ix_visits_unrolled", "visits", ["household_id"], postgresql_where=unrolled, sqlite_where=unrolled
    )
    unrolled = sa.text("rolled_unit_id IS NULL OR rolled_unit_id != unit_id")
    op.create_index(
        "ix_residences_unrolled",
        "residences",
        ["household_id"],
        postgresql_where=unrolled,
        sqlite_where=unrolled,
    )


def downgrade() -> None:
    op.drop_index("ix_residences_unrolled", table_name="residences")
    op.drop_index("ix_visits_unrolled", table_name="visits")
    op.drop_column("residences", "rolled_unit_id")
    op.drop_column("visits", "is_rolled")
    op.drop_table("rollups")
