"""Cut on arrival.

Which stretch of a film its teacher keeps, and how far the cutting of it has come. Expand only: the version that still
runs asks for none.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "2026_11_27_0410", "2026_11_27_0400"

_STRETCH = "trim_in_ms >= 0 AND trim_out_ms > trim_in_ms"
_WHOLE = "num_nulls(trim_in_ms, trim_out_ms, cut_in_browser) IN (0, 3)"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("upload", sa.Column("trim_in_ms", sa.Integer(), nullable=True))
    op.add_column("upload", sa.Column("trim_out_ms", sa.Integer(), nullable=True))
    op.add_column("upload", sa.Column("cut_in_browser", sa.Boolean(), nullable=True))
    op.add_column("upload", sa.Column("cut_bytes", sa.BigInteger(), nullable=True))
    op.add_column("upload", sa.Column("whole_key", sa.Text(), nullable=True))
    op.add_column("upload", sa.Column("cut_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("upload_trim_ends_after_it_begins_ck"), "upload", _STRETCH)
    op.create_check_constraint(op.f("upload_trim_whole_or_not_at_all_ck"), "upload", _WHOLE)


def downgrade() -> None:
    """Drop them: a film that waits to be cut would be served whole."""
    raise NotImplementedError("This would show what teachers cut away. Restore a backup into a new folder instead.")
